//! What goes over the wire.

use directory::sessions::{Listed, Session, Stage, Token};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of a list.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
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
    /// Whether it is the one that asks.
    pub current: bool,
    pub signed_in_at: String,
    /// The last request, to the minute.
    pub seen_at: String,
    pub network: String,
    /// What the browser or program calls itself.
    pub device: String,
}

impl SessionShape {
    pub fn new(listed: Listed, current: &Session) -> Self {
        Self {
            id: listed.id.into(),
            current: listed.id == current.id,
            signed_in_at: listed.made_at.rfc3339(),
            seen_at: listed.seen_at.rfc3339(),
            network: listed.network,
            device: listed.device,
        }
    }
}
