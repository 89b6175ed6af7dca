//! Counters.

use ::store::{Result, Target, Tx, sql};
use kernel::ConsultationId;

::store::statements! {
    /// Rows are pushed, then [`ADD`].
    TALLY = "INSERT INTO tally (consultation_id, provision, key, n) VALUES ";
    /// All of a consultation.
    ALL = "SELECT provision, key, n FROM tally WHERE consultation_id = $1";
}

const ADD: &str = "
    ON CONFLICT (consultation_id, provision, key) DO UPDATE SET n = tally.n + excluded.n";

/// One change of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub provision: String,
    pub key: String,
    pub by: i64,
}

pub(crate) async fn tally(
    tx: &mut Tx,
    consultation: ConsultationId,
    changes: Vec<Tally>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows = changes.into_iter().map(|change| {
        [
            consultation.into(),
            change.provision.into(),
            change.key.into(),
            change.by.into(),
        ]
    });
    sql(TALLY)
        .push_rows(rows)
        .push(ADD)
        .execute(tx)
        .await
        .map(drop)
}

/// All counters of a consultation: provision (`""` for the whole), key, number.
pub(crate) async fn tallies(
    on: impl Target,
    consultation: ConsultationId,
) -> Result<Vec<(String, String, i64)>> {
    sql(ALL).bind(consultation).all(on).await
}
