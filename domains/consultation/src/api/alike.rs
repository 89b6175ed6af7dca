//! Opinions that say almost the same, for staff.

use axum::{Extension, Json, http::StatusCode};
use kernel::OpinionId;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Cursor, Page, Path, Problem, Query, asked_size as page_size};

use super::{
    shapes::{List, OpinionShape, PageQuery, after, next},
    staff::{OutcomeShape, staff},
};
use crate::{
    ops::{self, Decision, Desk},
    pages::problem,
    store::{self, Alike, AlikeOpinion},
};

/// A consultation of the caller's own congress, and its groups that are shown.
async fn shown(page: &Page, desk: &Desk, id: Uuid) -> Result<Option<store::Gathering>, Problem> {
    staff(page)?;
    let row = store::consultation(&desk.db, id.into()).await?;
    let ours = page.actor.signed_in();
    if ours.is_none_or(|who| who.congress != row.congress) {
        return Err(Problem::not_found());
    }
    Ok(store::gathering(&desk.db, row.id).await?)
}

/// Groups of opinions that say almost the same.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct AlikeListShape {
    /// When they were found; absent before anybody asked for it.
    found_at: Option<String>,
    /// Which finding this is: hand it in with a decision. Each has a higher number than the one before.
    run: Option<i64>,
    /// How many opinions were compared.
    opinions: i64,
    /// Those in which most wait first.
    items: Vec<AlikeShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Opinions on one provision that say almost the same (相近意见).
#[derive(Debug, serde::Serialize, ToSchema)]
struct AlikeShape {
    /// The earliest of them; the group is called by it.
    first: Uuid,
    /// How many there are.
    size: i64,
    /// How many of them wait for a decision.
    waiting: i64,
}

impl From<Alike> for AlikeShape {
    fn from(group: Alike) -> Self {
        Self {
            first: group.first_id.into(),
            size: group.size,
            waiting: group.waiting,
        }
    }
}

/// The groups of opinions that say almost the same, those in which most wait first.
#[utoipa::path(get, path = "/consultations/{id}/alike", tag = "staff", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = AlikeListShape)))]
pub(super) async fn groups(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<AlikeListShape>, Problem> {
    let shown = shown(&page, &desk, id).await?;
    let size = page_size(query.limit)?;
    let cursor = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let Some(shown) = shown else {
        return Ok(Json(AlikeListShape {
            found_at: None,
            run: None,
            opinions: 0,
            items: Vec::new(),
            next_cursor: None,
        }));
    };
    let after = cursor.map(|cursor| (cursor.at, OpinionId::from(cursor.id)));
    let found = store::alike(&desk.db, (id.into(), shown.run), after, size).await?;
    let cursor = |(at, id): (i64, OpinionId)| Cursor { at, id: id.into() }.to_string();
    Ok(Json(AlikeListShape {
        found_at: Some(shown.made_at.rfc3339()),
        run: Some(shown.run),
        opinions: shown.opinions,
        items: found.rows.into_iter().map(AlikeShape::from).collect(),
        next_cursor: found.next.map(cursor),
    }))
}

/// Has the groups found anew; they are shown when that is done.
#[utoipa::path(post, path = "/consultations/{id}/alike", tag = "staff", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(super) async fn find(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    staff(&page)?;
    ops::ask_to_gather(&desk, &page.actor, id.into())
        .await
        .map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// An opinion of a group.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct AlikeOpinionShape {
    #[serde(flatten)]
    opinion: OpinionShape,
    /// How like the first of the group it is: of the pairs of neighbouring characters in either, so many
    /// thousandths stand in both.
    likeness: u16,
}

impl From<AlikeOpinion> for AlikeOpinionShape {
    fn from(member: AlikeOpinion) -> Self {
        Self {
            opinion: member.opinion.into(),
            likeness: member.likeness,
        }
    }
}

/// The opinions of a group in the order in which they came.
#[utoipa::path(get, path = "/consultations/{id}/alike/{first}", tag = "staff",
    params(("id" = Uuid, Path), ("first" = Uuid, Path), PageQuery),
    responses((status = 200, body = List<AlikeOpinionShape>)))]
pub(super) async fn members(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, first)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<AlikeOpinionShape>>, Problem> {
    let shown = shown(&page, &desk, id).await?;
    let shown = shown.ok_or_else(Problem::not_found)?;
    let (from, size) = (after(query.cursor.as_deref())?, page_size(query.limit)?);
    let run = (id.into(), shown.run);
    store::alike_to(&desk.db, run, first.into()).await?;
    let from = from.map(OpinionId::from);
    let found = store::alike_opinions(&desk.db, run, first.into(), from, size).await?;
    Ok(Json(List {
        items: found
            .rows
            .into_iter()
            .map(AlikeOpinionShape::from)
            .collect(),
        next_cursor: next(found.next),
    }))
}

/// A decision on all that wait in a group.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlikeDecisionShape {
    /// The `run` of the groups as they were read. When they were found anew since, this is refused.
    #[schema(minimum = 1)]
    #[serde(deserialize_with = "super::shapes::whole")]
    run: u32,
    outcome: OutcomeShape,
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// The provision of the next version that will show them.
    #[serde(default)]
    lands_on: Option<String>,
    /// The body that handles them: of what is referred, always; else it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    referred_to: Option<String>,
}

/// How many opinions were decided.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct AlikeDecidedShape {
    /// 500 at most; then ask again for those that are left.
    decided: usize,
}

/// Decides all that wait in a group, as if each were decided by itself.
#[utoipa::path(post, path = "/consultations/{id}/alike/{first}/decision", tag = "staff",
    params(("id" = Uuid, Path), ("first" = Uuid, Path)), request_body = AlikeDecisionShape,
    responses((status = 200, body = AlikeDecidedShape)))]
pub(super) async fn decide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, first)): Path<(Uuid, Uuid)>,
    web::Json(new): web::Json<AlikeDecisionShape>,
) -> Result<Json<AlikeDecidedShape>, Problem> {
    staff(&page)?;
    let decision = Decision {
        outcome: new.outcome.into(),
        reason: new.reason,
        lands_on: new.lands_on,
        referred_to: new.referred_to,
    };
    let group = (i64::from(new.run), first.into());
    let decided = ops::decide_alike(&desk, &page.actor, id.into(), group, &decision)
        .await
        .map_err(problem)?;
    Ok(Json(AlikeDecidedShape { decided }))
}
