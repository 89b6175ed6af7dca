//! The audit: reads the whole log and every matter, and says what does not hold together.
//!
//! It trusts only the hashes. It runs beside a working system: each statement sees one state of the
//! database, and what was written since the audit began is left to the next one.
//!
//! It cannot see what nothing commits to: which account made a move, and what domains keep of their own.

use std::fmt;

use kernel::{MatterId, Timestamp};
use store::{Db, Result, StoreError, sql};
use translog::{Entry, Frontier, Hash, commitment, leaf_hash};

use crate::{
    Record,
    ledger::{self, Head, TILE_HEIGHT, int},
    statements as q,
};

/// Rows read at once.
const BATCH: u32 = 1_000;
/// The levels of the tree whose roots are kept; a log of 2^62 entries has no more.
const LEVELS: [u8; 7] = [8, 16, 24, 32, 40, 48, 56];
/// Findings that are listed; more are only counted.
const LISTED: usize = 200;

/// Something that does not hold together. The caller has the words; `Display` is for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The log's head cannot be read, or is not what its entries give.
    Head,
    /// An entry is missing below the head.
    EntryMissing {
        /// Its index.
        index: u64,
    },
    /// An entry stands where the log does not reach.
    EntryBeyond {
        /// Its index.
        index: i64,
    },
    /// A leaf is not the hash of its entry.
    Leaf {
        /// The entry's index.
        index: u64,
    },
    /// A stored node is missing, or is not the root of the entries below it.
    Node {
        /// Its level: it spans 2^level entries.
        level: u8,
        /// Its place on the level.
        index: u64,
    },
    /// A node is stored that the log does not have.
    NodeBeyond {
        /// Its level.
        level: i64,
        /// Its place on the level.
        index: i64,
    },
    /// An entry cannot be read.
    EntryForm {
        /// Its index.
        index: u64,
    },
    /// An entry has no move.
    EntryWithoutMove {
        /// Its index.
        index: u64,
    },
    /// An entry and its move say different things.
    EntryDiffers {
        /// The entry's index.
        index: u64,
        /// The field of the entry.
        field: &'static str,
    },
    /// What a move said is not what its entry commits to.
    Commitment {
        /// The entry's index.
        index: u64,
    },
    /// A move's record and its row say different things, or the record cannot be read.
    RecordDiffers {
        /// The entry's index.
        index: u64,
        /// The field of the record.
        field: &'static str,
    },
    /// A move was redacted in part only.
    HalfRedacted {
        /// The entry's index.
        index: u64,
    },
    /// A move is in no entry of the log.
    MoveWithoutEntry {
        /// The matter.
        matter: MatterId,
        /// The step.
        step: i64,
    },
    /// A matter's steps are not numbered from 1 to what the matter says.
    Steps {
        /// The matter.
        matter: MatterId,
    },
    /// A step does not begin in the state in which the one before it ended.
    Chain {
        /// The matter.
        matter: MatterId,
        /// The step.
        step: i64,
    },
    /// A matter does not stand where its steps led, or not since then.
    MatterDiffers {
        /// The matter.
        matter: MatterId,
        /// The column of the matter.
        field: &'static str,
    },
    /// The numbers of a kind and year are not 1, 2, 3 … up to the counter.
    Numbers {
        /// The kind of matter.
        kind: String,
        /// The year.
        year: i64,
    },
}

impl Finding {
    /// A fixed word for translation keys.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::EntryMissing { .. } => "entry-missing",
            Self::EntryBeyond { .. } => "entry-beyond",
            Self::Leaf { .. } => "leaf",
            Self::Node { .. } => "node",
            Self::NodeBeyond { .. } => "node-beyond",
            Self::EntryForm { .. } => "entry-form",
            Self::EntryWithoutMove { .. } => "entry-without-move",
            Self::EntryDiffers { .. } => "entry-differs",
            Self::Commitment { .. } => "commitment",
            Self::RecordDiffers { .. } => "record-differs",
            Self::HalfRedacted { .. } => "half-redacted",
            Self::MoveWithoutEntry { .. } => "move-without-entry",
            Self::Steps { .. } => "steps",
            Self::Chain { .. } => "chain",
            Self::MatterDiffers { .. } => "matter-differs",
            Self::Numbers { .. } => "numbers",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self {
            Self::Head => Ok(()),
            Self::EntryMissing { index }
            | Self::Leaf { index }
            | Self::EntryForm { index }
            | Self::EntryWithoutMove { index }
            | Self::Commitment { index }
            | Self::HalfRedacted { index } => write!(f, " {index}"),
            Self::EntryBeyond { index } => write!(f, " {index}"),
            Self::Node { level, index } => write!(f, " {level}/{index}"),
            Self::NodeBeyond { level, index } => write!(f, " {level}/{index}"),
            Self::EntryDiffers { index, field } | Self::RecordDiffers { index, field } => {
                write!(f, " {index} {field}")
            }
            Self::MoveWithoutEntry { matter, step } | Self::Chain { matter, step } => {
                write!(f, " {matter} {step}")
            }
            Self::Steps { matter } => write!(f, " {matter}"),
            Self::MatterDiffers { matter, field } => write!(f, " {matter} {field}"),
            Self::Numbers { kind, year } => write!(f, " {kind} {year}"),
        }
    }
}

/// What an audit read and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audit {
    /// Entries of the log that were read.
    pub entries: u64,
    /// Matters that were read.
    pub matters: u64,
    /// What does not hold together, at most some hundred of it; empty when all is well.
    pub findings: Vec<Finding>,
    /// Findings that are not listed.
    pub unlisted: u64,
}

impl Audit {
    fn found(&mut self, finding: Finding) {
        if self.findings.len() < LISTED {
            self.findings.push(finding);
        } else {
            self.unlisted += 1;
        }
    }
}

/// Reads the whole log and every matter. `progress` hears how many entries of how many were read.
///
/// # Errors
/// The store's. What is wrong with the data is a finding, not an error.
pub async fn audit(db: &Db, mut progress: impl FnMut(u64, u64) + Send) -> Result<Audit> {
    let mut audit = Audit::default();
    let head = match ledger::head(db).await {
        Ok(head) => Some(head),
        Err(StoreError::Inconsistent(_) | StoreError::Missing) => None,
        Err(error) => return Err(error),
    };
    let size = match &head {
        Some(head) => head.size,
        None => {
            audit.found(Finding::Head);
            rows_from_zero(db).await?
        }
    };
    let mut tree = Tree::default();
    for start in (0..size).step_by(BATCH as usize) {
        let end = size.min(start + u64::from(BATCH));
        audit_entries(db, &mut audit, &mut tree, start, end).await?;
        progress(end, size);
    }
    tree.compare_head(&mut audit, head.as_ref());
    audit_beyond(db, &mut audit).await?;
    audit_matters(db, &mut audit).await?;
    audit_numbers(db, &mut audit).await?;
    Ok(audit)
}

/// What an audit finds, a line each.
pub(crate) async fn told(db: &Db) -> Result<Vec<String>> {
    let found = audit(db, |_, _| ()).await?;
    let mut lines: Vec<_> = found.findings.iter().map(Finding::to_string).collect();
    if found.unlisted > 0 {
        lines.push(format!("and {} more", found.unlisted));
    }
    Ok(lines)
}

/// How many entries there seem to be when the head does not say.
async fn rows_from_zero(db: &Db) -> Result<u64> {
    let (last,): (i64,) = sql(q::AUDIT_LAST).one(db).await?;
    Ok(u64::try_from(last + 1).unwrap_or(0))
}

/// The tree as it grows again from the leaves.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    /// An entry is missing: nothing can be said of what stands above it.
    broken: bool,
}

impl Tree {
    /// Adds a leaf; the nodes that it closes and that are kept.
    fn append(&mut self, leaf: &[u8]) -> Vec<(u8, u64, Hash)> {
        let Ok(leaf) = <[u8; 32]>::try_from(leaf) else {
            self.broken = true;
            return Vec::new();
        };
        let closed = self.frontier.append(Hash(leaf)).into_iter();
        closed
            .filter(|(level, _, _)| *level > 0 && level % TILE_HEIGHT == 0)
            .collect()
    }

    fn compare_head(&self, audit: &mut Audit, head: Option<&Head>) {
        let same = head.is_none_or(|head| head.frontier == self.frontier);
        if !self.broken && !same {
            audit.found(Finding::Head);
        }
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    idx: i64,
    leaf: Vec<u8>,
    entry: Vec<u8>,
    #[sqlx(flatten)]
    made: MoveRow,
}

/// The move of an entry; all of it is missing when there is none.
#[derive(sqlx::FromRow)]
struct MoveRow {
    matter_id: Option<MatterId>,
    kind: Option<String>,
    seq: Option<i64>,
    r#move: Option<String>,
    to_state: Option<String>,
    role: Option<String>,
    at: Option<Timestamp>,
    reason: Option<String>,
    content: Option<String>,
    salt: Option<Vec<u8>>,
}

async fn audit_entries(
    db: &Db,
    audit: &mut Audit,
    tree: &mut Tree,
    start: u64,
    end: u64,
) -> Result<()> {
    let range = sql(q::AUDIT_ENTRIES).bind(int(start)?).bind(int(end)?);
    let rows: Vec<EntryRow> = range.all(db).await?;
    let mut rows = rows.into_iter().peekable();
    let mut nodes = Vec::new();
    for index in start..end {
        let here = |row: &EntryRow| u64::try_from(row.idx) == Ok(index);
        let Some(row) = rows.next_if(here) else {
            audit.found(Finding::EntryMissing { index });
            tree.broken = true;
            continue;
        };
        audit.entries += 1;
        if !tree.broken {
            nodes.extend(tree.append(&row.leaf));
        }
        if leaf_hash(&row.entry).0[..] != row.leaf[..] {
            audit.found(Finding::Leaf { index });
        }
        match Entry::parse(&row.entry) {
            Ok(entry) => audit_move(audit, index, &entry, &row.made),
            Err(_) => audit.found(Finding::EntryForm { index }),
        }
    }
    audit_nodes(db, audit, &nodes).await
}

/// Compares the nodes that some entries closed with those that are stored.
async fn audit_nodes(db: &Db, audit: &mut Audit, nodes: &[(u8, u64, Hash)]) -> Result<()> {
    for (level, index, hash) in nodes {
        let stored: Option<(Vec<u8>,)> = sql(q::NODES)
            .bind(i32::from(*level))
            .bind(int(*index)?)
            .bind(int(*index + 1)?)
            .optional(db)
            .await?;
        if stored.is_none_or(|(stored,)| stored[..] != hash.0[..]) {
            audit.found(Finding::Node {
                level: *level,
                index: *index,
            });
        }
    }
    Ok(())
}

fn audit_move(audit: &mut Audit, index: u64, entry: &Entry, made: &MoveRow) {
    let Some(matter) = made.matter_id else {
        audit.found(Finding::EntryWithoutMove { index });
        return;
    };
    let fields = [
        ("matter", entry.matter == matter.to_string()),
        ("kind", Some(&entry.kind) == made.kind.as_ref()),
        ("step", Some(i64::from(entry.step)) == made.seq),
        ("move", Some(&entry.move_name) == made.r#move.as_ref()),
        ("role", Some(&entry.role) == made.role.as_ref()),
        (
            "at",
            Some(&entry.at) == made.at.map(Timestamp::rfc3339).as_ref(),
        ),
    ];
    for (field, _) in fields.into_iter().filter(|(_, same)| !same) {
        audit.found(Finding::EntryDiffers { index, field });
    }
    match (&made.content, &made.salt) {
        (None, None) if made.reason.is_none() => {}
        (Some(text), Some(salt)) => {
            let salt: Option<[u8; 32]> = salt[..].try_into().ok();
            let opened = salt.map(|salt| commitment(&salt, text.as_bytes()));
            if opened != Some(entry.commitment) {
                audit.found(Finding::Commitment { index });
            }
            audit_record(audit, index, text, made);
        }
        _ => audit.found(Finding::HalfRedacted { index }),
    }
}

fn audit_record(audit: &mut Audit, index: u64, text: &str, made: &MoveRow) {
    let Ok(record) = Record::parse(text) else {
        let field = "form";
        return audit.found(Finding::RecordDiffers { index, field });
    };
    let fields = [
        ("reason", record.reason == made.reason),
        ("to", Some(&record.to) == made.to_state.as_ref()),
    ];
    for (field, _) in fields.into_iter().filter(|(_, same)| !same) {
        audit.found(Finding::RecordDiffers { index, field });
    }
}

/// Entries and nodes where the log does not reach.
async fn audit_beyond(db: &Db, audit: &mut Audit) -> Result<()> {
    let most = LISTED as i64;
    let entries: Vec<(i64,)> = sql(q::AUDIT_ENTRIES_BEYOND).bind(most).all(db).await?;
    for (index,) in entries {
        audit.found(Finding::EntryBeyond { index });
    }
    let mut nodes: Vec<(i64, i64)> = sql(q::AUDIT_STRANGE_NODES).bind(most).all(db).await?;
    for level in LEVELS {
        let beyond = sql(q::AUDIT_NODES_BEYOND).bind(i32::from(level));
        nodes.extend(
            beyond
                .bind(1_i64 << level)
                .bind(most)
                .all::<(i64, i64)>(db)
                .await?,
        );
    }
    for (level, index) in nodes {
        audit.found(Finding::NodeBeyond { level, index });
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StepRow {
    id: MatterId,
    state: String,
    steps: i64,
    opened_at: Timestamp,
    changed_at: Timestamp,
    seq: Option<i64>,
    from_state: Option<String>,
    to_state: Option<String>,
    at: Option<Timestamp>,
    idx: Option<i64>,
}

async fn audit_matters(db: &Db, audit: &mut Audit) -> Result<()> {
    let mut after = MatterId::from(uuid::Uuid::nil());
    loop {
        let batch = sql(q::AUDIT_MATTERS).bind(after).bind(BATCH);
        let rows: Vec<StepRow> = batch.all(db).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.id;
        for steps in rows.chunk_by(|one, two| one.id == two.id) {
            audit.matters += 1;
            audit_steps(audit, steps);
        }
    }
}

/// One matter with its steps in order.
fn audit_steps(audit: &mut Audit, steps: &[StepRow]) {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return;
    };
    let matter = first.id;
    let numbered = (1..).zip(steps).all(|(seq, step)| step.seq == Some(seq));
    if !numbered || last.seq != Some(last.steps) {
        audit.found(Finding::Steps { matter });
    }
    let mut state = "none";
    for step in steps {
        let number = step.seq.unwrap_or(0);
        if step.seq.is_some() && step.idx.is_none() {
            let step = number;
            audit.found(Finding::MoveWithoutEntry { matter, step });
        }
        if step.from_state.as_deref() != Some(state) {
            let step = number;
            audit.found(Finding::Chain { matter, step });
        }
        state = step.to_state.as_deref().unwrap_or_default();
    }
    let fields = [
        ("state", last.state == state),
        ("opened_at", first.at == Some(first.opened_at)),
        ("changed_at", last.at == Some(last.changed_at)),
    ];
    for (field, _) in fields.into_iter().filter(|(_, same)| !same) {
        audit.found(Finding::MatterDiffers { matter, field });
    }
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    kind: String,
    year: i64,
    given: i64,
    different: i64,
    least: i64,
    most: i64,
    counter: Option<i64>,
}

async fn audit_numbers(db: &Db, audit: &mut Audit) -> Result<()> {
    let rows: Vec<NumberRow> = sql(q::AUDIT_NUMBERS).all(db).await?;
    for row in rows {
        let complete = row.least == 1 && row.most == row.given && row.different == row.given;
        if !complete || row.counter != Some(row.given) {
            let (kind, year) = (row.kind, row.year);
            audit.found(Finding::Numbers { kind, year });
        }
    }
    Ok(())
}
