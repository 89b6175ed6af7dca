//! 意见采纳情况表: what was decided on every opinion, and why.

use askama::Template;
use axum::{
    Extension,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use kernel::{ConsultationId, OpinionId};
use web::{Page, Path, Problem, Query, limits, view::Crumb};

use super::opinions::{PAGE, Place};
use crate::{
    ops::Desk,
    pages::look::{self, Voice},
    store::{self, Filter, Opinion},
};

struct Group {
    place: String,
    voices: Vec<Voice>,
}

#[derive(Template)]
#[template(path = "public/responses.html")]
struct Table<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    groups: Vec<Group>,
    more: String,
    csv: String,
}

pub(super) async fn table(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let consultation = super::seen(&page, &desk, id).await?;
    let after = place.after.map(Into::into);
    let found = store::opinions(&desk.db, id, &Filter::default(), after, PAGE).await?;
    let here = format!("/consultations/{id}/responses");
    let view = Table {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("responses-title")),
        more: super::opinions::more(found.next, &here, ""),
        groups: groups(&page, &found.rows),
        csv: format!("{here}.csv"),
    };
    Ok(page.show(&view))
}

/// Puts the opinions of a page together by the provision they speak of.
fn groups(page: &Page, found: &[Opinion]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for opinion in found {
        let voice = look::voice(page, opinion);
        match groups.iter_mut().find(|group| group.place == voice.place) {
            Some(group) => group.voices.push(voice),
            None => groups.push(Group {
                place: voice.place.clone(),
                voices: vec![voice],
            }),
        }
    }
    groups
}

/// Rows read from the store at once, and rows of one file at most.
const AT_ONCE: usize = 500;
const ROWS_MAX: usize = 20_000;

pub(super) async fn csv(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    page.limit(&limits::EXPORT)?;
    super::seen(&page, &desk, id).await?;
    let columns = [
        "id",
        "provision",
        "day",
        "stance",
        "text",
        "outcome",
        "reason",
    ];
    let names = columns.map(|column| page.t.get(format!("csv-{column}")));
    let mut text = String::from('\u{feff}');
    line(&mut text, &names);
    let mut after: Option<OpinionId> = place.after.map(Into::into);
    let mut rows = 0;
    while rows < ROWS_MAX {
        let some = store::opinions(&desk.db, id, &Filter::default(), after, AT_ONCE).await?;
        rows += some.rows.len();
        for opinion in &some.rows {
            let voice = look::voice(&page, opinion);
            let body = match voice.hidden {
                true => page.t.one("opinion-hidden", "reason", voice.body),
                false => voice.body,
            };
            line(
                &mut text,
                &[
                    voice.id,
                    voice.place,
                    voice.when,
                    voice.stance,
                    body,
                    voice.state,
                    voice.answer,
                ],
            );
        }
        after = some.next;
        if after.is_none() {
            break;
        }
    }
    Ok(file(text, id, after))
}

fn file(text: String, id: ConsultationId, next: Option<OpinionId>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"responses.csv\"");
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, name);
    let link =
        next.map(|next| format!("</consultations/{id}/responses.csv?after={next}>; rel=\"next\""));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn line(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell, quoted; one that a spreadsheet would take for a formula is made plain text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing_that_people_wrote() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("亮一点，\n好"), "\"亮一点，\n好\"");
        assert_eq!(cell("@SUM"), "\"'@SUM\"");
    }
}
