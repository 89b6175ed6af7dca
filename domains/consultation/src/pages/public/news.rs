//! What is new, for feed readers and calendars: consultations as they come, the steps of one, last days.

use axum::{Extension, response::Response};
use kernel::{ConsultationId, MatterId, Timestamp};
use procedure::{Step, Timeline, Word as _};
use web::{
    Page, Path, Problem,
    calendar::{Calendar, Day},
    feed::{Entry, Feed},
};

use crate::{
    model::{Move, State},
    ops::Desk,
    pages::look,
    store::{self, Consultation, Scope},
};

/// Consultations that are told of.
const NEWEST: usize = 30;

/// The newest consultations with their ways.
async fn newest(page: &Page, desk: &Desk) -> Result<Vec<(Consultation, Timeline)>, Problem> {
    let congress = page.site.congress;
    let found = store::consultations(&desk.db, congress, Scope::Published, None, NEWEST).await?;
    let matters: Vec<MatterId> = found.rows.iter().map(|row| row.id.into()).collect();
    let mut ways = procedure::load_timelines(&desk.db, &matters).await?;
    let with_way = |row: Consultation| {
        let way = ways.remove(&row.id.into()).unwrap_or_default();
        (row, way)
    };
    Ok(found.rows.into_iter().map(with_way).collect())
}

/// The steps that everybody may see: from the opening on.
fn public(way: &Timeline) -> &[Step] {
    let opened = way.iter().position(|step| step.made == Move::Open.word());
    opened
        .and_then(|opened| way.get(opened..))
        .unwrap_or_default()
}

/// The consultations, the newest first; one that moves on is told anew.
pub(super) async fn all(page: Page, Extension(desk): Extension<Desk>) -> Result<Response, Problem> {
    let newest = newest(&page, &desk).await?;
    let entry = |(row, way): &(Consultation, Timeline)| {
        let (first, last) = public(way).first().zip(public(way).last())?;
        let standing = look::standing(&page, &desk, row);
        let days = super::law::days(&page, &desk, row);
        Some(Entry {
            id: format!("/consultations/{}", row.id),
            title: row.title.clone(),
            href: format!("/consultations/{}", row.id),
            published: first.at,
            updated: last.at,
            summary: [standing, days, row.lead.clone()].join(" "),
        })
    };
    let feed = Feed {
        title: page.t.get("consultations-title"),
        href: "/consultations.atom".to_owned(),
        page: "/consultations".to_owned(),
        entries: newest.iter().filter_map(entry).collect(),
    };
    feed.answer(&page)
}

/// The steps of one consultation, the newest first.
pub(super) async fn one(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    let row = crate::pages::seen(&page, &desk, id).await?;
    let way = procedure::load_timeline(&desk.db, id.into()).await?;
    let path = format!("/consultations/{id}");
    let entry = |step: &Step| Entry {
        id: format!("{path}#{}", step.seq),
        title: look::named(&page, "consultation-move", &step.made),
        href: match step.made == Move::PublishVersion.word() {
            true => format!("{path}/compare"),
            false => path.clone(),
        },
        published: step.at,
        updated: step.at,
        summary: [
            step.reason.clone().unwrap_or_default(),
            look::due(&page, step),
        ]
        .join(" ")
        .trim()
        .to_owned(),
    };
    let feed = Feed {
        title: row.title,
        href: format!("{path}/feed.atom"),
        page: path.clone(),
        entries: public(&way).iter().rev().map(entry).collect(),
    };
    feed.answer(&page)
}

/// The last days of what is open.
pub(super) async fn last_days(
    page: Page,
    Extension(desk): Extension<Desk>,
) -> Result<Response, Problem> {
    let newest = newest(&page, &desk).await?;
    let open = newest.iter().filter(|(row, _)| row.state == State::Open);
    let day = |(row, way): &(Consultation, Timeline)| {
        let path = format!("/consultations/{}", row.id);
        Some(Day {
            uid: format!("{}-closes", row.id),
            on: row.closes?,
            said: public(way)
                .last()
                .map_or(Timestamp::from_micros(0), |step| step.at),
            summary: page.t.one("calendar-closes", "title", row.title.as_str()),
            description: row.lead.clone(),
            href: path,
        })
    };
    let calendar = Calendar {
        name: page.t.get("calendar-title"),
        days: open.filter_map(day).collect(),
    };
    Ok(calendar.answer(&page))
}
