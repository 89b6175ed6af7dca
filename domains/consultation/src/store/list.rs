//! Lists of opinions that stay as quick on their last page as on their first.
//!
//! A list is walked in the order of one index. All columns of that index stand in the comparison and in
//! the order of the statement, so that no other index can give it; and the store tells PostgreSQL not to
//! sort what comes half in order. What no index narrows is looked for among the next [`WINDOW`] entries
//! only; then the page ends, however little was found, and the next one goes on from there.

use ::store::{Db, Query, Result, Value, sql};
use jiff::civil::Date;
use kernel::{ConsultationId, LinkId, OpinionId, Timestamp, VisitId, time::china};
use procedure::{LinkKind, Word};
use uuid::Uuid;

use super::opinions::{Opinion, SELECT, by_ids, read};
use crate::model::{OpinionState, Outcome, Source, Stance, says};

/// Entries of an index that are looked through for one page.
pub const WINDOW: u32 = 2_000;

/// What a list of opinions is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// On this provision; `Some("")` for those on the whole draft.
    pub provision: Option<String>,
    /// In this state.
    pub state: Option<OpinionState>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// With this stance.
    pub stance: Option<Stance>,
    /// That came this way.
    pub source: Option<Source>,
    /// Heard at this visit.
    pub visit: Option<VisitId>,
    /// Answered ones only: decided, whether or not a version shows it yet.
    pub answered: bool,
    /// Adopted ones only that no version shows yet.
    pub to_write: bool,
    /// Hidden ones only.
    pub hidden: bool,
    /// That came on this day in China.
    pub day: Option<Date>,
}

impl Filter {
    /// The ids that opinions of its day may have: an id begins with the time of its making.
    fn span(&self) -> (Uuid, Uuid) {
        let Some(day) = self.day else {
            return (Uuid::nil(), Uuid::max());
        };
        let begin = |day| {
            let millis = Timestamp::start_of(day, &china()).unix_millis();
            Uuid::from_u128(u128::from(millis) << 80)
        };
        let end = day.tomorrow().map_or(Uuid::max(), begin);
        (begin(day), end)
    }
}

impl Filter {
    /// Whether nothing can fit it, whatever there is.
    #[must_use]
    pub fn contradicts_itself(&self) -> bool {
        let answered = self.answered || self.to_write || self.outcome.is_some();
        let state = self.state.is_some_and(|state| {
            let has_answer = matches!(state, OpinionState::Decided | OpinionState::Written);
            answered && !has_answer || self.to_write && state != OpinionState::Decided
        });
        let outcome = self.to_write && self.outcome.is_some_and(|o| !o.changes_the_draft());
        let source = self.visit.is_some() && self.source.is_some_and(|s| s != Source::Visit);
        state || outcome || source
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T, I> {
    /// The rows, in their order.
    pub rows: Vec<T>,
    /// After which the next page begins, when there may be one.
    pub next: Option<I>,
}

impl<T, I> Listed<T, I> {
    /// Cuts `most + 1` fetched rows to a page.
    pub(super) fn cut(mut rows: Vec<T>, most: usize, id: impl Fn(&T) -> I) -> Self {
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| more).map(id);
        Self { rows, next }
    }
}

/// At most `most` opinions in the order they came, after `after`. A page may be shorter than that, even
/// empty, and the list go on nevertheless: `next` says so.
///
/// # Errors
/// The store's.
pub async fn opinions(
    db: &Db,
    consultation: ConsultationId,
    filter: &Filter,
    after: Option<OpinionId>,
    most: usize,
) -> Result<Listed<Opinion, OpinionId>> {
    if filter.contradicts_itself() {
        let (rows, next) = (Vec::new(), None);
        return Ok(Listed { rows, next });
    }
    let walk = Walk::through(consultation, filter);
    let (first, last) = filter.span();
    let from = after.map_or(first, |after| first.max(after.into()));
    let end: Option<(OpinionId,)> = match walk.rest.is_empty() {
        true => None,
        false => {
            walk.window(sql("SELECT id FROM opinion"), from, last)
                .optional(db)
                .await?
        }
    };
    let end = end.map(|(id,)| id);
    let to = end.map_or(last, Uuid::from);
    let fetched = u32::try_from(most + 1).unwrap_or(u32::MAX);
    let rows = read(walk.page(sql(SELECT), from, to, fetched).all(db).await?)?;
    let mut page = Listed::cut(rows, most, |opinion| opinion.id);
    page.next = page.next.or(end);
    Ok(page)
}

/// At most `most` opinions that led to a place of a version, in the order in which they were written
/// there, after `after`.
///
/// # Errors
/// The store's.
pub async fn led_to(
    db: &Db,
    consultation: ConsultationId,
    place: &says::Write,
    after: Option<LinkId>,
    most: usize,
) -> Result<Listed<Opinion, LinkId>> {
    let fetched = u32::try_from(most + 1).unwrap_or(u32::MAX);
    let (to, anchor) = (consultation.into(), place.anchor());
    let links = procedure::links_to(db, to, LinkKind::LedTo, &anchor, after, fetched).await?;
    let Listed { rows, next } = Listed::cut(links, most, |link| link.id);
    let ids: Vec<OpinionId> = rows
        .iter()
        .map(|link| Uuid::from(link.from).into())
        .collect();
    let rows = by_ids(db, &ids).await?;
    Ok(Listed { rows, next })
}

/// A way through the opinions in the order of one index.
struct Walk {
    /// The columns of the index before the id, and what they must be.
    columns: &'static str,
    values: Vec<Value>,
    /// What the index holds only, in its own words.
    holds: &'static str,
    /// What else is asked: conditions, with a value where they end in one.
    rest: Vec<(&'static str, Option<Value>)>,
}

impl Walk {
    fn through(consultation: ConsultationId, filter: &Filter) -> Self {
        let mut left = filter.clone();
        let mut walk = Self::narrowest(consultation, &mut left);
        let word = |column: &'static str, word: Option<&'static str>| {
            word.map(|word| (column, Some(Value::from(word))))
        };
        let rest = [
            left.provision.map(|id| ("provision = ", Some(id.into()))),
            word("state = ", left.state.map(Word::word)),
            word("outcome = ", left.outcome.map(Word::word)),
            word("stance = ", left.stance.map(Word::word)),
            word("source = ", left.source.map(Word::word)),
            left.answered.then_some(("outcome IS NOT NULL", None)),
            left.to_write.then_some((TO_WRITE, None)),
            left.hidden.then_some(("hidden", None)),
        ];
        walk.rest.extend(rest.into_iter().flatten());
        walk
    }

    /// The index that narrows most; what it serves is taken out of `left`.
    fn narrowest(consultation: ConsultationId, left: &mut Filter) -> Self {
        let of = |columns, holds, more: Vec<Value>| Self {
            columns,
            values: [vec![consultation.into()], more].concat(),
            holds,
            rest: Vec::new(),
        };
        if let Some(visit) = left.visit.take() {
            let consultation = ("consultation_id = ", Some(consultation.into()));
            return Self {
                columns: "visit_id",
                values: vec![Uuid::from(visit).into()],
                holds: "visit_id IS NOT NULL",
                rest: vec![consultation],
            };
        }
        if std::mem::take(&mut left.to_write) {
            left.answered = false;
            return of("consultation_id", TO_WRITE, vec![]);
        }
        if std::mem::take(&mut left.hidden) {
            return of("consultation_id", "hidden", vec![]);
        }
        if let Some(outcome) = left.outcome.take() {
            left.answered = false;
            let outcome = outcome.word().into();
            return match left.provision.take() {
                Some(place) => of(
                    "consultation_id, outcome, provision",
                    "outcome IS NOT NULL",
                    vec![outcome, place.into()],
                ),
                None => of(
                    "consultation_id, outcome",
                    "outcome IS NOT NULL",
                    vec![outcome],
                ),
            };
        }
        if std::mem::take(&mut left.answered) {
            return of("consultation_id", "outcome IS NOT NULL", vec![]);
        }
        match (left.state.take(), left.provision.take()) {
            (Some(state), Some(place)) => of(
                "consultation_id, state, provision",
                "",
                vec![state.word().into(), place.into()],
            ),
            (Some(state), None) => of("consultation_id, state", "", vec![state.word().into()]),
            (None, Some(place)) => of("consultation_id, provision", "", vec![place.into()]),
            (None, None) => match (left.stance.take(), left.source.take()) {
                (Some(stance), source) => {
                    left.source = source;
                    of("consultation_id, stance", "", vec![stance.word().into()])
                }
                (None, Some(source)) => {
                    of("consultation_id, source", "", vec![source.word().into()])
                }
                (None, None) => of("consultation_id", "", vec![]),
            },
        }
    }

    /// The end of the window that begins after `from`: the statement finds nothing when the index ends
    /// before it.
    fn window(&self, start: Query, from: Uuid, last: Uuid) -> Query {
        let within = self.between(start, from, last);
        self.ordered(within)
            .push(" LIMIT 1 OFFSET ")
            .push_bind(WINDOW - 1)
    }

    /// The rows after `from` up to `to`.
    fn page(&self, start: Query, from: Uuid, to: Uuid, most: u32) -> Query {
        let mut within = self.between(start, from, to);
        for (condition, value) in &self.rest {
            // In this form no index serves it, and PostgreSQL does not take it for rare.
            within = within.push(" AND CASE WHEN ").push(condition);
            if let Some(value) = value {
                within = within.push_bind(value.clone());
            }
            within = within.push(" THEN TRUE ELSE FALSE END");
        }
        self.ordered(within).push(" LIMIT ").push_bind(most)
    }

    fn between(&self, start: Query, from: Uuid, to: Uuid) -> Query {
        let query = self.key(start.push(" WHERE ("), " > (", from);
        let query = self.key(query.push(" AND ("), " <= (", to);
        match self.holds {
            "" => query,
            holds => query.push(" AND ").push(holds),
        }
    }

    fn ordered(&self, query: Query) -> Query {
        query.push(" ORDER BY ").push(self.columns).push(", id")
    }

    fn key(&self, query: Query, compares: &'static str, id: Uuid) -> Query {
        let mut query = query.push(self.columns).push(", id)").push(compares);
        for value in &self.values {
            query = query.push_bind(value.clone()).push(", ");
        }
        query.push_bind(id).push(")")
    }
}

const TO_WRITE: &str = "state = 'decided' AND outcome IN ('adopted', 'partly_adopted')";

#[cfg(test)]
mod tests {
    use super::*;
    use ::store::{
        Engine, Tx,
        testing::{TestDb, begin},
    };
    use jiff::civil::date;
    use kernel::SeededEntropy;

    /// Opinions of each of two consultations: more than a window has entries.
    const MANY: u32 = 3_000;
    /// So many that a database would not read them all without need.
    const PLENTY: u32 = 12_000;
    /// Rows that one statement inserts.
    const ROWS: u32 = 60;

    const INSERT: &str =
        "INSERT INTO opinion (id, consultation_id, year, number, version_id, provision, stance, source, body,
        visit_id, code_hash, state, steps, hidden, outcome, received_at) VALUES ";

    fn id(n: u32) -> Uuid {
        Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
    }

    /// The `n`th opinion: of each kind there are many, and no two kinds go together.
    fn row(n: u32) -> [Value; 16] {
        let chance = (n / 2).wrapping_mul(2_654_435_769);
        let bit = |place: u32| (chance >> (31 - place)) & 1 == 1;
        let places = ["", "art_1", "art_2", "art_3"];
        let outcome = bit(0).then(|| if bit(1) { "adopted" } else { "referred" });
        [
            id(n).into(),
            Uuid::from_u128(u128::from(n % 2) + 1).into(),
            2026i64.into(),
            n.into(),
            Uuid::nil().into(),
            places[(chance >> 24 & 3) as usize].into(),
            if bit(2) { "other" } else { "amend" }.into(),
            if bit(3) { "visit" } else { "web" }.into(),
            "上夜班回来没地方扔垃圾，希望晚上留一个投放点，最好靠近小区东门。".into(),
            bit(3).then(|| visit_of(n)).into(),
            id(n).as_bytes().to_vec().into(),
            if bit(0) { "decided" } else { "received" }.into(),
            1i64.into(),
            bit(4).into(),
            outcome.map(str::to_owned).into(),
            0i64.into(),
        ]
    }

    /// The visit at which the `n`th opinion was heard: some dozens at each.
    fn visit_of(n: u32) -> Uuid {
        Uuid::from_u128(u128::from(n / 100) + 1)
    }

    async fn fill(test: &TestDb, many: u32) {
        let mut tx = begin(&test.db).await;
        parents(&mut tx, many).await;
        for part in 0..2 * many / ROWS {
            let rows = (part * ROWS..(part + 1) * ROWS).map(row);
            sql(INSERT).push_rows(rows).execute(&mut tx).await.unwrap();
        }
        if test.db.kind() == Engine::Postgres {
            sql("ANALYZE").execute(&mut tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What the opinions refer to.
    async fn parents(tx: &mut Tx, many: u32) {
        let consultation = "INSERT INTO consultation
            (id, congress_id, year, number, text_id, version_id, state, steps, title, lead, made_at)
            VALUES ($1, $1, 2026, 1, $1, $1, 'open', 1, '', '', 0)";
        for n in 1..=2 {
            let insert = sql(consultation).bind(Uuid::from_u128(n));
            insert.execute(&mut *tx).await.unwrap();
        }
        let unit = "INSERT INTO unit (id, congress_id, name, name_key) VALUES ($1, $1, '', '')";
        sql(unit).bind(id(0)).execute(&mut *tx).await.unwrap();
        let visit = "INSERT INTO visit (id, consultation_id, deputy_id, unit_id, heads, visited_on, key_hash,
            content_hash, recorded_at) VALUES ($1, $2, $1, $3, 1, '', $4, $4, 0)";
        for n in (0..2 * many).step_by(100) {
            let key = visit_of(n);
            let insert = sql(visit).bind(key).bind(Uuid::from_u128(1)).bind(id(0));
            let insert = insert.bind(key.as_bytes().to_vec());
            insert.execute(&mut *tx).await.unwrap();
        }
    }

    /// Every combination of what a list can be narrowed to that does not contradict itself.
    fn filters() -> Vec<Filter> {
        let mut all = vec![Filter::default()];
        let mut also = |change: &dyn Fn(&mut Filter)| {
            let changed = all.clone().into_iter().map(|mut filter| {
                change(&mut filter);
                filter
            });
            all.extend(changed.collect::<Vec<_>>());
        };
        also(&|filter| filter.provision = Some("art_3".into()));
        also(&|filter| filter.state = Some(OpinionState::Received));
        also(&|filter| filter.outcome = Some(Outcome::Adopted));
        also(&|filter| filter.stance = Some(Stance::Other));
        also(&|filter| filter.source = Some(Source::Visit));
        also(&|filter| filter.visit = Some(Uuid::from_u128(3).into()));
        also(&|filter| filter.answered = true);
        also(&|filter| filter.to_write = true);
        also(&|filter| filter.hidden = true);
        also(&|filter| {
            if filter.state.is_some() {
                filter.state = Some(OpinionState::Decided);
            }
        });
        all.retain(|filter| !filter.contradicts_itself());
        all.dedup();
        all
    }

    impl Filter {
        /// How many things it asks for.
        fn conditions(&self) -> usize {
            let asks = [
                self.provision.is_some(),
                self.state.is_some(),
                self.outcome.is_some(),
                self.stance.is_some(),
                self.source.is_some(),
                self.visit.is_some(),
                self.answered,
                self.to_write,
                self.hidden,
            ];
            asks.iter().filter(|asked| **asked).count()
        }
    }

    #[test]
    fn a_day_is_from_midnight_to_midnight_in_china() {
        let filter = Filter {
            day: Some(date(2026, 3, 5)),
            ..Filter::default()
        };
        let (first, last) = filter.span();
        let made = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            let at = Timestamp::from_micros(at.as_microsecond());
            Uuid::from(OpinionId::new(at, &SeededEntropy::new(7)))
        };
        let within = |id: Uuid| first < id && id <= last;
        assert!(within(made("2026-03-05T00:00:00+08")));
        assert!(within(made("2026-03-05T23:59:59.999+08")));
        assert!(!within(made("2026-03-04T23:59:59.999+08")));
        assert!(!within(made("2026-03-06T00:00:00+08")));
    }

    /// What the database would do.
    async fn plan(test: &TestDb, query: impl Fn(Query) -> Query, of: &'static str) -> String {
        match test.db.kind() {
            Engine::Sqlite => {
                let query = query(sql("EXPLAIN QUERY PLAN ").push(of));
                let steps: Vec<(i64, i64, i64, String)> = query.all(&test.db).await.unwrap();
                steps.into_iter().map(|step| step.3 + "\n").collect()
            }
            Engine::Postgres => {
                let query = query(sql("EXPLAIN ").push(of));
                let lines: Vec<(String,)> = query.all(&test.db).await.unwrap();
                lines.into_iter().map(|line| line.0 + "\n").collect()
            }
        }
    }

    /// One index gives the entries, and nothing else is read.
    fn assert_one_index(plan: &str, filter: &Filter) {
        for bad in ["SCAN opinion\n", "Seq Scan", "pkey", "autoindex"] {
            assert!(!plan.contains(bad), "{bad}: {filter:?}\n{plan}");
        }
        assert_eq!(plan.matches("opinion_").count(), 1, "{filter:?}\n{plan}");
    }

    /// One index gives the rows in their order: nothing else is read, nothing is sorted.
    fn assert_walks(plan: &str, filter: &Filter) {
        assert_one_index(plan, filter);
        for bad in ["TEMP B-TREE", "Sort", "Bitmap"] {
            assert!(!plan.contains(bad), "{bad}: {filter:?}\n{plan}");
        }
    }

    /// The same list by looking at every row.
    fn fits(filter: &Filter, opinion: &Opinion) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, had: &T) -> bool {
            wanted.as_ref().is_none_or(|wanted| wanted == had)
        }
        let place = opinion.provision.clone().unwrap_or_default();
        let adopted = opinion.outcome.is_some_and(Outcome::changes_the_draft);
        is(&filter.provision, &place)
            && is(&filter.state, &opinion.state)
            && (filter.outcome.is_none() || filter.outcome == opinion.outcome)
            && is(&filter.stance, &opinion.stance)
            && is(&filter.source, &opinion.source)
            && (filter.visit.is_none() || filter.visit == opinion.visit)
            && (!filter.answered || opinion.outcome.is_some())
            && (!filter.to_write || opinion.state == OpinionState::Decided && adopted)
            && (!filter.hidden || opinion.hidden.is_some())
    }

    async fn walked(db: &Db, filter: &Filter) -> Vec<Opinion> {
        let (mut all, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = opinions(db, Uuid::from_u128(1).into(), filter, after, 500)
                .await
                .unwrap();
            all.extend(page.rows);
            pages += 1;
            assert!(
                pages <= MANY / 500 + MANY / WINDOW + 2,
                "{filter:?} goes on and on"
            );
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }

    ::store::on_both! {
        [&[crate::MIGRATIONS].concat(), None]

        async fn every_list_is_walked_in_the_order_of_one_index(test: TestDb) {
            fill(&test, PLENTY).await;
            let all = filters();
            assert!(all.len() > 300, "{}", all.len());
            for filter in &all {
                let walk = Walk::through(Uuid::from_u128(1).into(), filter);
                let from = Uuid::nil();
                let page = |start| walk.page(start, from, Uuid::max(), 31);
                let page = plan(&test, page, SELECT).await;
                // Of what no index narrows, PostgreSQL may sort the few that it expects in a window.
                match walk.rest.is_empty() {
                    true => assert_walks(&page, filter),
                    false => assert_one_index(&page, filter),
                }
                let window = |start| walk.window(start, from, Uuid::max());
                assert_one_index(&plan(&test, window, "SELECT id FROM opinion").await, filter);
            }
        }

        async fn every_list_holds_what_fits_once(test: TestDb) {
            fill(&test, MANY).await;
            let all = walked(&test.db, &Filter::default()).await;
            assert_eq!(all.len(), MANY as usize);
            let few = |filter: &Filter| filter.conditions() <= 3;
            for filter in filters().into_iter().filter(few) {
                let wanted: Vec<&Opinion> = all.iter().filter(|opinion| fits(&filter, opinion)).collect();
                let found = walked(&test.db, &filter).await;
                assert!(found.iter().eq(wanted), "{filter:?}");
            }
            let mut never = Filter { outcome: Some(Outcome::Adopted), ..Filter::default() };
            never.state = Some(OpinionState::Received);
            assert!(walked(&test.db, &never).await.is_empty());
        }
    }
}
