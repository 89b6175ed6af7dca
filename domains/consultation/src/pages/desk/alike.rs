//! Opinions that say almost the same: the groups, and one of them answered in one act.

use askama::Template;
use axum::{Extension, response::Response};
use kernel::{ConsultationId, OpinionId};
use procedure::Word as _;
use web::{FieldErrors, Fields, Form, Message, Page, Path, Problem, Query, limits, view::Crumb};

use super::{decide, decision::DecisionForm, ours, queue, refusal, staff, words};
use crate::{
    model::OpinionState,
    ops::{self, Desk},
    pages::{look, problem},
    store::{self, Alike, AlikeOpinion, Consultation, Gathering, Opinion},
};

/// Groups on one page of the list, and opinions on one page of a group.
const ROWS: usize = 30;

/// The way from the queue to the group of the opinion at hand, when it is in one.
pub(super) async fn link(
    page: &Page,
    desk: &Desk,
    opinion: &Opinion,
) -> Result<Option<(String, String)>, Problem> {
    let Some(shown) = store::gathering(&desk.db, opinion.consultation).await? else {
        return Ok(None);
    };
    let group = store::alike_of(&desk.db, shown.run, opinion.id).await?;
    let link = |group: Alike| {
        let args = [("n", group.size.into()), ("waiting", group.waiting.into())];
        let label = page.t.with("desk-alike-link", &args);
        (href(opinion.consultation, group.first_id), label)
    };
    Ok(group.map(link))
}

fn href(consultation: ConsultationId, first: OpinionId) -> String {
    format!("/desk/consultations/{consultation}/alike/{first}")
}

fn above(consultation: &Consultation) -> (String, String) {
    let href = format!("/desk/consultations/{}", consultation.id);
    (consultation.title.clone(), href)
}

struct GroupRow {
    href: String,
    body: String,
    place: String,
    size: String,
    waiting: String,
}

#[derive(Template)]
#[template(path = "desk/alike.html")]
struct List<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    /// When the groups were found and of how many opinions; empty before.
    found: String,
    explained: String,
    rows: Vec<GroupRow>,
    more: String,
}

/// Where the list goes on.
#[derive(serde::Deserialize)]
pub(super) struct Place {
    waiting: Option<i64>,
    first: Option<uuid::Uuid>,
}

/// The groups, those in which most wait first.
pub(super) async fn list(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let consultation = ours(&desk, who, id).await?;
    let title = page.t.get("desk-alike-title");
    let mut view = List {
        page: &page,
        crumbs: words::crumbs(&page, &[above(&consultation)], title),
        consultation: &consultation,
        found: String::new(),
        explained: explained(&page),
        rows: Vec::new(),
        more: String::new(),
    };
    if let Some(shown) = store::gathering(&desk.db, id).await? {
        let after = place.waiting.zip(place.first.map(Into::into));
        let found = store::alike(&desk.db, (id, shown.run), after, ROWS).await?;
        let firsts: Vec<OpinionId> = found.rows.iter().map(|group| group.first_id).collect();
        let opinions = store::opinions_of(&desk.db, &firsts).await?;
        view.found = found_at(&page, shown);
        let opinion = |group: &Alike| opinions.iter().find(|it| it.id == group.first_id);
        let row = |group: &Alike| opinion(group).map(|it| group_row(&page, group, it));
        view.rows = found.rows.iter().filter_map(row).collect();
        view.more = found.next.map_or_else(String::new, |(waiting, first)| {
            format!("/desk/consultations/{id}/alike?waiting={waiting}&first={first}")
        });
    }
    Ok(page.show(&view))
}

fn found_at(page: &Page, shown: Gathering) -> String {
    let at = page.t.datetime(shown.made_at);
    let args = [("at", at.into()), ("n", shown.opinions.into())];
    page.t.with("desk-alike-found", &args)
}

fn explained(page: &Page) -> String {
    let percent = i64::from(ops::LIKE.per_mille()) / 10;
    page.t.one("desk-alike-explained", "percent", percent)
}

fn group_row(page: &Page, group: &Alike, first: &Opinion) -> GroupRow {
    GroupRow {
        href: href(first.consultation, first.id),
        body: words::body(page, words::start_of(&first.body, 60)),
        place: words::provision(page, first.provision.as_deref()),
        size: page.t.number(group.size),
        waiting: page.t.number(group.waiting),
    }
}

/// Has the groups found anew.
pub(super) async fn find(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    page.limit(&limits::FORM)?;
    ours(&desk, who, id).await?;
    ops::ask_to_gather(&desk, &page.actor, id)
        .await
        .map_err(problem)?;
    let back = format!("/desk/consultations/{id}/alike");
    Ok(page.redirect_with(&back, "desk-alike-asked"))
}

struct MemberRow {
    number: String,
    when: String,
    /// How like the first it is; empty for that one.
    likeness: String,
    state: (&'static str, String),
    words: look::Marked,
    href: String,
}

#[derive(Template)]
#[template(path = "desk/alike_group.html")]
struct Group<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    place: String,
    first: String,
    body: String,
    provision_text: String,
    size: String,
    waiting: i64,
    run: i64,
    decision: DecisionForm,
    most: String,
    explained: String,
    rows: Vec<MemberRow>,
    more: String,
    errors: &'a FieldErrors,
}

/// From where the members are listed.
#[derive(serde::Deserialize)]
pub(super) struct After {
    after: Option<uuid::Uuid>,
}

/// One group: what its members say, how they differ, and the form that answers all that wait.
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, first)): Path<(ConsultationId, OpinionId)>,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let consultation = ours(&desk, who, id).await?;
    let asked = Asked {
        first,
        after: after.after.map(Into::into),
        typed: None,
        errors: &FieldErrors::none(),
    };
    render(&page, &desk, &consultation, asked).await
}

struct Asked<'a> {
    first: OpinionId,
    after: Option<OpinionId>,
    typed: Option<&'a Fields>,
    errors: &'a FieldErrors,
}

async fn render(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    asked: Asked<'_>,
) -> Result<Response, Problem> {
    let (id, first) = (consultation.id, asked.first);
    let shown = store::gathering(&desk.db, id).await?;
    let shown = shown.ok_or_else(Problem::not_found)?;
    let run = (id, shown.run);
    let group = store::alike_to(&desk.db, run, first).await?;
    let found = store::alike_opinions(&desk.db, run, first, asked.after, ROWS).await?;
    let opinion = store::opinion(&desk.db, first).await?;
    let decision = DecisionForm::new(page, desk, consultation, None, asked.typed).await?;
    let list = (
        page.t.get("desk-alike-title"),
        format!("/desk/consultations/{id}/alike"),
    );
    let place = words::provision(page, opinion.provision.as_deref());
    let more = |next| format!("{}?after={next}", href(id, first));
    let view = Group {
        page,
        consultation,
        crumbs: words::crumbs(page, &[above(consultation), list], place.clone()),
        place,
        first: words::number(page, "opinion", opinion.number),
        provision_text: queue::provision_text(desk, &opinion).await?,
        size: page.t.number(group.size),
        waiting: group.waiting,
        run: shown.run,
        decision,
        most: page.t.number(ops::ALIKE_AT_ONCE),
        explained: explained(page),
        rows: found
            .rows
            .iter()
            .map(|member| member_row(page, &opinion, member))
            .collect(),
        more: found.next.map(more).unwrap_or_default(),
        body: words::body(page, opinion.body),
        errors: asked.errors,
    };
    Ok(if asked.errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

fn member_row(page: &Page, first: &Opinion, member: &AlikeOpinion) -> MemberRow {
    let opinion = &member.opinion;
    let state = match opinion
        .outcome
        .filter(|_| opinion.state != OpinionState::Received)
    {
        Some(outcome) => (
            words::outcome_kind(outcome),
            words::outcome(page, outcome, opinion.referred_to.as_deref()),
        ),
        None => (
            words::opinion_kind(opinion.state),
            words::named(page, "opinion-state", opinion.state.word()),
        ),
    };
    let percent = i64::from(member.likeness) / 10;
    let marked = lawtext::mark(&first.body, &opinion.body);
    MemberRow {
        number: words::number(page, "opinion", opinion.number),
        when: page.t.datetime(opinion.received_at),
        likeness: match opinion.id == first.id {
            true => String::new(),
            false => page.t.one("desk-alike-likeness", "percent", percent),
        },
        state,
        words: look::marked(&marked, true, true),
        href: format!(
            "/desk/consultations/{}/queue?state=all&opinion={}#hand",
            opinion.consultation, opinion.id
        ),
    }
}

/// Answers all that wait in the group.
pub(super) async fn decide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, first)): Path<(ConsultationId, OpinionId)>,
    form: Form,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    page.limit(&limits::FORM)?;
    let consultation = ours(&desk, who, id).await?;
    let run = form.fields.get("run").parse().unwrap_or(0);
    let done = match decide::checked(&page, &form) {
        Err(errors) => Err(errors),
        Ok(decision) => {
            let group = (run, first);
            match ops::decide_alike(&desk, &page.actor, id, group, &decision).await {
                Ok(decided) => Ok(decided),
                Err(error) => Err(refusal::on_form(error, page.lang)
                    .map_err(|problem| problem.keeping(&form.fields))?),
            }
        }
    };
    match done {
        Ok(decided) => {
            let decided = i64::try_from(decided).unwrap_or(i64::MAX);
            let notice = Message::new("desk-alike-decided").put("n", decided);
            Ok(page.redirect_with(&href(id, first), notice))
        }
        Err(errors) => {
            let asked = Asked {
                first,
                after: None,
                typed: Some(&form.fields),
                errors: &errors,
            };
            render(&page, &desk, &consultation, asked).await
        }
    }
}
