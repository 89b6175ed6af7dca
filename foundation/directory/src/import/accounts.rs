//! Accounts: a row is a way in with its roles. New ones get a first password to hand over.

use std::collections::{HashMap, HashSet};

use kernel::{PersonId, Role};
use store::{Tx, sql};

use super::{
    Column, Fault, ImportError, Needed, NewLogin, Row, Upload,
    deputies::{Faults, places, reference, twice},
};
use crate::{
    Gate, Result,
    accounts::{self, Grant, InitialPassword, NewAccount, PasswordState},
    authorize::incompatible,
    passwords,
    people::{self, NewPerson},
};

/// The columns of a file of accounts.
pub const ACCOUNT_COLUMNS: [Column; 5] = [
    Column {
        zh: "登录名",
        en: "login",
        needed: Needed::Always,
    },
    Column {
        zh: "姓名",
        en: "name",
        needed: Needed::Always,
    },
    Column {
        zh: "人员编号",
        en: "reference",
        needed: Needed::Always,
    },
    Column {
        zh: "单位职务",
        en: "post",
        needed: Needed::Sometimes,
    },
    Column {
        zh: "角色",
        en: "roles",
        needed: Needed::Always,
    },
];

/// A row that is right.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// The sign-in name as stored.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The congress's own number for them.
    pub reference: String,
    /// Unit and post.
    pub post: Option<String>,
    /// The roles.
    pub roles: Vec<Role>,
}

/// The people the database knows, by their numbers.
pub(super) struct Known {
    people: HashMap<String, (PersonId, String)>,
    logins: HashSet<String>,
}

const PEOPLE: &str = "SELECT reference, id, name FROM person WHERE reference IS NOT NULL";
const LOGINS: &str = "SELECT login FROM account";

/// The roles a file may name, with their Chinese words.
const ROLE_WORDS: [(&str, Role); 5] = [
    ("代表", Role::Deputy),
    ("工作人员", Role::Clerk),
    ("主任会议", Role::Chair),
    ("系统管理员", Role::Admin),
    ("审计员", Role::Auditor),
];

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(
    tx: &mut Tx,
    upload: &Upload<'_>,
) -> Result<(Vec<AccountRow>, Known), ImportError> {
    let people: Vec<(String, PersonId, String)> = sql(PEOPLE).all(&mut *tx).await?;
    let logins: Vec<(String,)> = sql(LOGINS).all(&mut *tx).await?;
    let known = Known {
        people: people
            .into_iter()
            .map(|(reference, id, name)| (reference, (id, name)))
            .collect(),
        logins: logins.into_iter().map(|(login,)| login).collect(),
    };
    let places = places(upload.table, &ACCOUNT_COLUMNS)?;
    let (mut rows, mut all): (Vec<AccountRow>, Vec<Fault>) = (Vec::new(), Vec::new());
    for row in &upload.table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        rows.push(account(row, &places, &known, &mut faults));
    }
    let (mut logins, mut references) = (HashMap::new(), HashMap::new());
    for (row, checked) in upload.table.rows.iter().zip(&rows) {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        twice(&mut logins, &checked.login, "登录名", &mut faults);
        twice(&mut references, &checked.reference, "人员编号", &mut faults);
    }
    all.sort_by_key(|fault| fault.row);
    if all.is_empty() {
        Ok((rows, known))
    } else {
        Err(ImportError::Faults(all))
    }
}

fn account(
    row: &Row,
    places: &[Option<usize>],
    known: &Known,
    faults: &mut Faults<'_>,
) -> AccountRow {
    let cell = |column: usize| row.cell(places[column]);
    let name = faults.needed("姓名", cell(1), 40);
    let reference = reference(cell(2), faults);
    if let Some((_, known_name)) = known
        .people
        .get(&reference)
        .filter(|(_, known_name)| *known_name != name)
    {
        faults.add(
            "人员编号",
            format!("系统里编号“{reference}”是“{known_name}”，与这一行的姓名不同"),
        );
    }
    AccountRow {
        login: login(cell(0), known, faults),
        post: faults.optional("单位职务", cell(3), 120),
        roles: roles(cell(4), faults),
        name,
        reference,
    }
}

fn login(cell: &str, known: &Known, faults: &mut Faults<'_>) -> String {
    let typed = faults.needed("登录名", cell, accounts::LOGIN_MOST);
    match accounts::login(&typed) {
        Ok(login) if known.logins.contains(&login) => {
            faults.add("登录名", format!("系统里已经有登录名“{login}”"));
            login
        }
        Ok(login) => login,
        Err(_) => {
            if !typed.is_empty() {
                faults.add("登录名", "登录名只能用文字、数字和 . - _ @");
            }
            String::new()
        }
    }
}

fn roles(cell: &str, faults: &mut Faults<'_>) -> Vec<Role> {
    let typed = faults.needed("角色", cell, 60);
    let mut roles = Vec::new();
    for word in typed
        .split(['、', '，', ',', ';', '；', '/'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        match ROLE_WORDS
            .iter()
            .find(|(zh, role)| *zh == word || role.as_str() == word)
        {
            Some((_, role)) if !roles.contains(role) => roles.push(*role),
            Some(_) => {}
            None => faults.add(
                "角色",
                format!(
                    "没有角色“{word}”，可以写：{}",
                    ROLE_WORDS.map(|(zh, _)| zh).join("、")
                ),
            ),
        }
    }
    if let Some((one, other)) = incompatible(&roles) {
        let word = |role| {
            ROLE_WORDS
                .iter()
                .find(|(_, known)| *known == role)
                .map_or("", |(zh, _)| zh)
        };
        faults.add(
            "角色",
            format!(
                "“{}”和“{}”不能由同一个人担任（三员分立）",
                word(one),
                word(other)
            ),
        );
    }
    roles
}

/// Writes checked rows.
pub(super) async fn write(
    gate: &Gate,
    tx: &mut Tx,
    upload: &Upload<'_>,
    rows: &[AccountRow],
    known: &Known,
) -> Result<Vec<NewLogin>> {
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let password = InitialPassword::new(&*gate.entropy);
        let hash = passwords::hash_initial(&password, &*gate.entropy);
        let person = match known.people.get(&row.reference) {
            Some((person, _)) => *person,
            None => {
                let new = NewPerson {
                    name: &row.name,
                    post: row.post.as_deref(),
                    reference: Some(&row.reference),
                };
                people::create(tx, &new, &*gate.clock, &*gate.entropy).await?
            }
        };
        let grants: Vec<Grant> = row
            .roles
            .iter()
            .map(|role| Grant {
                congress: upload.congress,
                role: *role,
            })
            .collect();
        let new = NewAccount {
            person,
            login: &row.login,
            password_hash: Some(&hash),
            password: PasswordState::Initial,
            grants: &grants,
        };
        let id = accounts::create(gate, tx, &new).await?;
        made.push(NewLogin {
            id,
            name: row.name.clone(),
            login: row.login.clone(),
            password,
        });
    }
    Ok(made)
}
