//! The data of a consultation as files for analysis, with their dictionary (Data Package, datapackage.org): what is
//! public on the pages, of this very second.

use axum::{Extension, Json, body::Body, response::Response};
use futures_util::stream;
use kernel::ConsultationId;
use procedure::{Diagram as _, Word};
use serde_json::{Value, json};
use web::{Page, Path, Problem, limits};

use super::csv;
use crate::{
    figures,
    model::{OPINION, OpinionState, Outcome, Source, Stance},
    ops::Desk,
    pages::look,
    store::{self, Filter, Opinion},
};

/// A column of a file, and what the dictionary says of it.
struct Column {
    name: &'static str,
    kind: &'static str,
    /// The words that stand in it; empty when it is not of a closed list.
    words: Vec<&'static str>,
}

fn column(name: &'static str, kind: &'static str) -> Column {
    Column {
        name,
        kind,
        words: Vec::new(),
    }
}

fn one_of<W: Word>(name: &'static str) -> Column {
    Column {
        name,
        kind: "string",
        words: W::ALL.iter().map(|word| word.word()).collect(),
    }
}

fn of_opinions() -> Vec<Column> {
    vec![
        column("id", "string"),
        column("number", "string"),
        column("provision", "string"),
        column("provision_name", "string"),
        one_of::<Stance>("stance"),
        one_of::<Source>("source"),
        one_of::<OpinionState>("state"),
        one_of::<Outcome>("outcome"),
        column("referred_to", "string"),
        column("answer", "string"),
        column("received_at", "datetime"),
        column("decided_at", "datetime"),
        column("hidden", "boolean"),
        column("hidden_because", "string"),
        column("text", "string"),
    ]
}

fn of_figures() -> Vec<Column> {
    vec![
        column("key", "string"),
        column("name", "string"),
        column("value", "integer"),
        column("unit", "string"),
    ]
}

/// What stands in the columns of an opinion; no word of a hidden one, nor of one that was taken back.
fn opinion(page: &Page, row: &Opinion) -> [String; 15] {
    let word = |outcome: Option<Outcome>| outcome.map_or("", Word::word).to_owned();
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        row.id.to_string(),
        OPINION.written(row.number),
        given(&row.provision),
        look::provision(page, row.provision.as_deref()),
        row.stance.word().to_owned(),
        row.source.word().to_owned(),
        row.state.word().to_owned(),
        word(row.outcome),
        given(&row.referred_to),
        given(&row.answer),
        row.received_at.rfc3339(),
        row.decided_at
            .map(kernel::Timestamp::rfc3339)
            .unwrap_or_default(),
        row.hidden.is_some().to_string(),
        given(&row.hidden),
        row.public_words().unwrap_or_default().to_owned(),
    ]
}

fn resource(page: &Page, name: &str, columns: &[Column], key: &str) -> Value {
    let field = |column: &Column| {
        let text = format!("data-{name}-{}", column.name.replace('_', "-"));
        let mut field = json!({
            "name": column.name,
            "type": column.kind,
            "description": page.t.get(text),
        });
        if column.kind == "datetime" {
            field["format"] = json!("any");
        }
        if !column.words.is_empty() {
            field["constraints"] = json!({ "enum": column.words });
        }
        field
    };
    json!({
        "name": name,
        "title": page.t.get(format!("data-{name}")),
        "path": format!("{name}.csv"),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": columns.iter().map(field).collect::<Vec<_>>(),
            "missingValues": [""],
            "primaryKey": key,
        },
    })
}

/// The dictionary of the files.
pub(super) async fn package(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Json<Value>, Problem> {
    let row = crate::pages::seen(&page, &desk, id).await?;
    Ok(Json(json!({
        "name": format!("consultation-{id}"),
        "title": row.title,
        "description": row.lead,
        "homepage": format!("{}/consultations/{id}", page.site.base_url),
        "created": desk.now().rfc3339(),
        "resources": [
            resource(&page, "opinions", &of_opinions(), "id"),
            resource(&page, "figures", &of_figures(), "key"),
        ],
    })))
}

/// The figures.
pub(super) async fn figures(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    crate::pages::seen(&page, &desk, id).await?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let mut text = csv::line(&of_figures().iter().map(|it| it.name).collect::<Vec<_>>());
    for figure in figures::figures(&tallies) {
        let day = figure.key.strip_prefix(figures::DAY);
        let name = match day.and_then(|day| day.parse().ok()) {
            Some(day) => page.t.one("data-figures-day", "day", page.t.day(day)),
            None => super::figures::name(&page, &figure),
        };
        let cells = [
            figure.key.clone(),
            name,
            figure.value.to_string(),
            figure.unit.word().to_owned(),
        ];
        text.push_str(&csv::line(&cells));
    }
    Ok(csv::file(Body::from(text), "figures.csv"))
}

/// Opinions read from the store at once.
const AT_ONCE: usize = 500;

/// The opinions in the order in which they came, sent while they are read.
pub(super) async fn opinions(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    page.limit(&limits::EXPORT)?;
    crate::pages::seen(&page, &desk, id).await?;
    let head = csv::line(&of_opinions().iter().map(|it| it.name).collect::<Vec<_>>());
    let rows = stream::try_unfold(Some(None), move |after| {
        let (desk, page) = (desk.clone(), page.clone());
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let read = store::opinions(&desk.db, id, &Filter::default(), after, AT_ONCE).await;
            let read = read.map_err(|_| std::io::Error::other("the file broke off"))?;
            let lines = read.rows.iter().map(|row| csv::line(&opinion(&page, row)));
            let next = read.next.map(Some);
            Ok::<_, std::io::Error>(Some((lines.collect::<String>(), next)))
        }
    });
    let begun = stream::once(async move { Ok(head) });
    let body = Body::from_stream(futures_util::StreamExt::chain(begun, rows));
    Ok(csv::file(body, "opinions.csv"))
}
