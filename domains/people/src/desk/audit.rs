//! `/audit`: the audit trail, for the auditor (审计员): looked through, filtered, taken away as a
//! file.

use std::collections::HashMap;

use askama::Template;
use axum::{body::Body, http::header, response::Response};
use directory::{
    Action, Gate, accounts,
    audit::{self, Act, Event, Filter, Object},
};
use kernel::{Actor, CongressId, Timestamp};
use serde::Deserialize;
use uuid::Uuid;
use web::{FieldErrors, Form, Page, Problem, Query, limits, view::Choice};

use super::{SIZE, accounts::audit_name, choices};
use crate::{
    visitor::{Visitor, escape},
    words,
};

/// What is looked for, and where the page begins.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    act: String,
    /// A sign-in name: what that account did, and what was done to it.
    #[serde(default)]
    by: String,
    #[serde(default)]
    to: String,
    /// First day.
    #[serde(default)]
    from: String,
    /// Last day.
    #[serde(default)]
    until: String,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "people/desk/audit.html")]
struct List<'a> {
    page: &'a Page,
    errors: FieldErrors,
    asked: &'a Asked,
    acts: Vec<Choice>,
    events: Vec<Event>,
    names: HashMap<Uuid, String>,
    next: String,
}

impl List<'_> {
    fn by(&self, event: &Event) -> String {
        audit_name(self.page, &self.names, event)
    }

    fn to(&self, event: &Event) -> String {
        object(&self.names, event)
    }
}

/// What an act was done to, as a name where there is one.
fn object(names: &HashMap<Uuid, String>, event: &Event) -> String {
    let name = event.object_id.and_then(|id| names.get(&id));
    name.cloned().unwrap_or_default()
}

/// The events, the latest first.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeeAudit)?;
    let (filter, errors) = filter(&page, &visitor, &asked).await?;
    let db = &visitor.gate.db;
    let found = audit::list(db, &page.actor, visitor.site, &filter, asked.after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let names = audit::names(db, &found.items).await;
    let all = Choice {
        value: String::new(),
        label: page.t.get("people-audit-all"),
        help: String::new(),
    };
    let acts = choices(&page, "people-act", Act::ALL.iter().map(|act| act.as_str()));
    let view = List {
        page: &page,
        asked: &asked,
        acts: std::iter::once(all).chain(acts).collect(),
        names: names.map_err(words::problem)?,
        next: found
            .next
            .map(|after| next(&asked, after))
            .unwrap_or_default(),
        events: found.items,
        errors,
    };
    Ok(super::shown(&page, &view.errors, &view))
}

fn next(asked: &Asked, after: i64) -> String {
    let Asked {
        act,
        by,
        to,
        from,
        until,
        ..
    } = asked;
    format!(
        "/audit?act={}&by={}&to={}&from={}&until={}&after={after}",
        escape(act),
        escape(by),
        escape(to),
        escape(from),
        escape(until),
    )
}

async fn filter(
    page: &Page,
    visitor: &Visitor,
    asked: &Asked,
) -> Result<(Filter, FieldErrors), Problem> {
    let mut errors = FieldErrors::none();
    let mut account = async |field: &'static str, typed: &str| {
        if typed.trim().is_empty() {
            return Ok(None);
        }
        let found = accounts::by_login(&visitor.gate.db, visitor.site, typed).await;
        let found = found.map_err(words::problem)?;
        if found.is_none() {
            errors.add(field, "people-no-such-account");
        }
        Ok::<_, Problem>(found.map(|account| account.id))
    };
    let by = account("by", &asked.by).await?;
    let to = account("to", &asked.to).await?;
    let mut day = |field: &'static str, typed: &str, after: i64| {
        let start =
            |day: jiff::civil::Date| Timestamp::start_of(day, &page.app.zone).plus_seconds(after);
        match super::day(field, typed) {
            _ if typed.trim().is_empty() => None,
            Ok(day) => Some(start(day)),
            Err(_) => {
                errors.add(field, "people-invalid-no-day");
                None
            }
        }
    };
    let filter = Filter {
        act: Act::parse(&asked.act),
        by,
        to: to.map(Uuid::from),
        from: day("from", &asked.from, 0),
        before: day("until", &asked.until, 86_400),
    };
    Ok((filter, errors))
}

/// Events read at once.
const AT_ONCE: u32 = 200;

/// The events as a file, all of those looked for, with what it takes to compute the chain anew. That
/// somebody took it away is written down too.
pub(super) async fn file(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeeAudit)?;
    page.limit(&limits::EXPORT)?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    let field = |name: &str| form.fields.get(name).to_owned();
    let asked = Asked {
        act: field("act"),
        by: field("by"),
        to: field("to"),
        from: field("from"),
        until: field("until"),
        after: None,
    };
    let (filter, errors) = filter(&page, &visitor, &asked).await?;
    errors.done().map_err(Problem::refused)?;
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let object = Object::none(Some(visitor.site));
    let noted = audit::note(gate, &mut tx, Act::AuditExported, object, &next(&asked, 0)).await;
    noted.map_err(words::problem)?;
    tx.commit().await?;
    let pages = Pages {
        gate: gate.clone(),
        actor: page.actor.clone(),
        congress: visitor.site,
        filter,
        page: page.clone(),
        after: None,
        state: State::Heading,
    };
    let body = futures_util::stream::try_unfold(pages, Pages::more);
    Response::builder()
        .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
        .header(
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.csv\"",
        )
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_stream(body))
        .map_err(Problem::internal)
}

/// Where the file stands.
enum State {
    Heading,
    Rows,
    Over,
}

/// The file, read page by page so that its length costs no memory.
struct Pages {
    gate: Gate,
    actor: Actor,
    congress: CongressId,
    filter: Filter,
    page: Page,
    after: Option<i64>,
    state: State,
}

impl Pages {
    async fn more(mut self) -> Result<Option<(Vec<u8>, Self)>, std::io::Error> {
        match self.state {
            State::Over => return Ok(None),
            State::Heading => {
                self.state = State::Rows;
                let mut bytes = b"\xEF\xBB\xBF".to_vec();
                bytes.extend(line(HEADING.map(str::to_owned))?);
                return Ok(Some((bytes, self)));
            }
            State::Rows => {}
        }
        let db = &self.gate.db;
        let (filter, after) = (&self.filter, self.after);
        let found = audit::list(db, &self.actor, self.congress, filter, after, AT_ONCE).await;
        let found = found.map_err(std::io::Error::other)?;
        let names = audit::names(db, &found.items).await;
        let names = names.map_err(std::io::Error::other)?;
        let mut bytes = Vec::new();
        for event in &found.items {
            bytes.extend(line(cells(&self.page, &names, event))?);
        }
        self.after = found.next;
        if found.next.is_none() {
            self.state = State::Over;
        }
        Ok(Some((bytes, self)))
    }
}

/// Fields of the file. Those of the chain are as they are kept.
const HEADING: [&str; 16] = [
    "seq",
    "time",
    "who",
    "what",
    "whom",
    "at",
    "congress_id",
    "account_id",
    "role",
    "network",
    "act",
    "object_kind",
    "object_id",
    "detail",
    "prev_hash",
    "hash",
];

fn cells(page: &Page, names: &HashMap<Uuid, String>, event: &Event) -> [String; 16] {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        event.seq.to_string(),
        event.at.rfc3339(),
        audit_name(page, names, event),
        page.t.get(format!("people-act-{}", event.act)),
        object(names, event),
        event.at.micros().to_string(),
        id(event.congress_id.map(Uuid::from)),
        id(event.account_id.map(Uuid::from)),
        event.role.clone(),
        event.network.clone(),
        event.act.clone(),
        event.object_kind.clone(),
        id(event.object_id),
        directory::import::harmless(&event.detail),
        hex(&event.prev_hash),
        hex(&event.hash),
    ]
}

fn line<const N: usize>(cells: [String; N]) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells)?;
    writer
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))
}
