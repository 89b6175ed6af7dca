//! Divisions of the country (行政区划): the tree from province to township.
//!
//! Codes are those of GB/T 2260 (six digits, province to county) and GB/T 10114 (nine digits,
//! townships and sub-districts). A file is CSV: `code,name,name_en,level,parent`.

use std::collections::HashMap;

use kernel::{Clock, DivisionId, Entropy};
use serde::Deserialize;
use store::{Db, Target, Tx, Value, sql};

use crate::{Action, DirectoryError, Page, Result, authorize, paging};

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
    /// 1 province (省级), 2 prefecture (地级), 3 county (县级), 4 township (乡级).
    pub level: i64,
    /// The division it belongs to; none for a province.
    pub parent_id: Option<DivisionId>,
}

/// A line of a divisions file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// Six or nine digits.
    pub code: String,
    /// The Chinese name.
    pub name: String,
    /// The English name, or nothing.
    pub name_en: Option<String>,
    /// 1 to 4.
    pub level: i64,
    /// The code of the division it belongs to, or nothing.
    pub parent: Option<String>,
}

/// What is wrong with a divisions file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第{line}行：{reason}")]
pub struct LineFault {
    /// The line, counted from 1 with the heading.
    pub line: usize,
    /// What is wrong, in Chinese.
    pub reason: String,
}

/// Divisions at most in one file; the whole country has about 45,000 down to townships.
pub const LINES_MOST: usize = 100_000;

const ROWS_A_STATEMENT: usize = 2_000;

const COLUMNS_ALL: &str = "SELECT id, code, name, name_en, level, parent_id FROM division WHERE code > $1 ORDER BY code LIMIT $2";
const PROVINCES: &str = "SELECT id, code, name, name_en, level, parent_id FROM division \
    WHERE parent_id IS NULL AND code > $1 ORDER BY code LIMIT $2";
const CHILDREN: &str = "SELECT id, code, name, name_en, level, parent_id FROM division \
    WHERE parent_id = $1 AND code > $2 ORDER BY code LIMIT $3";
const BY_CODE: &str =
    "SELECT id, code, name, name_en, level, parent_id FROM division WHERE code = $1";
const BY_ID: &str = "SELECT id, code, name, name_en, level, parent_id FROM division WHERE id = $1";
const PATH: &str = "WITH RECURSIVE up (id, code, name, name_en, level, parent_id) AS (\
        SELECT id, code, name, name_en, level, parent_id FROM division WHERE id = $1 \
        UNION ALL \
        SELECT d.id, d.code, d.name, d.name_en, d.level, d.parent_id FROM division d JOIN up ON d.id = up.parent_id) \
    SELECT id, code, name, name_en, level, parent_id FROM up ORDER BY level DESC";
const IDS_BY_CODE: &str = "SELECT code, id, level FROM division";
const UPSERT: &str = "INSERT INTO division (id, code, name, name_en, level, parent_id) VALUES ";
const ON_KNOWN: &str = " ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, \
    level = excluded.level, parent_id = excluded.parent_id";

/// Reads and checks a divisions file by itself.
///
/// # Errors
/// Every line that is wrong.
pub fn read(file: &[u8]) -> Result<Vec<Line>, Vec<LineFault>> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (index, line) in reader.deserialize::<Line>().enumerate() {
        if index >= LINES_MOST {
            faults.push(LineFault {
                line: index + 2,
                reason: format!("超过{LINES_MOST}行，请分成几个文件"),
            });
            break;
        }
        match line.map_err(|error| unreadable(&error)).and_then(checked) {
            Ok(line) => lines.push(line),
            Err(reason) => faults.push(LineFault {
                line: index + 2,
                reason,
            }),
        }
    }
    if faults.is_empty() {
        Ok(lines)
    } else {
        Err(faults)
    }
}

fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "不是UTF-8编码，请另存为“CSV UTF-8”".into(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("应有{expected_len}列，实有{len}列"),
        _ => "列名或内容不对，应为：code,name,name_en,level,parent".into(),
    }
}

fn checked(line: Line) -> Result<Line, String> {
    let digits = line.code.bytes().all(|byte| byte.is_ascii_digit());
    let right_length = if line.level == 4 { 9 } else { 6 };
    if !(1..=4).contains(&line.level) {
        Err(format!("级别应为1至4，实为{}", line.level))
    } else if !digits || line.code.len() != right_length {
        Err(format!(
            "{}级代码应为{right_length}位数字，实为“{}”",
            line.level, line.code
        ))
    } else if line.name.is_empty() || line.name.chars().count() > 60 {
        Err("名称应为1至60字".into())
    } else if (line.level == 1) != line.parent.is_none() {
        Err("省级没有上级，其他各级都要写上级代码".into())
    } else {
        Ok(line)
    }
}

/// Puts the lines in: new divisions are added, known ones (by code) renamed or moved. Parents may
/// stand before or after their children, or be there already. The number of lines.
///
/// # Errors
/// [`DirectoryError::Refused`]; [`DirectoryError::Invalid`] for a code that comes twice or a
/// parent that is nowhere or not above. Then the transaction must not be committed.
pub async fn import(
    tx: &mut Tx,
    lines: &[Line],
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<usize> {
    authorize(tx.actor(), Action::KeepDivisions, None)?;
    let known: Vec<(String, DivisionId, i64)> = sql(IDS_BY_CODE).all(&mut *tx).await?;
    let mut ids: HashMap<&str, (DivisionId, i64)> = known
        .iter()
        .map(|(code, id, level)| (code.as_str(), (*id, *level)))
        .collect();
    let mut seen = std::collections::HashSet::new();
    for line in lines {
        if !seen.insert(line.code.as_str()) {
            return Err(DirectoryError::Invalid {
                field: "code",
                reason: "twice",
            });
        }
        let id = ids
            .get(line.code.as_str())
            .map_or_else(|| DivisionId::new(clock.now(), entropy), |known| known.0);
        ids.insert(&line.code, (id, line.level));
    }
    let mut ordered: Vec<&Line> = lines.iter().collect();
    // A parent's row must be there before its child's.
    ordered.sort_by_key(|line| line.level);
    for chunk in ordered.chunks(ROWS_A_STATEMENT) {
        let rows = chunk
            .iter()
            .map(|line| row(line, &ids))
            .collect::<Result<Vec<_>>>()?;
        sql(UPSERT)
            .push_rows(rows)
            .push(ON_KNOWN)
            .execute(&mut *tx)
            .await?;
    }
    Ok(lines.len())
}

fn row(line: &Line, ids: &HashMap<&str, (DivisionId, i64)>) -> Result<[Value; 6]> {
    let parent = match &line.parent {
        None => None,
        Some(code) => match ids.get(code.as_str()) {
            Some((id, level)) if *level < line.level => Some(*id),
            Some(_) => {
                return Err(DirectoryError::Invalid {
                    field: "parent",
                    reason: "not-above",
                });
            }
            None => {
                return Err(DirectoryError::Invalid {
                    field: "parent",
                    reason: "unknown",
                });
            }
        },
    };
    let (id, _) = ids[line.code.as_str()];
    let name_en = line.name_en.clone();
    Ok([
        id.into(),
        (&line.code).into(),
        (&line.name).into(),
        name_en.into(),
        line.level.into(),
        parent.into(),
    ])
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
    let rows = sql(COLUMNS_ALL)
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
