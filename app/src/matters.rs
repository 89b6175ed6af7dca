//! What other programs read of all domains alike: every move in the order of the log, and for staff
//! the deadlines ahead of them.

use axum::Json;
use jiff::{Span, civil::Date};
use kernel::Role;
use procedure::{DueMatter, DuePlace, Event, Standing};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use web::{Cursor, Message, Module, Page, Paged, Problem, Query, asked_size, limits};

use crate::modules;

/// How far ahead staff are reminded when they do not say.
const DAYS_AHEAD: i64 = 14;

/// The API of all matters.
#[must_use]
pub fn module() -> Module {
    Module {
        api: OpenApiRouter::new()
            .routes(routes!(events))
            .merge(web::behind_sign_in(
                OpenApiRouter::new().routes(routes!(clocks)),
            )),
        ..Module::new("matters")
    }
}

/// Where to go on in the feed.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// The index in the log of the first event wanted; 0 when absent.
    #[param(pattern = "^(0|[1-9][0-9]{0,15})$")]
    cursor: Option<String>,
    /// Events a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A move that a matter made; nothing of what was said with it, and nobody's name.
#[derive(Debug, serde::Serialize, ToSchema)]
struct EventShape {
    /// The index of its entry in the log, from 0.
    index: u64,
    matter: Uuid,
    /// The kind of matter, such as opinion.
    kind: String,
    congress: Uuid,
    /// Which step of the matter it is, from 1.
    step: u32,
    r#move: String,
    /// In what role it was made.
    role: String,
    /// The state after it.
    state: String,
    at: String,
}

/// A page of the feed.
#[derive(Debug, serde::Serialize, ToSchema)]
struct Events {
    items: Vec<EventShape>,
    /// Hand it in as `cursor` to go on; on the last page it is where the next event will stand.
    next_cursor: String,
}

impl From<Event> for EventShape {
    fn from(event: Event) -> Self {
        Self {
            index: event.index,
            matter: event.matter.into(),
            kind: event.kind,
            congress: event.congress.into(),
            step: event.step,
            r#move: event.made,
            role: event.role,
            state: event.state,
            at: event.at.rfc3339(),
        }
    }
}

/// Every move of every matter in the order of the transparency log, without gaps: what mirrors and
/// other programs follow.
#[utoipa::path(get, path = "/events", tag = "events", params(FeedQuery),
    responses((status = 200, body = Events)))]
async fn events(page: Page, Query(query): Query<FeedQuery>) -> Result<Json<Events>, Problem> {
    page.limit(&limits::API)?;
    let limit = asked_size(query.limit)? as u32;
    let from = match &query.cursor {
        Some(cursor) => index(cursor).ok_or_else(|| unknown("cursor", cursor))?,
        None => 0,
    };
    let events = procedure::feed(&page.app.db, from, limit).await?;
    let next = events.last().map_or(from, |last| last.index + 1);
    Ok(Json(Events {
        items: events.into_iter().map(EventShape::from).collect(),
        next_cursor: next.to_string(),
    }))
}

/// Reads an index as the description has it: digits, no leading zeros, at most sixteen.
fn index(text: &str) -> Option<u64> {
    let plain = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| plain && shortest)
}

fn unknown(name: &str, value: &str) -> Problem {
    Problem::bad_request(Message::new("problem-query").put("what", format!("{name}={value}")))
}

/// Until when deadlines are wanted, and where their list goes on.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ClocksQuery {
    /// The last day that is of interest, such as 2026-07-31; two weeks ahead when absent.
    #[param(format = Date)]
    until: Option<String>,
    /// Where the next page begins.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A deadline ahead, or one that was missed.
#[derive(Debug, serde::Serialize, ToSchema)]
struct ClockShape {
    /// Which clock, such as consultation_window.
    clock: String,
    matter: Uuid,
    /// The kind of matter.
    kind: String,
    /// The matter's number, such as 征求意见〔2026〕3号.
    number: String,
    /// The matter's state.
    state: String,
    started_at: String,
    /// The last day.
    due_on: String,
    /// The article of that day.
    basis: String,
    /// Days left; 0 on the last day, less than 0 after it.
    days_left: i32,
}

/// A page of deadlines, the most urgent first.
#[derive(Debug, serde::Serialize, ToSchema)]
struct Clocks {
    items: Vec<ClockShape>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The running statutory clocks of the congress: what staff have to do in time.
#[utoipa::path(get, path = "/clocks", tag = "staff", params(ClocksQuery),
    responses((status = 200, body = Clocks)))]
async fn clocks(page: Page, Query(query): Query<ClocksQuery>) -> Result<Json<Clocks>, Problem> {
    let congress = page.require(&[Role::Clerk, Role::Chair])?.congress;
    page.limit(&limits::API)?;
    let size = asked_size(query.limit)?;
    let today = page.now.date(&page.app.zone);
    let until = match &query.until {
        Some(text) => text.parse().map_err(|_| unknown("until", text))?,
        None => today.saturating_add(Span::new().days(DAYS_AHEAD)),
    };
    let after = query.cursor.as_deref().map(place).transpose()?;
    let db = &page.app.db;
    let due = procedure::due_in_congress(db, congress, until, after, size as u32 + 1).await?;
    let paged = Paged::cut(due, size, |due| cursor(due.clock.place()));
    Ok(Json(Clocks {
        next_cursor: paged.next_text(),
        items: paged
            .items
            .into_iter()
            .map(|due| shape(due, today))
            .collect(),
    }))
}

fn shape(due: DueMatter, today: Date) -> ClockShape {
    let mut procedures = modules::procedures();
    let kind = procedures.find(|procedure| procedure.kind() == due.kind);
    let number = kind.map_or_else(
        || due.number.written(&due.kind),
        |kind| kind.written(due.number),
    );
    let days_left = match due.clock.standing(today) {
        Standing::Left(days) => days,
        Standing::Over(days) => -days,
        Standing::Paused | Standing::Stopped => 0,
    };
    ClockShape {
        clock: due.clock.key,
        matter: due.clock.matter.into(),
        kind: due.kind,
        number,
        state: due.state,
        started_at: due.clock.started_at.rfc3339(),
        due_on: due.clock.due_on.to_string(),
        basis: due.clock.basis,
        days_left,
    }
}

/// The days that a cursor may name, counted from 1970-01-01: those of the years 1 to 9999.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// A place among deadlines as a cursor: its day counted from 1970-01-01.
fn cursor(place: DuePlace) -> Cursor {
    Cursor {
        at: i64::from((place.due_on - Date::constant(1970, 1, 1)).get_days()),
        id: place.id.into(),
    }
}

/// Reads it back; a cursor that no page gave begins at some place too.
fn place(text: &str) -> Result<DuePlace, Problem> {
    let Cursor { at, id } = Cursor::parse(text)?;
    let days = at.clamp(*DAYS.start(), *DAYS.end());
    Ok(DuePlace {
        due_on: Date::constant(1970, 1, 1).saturating_add(Span::new().days(days)),
        id: id.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::{CongressId, MatterId, SeededEntropy, TestClock, Timestamp};
    use procedure::{Carry, Clockwork, MerkleLedger, NewMatter, testing::actor};
    use serde_json::Value;
    use store::Db;
    use webtest::TestSite;

    use super::*;
    use consultation::model::{CONSULTATION, Move};

    /// A consultation of `congress` that is open until `closes`.
    async fn open(db: &Db, congress: CongressId, day: i64, closes: &str) -> MatterId {
        let entropy = SeededEntropy::new(day as u64);
        let now: Timestamp = TestClock::START.plus_seconds(day * 86_400);
        let works = Clockwork {
            now,
            entropy: &entropy,
        };
        let id = MatterId::new(now, &entropy);
        let new = NewMatter {
            id,
            congress,
            parent: None,
            year: 2026,
        };
        let mut tx = db.begin(actor(Role::Clerk)).await.unwrap();
        let made = procedure::open(
            &mut tx,
            &CONSULTATION,
            new,
            Move::Prepare,
            Carry::default(),
            works,
        );
        made.await.unwrap();
        let carry = Carry {
            due: Some((closes.parse().unwrap(), "立法法第四十条".into())),
            ..Carry::default()
        };
        procedure::advance(&mut tx, &CONSULTATION, id, Move::Open, carry, works)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    fn ours() -> CongressId {
        let clerk = actor(Role::Clerk);
        clerk.signed_in().map(|who| who.congress).unwrap()
    }

    async fn json(site: &TestSite, path: &str) -> Value {
        serde_json::from_slice(&site.get(path).await.ok().bytes).unwrap()
    }

    store::on_both! {
        [&modules::migrations(), Some(Arc::new(MerkleLedger))]

        /// A mirror follows the feed to its end, waits there, and goes on when more has happened.
        async fn a_mirror_follows_the_feed(test: TestDb) {
            let db = test.db.clone();
            let site = TestSite::over(test, vec![module()]);
            assert_eq!(json(&site, "/api/v1/events").await["next_cursor"], "0");
            let matter = open(&db, ours(), 0, "2026-07-31").await;
            let first = json(&site, "/api/v1/events?limit=1").await;
            assert_eq!(first["items"][0]["move"], "prepare");
            let rest = json(&site, "/api/v1/events?cursor=1").await;
            assert_eq!(rest["items"][0]["matter"], matter.to_string());
            assert_eq!(rest["items"][0]["state"], "open");
            assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &"2".into()));
            assert_eq!(json(&site, "/api/v1/events?cursor=2").await["items"], Value::Array(vec![]));
            for bad in ["cursor=-1", "cursor=01", "cursor=9007199254740993111", "cursor=x", "limit=0", "limit=201"] {
                assert_eq!(site.get(&format!("/api/v1/events?{bad}")).await.status, 400, "{bad}");
            }
        }

        /// What is due is for those who are signed in; the feed is everybody's.
        async fn nobody_comes_further_than_the_description_says(test: TestDb) {
            TestSite::over(test, vec![module()]).lets_nobody_in(&[], &[]).await;
        }

        /// Staff see what is due in their own congress, the most urgent first, page by page.
        async fn staff_see_what_is_due(test: TestDb) {
            let db = test.db.clone();
            let site = TestSite::over(test, vec![module()]);
            assert_eq!(site.get("/api/v1/clocks").await.status, 401);
            site.sign_in(actor(Role::Auditor));
            assert_eq!(site.get("/api/v1/clocks").await.status, 403);
            site.sign_in(actor(Role::Clerk));
            for (day, closes) in [(0, "2026-07-09"), (1, "2026-06-30"), (2, "2026-07-09"), (3, "2026-08-30")] {
                open(&db, ours(), day, closes).await;
            }
            open(&db, uuid::Uuid::from_u128(1).into(), 4, "2026-07-02").await;
            let mut told = Vec::new();
            let mut path = "/api/v1/clocks?limit=2".to_owned();
            loop {
                let page = json(&site, &path).await;
                for item in page["items"].as_array().unwrap() {
                    assert_eq!(item["basis"], "立法法第四十条");
                    told.push((item["number"].as_str().unwrap().to_owned(), item["days_left"].as_i64().unwrap()));
                }
                let Some(next) = page["next_cursor"].as_str() else { break };
                path = format!("/api/v1/clocks?limit=2&cursor={next}");
            }
            let expected = [("征求意见〔2026〕2号", -1), ("征求意见〔2026〕1号", 8), ("征求意见〔2026〕3号", 8)];
            assert_eq!(told, expected.map(|(number, days)| (number.to_owned(), days)));
            assert_eq!(json(&site, "/api/v1/clocks?until=2026-12-31").await["items"].as_array().unwrap().len(), 4);
            for strange in ["A".repeat(32), "_".repeat(32), "f".repeat(32)] {
                json(&site, &format!("/api/v1/clocks?cursor={strange}")).await;
            }
            for bad in ["until=never", "cursor=x"] {
                assert_eq!(site.get(&format!("/api/v1/clocks?{bad}")).await.status, 400, "{bad}");
            }
        }
    }
}
