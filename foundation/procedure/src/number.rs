//! The number of a matter (编号): its kind, the year, and a running number in its congress.

use kernel::CongressId;
use store::{Result, StoreError, Tx, sql};

use crate::statements as q;

/// A matter's number within its kind and congress. Numbers of a year begin at 1 and leave no gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    /// The year in which the matter was opened, where the congress sits.
    pub year: i16,
    /// The running number, from 1.
    pub n: i64,
}

impl Number {
    /// The number as documents write it, such as 意见〔2026〕12号: six-cornered brackets, no leading
    /// zeros, no 第 (GB/T 9704—2012, 7.2.5). `noun` is the kind of matter in Chinese.
    #[must_use]
    pub fn written(self, noun: &str) -> String {
        format!("{noun}〔{}〕{}号", self.year, self.n)
    }

    /// From two columns.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a year that is none.
    pub fn of(year: i64, n: i64) -> Result<Self> {
        let year = i16::try_from(year)
            .map_err(|_| StoreError::Inconsistent(format!("a matter of the year {year}")))?;
        Ok(Self { year, n })
    }
}

/// Gives the next `count` numbers; the first of them. Until the transaction ends, nobody else gets
/// one of this kind and year.
pub(crate) async fn next(
    tx: &mut Tx,
    congress: CongressId,
    kind: &'static str,
    year: i16,
    count: i64,
) -> Result<Number> {
    let (last,): (i64,) = sql(q::NEXT_NUMBERS)
        .bind(congress)
        .bind(kind)
        .bind(i32::from(year))
        .bind(count)
        .one(tx)
        .await?;
    let n = last - count + 1;
    Ok(Number { year, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_documents_write_it() {
        let number = Number { year: 2026, n: 12 };
        assert_eq!(number.written("意见"), "意见〔2026〕12号");
        assert_eq!(
            Number::of(2027, 240_000).unwrap().written("征求意见"),
            "征求意见〔2027〕240000号"
        );
        assert!(Number::of(40_000, 1).is_err());
    }
}
