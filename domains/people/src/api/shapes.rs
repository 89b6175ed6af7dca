//! What goes over the wire.

use directory::{
    Page as Listed,
    accounts::Account,
    audit::Event,
    deputies::Deputy,
    oidc::Identity,
    people::Person,
    sessions::{Listed as Running, Session, Stage, Token},
};
use kernel::Role;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Cursor, FieldErrors, Message, Problem};

/// A page of a list.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<S> List<S> {
    /// A list that is all on one page.
    pub fn whole<T: Into<S>>(items: impl IntoIterator<Item = T>) -> Self {
        Self {
            items: items.into_iter().map(T::into).collect(),
            next_cursor: None,
        }
    }

    /// A page that goes on after an id.
    pub fn page<T: Into<S>, K: Into<Uuid>>(found: Listed<T, K>) -> Self {
        Self::cut(found, |id| cursor(0, id.into()))
    }

    /// A page that goes on after a key with a text of its own.
    pub fn cut<T: Into<S>, K>(found: Listed<T, K>, text: impl FnOnce(K) -> String) -> Self {
        Self {
            next_cursor: found.next.map(text),
            ..Self::whole(found.items)
        }
    }
}

fn cursor(at: i64, id: Uuid) -> String {
    Cursor { at, id }.to_string()
}

/// The cursor of a list that goes on after a number.
pub(crate) fn after_number(number: i64) -> String {
    cursor(number, Uuid::nil())
}

/// Where a list goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Where the next page begins.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl Paging {
    /// The id after which the page begins.
    pub fn after<K: From<Uuid>>(&self) -> Result<Option<K>, Problem> {
        let cursor = self.cursor.as_deref().map(Cursor::parse).transpose()?;
        Ok(cursor.map(|cursor| cursor.id.into()))
    }

    /// The number after which the page begins.
    pub fn after_number(&self) -> Result<Option<i64>, Problem> {
        let cursor = self.cursor.as_deref().map(Cursor::parse).transpose()?;
        Ok(cursor.map(|cursor| cursor.at))
    }

    /// Items of a page.
    pub fn size(&self) -> Result<u32, Problem> {
        size(self.limit)
    }
}

/// Items of a page: a 400 outside of what the description allows.
pub(crate) fn size(limit: Option<u32>) -> Result<u32, Problem> {
    match limit.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        limit => Err(unknown(format!("limit={limit}"))),
    }
}

/// A 400 that names what is not known.
pub(crate) fn unknown(what: impl Into<String>) -> Problem {
    Problem::bad_request(Message::new("problem-query").put("what", what.into()))
}

/// A day, such as `2026-07-01`; a 422 for what is none.
pub(crate) fn day(text: &str) -> Result<jiff::civil::Date, Problem> {
    let none = || Message::new("problem-query").put("what", text.to_owned());
    text.parse()
        .map_err(|_| Problem::refused(FieldErrors::one("", none())))
}

/// What a list is narrowed to.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Words {
    /// What the items have to contain.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
}

impl Words {
    /// The words, without what stands around them.
    ///
    /// # Errors
    /// A 400 for more than the description allows.
    pub fn read(&self) -> Result<&str, Problem> {
        match self.q.chars().count() {
            0..=200 => Ok(self.q.trim()),
            _ => Err(unknown("q")),
        }
    }
}

/// What is due before work.
#[derive(Debug, Clone, Copy, serde::Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageShape {
    /// A code of the second factor.
    SecondFactor,
    /// Enrolling a second factor.
    Enrol,
    /// A password of one's own.
    NewPassword,
    /// Nothing.
    Full,
}

impl From<Stage> for StageShape {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::SecondFactor => Self::SecondFactor,
            Stage::Enrol => Self::Enrol,
            Stage::NewPassword => Self::NewPassword,
            Stage::Full => Self::Full,
        }
    }
}

/// A session's token, which ends the one before it.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct TokenShape {
    /// Send it as `Authorization: Bearer`.
    pub token: String,
    pub stage: StageShape,
    /// When the session ends in any case.
    pub expires_at: String,
}

impl TokenShape {
    pub fn new(token: &Token, session: &Session) -> Self {
        Self {
            token: token.secret().to_owned(),
            stage: session.stage.into(),
            expires_at: session.expires_at.rfc3339(),
        }
    }
}

/// A session that runs.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct SessionShape {
    pub id: Uuid,
    pub signed_in_at: String,
    /// The last request, to the minute.
    pub seen_at: String,
    pub network: String,
    /// What the browser or program calls itself.
    pub device: String,
}

impl From<Running> for SessionShape {
    fn from(running: Running) -> Self {
        Self {
            id: running.id.into(),
            signed_in_at: running.made_at.rfc3339(),
            seen_at: running.seen_at.rfc3339(),
            network: running.network,
            device: running.device,
        }
    }
}

/// A role that can be given.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleShape {
    Deputy,
    Clerk,
    Chair,
    Admin,
    Security,
    Auditor,
}

impl From<RoleShape> for Role {
    fn from(role: RoleShape) -> Self {
        match role {
            RoleShape::Deputy => Self::Deputy,
            RoleShape::Clerk => Self::Clerk,
            RoleShape::Chair => Self::Chair,
            RoleShape::Admin => Self::Admin,
            RoleShape::Security => Self::Security,
            RoleShape::Auditor => Self::Auditor,
        }
    }
}

/// The words of roles.
pub(crate) fn role_words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

/// An account (账号).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct AccountShape {
    pub id: Uuid,
    pub person: Uuid,
    pub name: String,
    pub login: String,
    /// deputy, clerk, chair, admin, security or auditor.
    pub roles: Vec<&'static str>,
    /// The import that made it.
    pub import: Option<Uuid>,
    pub made_at: String,
    /// Absent when it was never used.
    pub signed_in_at: Option<String>,
    pub closed_at: Option<String>,
}

impl AccountShape {
    pub fn new(account: Account, roles: &[Role]) -> Self {
        let at = kernel::Timestamp::rfc3339;
        Self {
            id: account.id.into(),
            person: account.person_id.into(),
            name: account.name,
            login: account.login,
            roles: role_words(roles),
            import: account.import_id.map(Uuid::from),
            made_at: at(account.made_at),
            signed_in_at: account.signed_in_at.map(at),
            closed_at: account.closed_at.map(at),
        }
    }
}

/// A person at the identity provider.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct IdentityShape {
    pub issuer: String,
    pub subject: String,
    pub bound_at: String,
}

impl From<Identity> for IdentityShape {
    fn from(identity: Identity) -> Self {
        Self {
            issuer: identity.issuer,
            subject: identity.subject,
            bound_at: identity.bound_at.rfc3339(),
        }
    }
}

/// An event of the audit trail (审计记录).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct AuditEventShape {
    pub seq: i64,
    pub at: String,
    /// The same instant in microseconds, as the hash has it.
    pub at_micros: i64,
    pub congress: Option<Uuid>,
    /// Who did it; absent for the system and for somebody unknown.
    pub account: Option<Uuid>,
    pub role: String,
    pub network: String,
    pub act: String,
    pub object_kind: String,
    pub object: Option<Uuid>,
    pub detail: String,
    /// Hexadecimal.
    pub prev_hash: String,
    /// Hexadecimal.
    pub hash: String,
}

impl From<Event> for AuditEventShape {
    fn from(event: Event) -> Self {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            seq: event.seq,
            at: event.at.rfc3339(),
            at_micros: event.at.micros(),
            congress: event.congress_id.map(Uuid::from),
            account: event.account_id.map(Uuid::from),
            role: event.role,
            network: event.network,
            act: event.act,
            object_kind: event.object_kind,
            object: event.object_id,
            detail: event.detail,
            prev_hash: hex(event.prev_hash),
            hash: hex(event.hash),
        }
    }
}

/// A person whom the congress knows (人员).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct PersonShape {
    pub id: Uuid,
    pub name: String,
    pub post: Option<String>,
    /// The congress's own number for them.
    pub reference: Option<String>,
}

impl From<Person> for PersonShape {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.into(),
            name: person.name,
            post: person.post,
            reference: person.reference,
        }
    }
}

/// A deputy's seat as everybody may read it (代表法 58).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct DeputyShape {
    pub id: Uuid,
    pub congress: Uuid,
    pub name: String,
    pub post: Option<String>,
    pub constituency: String,
    /// seated, suspended or ended.
    pub state: String,
    pub since_on: String,
    pub until_on: Option<String>,
}

impl From<Deputy> for DeputyShape {
    fn from(deputy: Deputy) -> Self {
        Self {
            id: deputy.id.into(),
            congress: deputy.congress_id.into(),
            name: deputy.name,
            post: deputy.post,
            constituency: deputy.constituency,
            state: deputy.state,
            since_on: deputy.since_on,
            until_on: deputy.until_on,
        }
    }
}
