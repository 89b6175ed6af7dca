//! Deciding, hiding and showing the opinion at hand, and on to the next one.

use axum::{Extension, response::Response};
use kernel::{ConsultationId, OpinionId};
use procedure::Word as _;
use web::{FieldErrors, Fields, Form, Message, Page, Path, Problem, limits};

use super::{
    narrow::Narrow,
    ours,
    queue::{self, Asked},
    refusal, staff,
};
use crate::{
    model::{OpinionState, Outcome},
    ops::{self, Decision, Desk},
    store::{self, Consultation, Filter},
};

/// Decides the opinion, or corrects its decision; leads to the next one that waits.
pub(super) async fn decide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<OpinionId>,
    form: Form,
) -> Result<Response, Problem> {
    let at = begin(&page, &desk, id).await?;
    let decision = match checked(&page, &form) {
        Ok(decision) => decision,
        Err(errors) => return again(&page, &desk, &at, &form.fields, &errors).await,
    };
    match ops::decide(&desk, &page.actor, id, seen(&form.fields), &decision).await {
        Ok(()) if at.correcting => Ok(stay(&page, &at, &form.fields, "desk-notice-corrected")),
        Ok(()) => onward(&page, &desk, &at, &form.fields).await,
        Err(error) => {
            let errors = refusal::on_form(error, page.lang)
                .map_err(|problem| problem.keeping(&form.fields))?;
            again(&page, &desk, &at, &form.fields, &errors).await
        }
    }
}

/// Hides the opinion's words from the public.
pub(super) async fn hide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<OpinionId>,
    form: Form,
) -> Result<Response, Problem> {
    words(&page, &desk, id, &form, Act::Hide).await
}

/// Shows a hidden opinion to the public again.
pub(super) async fn show_again(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<OpinionId>,
    form: Form,
) -> Result<Response, Problem> {
    words(&page, &desk, id, &form, Act::Show).await
}

/// Erases the opinion's words for good.
pub(super) async fn erase(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<OpinionId>,
    form: Form,
) -> Result<Response, Problem> {
    words(&page, &desk, id, &form, Act::Erase).await
}

/// What is done with the words of an opinion.
#[derive(Clone, Copy)]
enum Act {
    Hide,
    Show,
    Erase,
}

impl Act {
    /// The field of the reason.
    const fn reason(self) -> &'static str {
        match self {
            Self::Hide | Self::Show => "hide_reason",
            Self::Erase => "erase_reason",
        }
    }

    const fn notice(self) -> &'static str {
        match self {
            Self::Hide => "desk-notice-hidden",
            Self::Show => "desk-notice-shown",
            Self::Erase => "desk-notice-erased",
        }
    }
}

/// The opinion that is worked on.
struct At {
    consultation: Consultation,
    opinion: OpinionId,
    correcting: bool,
}

async fn begin(page: &Page, desk: &Desk, id: OpinionId) -> Result<At, Problem> {
    let who = staff(page)?;
    page.limit(&limits::FORM)?;
    let opinion = store::opinion(&desk.db, id).await?;
    let consultation = ours(desk, who, opinion.consultation).await?;
    Ok(At {
        consultation,
        opinion: id,
        correcting: opinion.state == OpinionState::Decided,
    })
}

/// How many steps of the opinion the page showed.
fn seen(fields: &Fields) -> u32 {
    fields.get("seen").parse().unwrap_or(0)
}

pub(super) fn checked(page: &Page, form: &Form) -> Result<Decision, FieldErrors> {
    form.nonce(page)
        .map_err(|message| FieldErrors::one("", message))?;
    let fields = &form.fields;
    let outcome = Outcome::parse(fields.get("outcome"));
    let outcome = outcome.ok_or_else(|| FieldErrors::one("outcome", "desk-wrong-outcome"))?;
    let lands_on = fields.get("lands_on");
    let known = lands_on.is_empty() || lands_on.parse::<lawtext::ProvisionId>().is_ok();
    if !known {
        return Err(FieldErrors::one("lands_on", "wrong-provision"));
    }
    Ok(Decision {
        outcome,
        reason: fields.get("reason").to_owned(),
        lands_on: Some(lands_on.to_owned()).filter(|id| !id.is_empty()),
        referred_to: Some(fields.get("referred_to").to_owned()),
    })
}

async fn words(
    page: &Page,
    desk: &Desk,
    id: OpinionId,
    form: &Form,
    act: Act,
) -> Result<Response, Problem> {
    let at = begin(page, desk, id).await?;
    let (who, seen, reason) = (
        &page.actor,
        seen(&form.fields),
        form.fields.get(act.reason()),
    );
    let done = match (form.nonce(page), act) {
        (Err(message), _) => Err(FieldErrors::one("", message)),
        (Ok(_), Act::Hide) => as_errors(page, ops::hide(desk, who, id, seen, reason).await)?,
        (Ok(_), Act::Show) => as_errors(page, ops::show(desk, who, id, seen, reason).await)?,
        (Ok(_), Act::Erase) => as_errors(page, ops::erase(desk, who, id, seen, reason).await)?,
    };
    let Err(mut errors) = done else {
        return Ok(stay(page, &at, &form.fields, act.notice()));
    };
    for (field, _) in errors
        .list
        .iter_mut()
        .filter(|(field, _)| field == "reason")
    {
        *field = act.reason().into();
    }
    again(page, desk, &at, &form.fields, &errors).await
}

fn as_errors(page: &Page, done: ops::Result<()>) -> Result<Result<(), FieldErrors>, Problem> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error) => refusal::on_form(error, page.lang).map(Err),
    }
}

fn narrow_of(fields: &Fields) -> Narrow {
    Fields::parse(fields.get("back").as_bytes())
        .map(|back| Narrow::read(&back))
        .unwrap_or_default()
}

/// The same page with what is wrong and what was typed.
async fn again(
    page: &Page,
    desk: &Desk,
    at: &At,
    fields: &Fields,
    errors: &FieldErrors,
) -> Result<Response, Problem> {
    let asked = Asked {
        narrow: narrow_of(fields),
        at_hand: Some(at.opinion),
        typed: Some(fields),
        errors,
    };
    queue::render(page, desk, &at.consultation, asked).await
}

/// Back to the same opinion.
fn stay(page: &Page, at: &At, fields: &Fields, notice: &'static str) -> Response {
    page.redirect_with(
        &narrow_of(fields).href(at.consultation.id, Some(at.opinion)),
        notice,
    )
}

/// On to the next opinion that waits in the same part of the queue, from its beginning again after
/// the last.
async fn onward(page: &Page, desk: &Desk, at: &At, fields: &Fields) -> Result<Response, Problem> {
    let narrow = narrow_of(fields);
    let waiting = narrow
        .but(|filter| filter.state = Some(OpinionState::Received))
        .filter;
    let consultation = at.consultation.id;
    let mut next = next_in(desk, consultation, &waiting, Some(at.opinion)).await?;
    if next.is_none() {
        next = next_in(desk, consultation, &waiting, None).await?;
    }
    let notice = if next.is_some() {
        "desk-notice-decided"
    } else {
        "desk-notice-decided-last"
    };
    Ok(page.redirect_with(&narrow.href(consultation, next), Message::new(notice)))
}

/// Pages that are looked through for the next opinion.
const LOOKED_THROUGH: usize = 10;

/// The first opinion of a list after `after`.
async fn next_in(
    desk: &Desk,
    consultation: ConsultationId,
    filter: &Filter,
    mut after: Option<OpinionId>,
) -> Result<Option<OpinionId>, Problem> {
    for _ in 0..LOOKED_THROUGH {
        let found = store::opinions(&desk.db, consultation, filter, after, 1).await?;
        if let Some(first) = found.rows.first() {
            return Ok(Some(first.id));
        }
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    Ok(None)
}
