//! What files of deputies and files of accounts have in common: the person in a row.

use std::collections::HashMap;

use kernel::{CongressId, PersonId};
use store::Tx;

use super::{Code, Column, Faults, Once, Places, Row, Table, insert, keys, look_up};
use crate::{DirectoryError, Gate, Result, people};

/// The person's name.
pub(super) static NAME: Column = Column::needed("姓名", "name");
/// The congress's own number for the person.
pub(super) static REFERENCE: Column = Column::needed("人员编号", "reference");
/// Unit and post.
pub(super) static POST: Column = Column::optional("单位职务", "post");

const BY_REFERENCES: &str = "SELECT h.reference, p.id, p.name FROM congress_person h JOIN person p ON p.id = h.person_id \
    WHERE h.congress_id = $1 AND h.reference IN (VALUES ";
const INSERT: &str = "INSERT INTO person (id, name, post, added_at) VALUES ";
const LINK: &str = "INSERT INTO congress_person (congress_id, person_id, reference) VALUES ";

/// The person in a row.
pub(super) struct Person {
    /// Known already, or new.
    pub id: PersonId,
    pub name: String,
    reference: String,
    post: Option<String>,
    new: bool,
}

/// The people of a file whom the congress knows, by their numbers.
pub(super) struct Known(HashMap<String, (PersonId, String)>);

impl Known {
    pub async fn load(
        gate: &Gate,
        congress: CongressId,
        table: &Table,
        places: &Places,
    ) -> Result<Self> {
        let keys = keys(table, places, &REFERENCE).map(Into::into).collect();
        let first = Some(congress.into());
        let rows: Vec<(String, PersonId, String)> =
            look_up(&gate.db, BY_REFERENCES, first, keys).await?;
        let known = rows
            .into_iter()
            .map(|(reference, id, name)| (reference, (id, name)));
        Ok(Self(known.collect()))
    }

    /// The ids of those known.
    pub fn ids(&self) -> impl Iterator<Item = PersonId> {
        self.0.values().map(|(id, _)| *id)
    }

    /// Reads the person in a row.
    pub fn read(
        &self,
        gate: &Gate,
        row: &Row,
        places: &Places,
        references: &mut Once,
        faults: &mut Faults<'_>,
    ) -> Person {
        let name = faults.needed(&NAME, places.cell(row, &NAME), 40);
        let reference = reference(places.cell(row, &REFERENCE), faults);
        references.check(&reference, &REFERENCE, faults);
        let known = self.0.get(&reference);
        if let Some((_, other)) = known.filter(|(_, known)| *known != name) {
            let values = [("value", &*reference), ("name", other)];
            faults.add_with(&REFERENCE, Code::OtherName, values);
        }
        Person {
            id: known.map_or_else(
                || PersonId::new(gate.clock.now(), &*gate.entropy),
                |(id, _)| *id,
            ),
            post: faults.optional(&POST, places.cell(row, &POST), 120),
            new: known.is_none(),
            name,
            reference,
        }
    }
}

fn reference(cell: &str, faults: &mut Faults<'_>) -> String {
    let text = faults.needed(&REFERENCE, cell, 40);
    if let Err(DirectoryError::Invalid {
        reason: "personal-number",
        ..
    }) = people::reference(&text)
    {
        faults.add(&REFERENCE, Code::PersonalNumber);
    }
    text
}

/// Writes those who are new.
pub(super) async fn write(
    gate: &Gate,
    tx: &mut Tx,
    congress: CongressId,
    people: Vec<&Person>,
) -> Result<()> {
    let now = gate.clock.now();
    let new: Vec<&Person> = people.into_iter().filter(|person| person.new).collect();
    let row = |person: &&Person| {
        let (name, post) = (&person.name, person.post.clone());
        [person.id.into(), name.into(), post.into(), now.into()]
    };
    let known = |person: &&Person| {
        let reference = (&person.reference).into();
        [congress.into(), person.id.into(), reference]
    };
    let (rows, links) = (
        new.iter().map(row).collect(),
        new.iter().map(known).collect(),
    );
    insert(tx, INSERT, rows, "").await?;
    insert(tx, LINK, links, "").await
}
