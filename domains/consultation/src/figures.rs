//! The figures of a consultation. Each is computed from the counters and opens the list it counts.

use ::store::{Result, Target};
use jiff::{Span, civil::date};
use kernel::ConsultationId;

use crate::{
    model::{OpinionState, Outcome, Source, Stance, says},
    store::{self, Filter},
    tally::{self, Tallies},
};
use procedure::Word as _;

/// In what a figure counts. People and person-times are never mixed (人、人次).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 条
    Items,
    /// 人
    Persons,
    /// 人次
    PersonTimes,
    /// 个
    Units,
    /// 次
    Times,
    /// 千分之一 (shown as a percentage with one decimal)
    PerMille,
}

impl Unit {
    /// The word in the API and in translation keys.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Persons => "persons",
            Self::PersonTimes => "person_times",
            Self::Units => "units",
            Self::Times => "times",
            Self::PerMille => "per_mille",
        }
    }
}

/// The list that a figure counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Opinions so filtered.
    Opinions(Filter),
    /// The visits; a figure of person-times is the sum of the persons heard at them.
    Visits,
    /// The deputies who visited.
    Deputies,
    /// The units visited.
    Units,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its name in the API and in translation keys, such as `opinions` or `outcome_adopted`.
    pub key: String,
    /// The number.
    pub value: i64,
    /// In what it counts.
    pub unit: Unit,
    /// The list it opens.
    pub counted: Counted,
}

/// All figures of a consultation, in the order a report gives them.
#[must_use]
pub fn figures(tallies: &Tallies) -> Vec<Figure> {
    let mut all = vec![opinions(
        "opinions",
        tallies.all(tally::OPINIONS),
        Filter::default(),
    )];
    all.extend(visit_figures(tallies));
    all.extend(Source::ALL.iter().map(|source| {
        let filter = Filter {
            source: Some(*source),
            ..Filter::default()
        };
        opinions(
            &format!("source_{}", source.word()),
            tallies.from_source("", *source),
            filter,
        )
    }));
    all.extend(Stance::ALL.iter().map(|stance| {
        let filter = Filter {
            stance: Some(*stance),
            ..Filter::default()
        };
        opinions(
            &format!("stance_{}", stance.word()),
            tallies.with_stance("", *stance),
            filter,
        )
    }));
    all.extend(OpinionState::ALL.iter().map(|state| {
        let filter = Filter {
            state: Some(*state),
            ..Filter::default()
        };
        opinions(
            &format!("state_{}", state.word()),
            tallies.in_state("", *state),
            filter,
        )
    }));
    all.extend(Outcome::ALL.iter().map(|outcome| {
        let filter = Filter {
            outcome: Some(*outcome),
            ..Filter::default()
        };
        opinions(
            &format!("outcome_{}", outcome.word()),
            tallies.with_outcome("", *outcome),
            filter,
        )
    }));
    let hidden = Filter {
        hidden: true,
        ..Filter::default()
    };
    all.push(opinions("hidden", tallies.all(tally::HIDDEN), hidden));
    all.push(answered_share(tallies));
    all.extend(tallies.days().into_iter().map(|(day, n)| {
        let filter = Filter {
            day: Some(day),
            ..Filter::default()
        };
        opinions(&format!("{DAY}{day}"), n, filter)
    }));
    all
}

/// How the keys of the figures of single days begin.
pub const DAY: &str = "day_";

fn opinions(key: &str, value: i64, filter: Filter) -> Figure {
    Figure {
        key: key.to_owned(),
        value,
        unit: Unit::Items,
        counted: Counted::Opinions(filter),
    }
}

fn visit_figures(tallies: &Tallies) -> [Figure; 4] {
    let visits = |key: &str, unit, counted| Figure {
        key: key.to_owned(),
        value: tallies.all(key),
        unit,
        counted,
    };
    [
        visits(tally::HEADS, Unit::PersonTimes, Counted::Visits),
        visits(tally::DEPUTIES, Unit::Persons, Counted::Deputies),
        visits(tally::UNITS, Unit::Units, Counted::Units),
        visits(tally::VISITS, Unit::Times, Counted::Visits),
    ]
}

/// Answered of all that were not taken back, in thousandths, rounded down: 61.9 % never reads 62 %.
fn answered_share(tallies: &Tallies) -> Figure {
    let standing = tallies.all(tally::OPINIONS) - tallies.in_state("", OpinionState::Withdrawn);
    let value = if standing > 0 {
        tallies.answered("") * 1_000 / standing
    } else {
        0
    };
    Figure {
        key: "answered_share".to_owned(),
        value,
        unit: Unit::PerMille,
        counted: Counted::Opinions(Filter {
            answered: true,
            ..Filter::default()
        }),
    }
}

/// The counters of a consultation.
///
/// # Errors
/// The store's.
pub async fn tallies(on: impl Target, id: ConsultationId) -> Result<Tallies> {
    Ok(Tallies::new(store::tallies(on, id).await?))
}

::store::statements! {
    /// The opinions, by all that they are counted by.
    RECOUNT = "SELECT provision, stance, source, state, COALESCE(outcome, ''), hidden, COUNT(*)
        FROM opinion WHERE consultation_id = $1
        GROUP BY provision, stance, source, state, outcome, hidden";
    /// The visits.
    RECOUNT_VISITS = "SELECT COUNT(*), CAST(COALESCE(SUM(heads), 0) AS BIGINT), COUNT(DISTINCT deputy_id),
            COUNT(DISTINCT unit_id)
        FROM visit WHERE consultation_id = $1";
    /// The days in China on which they came, counted from 1970-01-01; a timestamp is microseconds.
    RECOUNT_DAYS = "SELECT (received_at + 28800000000) / 86400000000, COUNT(*) FROM opinion
        WHERE consultation_id = $1 GROUP BY 1";
    /// The places of versions that opinions led to.
    RECOUNT_LED_TO = "SELECT anchor, COUNT(*) FROM link WHERE to_matter = $1 AND kind = 'led_to' GROUP BY anchor";
}

/// Counters: provision, key, number.
pub type Numbers = Vec<(String, String, i64)>;
type Row = (String, String, String, String, String, bool, i64);
type Visits = (i64, i64, i64, i64);

/// Counts everything anew from the rows, for the check that the counters are right. Zero counters
/// are left out.
///
/// # Errors
/// The store's.
pub async fn recount(db: &::store::Db, id: ConsultationId) -> Result<Numbers> {
    let rows = ::store::sql(RECOUNT).bind(id).all(db).await?;
    let days = ::store::sql(RECOUNT_DAYS).bind(id).all(db).await?;
    let led_to = ::store::sql(RECOUNT_LED_TO).bind(id).all(db).await?;
    let visits = ::store::sql(RECOUNT_VISITS).bind(id).one(db).await?;
    Ok(summed(rows, days, led_to, visits))
}

/// The same inside a transaction, while nobody else writes.
pub(crate) async fn recount_in(tx: &mut ::store::Tx, id: ConsultationId) -> Result<Numbers> {
    let rows = ::store::sql(RECOUNT).bind(id).all(&mut *tx).await?;
    let days = ::store::sql(RECOUNT_DAYS).bind(id).all(&mut *tx).await?;
    let led_to = ::store::sql(RECOUNT_LED_TO).bind(id).all(&mut *tx).await?;
    let visits = ::store::sql(RECOUNT_VISITS).bind(id).one(tx).await?;
    Ok(summed(rows, days, led_to, visits))
}

fn summed(
    rows: Vec<Row>,
    days: Vec<(i64, i64)>,
    led_to: Vec<(String, i64)>,
    (visits, heads, deputies, units): Visits,
) -> Numbers {
    let mut sums = std::collections::BTreeMap::new();
    for (provision, stance, source, state, outcome, hidden, n) in rows {
        let keys = [
            Some(tally::OPINIONS.to_owned()),
            Some(format!("stance:{stance}")),
            Some(format!("source:{source}")),
            Some(format!("state:{state}")),
            (!outcome.is_empty()).then(|| format!("outcome:{outcome}")),
            hidden.then(|| tally::HIDDEN.to_owned()),
        ];
        let place = if provision.is_empty() {
            tally::WHOLE_DRAFT
        } else {
            &provision
        };
        for key in keys.into_iter().flatten() {
            for place in ["", place] {
                *sums.entry((place.to_owned(), key.clone())).or_insert(0) += n;
            }
        }
    }
    for (day, n) in days {
        let day = date(1970, 1, 1).saturating_add(Span::new().days(day));
        sums.insert((String::new(), tally::day_key(day)), n);
    }
    for (anchor, n) in led_to {
        let written = says::Write::at(&anchor);
        if let Some((version, place)) = written.and_then(|at| Some((at.version, at.provision?))) {
            sums.insert((place, tally::landed_key(version)), n);
        }
    }
    let counts = [
        (tally::VISITS, visits),
        (tally::HEADS, heads),
        (tally::DEPUTIES, deputies),
        (tally::UNITS, units),
    ];
    sums.extend(counts.map(|(key, n)| ((String::new(), key.to_owned()), n)));
    sums.into_iter()
        .filter(|(_, n)| *n != 0)
        .map(|((place, key), n)| (place, key, n))
        .collect()
}
