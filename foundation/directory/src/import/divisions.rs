//! Divisions: a row is a place in the tree.

use super::{ImportError, Upload, look_up};
use crate::{
    Gate,
    divisions::{self, Known, Ready},
};

/// Checks every row against the rules, the file itself and the database.
pub(super) async fn check(gate: &Gate, upload: &Upload<'_>) -> Result<Ready, ImportError> {
    let rows = divisions::rows(upload.table)?;
    let codes: std::collections::HashSet<&str> = rows.codes().collect();
    let keys = codes.into_iter().map(Into::into).collect();
    let known: Vec<Known> = look_up(&gate.db, divisions::AMONG, None, keys).await?;
    divisions::ready(gate, rows, known)
}
