//! Natural persons (人员). As little as the work needs: a name, a post, and the number by which the
//! congress tells people of one name apart.

use kernel::{Clock, Entropy, PersonId};
use store::{Db, Target, Tx, sql};

use crate::{Action, DirectoryError, Page, Result, authorize, error::tidy, paging};

/// A natural person.
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
    /// When they were added, microseconds.
    pub added_at: i64,
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

const INSERT: &str =
    "INSERT INTO person (id, name, post, reference, added_at) VALUES ($1, $2, $3, $4, $5)";
const BY_ID: &str = "SELECT id, name, post, reference, added_at FROM person WHERE id = $1";
const BY_REFERENCE: &str =
    "SELECT id, name, post, reference, added_at FROM person WHERE reference = $1";
const LIST: &str =
    "SELECT id, name, post, reference, added_at FROM person WHERE id > $1 ORDER BY id LIMIT $2";

/// Adds a person.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "reference" }` or `Invalid`.
pub async fn create(
    tx: &mut Tx,
    new: &NewPerson<'_>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<PersonId> {
    authorize(tx.actor(), Action::KeepPeople, None)?;
    let name = tidy("name", new.name, 40)?;
    let post = new.post.map(|post| tidy("post", post, 120)).transpose()?;
    let reference = new.reference.map(reference).transpose()?;
    let id = PersonId::new(clock.now(), entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(name)
        .bind(post)
        .bind(reference)
        .bind(clock.now());
    query
        .execute(tx)
        .await
        .map_err(DirectoryError::taken("reference"))?;
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

/// The person with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: PersonId) -> Result<Person> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("person"))
}

/// The person with this number.
///
/// # Errors
/// What the database says.
pub async fn by_reference(on: impl Target, reference: &str) -> Result<Option<Person>> {
    Ok(sql(BY_REFERENCE).bind(reference).optional(on).await?)
}

/// All people, in the order they were added.
///
/// # Errors
/// What the database says.
pub async fn list(db: &Db, after: Option<PersonId>, size: u32) -> Result<Page<Person, PersonId>> {
    let rows = sql(LIST)
        .bind(paging::after(after))
        .bind(paging::fetch(size))
        .all(db)
        .await?;
    Ok(paging::cut(rows, size, |row: &Person| row.id))
}

/// A name with all but its first character hidden, for screens that need not show it: 张三丰 → 张**.
#[must_use]
pub fn masked(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(String::from).unwrap_or_default();
    first + &"*".repeat(letters.count().clamp(1, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_masked_but_for_its_first_character() {
        assert_eq!(masked("张三"), "张*");
        assert_eq!(masked("张三丰"), "张**");
        assert_eq!(masked("买买提·吐尔逊"), "买**");
    }

    #[test]
    fn numbers_that_belong_to_the_person_are_refused() {
        assert!(reference("11010519491231002X").is_err());
        assert!(reference("110105194912310021").is_err());
        assert!(reference("13800138000").is_err());
        assert_eq!(reference(" QM-0001 ").unwrap(), "QM-0001");
    }
}
