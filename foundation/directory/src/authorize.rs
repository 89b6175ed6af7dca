//! Who may do what in the directory: one table, and a refusal for whatever it does not allow.
//!
//! Divisions, congresses, terms, organs and seats are for everybody to read (代表法 58: name, post,
//! basic facts), and whoever has a session keeps their own account; neither is an [`Action`].

use kernel::{Actor, CongressId, Role};
use store::{Target, sql};

use crate::{DirectoryError, Result};

/// What can be done in the directory that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Bring in divisions (导入区划). For the whole deployment, see [`authorize_deployment`].
    KeepDivisions,
    /// Set up congresses (设立人大). For the whole deployment likewise.
    KeepCongresses,
    /// Start terms and set up organs (设置届次和机构).
    KeepOrgans,
    /// Look at people with their reference numbers (查看人员).
    SeePeople,
    /// Add people, fill and end seats, and import them (维护人员和代表).
    KeepPeople,
    /// Look at accounts and their roles (查看账号).
    SeeAccounts,
    /// Make accounts, and close and reset those of everybody but officers (维护账号).
    KeepAccounts,
    /// Close and reset the accounts of the three officers (维护三员账号).
    KeepOfficers,
    /// Give and take roles (授予角色).
    GrantRoles,
    /// Look at others' sessions and end them, and lift lock-outs (管理登录).
    KeepSessions,
    /// Read the audit trail (查看审计记录).
    SeeAudit,
}

impl Action {
    /// Every action, in the order of the matrix.
    pub const ALL: [Self; 11] = [
        Self::KeepDivisions,
        Self::KeepCongresses,
        Self::KeepOrgans,
        Self::SeePeople,
        Self::KeepPeople,
        Self::SeeAccounts,
        Self::KeepAccounts,
        Self::KeepOfficers,
        Self::GrantRoles,
        Self::KeepSessions,
        Self::SeeAudit,
    ];

    /// The word in messages and in the matrix.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeepDivisions => "keep_divisions",
            Self::KeepCongresses => "keep_congresses",
            Self::KeepOrgans => "keep_organs",
            Self::SeePeople => "see_people",
            Self::KeepPeople => "keep_people",
            Self::SeeAccounts => "see_accounts",
            Self::KeepAccounts => "keep_accounts",
            Self::KeepOfficers => "keep_officers",
            Self::GrantRoles => "grant_roles",
            Self::KeepSessions => "keep_sessions",
            Self::SeeAudit => "see_audit",
        }
    }

    /// The roles that may. The three officers (三员): the system administrator keeps accounts and
    /// gives no roles, the security administrator gives roles and makes no accounts, the auditor
    /// reads what both did; none of them handles matters (三权分立, GB/T 22239-2019).
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Chair, Clerk, Security, System};
        match self {
            Self::KeepDivisions | Self::KeepCongresses | Self::KeepOrgans | Self::KeepAccounts => {
                &[Admin, System]
            }
            Self::SeePeople => &[Clerk, Chair, Admin, Security, Auditor, System],
            Self::KeepPeople => &[Clerk, Admin, System],
            Self::SeeAccounts => &[Admin, Security, Auditor, System],
            Self::KeepOfficers | Self::GrantRoles | Self::KeepSessions => &[Security, System],
            Self::SeeAudit => &[Auditor],
        }
    }
}

/// Lets `actor` do `action` in `congress`, or refuses. Roles held in another congress do not count.
///
/// # Errors
/// [`DirectoryError::Refused`].
pub fn authorize(actor: &Actor, action: Action, congress: CongressId) -> Result<()> {
    let here = actor.signed_in().is_none_or(|who| who.congress == congress);
    if here && action.roles().iter().any(|role| actor.is(*role)) {
        Ok(())
    } else {
        Err(DirectoryError::Refused(action))
    }
}

/// Lets `actor` do what concerns the whole deployment: in the congress that keeps it.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn authorize_deployment(on: impl Target, actor: &Actor, action: Action) -> Result<()> {
    let refused = DirectoryError::Refused(action);
    let Some(who) = actor.signed_in() else {
        return if actor.is(Role::System) {
            Ok(())
        } else {
            Err(refused)
        };
    };
    authorize(actor, action, who.congress)?;
    let row: Option<(bool,)> = sql(KEEPS).bind(who.congress).optional(on).await?;
    match row {
        Some((true,)) => Ok(()),
        _ => Err(refused),
    }
}

store::statements! {
    KEEPS = "SELECT keeper FROM congress WHERE id = $1";
}

/// Whether a role is one of the three officers' (三员).
#[must_use]
pub const fn is_officer(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Security | Role::Auditor)
}

/// Two of `roles` that must not be in one hand: who keeps the accounts, who gives the roles, who
/// audits, and who handles matters are four different people.
#[must_use]
pub fn incompatible(roles: &[Role]) -> Option<(Role, Role)> {
    let alone = roles.iter().find(|role| is_officer(**role))?;
    let other = roles.iter().find(|other| *other != alone)?;
    Some((*alone, *other))
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
        let mut page = String::from("action            Res Dep Cle Cha Adm Sec Aud Sys\n");
        for action in Action::ALL {
            page.push_str(&format!("{:<17}", action.as_str()));
            for role in Role::ALL {
                let (actor, congress) = actor(role);
                let may = authorize(&actor, action, congress).is_ok();
                page.push_str(if may { "  ✓ " } else { "  · " });
            }
            page.truncate(page.trim_end().len());
            page.push('\n');
        }
        assert_eq!(page, include_str!("../tests/matrix.txt"), "{page}");
    }

    #[test]
    fn a_role_in_one_congress_is_none_in_another() {
        let other = CongressId::new(TestClock::START, &SeededEntropy::new(2));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
            let (actor, _) = actor(role);
            for action in Action::ALL {
                assert!(
                    authorize(&actor, action, other).is_err(),
                    "{role:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn the_three_officers_and_whoever_handles_matters_are_four_people() {
        assert_eq!(incompatible(&[Role::Deputy, Role::Clerk]), None);
        let officers = [Role::Admin, Role::Security, Role::Auditor];
        for one in officers {
            assert_eq!(incompatible(&[one]), None);
            for other in [Role::Deputy, Role::Clerk, Role::Chair] {
                assert_eq!(incompatible(&[other, one]), Some((one, other)));
            }
            for other in officers.into_iter().filter(|other| *other != one) {
                assert!(incompatible(&[one, other]).is_some());
            }
        }
    }
}
