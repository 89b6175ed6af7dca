//! Who may do what in the directory: one table, and a refusal for whatever it does not allow.

use kernel::{Actor, CongressId, Role};

use crate::{DirectoryError, Result};

/// What can be done in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look at divisions and congresses (查看区划).
    SeeDivisions,
    /// Bring in divisions (导入区划).
    KeepDivisions,
    /// Set up congresses, terms and organs (设置机构).
    KeepCongresses,
    /// Look at the public list of deputies (找代表; 代表法 58: name, post, basic facts).
    SeeDeputies,
    /// Look at people with their reference numbers (查看人员).
    SeePeople,
    /// Add and change people and seats, and import them (维护人员和代表).
    KeepPeople,
    /// Look at accounts and their roles (查看账号).
    SeeAccounts,
    /// Make, close and reset accounts, and import them (维护账号).
    KeepAccounts,
    /// Give and take roles (授予角色).
    GrantRoles,
    /// Read what happened to accounts (查看账号记录).
    SeeEvents,
    /// One's own password, second factor and sessions (自己的账号).
    KeepOwnAccount,
}

impl Action {
    /// Every action, in the order of the matrix.
    pub const ALL: [Self; 11] = [
        Self::SeeDivisions,
        Self::KeepDivisions,
        Self::KeepCongresses,
        Self::SeeDeputies,
        Self::SeePeople,
        Self::KeepPeople,
        Self::SeeAccounts,
        Self::KeepAccounts,
        Self::GrantRoles,
        Self::SeeEvents,
        Self::KeepOwnAccount,
    ];

    /// The word in messages and in the matrix.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SeeDivisions => "see_divisions",
            Self::KeepDivisions => "keep_divisions",
            Self::KeepCongresses => "keep_congresses",
            Self::SeeDeputies => "see_deputies",
            Self::SeePeople => "see_people",
            Self::KeepPeople => "keep_people",
            Self::SeeAccounts => "see_accounts",
            Self::KeepAccounts => "keep_accounts",
            Self::GrantRoles => "grant_roles",
            Self::SeeEvents => "see_events",
            Self::KeepOwnAccount => "keep_own_account",
        }
    }

    /// The roles that may. The system administrator keeps accounts, the auditor reads what
    /// happened to them, and neither handles matters (三员分立, GB/T 22239-2019).
    const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Chair, Clerk, Deputy, Resident, System};
        match self {
            Self::SeeDivisions | Self::SeeDeputies => &[Resident, System],
            Self::KeepDivisions | Self::KeepCongresses | Self::KeepAccounts | Self::GrantRoles => {
                &[Admin, System]
            }
            Self::SeePeople => &[Clerk, Chair, Admin, Auditor, System],
            Self::KeepPeople => &[Clerk, Admin, System],
            Self::SeeAccounts => &[Admin, Auditor, System],
            Self::SeeEvents => &[Auditor],
            Self::KeepOwnAccount => &[Deputy, Clerk, Chair, Admin, Auditor],
        }
    }
}

/// Lets `actor` do `action`, or refuses. With a congress, the roles held in that one count;
/// `None` is for what belongs to no congress.
///
/// # Errors
/// [`DirectoryError::Refused`].
pub fn authorize(actor: &Actor, action: Action, congress: Option<CongressId>) -> Result<()> {
    let elsewhere = match (actor, congress) {
        (Actor::Account(who), Some(congress)) => who.congress != congress,
        _ => false,
    };
    let counts = |role: &Role| actor.is(*role) && (!elsewhere || *role == Role::Resident);
    if action.roles().iter().any(counts) {
        Ok(())
    } else {
        Err(DirectoryError::Refused(action))
    }
}

/// Two of `roles` that must not be in one hand: who keeps the accounts, who audits, and who
/// handles matters are three different people.
#[must_use]
pub fn incompatible(roles: &[Role]) -> Option<(Role, Role)> {
    let alone = roles
        .iter()
        .find(|role| matches!(role, Role::Admin | Role::Auditor))?;
    roles
        .iter()
        .find(|other| *other != alone)
        .map(|other| (*alone, *other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{AccountId, PersonId, SeededEntropy, TestClock, actor::SignedIn};

    fn actor(role: Role) -> (Actor, CongressId) {
        let (entropy, now) = (SeededEntropy::new(1), TestClock::START);
        let congress = CongressId::new(now, &entropy);
        let actor = match role {
            Role::Resident => Actor::Resident,
            Role::System => Actor::System,
            role => Actor::Account(SignedIn {
                account: AccountId::new(now, &entropy),
                person: PersonId::new(now, &entropy),
                congress,
                deputy: None,
                name: "甲".into(),
                roles: vec![role],
            }),
        };
        (actor, congress)
    }

    /// The whole matrix as a page: change it only with the people who answer for it.
    #[test]
    fn the_matrix_is_as_written_down() {
        let mut page = String::from("action            Res Dep Cle Cha Adm Aud Sys\n");
        for action in Action::ALL {
            page.push_str(&format!("{:<17}", action.as_str()));
            for role in Role::ALL {
                let (actor, congress) = actor(role);
                let may = authorize(&actor, action, Some(congress)).is_ok();
                page.push_str(if may { "  ✓ " } else { "  · " });
            }
            page.truncate(page.trim_end().len());
            page.push('\n');
        }
        assert_eq!(page, include_str!("../tests/matrix.txt"), "{page}");
    }

    #[test]
    fn a_role_in_one_congress_is_none_in_another() {
        let (admin, _) = actor(Role::Admin);
        let other = CongressId::new(TestClock::START, &SeededEntropy::new(2));
        assert!(authorize(&admin, Action::KeepAccounts, Some(other)).is_err());
        assert!(authorize(&admin, Action::SeeDeputies, Some(other)).is_ok());
    }

    #[test]
    fn keeping_accounts_auditing_and_handling_are_three_people() {
        assert_eq!(incompatible(&[Role::Deputy, Role::Clerk]), None);
        assert_eq!(
            incompatible(&[Role::Clerk, Role::Admin]),
            Some((Role::Admin, Role::Clerk))
        );
        assert_eq!(
            incompatible(&[Role::Admin, Role::Auditor]),
            Some((Role::Admin, Role::Auditor))
        );
        assert_eq!(incompatible(&[Role::Admin]), None);
    }
}
