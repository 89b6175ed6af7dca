//! Divisions of the country (行政区划): the tree from province to township.
//!
//! Codes are those of GB/T 2260 (six digits, province to county) and GB/T 10114 (nine digits,
//! townships and sub-districts). What kind of place a division is, and with it whether it may have a
//! congress, is said by the file and never guessed from a name.

use std::collections::HashMap;

use kernel::{CongressId, DivisionId, DivisionKind, Level};
use store::{Db, Target, Tx, Value, sql};

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize_deployment,
    import::{self, Code, Column, Faults, ImportError, Kind, Once, Table, insert},
    paging,
};

/// A division.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Division {
    /// Its id.
    pub id: DivisionId,
    /// Six or nine digits.
    pub code: String,
    /// The Chinese name, such as 东城区.
    pub name: String,
    /// The English name, where there is a settled one.
    pub name_en: Option<String>,
    /// Where it stands in the tree.
    pub level: Level,
    /// A [`DivisionKind`]'s word.
    pub kind: String,
    /// The division it belongs to; none for a province.
    pub parent_id: Option<DivisionId>,
}

impl Division {
    /// What kind of place it is.
    #[must_use]
    pub fn kind(&self) -> Option<DivisionKind> {
        DivisionKind::parse(&self.kind)
    }
}

static CODE: Column = Column::needed("代码", "code");
static NAME: Column = Column::needed("名称", "name");
static NAME_EN: Column = Column::optional("英文名称", "name_en");
static LEVEL: Column = Column::optional("级别", "level");
static PARENT: Column = Column::optional("上级代码", "parent");
static KIND: Column = Column::needed("类型", "kind");

/// The columns of a file of divisions.
pub(crate) static COLUMNS: [&Column; 6] = [&CODE, &NAME, &NAME_EN, &LEVEL, &PARENT, &KIND];

macro_rules! divisions {
    ($rest:literal) => {
        concat!(
            "SELECT id, code, name, name_en, level, kind, parent_id FROM division ",
            $rest
        )
    };
}

store::statements! {
    LIST = divisions!("WHERE code > $1 ORDER BY code LIMIT $2");
    PROVINCES = divisions!("WHERE parent_id IS NULL AND code > $1 ORDER BY code LIMIT $2");
    CHILDREN = divisions!("WHERE parent_id = $1 AND code > $2 ORDER BY code LIMIT $3");
    BY_CODE = divisions!("WHERE code = $1");
    BY_ID = divisions!("WHERE id = $1");
    PATH = "WITH RECURSIVE up (id, code, name, name_en, level, kind, parent_id) AS (\
            SELECT id, code, name, name_en, level, kind, parent_id FROM division WHERE id = $1 \
            UNION ALL \
            SELECT d.id, d.code, d.name, d.name_en, d.level, d.kind, d.parent_id FROM division d JOIN up ON d.id = up.parent_id) \
        SELECT id, code, name, name_en, level, kind, parent_id FROM up ORDER BY level DESC";
    ALL = "SELECT code, id, level FROM division";
    KEEPER = "SELECT id FROM congress WHERE keeper LIMIT 1";
}

/// Divisions with these codes.
pub(crate) const AMONG: &str = "SELECT code, id, level FROM division WHERE code IN (VALUES ";
const UPSERT: &str =
    "INSERT INTO division (id, code, name, name_en, level, kind, parent_id) VALUES ";
const ON_KNOWN: &str = " ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, \
    level = excluded.level, kind = excluded.kind, parent_id = excluded.parent_id";

/// A line of a divisions file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Six or nine digits.
    pub code: String,
    /// The Chinese name.
    pub name: String,
    /// The English name, or nothing.
    pub name_en: Option<String>,
    /// What kind of place it is.
    pub kind: DivisionKind,
    /// The code of the division it belongs to, or nothing.
    pub parent: Option<String>,
}

/// The lines of a file, each right by itself or with faults.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Row number and line; a row without a kind has none.
    lines: Vec<(usize, Line)>,
    faults: Vec<import::Fault>,
}

impl Rows {
    /// Every code that the file names.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter();
        lines.flat_map(|(_, line)| {
            [Some(&*line.code), line.parent.as_deref()]
                .into_iter()
                .flatten()
        })
    }
}

/// A division that is there already.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Known {
    code: String,
    id: DivisionId,
    level: Level,
}

/// Divisions ready to be written, each parent before its children.
pub(crate) struct Ready(Vec<[Value; 7]>);

impl Ready {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Reads and checks a divisions file by itself.
///
/// # Errors
/// [`ImportError::File`] or [`ImportError::Faults`] with every line that is wrong.
pub fn read(file: &[u8]) -> Result<Vec<Line>, ImportError> {
    let table = import::read(file, &Kind::Divisions.limits())?;
    let Rows { lines, faults } = rows(&table)?;
    if faults.is_empty() {
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    } else {
        Err(ImportError::Faults(faults))
    }
}

/// Reads the rows of a file, and checks each by itself and against its neighbours.
pub(crate) fn rows(table: &Table) -> Result<Rows, ImportError> {
    let places = table.find_columns(&COLUMNS)?;
    let (mut rows, mut codes) = (Rows::default(), Once::default());
    for row in &table.rows {
        let mut faults = Faults {
            row: row.number,
            all: &mut rows.faults,
        };
        let cell = |column| places.cell(row, column);
        let code = faults.needed(&CODE, cell(&CODE), 12);
        codes.check(&code, &CODE, &mut faults);
        let (name, name_en) = (
            faults.needed(&NAME, cell(&NAME), 60),
            faults.optional(&NAME_EN, cell(&NAME_EN), 120),
        );
        let parent = faults.optional(&PARENT, cell(&PARENT), 12);
        let word = faults.needed(&KIND, cell(&KIND), 30);
        let Some(kind) = DivisionKind::parse(&word) else {
            faults.add_with(&KIND, Code::NoKind, [("value", &word)]);
            continue;
        };
        let line = Line {
            code,
            name,
            name_en,
            kind,
            parent,
        };
        check_line(&line, cell(&LEVEL), &mut faults);
        rows.lines.push((row.number, line));
    }
    Ok(rows)
}

fn check_line(line: &Line, level: &str, faults: &mut Faults<'_>) {
    let its = line.kind.level();
    let digits = if its == Level::Township { 9 } else { 6 };
    let right = line.code.len() == digits && line.code.bytes().all(|byte| byte.is_ascii_digit());
    if !right {
        let values = [("value", &*line.code), ("digits", &digits.to_string())];
        faults.add_with(&CODE, Code::CodeForm, values);
    }
    if !level.is_empty() && level != its.index().to_string() {
        let values = [("value", level), ("level", &its.index().to_string())];
        faults.add_with(&LEVEL, Code::NotItsLevel, values);
    }
    if (its == Level::Province) == line.parent.is_some() {
        faults.add(&PARENT, Code::ParentOfProvince);
    }
}

/// Places the lines in the tree: new divisions get ids, known ones (by code) keep theirs. Parents
/// may stand before or after their children, or be there already.
pub(crate) fn ready(gate: &Gate, rows: Rows, known: Vec<Known>) -> Result<Ready, ImportError> {
    let Rows { lines, mut faults } = rows;
    let now = gate.clock.now();
    let known = known
        .into_iter()
        .map(|known| (known.code, (known.id, known.level)));
    let mut places: HashMap<String, (DivisionId, Level)> = known.collect();
    for (_, line) in &lines {
        let place = places.entry(line.code.clone());
        let place =
            place.or_insert_with(|| (DivisionId::new(now, &*gate.entropy), Level::National));
        place.1 = line.kind.level();
    }
    let mut ordered = Vec::with_capacity(lines.len());
    for (row, line) in &lines {
        let all = &mut faults;
        let mut faults = Faults { row: *row, all };
        let parent = parent(line, &places, &mut faults);
        ordered.push((line, parent));
    }
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.row);
        return Err(ImportError::Faults(faults));
    }
    // A parent's row must be there before its child's.
    ordered.sort_by_key(|(line, _)| line.kind.level());
    let row = |(line, parent): (&Line, Option<DivisionId>)| {
        let (id, level) = places[&line.code];
        [
            id.into(),
            (&line.code).into(),
            (&line.name).into(),
            line.name_en.clone().into(),
            level.into(),
            line.kind.into(),
            parent.into(),
        ]
    };
    Ok(Ready(ordered.into_iter().map(row).collect()))
}

fn parent(
    line: &Line,
    places: &HashMap<String, (DivisionId, Level)>,
    faults: &mut Faults<'_>,
) -> Option<DivisionId> {
    let code = line.parent.as_deref()?;
    let value = [("value", code)];
    match places.get(code) {
        Some((id, level)) if *level < line.kind.level() => return Some(*id),
        Some(_) => faults.add_with(&PARENT, Code::ParentNotAbove, value),
        None => faults.add_with(&PARENT, Code::NoParent, value),
    }
    None
}

/// Writes checked divisions.
pub(crate) async fn write(tx: &mut Tx, ready: &Ready) -> Result<()> {
    insert(tx, UPSERT, ready.0.clone(), ON_KNOWN).await
}

/// Puts lines in, in a transaction of the caller's. How many.
///
/// # Errors
/// [`ImportError::Faults`], or what the directory says. Then the transaction must not be committed.
pub async fn import(gate: &Gate, tx: &mut Tx, lines: &[Line]) -> Result<usize, ImportError> {
    let actor = tx.actor().clone();
    authorize_deployment(&mut *tx, &actor, Action::KeepDivisions).await?;
    let known: Vec<Known> = sql(ALL).all(&mut *tx).await?;
    let lines = lines.iter().cloned().enumerate();
    let rows = Rows {
        lines: lines.map(|(index, line)| (index + 2, line)).collect(),
        faults: Vec::new(),
    };
    let ready = ready(gate, rows, known)?;
    write(tx, &ready).await?;
    let keeper: Option<(CongressId,)> = sql(KEEPER).optional(&mut *tx).await?;
    let object = Object::none(keeper.map(|(id,)| id));
    let many = ready.len().to_string();
    audit::note(gate, tx, Act::DivisionsImported, object, &many).await?;
    Ok(ready.len())
}

/// The divisions right under `parent`, or the provinces; `after` is the code of the last one seen.
///
/// # Errors
/// What the database says.
pub async fn children(
    db: &Db,
    parent: Option<DivisionId>,
    after: Option<&str>,
    size: u32,
) -> Result<Page<Division, String>> {
    let after = after.unwrap_or("");
    let query = match parent {
        None => sql(PROVINCES).bind(after),
        Some(parent) => sql(CHILDREN).bind(parent).bind(after),
    };
    let rows = query.bind(paging::fetch(size)).all(db).await?;
    Ok(paging::cut(rows, size, |row: &Division| row.code.clone()))
}

/// All divisions in the order of their codes.
///
/// # Errors
/// What the database says.
pub async fn list(db: &Db, after: Option<&str>, size: u32) -> Result<Page<Division, String>> {
    let rows = sql(LIST)
        .bind(after.unwrap_or(""))
        .bind(paging::fetch(size))
        .all(db)
        .await?;
    Ok(paging::cut(rows, size, |row: &Division| row.code.clone()))
}

/// The division with this code.
///
/// # Errors
/// What the database says.
pub async fn by_code(on: impl Target, code: &str) -> Result<Option<Division>> {
    Ok(sql(BY_CODE).bind(code).optional(on).await?)
}

/// The division with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: DivisionId) -> Result<Division> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("division"))
}

/// The way from this division up to its province, tightest first: the places whose rules may
/// apply to it.
///
/// # Errors
/// What the database says.
pub async fn path(on: impl Target, id: DivisionId) -> Result<Vec<Division>> {
    Ok(sql(PATH).bind(id).all(on).await?)
}

/// [`path`] as codes, for the rule book.
///
/// # Errors
/// What the database says.
pub async fn place(on: impl Target, id: DivisionId) -> Result<Vec<String>> {
    Ok(path(on, id)
        .await?
        .into_iter()
        .map(|division| division.code)
        .collect())
}
