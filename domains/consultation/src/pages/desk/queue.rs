//! The queue of a consultation: what to look at, the opinions, and the one at hand.

use std::collections::HashSet;

use askama::Template;
use axum::{Extension, extract::RawQuery, response::Response};
use kernel::{ConsultationId, OpinionId};
use procedure::Word;
use web::{FieldErrors, Fields, Page, Path, Problem, view::Step};

use super::{alike, decision::DecisionForm, narrow::Narrow, ours, staff, words};
use crate::{
    figures,
    model::{OpinionState, Source, Stance},
    ops::Desk,
    pages::problem,
    store::{self, Consultation, Filter, Opinion},
    tally::Tallies,
    way,
};

/// Opinions on one page of the list.
const ROWS: usize = 30;

/// A group of places to look at.
struct Group {
    title: String,
    places: Vec<Place>,
}

/// One part of the queue.
struct Place {
    label: String,
    href: String,
    count: String,
    current: bool,
}

/// An opinion in the list.
struct Row {
    href: String,
    number: String,
    when: String,
    place: String,
    stance: String,
    body: String,
    current: bool,
    /// The key that leads here from the one at hand: `j`, `k` or none.
    key: &'static str,
}

/// The opinion at hand.
struct Hand {
    id: OpinionId,
    /// How many steps of it the page shows.
    seen: u32,
    number: String,
    place: String,
    chips: Vec<(&'static str, String)>,
    provision_text: String,
    body: String,
    visit: String,
    hidden: Option<String>,
    may_decide: bool,
    correcting: bool,
    may_hide: bool,
    decision: DecisionForm,
    /// The address of the group of those that are alike, and what it is called.
    alike: Option<(String, String)>,
    hide_reason: String,
    may_erase: bool,
    erase_reason: String,
    /// The reason typed for a decision that cannot be made any more.
    unsent: String,
    steps: Vec<Step>,
}

#[derive(Template)]
#[template(path = "desk/queue.html")]
struct Queue<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    groups: Vec<Group>,
    rows: Vec<Row>,
    more: String,
    hand: Option<Hand>,
    errors: &'a FieldErrors,
    back: String,
}

/// The queue, narrowed as the address says.
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let consultation = ours(&desk, who, id).await?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes())?;
    let at_hand = fields.get("opinion").parse().ok();
    let asked = Asked {
        narrow: Narrow::read(&fields),
        at_hand,
        typed: None,
        errors: &FieldErrors::none(),
    };
    render(&page, &desk, &consultation, asked).await
}

/// What the queue is to show.
pub(super) struct Asked<'a> {
    /// Which part of it.
    pub narrow: Narrow,
    /// Which opinion; the first of the list for `None`.
    pub at_hand: Option<OpinionId>,
    /// What was typed about it, when that was refused.
    pub typed: Option<&'a Fields>,
    /// Why it was refused.
    pub errors: &'a FieldErrors,
}

/// The queue with its three panes.
pub(super) async fn render(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    asked: Asked<'_>,
) -> Result<Response, Problem> {
    let Asked {
        narrow,
        at_hand,
        typed,
        errors,
    } = asked;
    let tallies = figures::tallies(&desk.db, consultation.id).await?;
    let found = store::opinions(
        &desk.db,
        consultation.id,
        &narrow.filter,
        narrow.after,
        ROWS,
    )
    .await?;
    let opinions = found.rows;
    let more = found.next.map(|next| {
        let after = Some(next);
        let narrow = Narrow {
            after,
            ..narrow.clone()
        };
        narrow.href(consultation.id, None)
    });
    let at_hand = at_hand.or_else(|| opinions.first().map(|opinion| opinion.id));
    let hand = match at_hand {
        Some(id) => Some(hand(page, desk, consultation, id, typed).await?),
        None => None,
    };
    let view = Queue {
        page,
        consultation,
        groups: groups(page, desk, consultation, &narrow, &tallies).await?,
        rows: rows(page, consultation.id, &narrow, &opinions, at_hand),
        more: more.unwrap_or_default(),
        hand,
        errors,
        back: narrow.query(),
    };
    Ok(if errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

fn rows(
    page: &Page,
    consultation: ConsultationId,
    narrow: &Narrow,
    opinions: &[Opinion],
    at_hand: Option<OpinionId>,
) -> Vec<Row> {
    let here = opinions
        .iter()
        .position(|opinion| Some(opinion.id) == at_hand);
    let key = |place: usize| match here {
        Some(here) if place == here + 1 => "j",
        Some(here) if place + 1 == here => "k",
        _ => "",
    };
    let row = |(place, opinion): (usize, &Opinion)| Row {
        href: narrow.href(consultation, Some(opinion.id)),
        number: words::number(page, "opinion", opinion.number),
        when: page.t.datetime(opinion.received_at),
        place: words::provision(page, opinion.provision.as_deref()),
        stance: words::named(page, "stance", opinion.stance.word()),
        body: words::body(page, words::start_of(&opinion.body, 90)),
        current: Some(opinion.id) == at_hand,
        key: key(place),
    };
    opinions.iter().enumerate().map(row).collect()
}

async fn groups(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    narrow: &Narrow,
    tallies: &Tallies,
) -> Result<Vec<Group>, Problem> {
    let place = |label: String, other: Narrow| Place {
        label,
        href: other.href(consultation.id, None),
        count: tallies
            .count(&other.filter)
            .map(|n| page.t.number(n))
            .unwrap_or_default(),
        current: other.filter == narrow.filter,
    };
    let group = |title: &str, places: Vec<Place>| Group {
        title: page.t.get(title),
        places,
    };
    let mut provisions = vec![place(
        page.t.get("desk-all-provisions"),
        narrow.but(|filter| filter.provision = None),
    )];
    for id in spoken_of(desk, consultation, narrow, tallies).await? {
        let label = words::provision(page, Some(&id));
        provisions.push(place(
            label,
            narrow.but(|filter| filter.provision = Some(id)),
        ));
    }
    Ok(vec![
        group("desk-by-state", states(page, narrow, place)),
        group("desk-by-provision", provisions),
        group(
            "desk-by-stance",
            listed::<Stance>(page, "stance", narrow, place, |filter, word| {
                filter.stance = word
            }),
        ),
        group(
            "desk-by-source",
            listed::<Source>(page, "source", narrow, place, |filter, word| {
                filter.source = word
            }),
        ),
    ])
}

/// Every state, all of them together, what no version shows yet, and what is hidden.
fn states(page: &Page, narrow: &Narrow, place: impl Fn(String, Narrow) -> Place) -> Vec<Place> {
    let narrowed = |change: &dyn Fn(&mut Filter)| {
        narrow.but(|filter| {
            (filter.state, filter.outcome) = (None, None);
            (filter.to_write, filter.hidden) = (false, false);
            change(filter);
        })
    };
    let each = OpinionState::ALL.iter().map(|state| {
        let name = words::named(page, "opinion-state", state.word());
        place(name, narrowed(&|filter| filter.state = Some(*state)))
    });
    let others = [
        place(
            page.t.get("desk-to-write"),
            narrowed(&|filter| filter.to_write = true),
        ),
        place(
            page.t.get("desk-hidden"),
            narrowed(&|filter| filter.hidden = true),
        ),
        place(page.t.get("desk-all-states"), narrowed(&|_| {})),
    ];
    each.chain(others).collect()
}

/// Every word of a closed list, and all of them together.
fn listed<W: Word>(
    page: &Page,
    prefix: &str,
    narrow: &Narrow,
    place: impl Fn(String, Narrow) -> Place,
    set: impl Fn(&mut Filter, Option<W>),
) -> Vec<Place> {
    let all = place(
        page.t.get("desk-all"),
        narrow.but(|filter| set(filter, None)),
    );
    let each = W::ALL.iter().map(|word| {
        place(
            words::named(page, prefix, word.word()),
            narrow.but(|filter| set(filter, Some(*word))),
        )
    });
    std::iter::once(all).chain(each).collect()
}

/// The provisions that opinions speak of, `""` for the whole draft, in the order of the newest
/// version that has them.
async fn spoken_of(
    desk: &Desk,
    consultation: &Consultation,
    narrow: &Narrow,
    tallies: &Tallies,
) -> Result<Vec<String>, Problem> {
    let chosen = narrow.filter.provision.as_deref();
    let counted = |id: &str| {
        let one = Filter {
            provision: Some(id.to_owned()),
            ..Filter::default()
        };
        tallies.count(&one).unwrap_or(0) > 0 || chosen == Some(id)
    };
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    if counted("") {
        found.push(String::new());
    }
    for head in corpus::heads(&desk.db, consultation.text)
        .await?
        .iter()
        .rev()
    {
        let reading = desk.library.read(&desk.db, head.id).await?;
        for node in reading.document.walk() {
            let id = node.id.as_str();
            if counted(id) && seen.insert(id.to_owned()) {
                found.push(id.to_owned());
            }
        }
    }
    Ok(found)
}

async fn hand(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    id: OpinionId,
    typed: Option<&Fields>,
) -> Result<Hand, Problem> {
    let way = way::by_id(desk, id).await.map_err(problem)?;
    if way.consultation.id != consultation.id {
        return Err(Problem::not_found());
    }
    let opinion = way.opinion;
    let decision = DecisionForm::new(page, desk, consultation, Some(&opinion), typed).await?;
    let typed_in = |name: &str, stored: Option<&str>| match typed {
        Some(fields) => fields.get(name).to_owned(),
        None => stored.unwrap_or_default().to_owned(),
    };
    let may_decide = matches!(
        opinion.state,
        OpinionState::Received | OpinionState::Decided
    );
    let unsent = match typed {
        Some(fields) if !may_decide => fields.get("reason").to_owned(),
        _ => String::new(),
    };
    Ok(Hand {
        id,
        seen: opinion.steps,
        unsent,
        may_decide,
        number: words::number(page, "opinion", opinion.number),
        place: words::provision(page, opinion.provision.as_deref()),
        chips: chips(page, &opinion),
        provision_text: provision_text(desk, &opinion).await?,
        visit: visit(page, desk, &opinion).await?,
        correcting: opinion.state == OpinionState::Decided,
        may_hide: opinion.state != OpinionState::Withdrawn && !opinion.is_erased(),
        may_erase: !opinion.is_erased(),
        decision,
        alike: alike::link(page, desk, &opinion).await?,
        hide_reason: typed_in("hide_reason", None),
        erase_reason: typed_in("erase_reason", None),
        steps: words::steps_of(page, &way.steps),
        hidden: opinion.hidden,
        body: words::body(page, opinion.body),
    })
}

fn chips(page: &Page, opinion: &Opinion) -> Vec<(&'static str, String)> {
    let mut chips = vec![
        (
            words::opinion_kind(opinion.state),
            words::named(page, "opinion-state", opinion.state.word()),
        ),
        ("blue", words::named(page, "stance", opinion.stance.word())),
        ("", words::named(page, "source", opinion.source.word())),
    ];
    if let Some(outcome) = opinion.outcome {
        chips.push((
            words::outcome_kind(outcome),
            words::outcome(page, outcome, opinion.referred_to.as_deref()),
        ));
    }
    if opinion.hidden.is_some() {
        chips.push(("red", page.t.get("desk-hidden")));
    }
    chips
}

/// The words of the provision spoken of, in the version that was read.
pub(super) async fn provision_text(desk: &Desk, opinion: &Opinion) -> Result<String, Problem> {
    let Some(id) = opinion.provision.as_deref().and_then(|id| id.parse().ok()) else {
        return Ok(String::new());
    };
    let reading = desk.library.read(&desk.db, opinion.version).await?;
    Ok(reading
        .document
        .find(&id)
        .map(lawtext::Node::plain_text)
        .unwrap_or_default())
}

/// The visit at which it was heard, in a line.
async fn visit(page: &Page, desk: &Desk, opinion: &Opinion) -> Result<String, Problem> {
    let Some(id) = opinion.visit else {
        return Ok(String::new());
    };
    let visit = store::visit(&desk.db, id).await?;
    let day = words::day(page, desk, visit.visited_on.parse().ok());
    let args = [
        ("unit", visit.unit_name.into()),
        ("day", day.into()),
        ("heads", visit.heads.into()),
    ];
    Ok(page.t.with("desk-heard-at", &args))
}
