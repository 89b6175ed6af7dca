//! The audit trail, and lock-outs.

use axum::{Json, http::StatusCode};
use directory::{
    Action,
    audit::{self, Act, Filter},
    lockout::{self, Locked},
};
use kernel::Timestamp;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Page, Path, Problem, Query};

use super::shapes::{AuditEventShape, List, Paging, after_number, day, size, unknown};
use crate::{visitor::Visitor, words};

/// What the trail is narrowed to.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// A kind of act, such as `role_given`.
    act: Option<String>,
    /// Done by this account.
    by: Option<Uuid>,
    /// Done to this object.
    to: Option<Uuid>,
    /// The first day, such as `2026-07-01`.
    from: Option<String>,
    /// The last day.
    until: Option<String>,
}

/// The audit trail, the latest event first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Which, Paging),
    responses((status = 200, body = List<AuditEventShape>)))]
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(which): Query<Which>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<AuditEventShape>>, Problem> {
    visitor.may(&page, Action::SeeAudit)?;
    let start = |text: Option<&str>, after: i64| {
        let start = text.map(day).transpose()?;
        let start = start.map(|day| Timestamp::start_of(day, &page.app.zone));
        Ok::<_, Problem>(start.map(|start| start.plus_seconds(after)))
    };
    let act = |word: &str| Act::parse(word).ok_or_else(|| unknown(word));
    let filter = Filter {
        act: which.act.as_deref().map(act).transpose()?,
        by: which.by.map(Into::into),
        to: which.to,
        from: start(which.from.as_deref(), 0)?,
        before: start(which.until.as_deref(), 86_400)?,
    };
    let (db, after, size) = (&visitor.gate.db, paging.after_number()?, paging.size()?);
    let found = audit::list(db, &page.actor, visitor.site, &filter, after, size).await;
    Ok(Json(List::cut(
        found.map_err(words::problem)?,
        after_number,
    )))
}

/// Somebody or some place that has to wait.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct LockShape {
    /// Which lock it is.
    subject: String,
    /// The account that was tried; absent for a name nobody has, and for a network.
    account: Option<Uuid>,
    login: Option<String>,
    name: Option<String>,
    /// Where the last attempt came from.
    network: Option<String>,
    locked_until: String,
}

impl From<Locked> for LockShape {
    fn from(locked: Locked) -> Self {
        Self {
            subject: locked.subject,
            account: locked.account_id.map(Uuid::from),
            login: locked.login,
            name: locked.name,
            network: locked.network,
            locked_until: locked.locked_until.rfc3339(),
        }
    }
}

/// Where the list goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// Where the next page begins.
    #[param(pattern = "^[a-z]+:[0-9a-f]{32}$")]
    cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Who has to wait after failed sign-ins.
#[utoipa::path(get, path = "/lockouts", tag = "audit", params(After),
    responses((status = 200, body = List<LockShape>)))]
pub(super) async fn lockouts(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After>,
) -> Result<Json<List<LockShape>>, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    let (db, after) = (&visitor.gate.db, asked.cursor.as_deref());
    let size = size(asked.limit)?;
    if after.is_some_and(|after| !after.contains(':')) {
        return Err(unknown("cursor"));
    }
    let found = lockout::list(db, &page.actor, visitor.site, page.now, after, size).await;
    Ok(Json(List::cut(found.map_err(words::problem)?, |it| it)))
}

/// Lets somebody try again at once.
#[utoipa::path(delete, path = "/lockouts/{subject}", tag = "audit", params(("subject" = String, Path)),
    responses((status = 204)))]
pub(super) async fn unlock(
    page: Page,
    visitor: Visitor,
    Path(subject): Path<String>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let unlocked = lockout::unlock(gate, &mut tx, visitor.site, &subject).await;
    unlocked.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
