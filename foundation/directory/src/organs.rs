//! Organs (机构): bodies of a congress and bodies that answer to it.

use kernel::{CongressId, OrganId};
use store::{Db, Target, Tx, sql};

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize,
    error::tidy,
    paging,
};

/// What sort of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganKind {
    /// The standing committee (常委会).
    StandingCommittee,
    /// The presidium of a township's congress (主席团).
    Presidium,
    /// A special committee (专门委员会).
    SpecialCommittee,
    /// A working organ of the standing committee, such as 法制工作委员会 (工作机构).
    WorkingOrgan,
    /// The general office (办公厅、办公室).
    Office,
    /// A delegation of deputies (代表团).
    Delegation,
    /// A government department, court, procuratorate or supervisory commission (一府一委两院).
    Answering,
}

impl OrganKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::StandingCommittee,
        Self::Presidium,
        Self::SpecialCommittee,
        Self::WorkingOrgan,
        Self::Office,
        Self::Delegation,
        Self::Answering,
    ];

    /// The word in the table and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StandingCommittee => "standing_committee",
            Self::Presidium => "presidium",
            Self::SpecialCommittee => "special_committee",
            Self::WorkingOrgan => "working_organ",
            Self::Office => "office",
            Self::Delegation => "delegation",
            Self::Answering => "answering",
        }
    }

    /// Reads [`OrganKind::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Organ {
    /// Its id.
    pub id: OrganId,
    /// The congress it belongs or answers to.
    pub congress_id: CongressId,
    /// The body it is part of.
    pub parent_id: Option<OrganId>,
    /// An [`OrganKind`]'s word.
    pub kind: String,
    /// Its name.
    pub name: String,
}

store::statements! {
    INSERT = "INSERT INTO organ (id, congress_id, parent_id, kind, name) VALUES ($1, $2, $3, $4, $5)";
    BY_ID = "SELECT id, congress_id, parent_id, kind, name FROM organ WHERE id = $1";
    BY_NAME = "SELECT id, congress_id, parent_id, kind, name FROM organ WHERE congress_id = $1 AND name = $2";
    LIST = "SELECT id, congress_id, parent_id, kind, name FROM organ WHERE congress_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    DELEGATIONS = "SELECT id, congress_id, parent_id, kind, name FROM organ \
        WHERE congress_id = $1 AND kind = 'delegation' ORDER BY id LIMIT 200";
}

/// An organ to be set up.
#[derive(Debug, Clone)]
pub struct NewOrgan<'a> {
    /// The congress it belongs or answers to.
    pub congress: CongressId,
    /// The body it is part of.
    pub parent: Option<OrganId>,
    /// What sort of body.
    pub kind: OrganKind,
    /// Its name, unique in the congress.
    pub name: &'a str,
}

/// Sets up an organ.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "organ" }`, `Missing("organ")` for a parent of another
/// congress, or `Invalid`.
pub async fn create(gate: &Gate, tx: &mut Tx, new: &NewOrgan<'_>) -> Result<OrganId> {
    authorize(tx.actor(), Action::KeepOrgans, new.congress)?;
    if let Some(parent) = new.parent {
        find_here(&mut *tx, new.congress, parent).await?;
    }
    let name = tidy("name", new.name, 60)?;
    let id = OrganId::new(gate.clock.now(), &*gate.entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(new.congress)
        .bind(new.parent)
        .bind(new.kind.as_str())
        .bind(&name);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("organ"))?;
    let object = Object::new(Some(new.congress), id);
    audit::note(gate, tx, Act::OrganSetUp, object, &name).await?;
    Ok(id)
}

/// The organ with this id, when it is one of this congress.
pub(crate) async fn find_here(on: impl Target, congress: CongressId, id: OrganId) -> Result<Organ> {
    let organ = find(on, id).await?;
    if organ.congress_id == congress {
        Ok(organ)
    } else {
        Err(DirectoryError::Missing("organ"))
    }
}

/// The delegations of a congress, the first two hundred.
///
/// # Errors
/// What the database says.
pub async fn delegations(on: impl Target, congress: CongressId) -> Result<Vec<Organ>> {
    Ok(sql(DELEGATIONS).bind(congress).all(on).await?)
}

/// The organ with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: OrganId) -> Result<Organ> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("organ"))
}

/// The organ of this name in a congress.
///
/// # Errors
/// What the database says.
pub async fn by_name(on: impl Target, congress: CongressId, name: &str) -> Result<Option<Organ>> {
    Ok(sql(BY_NAME).bind(congress).bind(name).optional(on).await?)
}

/// The organs of a congress, in the order they were set up.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &Db,
    congress: CongressId,
    after: Option<OrganId>,
    size: u32,
) -> Result<Page<Organ, OrganId>> {
    let query = sql(LIST)
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Organ| row.id))
}
