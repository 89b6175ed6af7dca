//! Deputies: a row is a seat and the person in it.

use std::collections::{HashMap, HashSet};

use kernel::{DeputyId, OrganId, PersonId};
use store::{Tx, sql};

use super::{Column, Fault, ImportError, Needed, Row, Table, Upload};
use crate::{
    DirectoryError, Gate, Result,
    congresses::{self, Term},
    deputies::{self, NewDeputy},
    people::{self, NewPerson},
};

/// The columns of a file of deputies.
pub const DEPUTY_COLUMNS: [Column; 7] = [
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
        zh: "代表证号",
        en: "number",
        needed: Needed::Sometimes,
    },
    Column {
        zh: "选区或选举单位",
        en: "constituency",
        needed: Needed::Always,
    },
    Column {
        zh: "代表团",
        en: "delegation",
        needed: Needed::Sometimes,
    },
    Column {
        zh: "任职日期",
        en: "since",
        needed: Needed::Sometimes,
    },
];

/// A row that is right.
#[derive(Debug, Clone)]
pub struct DeputyRow {
    /// The person's name.
    pub name: String,
    /// The congress's own number for them.
    pub reference: String,
    /// Unit and post.
    pub post: Option<String>,
    /// The number of the deputy's card.
    pub number: Option<String>,
    /// Constituency or electing body.
    pub constituency: String,
    /// The delegation sat with.
    pub delegation: Option<OrganId>,
    /// First day.
    pub since: jiff::civil::Date,
    /// The person, when known already (perhaps from a seat in another congress).
    pub person: Option<PersonId>,
}

/// What the database knows already.
struct Known {
    people: HashMap<String, (PersonId, String)>,
    seated: HashSet<PersonId>,
    numbers: HashSet<String>,
    delegations: HashMap<String, OrganId>,
    first_day: jiff::civil::Date,
}

const PEOPLE: &str = "SELECT reference, id, name FROM person WHERE reference IS NOT NULL";
const SEATS: &str = "SELECT person_id, number FROM deputy WHERE term_id = $1";
const DELEGATIONS: &str =
    "SELECT name, id FROM organ WHERE congress_id = $1 AND kind = 'delegation'";

impl Known {
    async fn load(tx: &mut Tx, upload: &Upload<'_>, term: &Term) -> Result<Self> {
        let people: Vec<(String, PersonId, String)> = sql(PEOPLE).all(&mut *tx).await?;
        let seats: Vec<(PersonId, Option<String>)> = sql(SEATS).bind(term.id).all(&mut *tx).await?;
        let delegations: Vec<(String, OrganId)> =
            sql(DELEGATIONS).bind(upload.congress).all(tx).await?;
        let first_day = term.starts_on.parse().map_err(|_| {
            store::StoreError::Inconsistent(format!(
                "term {} starts on {}",
                term.id, term.starts_on
            ))
        })?;
        Ok(Self {
            people: people
                .into_iter()
                .map(|(reference, id, name)| (reference, (id, name)))
                .collect(),
            seated: seats.iter().map(|(person, _)| *person).collect(),
            numbers: seats.into_iter().filter_map(|(_, number)| number).collect(),
            delegations: delegations.into_iter().collect(),
            first_day,
        })
    }
}

/// Collects the faults of one row.
pub(super) struct Faults<'a> {
    pub row: usize,
    pub all: &'a mut Vec<Fault>,
}

impl Faults<'_> {
    pub fn add(&mut self, column: &'static str, zh: impl Into<String>) {
        self.all.push(Fault {
            row: self.row,
            column,
            zh: zh.into(),
        });
    }

    /// A filled cell of at most `most` characters.
    pub fn needed(&mut self, column: &'static str, cell: &str, most: usize) -> String {
        if cell.is_empty() {
            self.add(column, format!("“{column}”没有填写"));
        }
        self.optional(column, cell, most).unwrap_or_default()
    }

    /// A cell of at most `most` characters, or nothing.
    pub fn optional(&mut self, column: &'static str, cell: &str, most: usize) -> Option<String> {
        if cell.chars().count() > most {
            self.add(column, format!("“{column}”最多{most}个字"));
        } else if cell.chars().any(char::is_control) {
            self.add(column, format!("“{column}”里有换行或其他不能用的字符"));
        }
        (!cell.is_empty()).then(|| cell.to_owned())
    }
}

/// Tells a value that comes twice in the file, naming the first row.
pub(super) fn twice<'a>(
    seen: &mut HashMap<&'a str, usize>,
    value: &'a str,
    column: &'static str,
    faults: &mut Faults<'_>,
) {
    if value.is_empty() {
        return;
    }
    if let Some(first) = seen.get(value) {
        faults.add(
            column,
            format!("“{value}”在文件里重复：第{first}行已经有了"),
        );
    } else {
        seen.insert(value, faults.row);
    }
}

/// Headings that are missing or stand twice are faults of the first row.
pub(super) fn places(table: &Table, columns: &[Column]) -> Result<Vec<Option<usize>>, ImportError> {
    let heading = |fault: super::FileFault| {
        vec![Fault {
            row: 1,
            column: "表头",
            zh: fault.to_string(),
        }]
    };
    table
        .find_columns(columns)
        .map_err(|fault| ImportError::Faults(heading(fault)))
}

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(
    tx: &mut Tx,
    upload: &Upload<'_>,
) -> Result<(Vec<DeputyRow>, Term), ImportError> {
    let term = congresses::current_term(&mut *tx, upload.congress).await?;
    let known = Known::load(tx, upload, &term).await?;
    let places = places(upload.table, &DEPUTY_COLUMNS)?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let (mut references, mut numbers) = (HashMap::new(), HashMap::new());
    for row in &upload.table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        twice(
            &mut references,
            row.cell(places[1]),
            "人员编号",
            &mut faults,
        );
        twice(&mut numbers, row.cell(places[3]), "代表证号", &mut faults);
        rows.push(deputy(row, &places, &known, &mut faults));
    }
    if all.is_empty() {
        Ok((rows, term))
    } else {
        Err(ImportError::Faults(all))
    }
}

fn deputy(
    row: &Row,
    places: &[Option<usize>],
    known: &Known,
    faults: &mut Faults<'_>,
) -> DeputyRow {
    let cell = |column: usize| row.cell(places[column]);
    let name = faults.needed("姓名", cell(0), 40);
    let reference = reference(cell(1), faults);
    let number = faults.optional("代表证号", cell(3), 40);
    if let Some(number) = number
        .as_ref()
        .filter(|number| known.numbers.contains(*number))
    {
        faults.add("代表证号", format!("系统里这一届已经有代表证号“{number}”"));
    }
    DeputyRow {
        person: person(&name, &reference, known, faults),
        post: faults.optional("单位职务", cell(2), 120),
        constituency: faults.needed("选区或选举单位", cell(4), 80),
        delegation: delegation(cell(5), known, faults),
        since: since(cell(6), known, faults),
        name,
        reference,
        number,
    }
}

pub(super) fn reference(cell: &str, faults: &mut Faults<'_>) -> String {
    let text = faults.needed("人员编号", cell, 40);
    if let Err(DirectoryError::Invalid {
        reason: "personal-number",
        ..
    }) = people::reference(&text)
    {
        faults.add(
            "人员编号",
            "看起来是身份证号或手机号。请用单位自己的编号，系统不收集这类信息",
        );
    }
    text
}

fn person(name: &str, reference: &str, known: &Known, faults: &mut Faults<'_>) -> Option<PersonId> {
    let (id, known_name) = known.people.get(reference)?;
    if known_name != name {
        faults.add(
            "人员编号",
            format!("系统里编号“{reference}”是“{known_name}”，与这一行的姓名不同"),
        );
    }
    if known.seated.contains(id) {
        faults.add(
            "人员编号",
            format!("系统里“{known_name}”已经是这一届的代表"),
        );
    }
    Some(*id)
}

fn delegation(cell: &str, known: &Known, faults: &mut Faults<'_>) -> Option<OrganId> {
    let found = known.delegations.get(cell).copied();
    if !cell.is_empty() && found.is_none() {
        faults.add(
            "代表团",
            format!("系统里没有代表团“{cell}”，请先设置代表团或改正名称"),
        );
    }
    found
}

/// The day given, or the first day of the term.
fn since(cell: &str, known: &Known, faults: &mut Faults<'_>) -> jiff::civil::Date {
    if cell.is_empty() {
        return known.first_day;
    }
    let plain: String = cell.replace(['/', '.', '年', '月'], "-").replace('日', "");
    match read_date(&plain) {
        Some(day) if day >= known.first_day => day,
        Some(_) => {
            faults.add(
                "任职日期",
                format!("“{cell}”早于本届开始的日期{}", known.first_day),
            );
            known.first_day
        }
        None => {
            faults.add("任职日期", format!("“{cell}”不是日期，请写成2023-01-15"));
            known.first_day
        }
    }
}

fn read_date(text: &str) -> Option<jiff::civil::Date> {
    let mut parts = text
        .splitn(3, '-')
        .map(|part| part.trim().parse::<i16>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Writes checked rows.
pub(super) async fn write(
    gate: &Gate,
    tx: &mut Tx,
    upload: &Upload<'_>,
    rows: &[DeputyRow],
    term: &Term,
) -> Result<Vec<DeputyId>> {
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let person = match row.person {
            Some(person) => person,
            None => {
                let new = NewPerson {
                    name: &row.name,
                    post: row.post.as_deref(),
                    reference: Some(&row.reference),
                };
                people::create(tx, &new, &*gate.clock, &*gate.entropy).await?
            }
        };
        let new = NewDeputy {
            person,
            congress: upload.congress,
            term: term.id,
            number: row.number.as_deref(),
            constituency: &row.constituency,
            delegation: row.delegation,
            since: row.since,
        };
        made.push(deputies::create(tx, &new, &*gate.clock, &*gate.entropy).await?);
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = jiff::civil::date(2023, 1, 15);
        assert_eq!(read_date("2023-01-15"), Some(day));
        assert_eq!(read_date("2023-1-15"), Some(day));
        assert_eq!(read_date("2023-13-15"), None);
        assert_eq!(read_date("明天"), None);
    }
}
