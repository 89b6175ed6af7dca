//! What a form has made, kept by the nonce it was handed out with: a double click, or sending it
//! again because the answer got lost, makes nothing more.

use kernel::Timestamp;
use store::{Tx, sql};
use uuid::Uuid;

use crate::{Gate, Result};

store::statements! {
    MADE = "SELECT made FROM form_result WHERE nonce = $1";
    KEEP = "INSERT INTO form_result (nonce, made, at) VALUES ($1, $2, $3)";
    PURGE = "DELETE FROM form_result WHERE at < $1";
}

/// Seconds after which a form is too old to be sent anyway.
const KEPT_SECONDS: i64 = 24 * 3_600;

/// What the form with this nonce has made before.
pub(crate) async fn made(tx: &mut Tx, nonce: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = sql(MADE).bind(nonce).optional(tx).await?;
    Ok(row.map(|(made,)| made))
}

/// Keeps what it has made.
pub(crate) async fn keep(gate: &Gate, tx: &mut Tx, nonce: Uuid, made: Uuid) -> Result<()> {
    let query = sql(KEEP).bind(nonce).bind(made).bind(gate.clock.now());
    query.execute(tx).await?;
    Ok(())
}

/// Forgets forms that are too old to be sent.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(sql(PURGE)
        .bind(now.plus_seconds(-KEPT_SECONDS))
        .execute(tx)
        .await?)
}
