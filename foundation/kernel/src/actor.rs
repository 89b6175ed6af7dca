//! Who acts. Every transaction carries an [`Actor`]; the log names only the role.

use crate::{AccountId, CongressId, DeputyId, PersonId};

/// In what capacity somebody acts (角色). One word for one thing in the log, the matrix of
/// permissions and the pages.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anybody, with no account (居民).
    Resident,
    /// A deputy of a congress (代表).
    Deputy,
    /// Staff who handle matters (工作人员).
    Clerk,
    /// Who decides for the standing committee's council of chairpersons (主任会议).
    Chair,
    /// Who keeps accounts and settings, but gives no roles and does not touch matters (系统管理员).
    Admin,
    /// Who gives and takes roles, ends sessions and lifts lock-outs (安全管理员).
    Security,
    /// Who reads the audit trail and changes nothing (审计员).
    Auditor,
    /// The system itself: a clock that ran out, a scheduled job (系统).
    System,
}

impl Role {
    /// Every role, in the order of the permission matrix.
    pub const ALL: [Self; 8] = [
        Self::Resident,
        Self::Deputy,
        Self::Clerk,
        Self::Chair,
        Self::Admin,
        Self::Security,
        Self::Auditor,
        Self::System,
    ];

    /// The word in logs, tables and URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Deputy => "deputy",
            Self::Clerk => "clerk",
            Self::Chair => "chair",
            Self::Admin => "admin",
            Self::Security => "security",
            Self::Auditor => "auditor",
            Self::System => "system",
        }
    }

    /// Reads [`Role::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Who does this, and in which congress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with no account.
    Resident,
    /// Somebody signed in.
    Account(SignedIn),
    /// The system itself.
    System,
}

/// A signed-in person with the roles held in one congress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The account signed in with.
    pub account: AccountId,
    /// The person behind it.
    pub person: PersonId,
    /// The congress acted for.
    pub congress: CongressId,
    /// The seat held there, for a deputy.
    pub deputy: Option<DeputyId>,
    /// The name shown to colleagues.
    pub name: String,
    /// The roles held there.
    pub roles: Vec<Role>,
}

impl Actor {
    /// Whether the actor holds `role`. Whoever is signed in is also a resident.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        match self {
            Self::Resident => role == Role::Resident,
            Self::Account(who) => role == Role::Resident || who.roles.contains(&role),
            Self::System => role == Role::System,
        }
    }

    /// The signed-in person, if any.
    #[must_use]
    pub const fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::Account(who) => Some(who),
            Self::Resident | Self::System => None,
        }
    }
}
