//! Roles: a row gives an account more roles. For whoever handles matters only: the three officers
//! are appointed one by one, on the account's own page.

use std::collections::HashMap;

use kernel::{AccountId, Actor, PersonId, Role};
use store::{Tx, sql};

use super::{
    Code, Column, Faults, ImportError, Once, Upload, accounts::LOGIN, insert, keys, look_up,
};
use crate::{DirectoryError, Gate, Result, accounts, authorize::is_officer};

static ROLES: Column = Column::needed("角色", "roles");

/// The columns of a file of roles.
pub(super) static COLUMNS: [&Column; 2] = [&LOGIN, &ROLES];

/// The roles a file may name, with their Chinese words.
const WORDS: [(&str, Role); 4] = [
    ("代表", Role::Deputy),
    ("工作人员", Role::Clerk),
    ("主任会议", Role::Chair),
    ("主任会议成员", Role::Chair),
];

const ACCOUNTS: &str = "SELECT login, id, person_id FROM account \
    WHERE congress_id = $1 AND closed_at IS NULL AND login IN (VALUES ";
const HELD: &str = "SELECT a.person_id, r.role FROM account_role r JOIN account a ON a.id = r.account_id \
    WHERE a.closed_at IS NULL AND a.person_id IN (VALUES ";
const GIVE: &str = "INSERT INTO account_role (account_id, role, given_at, given_by) VALUES ";
const AS_KNOWN: &str = " ON CONFLICT (account_id, role) DO NOTHING";
const END_SESSIONS: &str = "DELETE FROM session WHERE account_id IN (VALUES ";
const OFFICERS: &str = "SELECT a.id FROM account a JOIN account_role r ON r.account_id = a.id \
    JOIN account b ON b.person_id = a.person_id \
    WHERE a.closed_at IS NULL AND r.role IN ('admin', 'security', 'auditor') AND b.id IN (VALUES ";

/// A file that is right.
pub(super) struct Ready {
    pub rows: Vec<Given>,
}

/// A row that is right.
pub(super) struct Given {
    account: AccountId,
    roles: Vec<Role>,
}

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(
    gate: &Gate,
    actor: &Actor,
    upload: &Upload<'_>,
) -> Result<Ready, ImportError> {
    let places = upload.table.find_columns(&COLUMNS)?;
    let logins = keys(upload.table, &places, &LOGIN).filter_map(|cell| accounts::login(cell).ok());
    let first = Some(upload.congress.into());
    let found: Vec<(String, AccountId, PersonId)> =
        look_up(&gate.db, ACCOUNTS, first, logins.map(Into::into).collect()).await?;
    let people = found
        .iter()
        .map(|(_, _, person)| (*person).into())
        .collect();
    let held: Vec<(PersonId, String)> = look_up(&gate.db, HELD, None, people).await?;
    let officers: HashMap<PersonId, String> = held
        .into_iter()
        .filter(|(_, role)| Role::parse(role).is_some_and(is_officer))
        .collect();
    let found = found
        .into_iter()
        .map(|(login, id, person)| (login, (id, person)));
    let found: HashMap<String, (AccountId, PersonId)> = found.collect();
    let own = actor.signed_in().map(|who| who.person);

    let (mut rows, mut all, mut seen) = (Vec::new(), Vec::new(), Once::default());
    for row in &upload.table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        let typed = faults.needed(&LOGIN, places.cell(row, &LOGIN), accounts::LOGIN_MOST);
        let login = accounts::login(&typed).unwrap_or_default();
        seen.check(&login, &LOGIN, &mut faults);
        let roles = roles(places.cell(row, &ROLES), &mut faults);
        let value = [("value", &*typed)];
        match found.get(&login) {
            None if !typed.is_empty() => faults.add_with(&LOGIN, Code::NoAccount, value),
            None => {}
            Some((_, person)) if Some(*person) == own => {
                faults.add_with(&LOGIN, Code::OwnAccount, value);
            }
            Some((_, person)) if officers.contains_key(person) => {
                faults.add_with(&LOGIN, Code::Officer, value);
            }
            Some((account, _)) => rows.push(Given {
                account: *account,
                roles,
            }),
        }
    }
    if all.is_empty() {
        Ok(Ready { rows })
    } else {
        Err(ImportError::Faults(all))
    }
}

fn roles(cell: &str, faults: &mut Faults<'_>) -> Vec<Role> {
    let typed = faults.needed(&ROLES, cell, 60);
    let words = typed
        .split(['、', '，', ',', ';', '；', '/', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let mut roles = Vec::new();
    for word in words {
        let mut known = WORDS.iter();
        match known.find(|(zh, role)| *zh == word || role.as_str() == word) {
            Some((_, role)) if !roles.contains(role) => roles.push(*role),
            Some(_) => {}
            None => faults.add_with(&ROLES, Code::NoRole, [("value", word)]),
        }
    }
    roles
}

/// Writes checked rows. The accounts' sessions end: they sign in again with what they may do now.
pub(super) async fn write(gate: &Gate, tx: &mut Tx, ready: &Ready) -> Result<()> {
    let by = tx.actor().signed_in().map(|who| who.account);
    let now = gate.clock.now();
    let given = ready.rows.iter().flat_map(|row| {
        let roles = row.roles.iter();
        roles.map(|role| {
            [
                row.account.into(),
                role.as_str().into(),
                now.into(),
                by.into(),
            ]
        })
    });
    let given = given.collect();
    insert(tx, GIVE, given, AS_KNOWN).await?;
    let accounts: Vec<AccountId> = ready.rows.iter().map(|row| row.account).collect();
    for some in accounts.chunks(super::VALUES_AT_ONCE) {
        let ids = || some.iter().map(|id| [(*id).into()]);
        // Somebody of the file may have become an officer since it was checked.
        let query = sql(OFFICERS).push_rows(ids()).push(") LIMIT 1");
        if query.optional::<(AccountId,)>(&mut *tx).await?.is_some() {
            return Err(DirectoryError::Busy);
        }
        let query = sql(END_SESSIONS).push_rows(ids()).push(")");
        query.execute(&mut *tx).await?;
    }
    Ok(())
}
