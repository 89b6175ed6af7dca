//! SQL of the domain, one named const a statement, portable to both databases.

mod alike;
mod consultations;
mod list;
mod opinions;
mod tallies;
mod visits;

pub use alike::{
    Alike, AlikeOpinion, Gathering, alike, alike_of, alike_opinions, alike_to, gathering,
};
pub(crate) use alike::{
    Members, Spoken, begin_gathering, count_waiting, forget_former, keep_alike, show_gathering,
    spoken, waiting_alike,
};
pub use consultations::{Consultation, Scope, consultation, consultations};
pub(crate) use consultations::{insert_consultation, not_long_over, save_consultation};
pub use list::{Filter, Listed, WINDOW, led_to, opinions};
pub use opinions::{Opinion, by_ids as opinions_of, opinion};
pub(crate) use opinions::{
    OpinionKeys, erase_words, insert_opinions, key_is_used, marked, opinion_by_code, save_opinion,
    to_write,
};
pub(crate) use tallies::{Tally, tallies, tally};
pub(crate) use visits::{NewVisit, count_visit, insert_visit, unit, visit_by_key};
pub use visits::{
    Visit, Visited, Visits, visit, visited_unit, visited_units, visiting_deputies, visiting_deputy,
    visits,
};

use ::store::{Query, Result, Statement, StoreError, Tx};

/// Every statement with its name, for the test that has both databases read them.
#[must_use]
pub fn statements() -> Vec<Statement> {
    [
        alike::STATEMENTS,
        consultations::STATEMENTS,
        opinions::STATEMENTS,
        tallies::STATEMENTS,
        visits::STATEMENTS,
    ]
    .concat()
}

fn word<W: procedure::Word>(column: &str, word: &str) -> Result<W> {
    W::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("{column} is {word}")))
}

fn day(column: &str, text: Option<String>) -> Result<Option<jiff::civil::Date>> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| StoreError::Inconsistent(format!("{column} is no date")))
}

fn steps(column: &str, number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| StoreError::Inconsistent(format!("{column} is {number}")))
}

async fn changed_one(query: Query, tx: &mut Tx) -> Result<()> {
    if query.execute(tx).await? == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

#[cfg(test)]
mod tests {
    use ::store::{Engine, Tx, Value, sql, testing::begin};
    use uuid::Uuid;

    use super::{alike as a, consultations as c, opinions as o, visits as v};

    /// The lists that are not narrowed, and what is looked up in the lane.
    fn lists() -> Vec<(&'static str, Vec<Value>)> {
        let [id, to] = [Uuid::nil(), Uuid::max()].map(Value::from);
        let (day, number) = (Value::from("2026-07-01"), Value::from(31i64));
        let hash = Value::from([0u8; 32]);
        let one = [&id, &id, &to, &id, &number].map(Clone::clone);
        vec![
            (
                c::OF_CONGRESS,
                vec![id.clone(), to.clone(), id.clone(), number.clone()],
            ),
            (
                c::PUBLISHED,
                vec![id.clone(), to.clone(), id.clone(), number.clone()],
            ),
            (c::NOT_LONG_OVER, vec![id.clone(), day]),
            (
                v::OF_CONSULTATION,
                vec![id.clone(), to.clone(), id.clone(), number.clone()],
            ),
            (
                a::SAID,
                vec![
                    id.clone(),
                    Value::from("art_3"),
                    id.clone(),
                    to.clone(),
                    id.clone(),
                    number.clone(),
                ],
            ),
            (
                a::GROUPS,
                vec![
                    id.clone(),
                    number.clone(),
                    number.clone(),
                    to.clone(),
                    number.clone(),
                ],
            ),
            (
                a::MEMBERS,
                vec![
                    id.clone(),
                    number.clone(),
                    id.clone(),
                    id.clone(),
                    to.clone(),
                    number.clone(),
                ],
            ),
            (v::BY_ONE, one.to_vec()),
            (v::TO_ONE, one.to_vec()),
            (v::DEPUTIES, vec![id.clone(), id.clone(), number.clone()]),
            (v::UNITS, vec![id.clone(), id.clone(), number.clone()]),
            (o::TO_WRITE, vec![id.clone(), id, to, number]),
            (o::BY_CODE, vec![hash.clone()]),
            (o::BY_KEY, vec![hash]),
        ]
    }

    async fn plan(tx: &mut Tx, engine: Engine, text: &'static str, values: Vec<Value>) -> String {
        let explain = match engine {
            Engine::Sqlite => "EXPLAIN QUERY PLAN ",
            Engine::Postgres => "EXPLAIN ",
        };
        let mut query = sql(explain).push(text);
        for value in values {
            query = query.bind(value);
        }
        match engine {
            Engine::Sqlite => {
                let steps: Vec<(i64, i64, i64, String)> = query.all(tx).await.unwrap();
                steps.into_iter().map(|step| step.3 + "\n").collect()
            }
            Engine::Postgres => {
                let lines: Vec<(String,)> = query.all(tx).await.unwrap();
                lines.into_iter().map(|line| line.0 + "\n").collect()
            }
        }
    }

    ::store::on_both! {
        [crate::MIGRATIONS, None]

        async fn every_list_has_an_index_that_gives_its_order(test: TestDb) {
            let mut tx = begin(&test.db).await;
            if test.db.kind() == Engine::Postgres {
                // Empty tables are read whole, unless there is another way.
                for off in ["SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off", "SET LOCAL enable_bitmapscan = off"] {
                    sql(off).execute(&mut tx).await.unwrap();
                }
            }
            for (text, values) in lists() {
                let plan = plan(&mut tx, test.db.kind(), text, values).await;
                for bad in ["SCAN ", "Seq Scan", "TEMP B-TREE", "Sort"] {
                    assert!(!plan.contains(bad), "{bad}: {text}\n{plan}");
                }
            }
            tx.roll_back().await;
        }
    }
}
