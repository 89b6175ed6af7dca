//! Natural persons (人员). As little as the work needs: a name, a post, and the number by which a
//! congress tells people of one name apart.
//!
//! A congress sees the people it knows: those it has added, and those whose id another congress has
//! told it, because one person may hold seats in both.

use kernel::{Actor, CongressId, PersonId, Timestamp};
use store::{Db, Target, Tx, sql};
use uuid::Uuid;

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize,
    error::tidy,
    once, paging,
};

/// A natural person, as one congress knows them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Unit and post, public for deputies (代表法 58).
    pub post: Option<String>,
    /// The congress's own number for them; never an identity card's.
    pub reference: Option<String>,
    /// When they were added.
    pub added_at: Timestamp,
}

/// A person to be added.
#[derive(Debug, Clone, Default)]
pub struct NewPerson<'a> {
    /// Their name, at most 40 characters.
    pub name: &'a str,
    /// Unit and post, at most 120 characters.
    pub post: Option<&'a str>,
    /// The congress's own number for them, at most 40 characters.
    pub reference: Option<&'a str>,
}

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.name, p.post, h.reference, p.added_at \
             FROM congress_person h JOIN person p ON p.id = h.person_id WHERE h.congress_id = $1 ",
            $rest
        )
    };
}

store::statements! {
    INSERT = "INSERT INTO person (id, name, post, added_at) VALUES ($1, $2, $3, $4)";
    LINK = "INSERT INTO congress_person (congress_id, person_id, reference) VALUES ($1, $2, $3)";
    LINK_KNOWN = "INSERT INTO congress_person (congress_id, person_id) VALUES ($1, $2) \
        ON CONFLICT (congress_id, person_id) DO NOTHING";
    IS_THERE = "SELECT id FROM person WHERE id = $1";
    FIND_HERE = people!("AND h.person_id = $2");
    BY_REFERENCE = people!("AND h.reference = $2");
    LIST = people!("AND h.person_id > $2 ORDER BY h.person_id LIMIT $3");
    SEARCH = people!("AND h.person_id > $2 AND (p.name LIKE $4 ESCAPE '!' OR h.reference LIKE $4 ESCAPE '!') \
        ORDER BY h.person_id LIMIT $3");
}

/// Adds a person to those a congress knows.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "reference" }` or `Invalid`.
pub async fn create(
    gate: &Gate,
    tx: &mut Tx,
    congress: CongressId,
    new: &NewPerson<'_>,
) -> Result<PersonId> {
    authorize(tx.actor(), Action::KeepPeople, congress)?;
    let name = tidy("name", new.name, 40)?;
    let post = new.post.map(|post| tidy("post", post, 120)).transpose()?;
    let reference = new.reference.map(reference).transpose()?;
    let id = PersonId::new(gate.clock.now(), &*gate.entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(&name)
        .bind(post)
        .bind(gate.clock.now());
    query.execute(&mut *tx).await?;
    let query = sql(LINK).bind(congress).bind(id).bind(reference);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("reference"))?;
    let object = Object::new(Some(congress), id);
    audit::note(gate, tx, Act::PersonAdded, object, &name).await?;
    Ok(id)
}

/// [`create`] for a form: sent again, it gives the person that it has added.
///
/// # Errors
/// As [`create`].
pub async fn create_once(
    gate: &Gate,
    tx: &mut Tx,
    nonce: Uuid,
    congress: CongressId,
    new: &NewPerson<'_>,
) -> Result<PersonId> {
    if let Some(made) = once::made(tx, nonce).await? {
        return Ok(made.into());
    }
    let id = create(gate, tx, congress, new).await?;
    once::keep(gate, tx, nonce, id.into()).await?;
    Ok(id)
}

/// A reference number; what looks like an identity card's or a telephone's is refused, because it
/// has no business here (个人信息保护法 6, 28).
pub(crate) fn reference(typed: &str) -> Result<String> {
    let typed = tidy("reference", typed, 40)?;
    if looks_like_identity_card(&typed) || looks_like_telephone(&typed) {
        return Err(DirectoryError::Invalid {
            field: "reference",
            reason: "personal-number",
        });
    }
    Ok(typed)
}

fn looks_like_identity_card(text: &str) -> bool {
    let (digits, last) = (text.get(..17), text.get(17..));
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        && last.is_some_and(|last| matches!(last.as_bytes(), [b'0'..=b'9' | b'X' | b'x']))
}

fn looks_like_telephone(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Has a congress know a person whose id it has been told; whoever holds the id may.
pub(crate) async fn link(tx: &mut Tx, congress: CongressId, person: PersonId) -> Result<()> {
    let there: Option<(PersonId,)> = sql(IS_THERE).bind(person).optional(&mut *tx).await?;
    there.ok_or(DirectoryError::Missing("person"))?;
    let query = sql(LINK_KNOWN).bind(congress).bind(person);
    query.execute(tx).await?;
    Ok(())
}

/// The person with this id, when the congress knows them.
pub(crate) async fn find_here(
    on: impl Target,
    congress: CongressId,
    id: PersonId,
) -> Result<Person> {
    let query = sql(FIND_HERE).bind(congress).bind(id);
    query
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("person"))
}

/// The person with this id, when the congress knows them.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("person")`; what the database says.
pub async fn see(db: &Db, actor: &Actor, congress: CongressId, id: PersonId) -> Result<Person> {
    authorize(actor, Action::SeePeople, congress)?;
    find_here(db, congress, id).await
}

/// The person with this number in a congress.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn by_reference(
    db: &Db,
    actor: &Actor,
    congress: CongressId,
    reference: &str,
) -> Result<Option<Person>> {
    authorize(actor, Action::SeePeople, congress)?;
    let query = sql(BY_REFERENCE).bind(congress).bind(reference.trim());
    Ok(query.optional(db).await?)
}

/// The people a congress knows whose name or number contains `words`, all of them for none, in the
/// order they were added.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn list(
    db: &Db,
    actor: &Actor,
    congress: CongressId,
    words: &str,
    after: Option<PersonId>,
    size: u32,
) -> Result<Page<Person, PersonId>> {
    authorize(actor, Action::SeePeople, congress)?;
    let query = if words.is_empty() {
        sql(LIST)
    } else {
        sql(SEARCH)
    };
    let mut query = query
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    if !words.is_empty() {
        query = query.bind(contains(words));
    }
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Person| row.id))
}

/// A LIKE pattern in which what people type means only itself.
pub(crate) fn contains(words: &str) -> String {
    let words: String = words.trim().chars().take(40).collect();
    format!(
        "%{}%",
        words
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_belong_to_the_person_are_refused() {
        assert!(reference("11010519491231002X").is_err());
        assert!(reference("110105194912310021").is_err());
        assert!(reference("13800138000").is_err());
        assert_eq!(reference(" QM-0001 ").unwrap(), "QM-0001");
    }

    #[test]
    fn what_people_type_means_only_itself() {
        assert_eq!(contains(" 100%_! "), "%100!%!_!!%");
    }
}
