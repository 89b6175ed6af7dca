//! 意见采纳情况表: what was decided on every opinion, and why, in the order of the text.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, body::Body, response::Response};
use futures_util::stream;
use kernel::{ConsultationId, OpinionId};
use uuid::Uuid;
use web::{Page, Path, Problem, Query, limits, view::Crumb};

use super::{csv, opinions::PAGE};
use crate::{
    figures,
    ops::{self, Desk},
    pages::{
        look::{self, Voice},
        problem,
    },
    store::{self, Consultation, Filter, Opinion},
    tally::{self, Tallies},
};

/// Where a page of the table begins.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    /// The provision, or `whole`.
    at: Option<String>,
    /// The opinion on it after which.
    after: Option<Uuid>,
}

/// A place in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Which of the provisions spoken of.
    nth: usize,
    /// The opinion on it after which.
    after: Option<OpinionId>,
}

/// The table of a consultation: its provisions in their order, each with its opinions as they came.
struct Order {
    consultation: ConsultationId,
    /// Those spoken of; `""` for the whole draft, which comes first.
    provisions: Vec<String>,
}

impl Order {
    async fn of(desk: &Desk, consultation: &Consultation) -> Result<Self, Problem> {
        let tallies = figures::tallies(&desk.db, consultation.id).await?;
        let version = ops::laid_open(desk, consultation).await.map_err(problem)?;
        let reading = desk.library.read(&desk.db, version).await?;
        let text = reading.document.provisions().into_iter();
        let provisions = text.map(|node| node.id.to_string());
        Ok(Self {
            consultation: consultation.id,
            provisions: spoken_of(provisions, &tallies),
        })
    }

    fn begin(&self, asked: &Asked) -> Place {
        let at = asked.at.as_deref().unwrap_or(tally::WHOLE_DRAFT);
        let at = if at == tally::WHOLE_DRAFT { "" } else { at };
        let nth = self.provisions.iter().position(|place| place == at);
        Place {
            nth: nth.unwrap_or(0),
            after: asked.after.map(Into::into),
        }
    }

    /// At most `most` opinions from `place` on, and where the table goes on.
    async fn read(
        &self,
        desk: &Desk,
        mut place: Place,
        most: usize,
    ) -> Result<(Vec<Opinion>, Option<Place>), Problem> {
        let mut rows = Vec::new();
        while let Some(provision) = self.provisions.get(place.nth) {
            if rows.len() >= most {
                return Ok((rows, Some(place)));
            }
            let filter = Filter {
                provision: Some(provision.clone()),
                ..Filter::default()
            };
            let left = most - rows.len();
            let id = self.consultation;
            let found = store::opinions(&desk.db, id, &filter, place.after, left).await?;
            rows.extend(found.rows);
            place = match found.next {
                next @ Some(_) => Place {
                    after: next,
                    ..place
                },
                None => Place {
                    nth: place.nth + 1,
                    after: None,
                },
            };
        }
        Ok((rows, None))
    }

    /// The address of the page that begins at `place`.
    fn more(&self, place: Option<&Place>) -> String {
        let at = place.and_then(|place| Some((place, self.provisions.get(place.nth)?)));
        let Some((place, provision)) = at else {
            return String::new();
        };
        let at = match provision.as_str() {
            "" => tally::WHOLE_DRAFT,
            id => id,
        };
        let after = place.after.map(|id| format!("&after={id}"));
        let (id, at) = (self.consultation, look::escape(at));
        format!(
            "/consultations/{id}/responses?at={at}{}",
            after.unwrap_or_default()
        )
    }
}

/// The whole draft and the provisions of the text that opinions speak of.
fn spoken_of(text: impl Iterator<Item = String>, tallies: &Tallies) -> Vec<String> {
    let whole = (tallies.of(tally::WHOLE_DRAFT, tally::OPINIONS) > 0).then(String::new);
    let spoken = text.filter(|id| tallies.of(id, tally::OPINIONS) > 0);
    whole.into_iter().chain(spoken).collect()
}

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
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let order = Order::of(&desk, &consultation).await?;
    let (rows, next) = order.read(&desk, order.begin(&asked), PAGE).await?;
    let view = Table {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("responses-title")),
        more: order.more(next.as_ref()),
        groups: groups(&page, &rows),
        csv: format!("/consultations/{id}/responses.csv"),
    };
    Ok(page.show(&view))
}

/// Puts neighbours that speak of one provision together.
fn groups(page: &Page, found: &[Opinion]) -> Vec<Group> {
    let same = |one: &Opinion, other: &Opinion| one.provision == other.provision;
    let groups = found.chunk_by(same).map(|some| Group {
        place: look::provision(page, some.first().and_then(|one| one.provision.as_deref())),
        voices: some
            .iter()
            .map(|opinion| look::voice(page, opinion))
            .collect(),
    });
    groups.collect()
}

/// Rows read from the store at once.
const AT_ONCE: usize = 500;

/// The whole table as a file, sent while it is read: it needs no more memory for many than for few.
pub(super) async fn file(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    page.limit(&limits::EXPORT)?;
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let order = Arc::new(Order::of(&desk, &consultation).await?);
    let begin = Place {
        nth: 0,
        after: None,
    };
    let head = head(&page);
    let rows = stream::try_unfold(Some(begin), move |place| {
        let (desk, page, order) = (desk.clone(), page.clone(), Arc::clone(&order));
        async move {
            let Some(place) = place else {
                return Ok(None);
            };
            // A file that breaks off is seen to be broken: the connection ends before the file does.
            let read = order.read(&desk, place, AT_ONCE).await;
            let (rows, next) = read.map_err(|_| std::io::Error::other("the table broke off"))?;
            Ok::<_, std::io::Error>(Some((lines(&page, &rows), next)))
        }
    });
    let begun = stream::once(async move { Ok(head) });
    let body = Body::from_stream(futures_util::StreamExt::chain(begun, rows));
    Ok(csv::file(body, "responses.csv"))
}

/// The names of the columns, after the mark by which spreadsheets know the encoding.
fn head(page: &Page) -> String {
    let columns = [
        "id",
        "provision",
        "day",
        "stance",
        "text",
        "outcome",
        "reason",
    ];
    let mut text = String::from('\u{feff}');
    text.push_str(&csv::line(
        &columns.map(|column| page.t.get(format!("csv-{column}"))),
    ));
    text
}

fn lines(page: &Page, rows: &[Opinion]) -> String {
    let mut text = String::new();
    for opinion in rows {
        let voice = look::voice(page, opinion);
        let body = match voice.hidden {
            true => page.t.one("opinion-hidden", "reason", voice.body),
            false => voice.body,
        };
        let cells = [
            voice.id,
            voice.place,
            voice.when,
            voice.stance,
            body,
            voice.state,
            voice.answer,
        ];
        text.push_str(&csv::line(&cells));
    }
    text
}
