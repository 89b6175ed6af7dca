//! Accounts: a row is a way in for a person, without password and roles. First passwords are handed
//! over afterwards ([`super::hand_over`]), roles are the security administrator's to give
//! ([`super::roles`]).

use std::collections::{HashMap, HashSet};

use kernel::{AccountId, ImportId, PersonId};
use store::Tx;

use super::{
    Code, Column, Faults, ImportError, Once, Upload, insert, keys, look_up,
    people::{self, NAME, POST, Person, REFERENCE},
};
use crate::{Gate, Result, accounts};

/// The sign-in name.
pub(super) static LOGIN: Column = Column::needed("登录名", "login");

/// The columns of a file of accounts.
pub(super) static COLUMNS: [&Column; 4] = [&LOGIN, &NAME, &REFERENCE, &POST];

const LOGINS: &str = "SELECT login FROM account WHERE congress_id = $1 AND login IN (VALUES ";
const OPEN: &str = "SELECT person_id, login FROM account \
    WHERE congress_id = $1 AND closed_at IS NULL AND person_id IN (VALUES ";
const INSERT: &str = "INSERT INTO account \
    (id, congress_id, person_id, login, must_change, import_id, made_at) VALUES ";

/// A file that is right.
pub(super) struct Ready {
    pub rows: Vec<Account>,
}

/// A row that is right.
pub(super) struct Account {
    login: String,
    person: Person,
}

/// What the database knows already of what the file names.
struct Known {
    people: people::Known,
    logins: HashSet<String>,
    open: HashMap<PersonId, String>,
}

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(gate: &Gate, upload: &Upload<'_>) -> Result<Ready, ImportError> {
    let (table, first) = (upload.table, Some(upload.congress.into()));
    let places = table.find_columns(&COLUMNS)?;
    let people = people::Known::load(gate, upload.congress, table, &places).await?;
    let logins = keys(table, &places, &LOGIN).filter_map(|cell| accounts::login(cell).ok());
    let logins = logins.map(Into::into).collect();
    let logins: Vec<(String,)> = look_up(&gate.db, LOGINS, first.clone(), logins).await?;
    let ids = people.ids().map(Into::into).collect();
    let open: Vec<(PersonId, String)> = look_up(&gate.db, OPEN, first, ids).await?;
    let known = Known {
        people,
        logins: logins.into_iter().map(|(login,)| login).collect(),
        open: open.into_iter().collect(),
    };
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let (mut references, mut seen) = (Once::default(), Once::default());
    for row in &table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        let login = login(places.cell(row, &LOGIN), &known, &mut faults);
        seen.check(&login, &LOGIN, &mut faults);
        let person = (known.people).read(gate, row, &places, &mut references, &mut faults);
        if let Some(other) = known.open.get(&person.id) {
            let values = [("name", &*person.name), ("value", other)];
            faults.add_with(&REFERENCE, Code::HasAccount, values);
        }
        rows.push(Account { login, person });
    }
    if all.is_empty() {
        Ok(Ready { rows })
    } else {
        Err(ImportError::Faults(all))
    }
}

fn login(cell: &str, known: &Known, faults: &mut Faults<'_>) -> String {
    let typed = faults.needed(&LOGIN, cell, accounts::LOGIN_MOST);
    match accounts::login(&typed) {
        Ok(login) if known.logins.contains(&login) => {
            faults.add_with(&LOGIN, Code::LoginTaken, [("value", &login)]);
            login
        }
        Ok(login) => login,
        Err(_) => {
            if !typed.is_empty() {
                faults.add_with(&LOGIN, Code::LoginCharacters, [("value", &typed)]);
            }
            String::new()
        }
    }
}

/// Writes checked rows.
pub(super) async fn write(
    gate: &Gate,
    tx: &mut Tx,
    upload: &Upload<'_>,
    ready: &Ready,
    import: ImportId,
) -> Result<()> {
    let people = ready.rows.iter().map(|row| &row.person).collect();
    people::write(gate, tx, upload.congress, people).await?;
    let now = gate.clock.now();
    let rows = ready.rows.iter().map(|row| {
        [
            AccountId::new(now, &*gate.entropy).into(),
            upload.congress.into(),
            row.person.id.into(),
            (&row.login).into(),
            false.into(),
            import.into(),
            now.into(),
        ]
    });
    let rows = rows.collect();
    insert(tx, INSERT, rows, "").await
}
