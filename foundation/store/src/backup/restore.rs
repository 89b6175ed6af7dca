//! From the file into an empty database.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use kernel::Actor;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use zip::ZipArchive;

use super::{BackupError, FORMAT, MANIFEST, Manifest, Progress, TableNote, cells, entry_of, gone};
use crate::{
    Db, Engine, Migration, Query, Tx, Value, dialect,
    migrate::{CREATE, apply},
    schema::{self, Table},
    sql,
};

/// A manifest is never longer than this, in bytes.
const LONGEST_MANIFEST: u64 = 16 << 20;
/// Nor is a row.
const LONGEST_ROW: u64 = 256 << 20;
/// Rows are inserted together up to so many bytes and values. SQLite looks a parameter up among
/// all before it, so that a statement costs the square of their number.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_VALUES: usize = 1_000;

/// Reads a backup's manifest.
///
/// # Errors
/// [`BackupError::File`] or [`BackupError::Unreadable`].
pub async fn inspect(file: &Path) -> Result<Manifest, BackupError> {
    let file = file.to_owned();
    let read = move || {
        let mut zip = ZipArchive::new(BufReader::new(File::open(file)?))?;
        let mut text = String::new();
        zip.by_name(MANIFEST)?
            .take(LONGEST_MANIFEST)
            .read_to_string(&mut text)?;
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|error| BackupError::Unreadable(error.to_string()))?;
        match manifest.format {
            FORMAT => Ok(manifest),
            other => Err(BackupError::Unreadable(format!(
                "form {other}; this program reads form {FORMAT}"
            ))),
        }
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| gone())?
}

/// Restores `file` into the empty database `db`, whichever kind either is: all of it or nothing.
/// Only those of `migrations` are run that the backup has had; the program runs the rest when it
/// starts.
///
/// # Errors
/// See [`BackupError`]; the database is empty then, as before.
pub async fn restore(
    db: &Db,
    file: &Path,
    migrations: &[Migration],
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    let manifest = inspect(file).await?;
    let steps = steps_of(&manifest, migrations)?;
    let mut tx = db.begin(Actor::System).await?;
    if !schema::tables_of(tx.conn()).await?.is_empty() {
        return Err(BackupError::NotEmpty);
    }
    sql(CREATE).execute(&mut tx).await?;
    for step in steps {
        apply(&mut tx, step, manifest.made_at).await?;
    }
    let tables = schema::tables_of(tx.conn()).await?;
    same_tables(&tables, &manifest.tables)?;
    let waiting = let_references_wait(&mut tx, db.kind()).await?;
    for table in &tables {
        // What migrations put there is in the backup, as it was then.
        Query::trusted(format!("DELETE FROM {}", cells::quoted(&table.name)))
            .execute(&mut tx)
            .await?;
    }
    for (table, note) in tables.iter().zip(&manifest.tables) {
        load(&mut tx, file.to_owned(), table, note, progress).await?;
    }
    for (table, note) in tables.iter().zip(&manifest.tables) {
        let there = cells::each_row(tx.conn(), table, cells::Lines::new(None), &|_, _| ()).await?;
        if there != *note {
            return Err(BackupError::Damaged(format!(
                "{} reads back differently",
                table.name
            )));
        }
    }
    check_references(&mut tx, &waiting).await?;
    tx.commit().await?;
    Ok(manifest)
}

fn steps_of<'a>(
    manifest: &Manifest,
    migrations: &'a [Migration],
) -> Result<Vec<&'a Migration>, BackupError> {
    let known = |id: &&String| migrations.iter().any(|step| step.id == id.as_str());
    if let Some(unknown) = manifest.migrations.iter().find(|id| !known(id)) {
        return Err(BackupError::UnknownMigration(unknown.clone()));
    }
    Ok(migrations
        .iter()
        .filter(|step| manifest.migrations.iter().any(|id| id == step.id))
        .collect())
}

fn same_tables(tables: &[Table], notes: &[TableNote]) -> Result<(), BackupError> {
    let same = |(table, note): (&Table, &TableNote)| {
        table.name == note.name && cells::notes(table) == note.columns
    };
    if tables.len() == notes.len() && tables.iter().zip(notes).all(same) {
        return Ok(());
    }
    Err(BackupError::Damaged(
        "its tables are not those that its migrations make".into(),
    ))
}

/// Lets references be checked at the end, so that rows may come in any order; the statements that
/// put that back.
async fn let_references_wait(tx: &mut Tx, engine: Engine) -> Result<Vec<String>, BackupError> {
    if engine == Engine::Sqlite {
        tx.conn().run_script(dialect::DEFER_SQLITE).await?;
        return Ok(Vec::new());
    }
    let keys: Vec<(String, String)> = sql(dialect::FOREIGN_KEYS_POSTGRES).all(&mut *tx).await?;
    let mut back = Vec::new();
    for (name, table) in keys {
        let alter = format!(
            "ALTER TABLE {} ALTER CONSTRAINT {}",
            cells::quoted(&table),
            cells::quoted(&name)
        );
        tx.conn()
            .run_trusted(format!("{alter} DEFERRABLE INITIALLY DEFERRED"))
            .await?;
        back.push(format!("{alter} NOT DEFERRABLE"));
    }
    Ok(back)
}

/// On SQLite the commit itself checks.
async fn check_references(tx: &mut Tx, back: &[String]) -> Result<(), BackupError> {
    if !back.is_empty() {
        tx.conn()
            .run_script("SET CONSTRAINTS ALL IMMEDIATE")
            .await?;
    }
    for statement in back {
        tx.conn().run_trusted(statement.clone()).await?;
    }
    Ok(())
}

/// Loads one table; its digest must be the manifest's.
async fn load(
    tx: &mut Tx,
    file: PathBuf,
    table: &Table,
    note: &TableNote,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let (batches, mut ready) = mpsc::channel(2);
    let read = note.clone();
    let reader = tokio::task::spawn_blocking(move || read_table(&file, &read, &batches));
    let mut rows = 0;
    while let Some(batch) = ready.recv().await {
        rows += batch.len() as u64;
        insert(tx, table, batch).await?;
        progress(&table.name, rows);
    }
    let sha256 = reader.await.map_err(|_| gone())??;
    if rows != note.rows || sha256 != note.sha256 {
        return Err(BackupError::Damaged(format!(
            "{} is not what the manifest says",
            table.name
        )));
    }
    Ok(())
}

async fn insert(tx: &mut Tx, table: &Table, batch: Vec<Vec<Value>>) -> Result<(), BackupError> {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| cells::quoted(&column.name))
        .collect();
    let into = format!(
        "INSERT INTO {} ({}) VALUES ",
        cells::quoted(&table.name),
        columns.join(", ")
    );
    Query::trusted(into).push_all(batch).execute(tx).await?;
    Ok(())
}

/// Sends a table's rows in batches; the digest of its lines.
fn read_table(
    file: &Path,
    note: &TableNote,
    to: &mpsc::Sender<Vec<Vec<Value>>>,
) -> Result<String, BackupError> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(file)?))?;
    let mut lines = BufReader::new(zip.by_name(&entry_of(&note.name))?);
    let (mut digest, mut batch, mut bytes, mut line) =
        (Sha256::new(), Vec::new(), 0, String::new());
    let most_rows = (BATCH_VALUES / note.columns.len().max(1)).max(1);
    while lines.by_ref().take(LONGEST_ROW).read_line(&mut line)? > 0 {
        let row = cells::from_line(&line, &note.columns).ok_or_else(|| {
            BackupError::Damaged(format!("a line of {} is no row of it", note.name))
        })?;
        digest.update(&line);
        bytes += line.len();
        line.clear();
        batch.push(row);
        if batch.len() >= most_rows || bytes >= BATCH_BYTES {
            to.blocking_send(std::mem::take(&mut batch))
                .map_err(|_| gone())?;
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        to.blocking_send(batch).map_err(|_| gone())?;
    }
    Ok(cells::hex(&digest.finalize()))
}
