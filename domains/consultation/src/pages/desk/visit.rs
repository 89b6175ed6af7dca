//! A deputy records a visit (走访) with what was heard, and hands out the receipts.

use askama::Template;
use axum::{Extension, extract::RawQuery, response::Response};
use kernel::{Role, actor::SignedIn};
use procedure::Word as _;
use web::{
    FieldErrors, Fields, Form, Page, Problem, limits,
    view::{Choice, Crumb},
};

use super::{
    act, ours, refusal,
    slips::{Recorded, Slip},
    words,
};
use crate::{
    model::Stance,
    ops::{self, Desk, Heard, HeardOpinion, NewVisit, OpError, SendKey},
    pages::problem,
    store::Consultation,
};

/// Places for opinions on a fresh form, and how many more each wish for more gives.
const PLACES: usize = 3;

/// How many places the form has: as many as it was sent with, and more where they are wished for.
fn places(fields: &Fields) -> usize {
    let had = fields.get("places").parse().unwrap_or(PLACES);
    let more = if wants_more(fields) { PLACES } else { 0 };
    had.saturating_add(more)
        .clamp(PLACES, ops::limits::OPINIONS_A_VISIT)
}

fn wants_more(fields: &Fields) -> bool {
    !fields.get("more").is_empty()
}

/// The fields of one opinion on the form.
struct Slot {
    title: String,
    text: String,
    provision: String,
    stance: String,
}

#[derive(Template)]
#[template(path = "desk/visit.html")]
struct Blank<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    slots: Vec<Slot>,
    /// Whether there may be more places.
    more: bool,
    provisions: Vec<Choice>,
    stances: Vec<Choice>,
    fields: &'a Fields,
    errors: &'a FieldErrors,
}

#[derive(Template)]
#[template(path = "desk/visit_choose.html")]
struct Choose<'a> {
    page: &'a Page,
    open: Vec<Consultation>,
}

/// The form; first the choice of a consultation, where several are open.
pub(super) async fn blank(
    page: Page,
    Extension(desk): Extension<Desk>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let who = page.require(&[Role::Deputy])?;
    let query = Fields::parse(query.unwrap_or_default().as_bytes())?;
    let consultation = match query.get("consultation").parse() {
        Ok(id) => ours(&desk, who, id).await?,
        Err(_) => match only_one(taking(&desk, who).await?) {
            Ok(only) => only,
            Err(open) => return Ok(page.show(&Choose { page: &page, open })),
        },
    };
    let day = ("day".to_owned(), desk.today().to_string());
    let fields = Fields {
        pairs: vec![day],
        files: Vec::new(),
    };
    render(&page, &desk, &consultation, &fields, &FieldErrors::none()).await
}

async fn taking(desk: &Desk, who: &SignedIn) -> Result<Vec<Consultation>, Problem> {
    ops::taking_records(desk, who.congress)
        .await
        .map_err(problem)
}

fn only_one(mut open: Vec<Consultation>) -> Result<Consultation, Vec<Consultation>> {
    match (open.pop(), open.is_empty()) {
        (Some(only), true) => Ok(only),
        (last, _) => {
            open.extend(last);
            Err(open)
        }
    }
}

/// Records the visit and shows the receipts; the same form sent again shows the same receipts.
pub(super) async fn send(
    page: Page,
    Extension(desk): Extension<Desk>,
    form: Form,
) -> Result<Response, Problem> {
    let who = page.require(&[Role::Deputy])?;
    page.limit(&limits::FORM)?;
    let id = form
        .fields
        .get("consultation")
        .parse()
        .map_err(|_| Problem::not_found())?;
    let consultation = ours(&desk, who, id).await?;
    if wants_more(&form.fields) {
        let none = FieldErrors::none();
        return render(&page, &desk, &consultation, &form.fields, &none).await;
    }
    let visit = match read(&page, &form) {
        Ok(visit) => visit,
        Err(errors) => return render(&page, &desk, &consultation, &form.fields, &errors).await,
    };
    match ops::record_visit(&desk, &page.actor, id, &visit).await {
        Ok(heard) => Ok(show_receipts(&page, &consultation, &visit, &heard)),
        Err(error) => {
            let errors = on_form(error, &page, &form.fields)?;
            render(&page, &desk, &consultation, &form.fields, &errors).await
        }
    }
}

fn on_form(error: OpError, page: &Page, fields: &Fields) -> Result<FieldErrors, Problem> {
    match error {
        OpError::NoProvision => Ok(FieldErrors::one("", "wrong-provision")),
        OpError::Closed { .. } => Err(problem(error).keeping(fields)),
        other => refusal::on_form(other, page.lang).map_err(|problem| problem.keeping(fields)),
    }
}

fn read(page: &Page, form: &Form) -> Result<NewVisit, FieldErrors> {
    let fields = &form.fields;
    let mut errors = FieldErrors::none();
    let nonce = form
        .nonce(page)
        .map_err(|message| errors.add("", message))
        .ok();
    if let Err(OpError::Text { refusal, .. }) =
        ops::words("unit", fields.get("unit"), ops::limits::UNIT)
    {
        errors.add("unit", crate::pages::text(&refusal));
    }
    let heads: Option<u32> = fields.get("heads").trim().parse().ok();
    if heads.is_none() {
        errors.add("heads", "desk-wrong-number");
    }
    let day = act::date(fields, "day")
        .map_err(|wrong| errors.list.extend(wrong.list))
        .ok();
    let opinions = (1..=places(fields))
        .filter_map(|number| opinion(fields, number, &mut errors))
        .collect();
    match (nonce, heads, day) {
        (Some(nonce), Some(heads), Some(day)) if errors.is_empty() => Ok(NewVisit {
            unit: fields.get("unit").to_owned(),
            heads,
            day,
            opinions,
            key: SendKey::Form(nonce.as_bytes().to_vec()),
        }),
        _ => Err(errors),
    }
}

/// The opinion with this number; `None` when nothing was written there.
fn opinion(fields: &Fields, number: usize, errors: &mut FieldErrors) -> Option<HeardOpinion> {
    let of = |name: &str| fields.get(&format!("{name}{number}"));
    let text = of("text");
    if text.trim().is_empty() {
        return None;
    }
    if let Err(OpError::Text { refusal, .. }) = ops::words("text", text, ops::limits::OPINION) {
        errors.add(format!("text{number}"), crate::pages::text(&refusal));
    }
    Some(HeardOpinion {
        text: text.to_owned(),
        provision: Some(of("provision").to_owned()).filter(|id| !id.is_empty()),
        stance: Stance::parse(of("stance")).unwrap_or(Stance::Other),
    })
}

async fn render(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    fields: &Fields,
    errors: &FieldErrors,
) -> Result<Response, Problem> {
    let version = ops::laid_open(desk, consultation).await.map_err(problem)?;
    let reading = desk.library.read(&desk.db, version).await?;
    let slot = |number: usize| Slot {
        title: page.t.one("desk-heard-title", "n", number),
        text: format!("text{number}"),
        provision: format!("provision{number}"),
        stance: format!("stance{number}"),
    };
    let view = Blank {
        page,
        consultation,
        crumbs: crumbs(page, consultation),
        slots: (1..=places(fields)).map(slot).collect(),
        more: places(fields) < ops::limits::OPINIONS_A_VISIT,
        provisions: words::articles(page, &reading.document, "desk-whole-draft"),
        stances: stances(page),
        fields,
        errors,
    };
    Ok(if errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

/// What an opinion may want; most want a change.
pub(super) fn stances(page: &Page) -> Vec<Choice> {
    let mut stances = words::choices::<Stance>(page, "stance");
    stances.sort_by_key(|choice| choice.value != Stance::Amend.word());
    stances
}

fn crumbs(page: &Page, consultation: &Consultation) -> Vec<Crumb> {
    let above = Crumb {
        label: consultation.title.clone(),
        href: format!("/consultations/{}", consultation.id),
    };
    vec![
        above,
        Crumb {
            label: page.t.get("desk-visit-title"),
            href: String::new(),
        },
    ]
}

fn show_receipts(
    page: &Page,
    consultation: &Consultation,
    visit: &NewVisit,
    heard: &Heard,
) -> Response {
    let slip =
        |(code, opinion): (&kernel::ReceiptCode, &HeardOpinion)| Slip::new(*code, &opinion.text);
    let said = [
        ("unit", visit.unit.as_str().into()),
        ("heads", visit.heads.into()),
    ];
    Recorded {
        page,
        crumbs: crumbs(page, consultation),
        title: page.t.get("desk-visit-done"),
        lead: page.t.with("desk-visit-done-lead", &said),
        slips: heard.codes.iter().zip(&visit.opinions).map(slip).collect(),
        repeated: heard.repeated,
        another: (
            page.t.get("desk-visit-another"),
            format!("/visits/new?consultation={}", consultation.id),
        ),
    }
    .show()
}
