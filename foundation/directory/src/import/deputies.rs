//! Deputies: a row is a seat and the person in it.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use kernel::{DeputyId, OrganId, PersonId, TermId};
use store::{StoreError, Tx};

use super::{
    Code, Column, Faults, ImportError, Once, Places, Row, Upload, insert, keys, look_up,
    people::{self, NAME, POST, Person, REFERENCE},
};
use crate::{Gate, Result, congresses, organs};

static NUMBER: Column = Column::optional("代表证号", "number");
static CONSTITUENCY: Column = Column::needed("选区或选举单位", "constituency");
static DELEGATION: Column = Column::optional("代表团", "delegation");
static SINCE: Column = Column::optional("任职日期", "since");

/// The columns of a file of deputies.
pub(super) static COLUMNS: [&Column; 7] = [
    &NAME,
    &REFERENCE,
    &POST,
    &NUMBER,
    &CONSTITUENCY,
    &DELEGATION,
    &SINCE,
];

const SEATED: &str = "SELECT person_id FROM deputy WHERE term_id = $1 AND person_id IN (VALUES ";
const NUMBERS: &str = "SELECT number FROM deputy WHERE term_id = $1 AND number IN (VALUES ";
const INSERT: &str = "INSERT INTO deputy \
    (id, person_id, congress_id, term_id, number, constituency, delegation_id, state, since_on) VALUES ";

/// A file that is right.
pub(super) struct Ready {
    term: TermId,
    pub rows: Vec<Deputy>,
}

/// A row that is right.
pub(super) struct Deputy {
    person: Person,
    number: Option<String>,
    constituency: String,
    delegation: Option<OrganId>,
    since: Date,
}

/// What the database knows already of what the file names.
struct Known {
    people: people::Known,
    seated: HashSet<PersonId>,
    numbers: HashSet<String>,
    delegations: HashMap<String, OrganId>,
    first_day: Date,
}

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(gate: &Gate, upload: &Upload<'_>) -> Result<Ready, ImportError> {
    let places = upload.table.find_columns(&COLUMNS)?;
    let term = congresses::current_term(&gate.db, upload.congress).await?;
    let first_day = term.starts_on.parse().map_err(|_| {
        let (id, day) = (term.id, &term.starts_on);
        StoreError::Inconsistent(format!("term {id} starts on {day}"))
    })?;
    let known = load(gate, upload, &places, term.id, first_day).await?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let (mut references, mut numbers) = (Once::default(), Once::default());
    for row in &upload.table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut all,
        };
        let person = (known.people).read(gate, row, &places, &mut references, &mut faults);
        numbers.check(places.cell(row, &NUMBER), &NUMBER, &mut faults);
        rows.push(deputy(person, row, &places, &known, &mut faults));
    }
    if all.is_empty() {
        let term = term.id;
        Ok(Ready { term, rows })
    } else {
        Err(ImportError::Faults(all))
    }
}

async fn load(
    gate: &Gate,
    upload: &Upload<'_>,
    places: &Places,
    term: TermId,
    first_day: Date,
) -> Result<Known> {
    let people = people::Known::load(gate, upload.congress, upload.table, places).await?;
    let ids = people.ids().map(Into::into).collect();
    let seated: Vec<(PersonId,)> = look_up(&gate.db, SEATED, Some(term.into()), ids).await?;
    let cells = keys(upload.table, places, &NUMBER)
        .map(Into::into)
        .collect();
    let numbers: Vec<(String,)> = look_up(&gate.db, NUMBERS, Some(term.into()), cells).await?;
    let delegations = organs::delegations(&gate.db, upload.congress).await?;
    let delegations = delegations.into_iter().map(|organ| (organ.name, organ.id));
    Ok(Known {
        people,
        seated: seated.into_iter().map(|(person,)| person).collect(),
        numbers: numbers.into_iter().map(|(number,)| number).collect(),
        delegations: delegations.collect(),
        first_day,
    })
}

fn deputy(
    person: Person,
    row: &Row,
    places: &Places,
    known: &Known,
    faults: &mut Faults<'_>,
) -> Deputy {
    let cell = |column| places.cell(row, column);
    if known.seated.contains(&person.id) {
        faults.add_with(&REFERENCE, Code::Seated, [("name", &person.name)]);
    }
    let number = faults.optional(&NUMBER, cell(&NUMBER), 40);
    if let Some(number) = number.as_ref().filter(|it| known.numbers.contains(*it)) {
        faults.add_with(&NUMBER, Code::NumberTaken, [("value", number)]);
    }
    let delegation = cell(&DELEGATION);
    let found = known.delegations.get(delegation).copied();
    if !delegation.is_empty() && found.is_none() {
        faults.add_with(&DELEGATION, Code::NoDelegation, [("value", delegation)]);
    }
    Deputy {
        constituency: faults.needed(&CONSTITUENCY, cell(&CONSTITUENCY), 80),
        delegation: found,
        since: since(cell(&SINCE), known.first_day, faults),
        person,
        number,
    }
}

/// The day given, or the first day of the term.
fn since(cell: &str, first_day: Date, faults: &mut Faults<'_>) -> Date {
    if cell.is_empty() {
        return first_day;
    }
    let plain: String = cell.replace(['/', '.', '年', '月'], "-").replace('日', "");
    match read_date(&plain) {
        Some(day) if day >= first_day => return day,
        Some(_) => {
            let values = [("value", cell), ("day", &first_day.to_string())];
            faults.add_with(&SINCE, Code::BeforeTerm, values);
        }
        None => faults.add_with(&SINCE, Code::NoDay, [("value", cell)]),
    }
    first_day
}

fn read_date(text: &str) -> Option<Date> {
    let mut parts = text
        .splitn(3, '-')
        .map(|part| part.trim().parse::<i16>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Writes checked rows.
pub(super) async fn write(
    gate: &Gate,
    tx: &mut Tx,
    upload: &Upload<'_>,
    ready: &Ready,
) -> Result<()> {
    congresses::running_term(&mut *tx, upload.congress, ready.term).await?;
    let people = ready.rows.iter().map(|row| &row.person).collect();
    people::write(gate, tx, upload.congress, people).await?;
    let now = gate.clock.now();
    let rows = ready.rows.iter().map(|row| {
        [
            DeputyId::new(now, &*gate.entropy).into(),
            row.person.id.into(),
            upload.congress.into(),
            ready.term.into(),
            row.number.clone().into(),
            (&row.constituency).into(),
            row.delegation.into(),
            "seated".into(),
            row.since.to_string().into(),
        ]
    });
    let rows = rows.collect();
    insert(tx, INSERT, rows, "").await
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
