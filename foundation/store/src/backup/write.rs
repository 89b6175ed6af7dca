//! From the database into the file.

use std::{
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use kernel::Clock;
use tokio::sync::mpsc;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{BackupError, FORMAT, MANIFEST, Manifest, Progress, cells, entry_of, gone, partial};
use crate::{Conn, Db, StoreError, dialect, files, schema, sql};

/// The migrations the database has had.
const APPLIED: &str = "SELECT id FROM schema_migration ORDER BY id";

/// What the file's thread is told.
pub(super) enum Order {
    /// A new entry begins.
    Entry(String),
    /// More of it.
    Piece(Vec<u8>),
    /// Nothing more comes: the file is whole.
    Finish,
}

/// Writes a backup to `file`, which appears only when it is whole and on the disk. Others may go
/// on writing to the database; the backup holds one moment.
///
/// # Errors
/// See [`BackupError`].
pub async fn write(
    db: &Db,
    file: &Path,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    let (orders, taken) = mpsc::channel(4);
    let target = file.to_owned();
    let writer = tokio::task::spawn_blocking(move || write_file(&target, taken));
    let mut conn = db.connect().await?;
    conn.run_script(dialect::begin_snapshot(db.kind())).await?;
    let made = read_all(&mut conn, &orders, clock, progress).await;
    let _ = conn.close().await;
    drop(orders);
    // The file's own trouble explains why nothing could be sent to it.
    writer.await.map_err(|_| gone())??;
    made
}

async fn read_all(
    conn: &mut Conn,
    orders: &mpsc::Sender<Order>,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    let send = async |order| orders.send(order).await.map_err(|_| gone());
    let migrations: Vec<(String,)> = sql(APPLIED).all(&mut *conn).await?;
    let mut tables = Vec::new();
    for table in schema::tables_of(conn).await? {
        send(Order::Entry(entry_of(&table.name))).await?;
        let lines = cells::Lines::new(Some(orders.clone()));
        tables.push(cells::each_row(conn, &table, lines, progress).await?);
    }
    let migrations = migrations.into_iter().map(|(id,)| id).collect();
    let manifest = Manifest {
        format: FORMAT,
        made_at: clock.now(),
        migrations,
        tables,
    };
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    send(Order::Entry(MANIFEST.into())).await?;
    send(Order::Piece(text)).await?;
    send(Order::Finish).await?;
    Ok(manifest)
}

fn write_file(file: &Path, mut orders: mpsc::Receiver<Order>) -> Result<(), BackupError> {
    let growing: PathBuf = partial(file);
    let written = write_entries(&growing, &mut orders);
    if let Ok(true) = written {
        files::rename_synced(&growing, file)?;
        return Ok(());
    }
    let _ = std::fs::remove_file(&growing);
    written.map(drop)
}

/// Whether it came to its end.
fn write_entries(growing: &Path, orders: &mut mpsc::Receiver<Order>) -> Result<bool, BackupError> {
    let mut zip = ZipWriter::new(BufWriter::new(
        files::private().create(true).truncate(true).open(growing)?,
    ));
    let how = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true);
    while let Some(order) = orders.blocking_recv() {
        match order {
            Order::Entry(name) => zip.start_file(name, how)?,
            Order::Piece(piece) => zip.write_all(&piece)?,
            Order::Finish => {
                let file = zip
                    .finish()?
                    .into_inner()
                    .map_err(std::io::IntoInnerError::into_error)?;
                file.sync_all()?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}
