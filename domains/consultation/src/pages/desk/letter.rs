//! Staff record a letter or a call (来信来访) in the words of whoever wrote or came, and hand out the
//! receipt.

use askama::Template;
use axum::{Extension, response::Response};
use kernel::ConsultationId;
use procedure::Word as _;
use web::{
    FieldErrors, Fields, Form, Page, Path, Problem, limits,
    view::{Choice, Crumb},
};

use super::{
    act, ours, refusal,
    slips::{Recorded, Slip},
    staff, visit, words,
};
use crate::{
    model::Stance,
    ops::{self, Desk, Letter, OpError, SendKey},
    pages::problem,
    store::Consultation,
};

#[derive(Template)]
#[template(path = "desk/letter.html")]
struct Blank<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    provisions: Vec<Choice>,
    stances: Vec<Choice>,
    fields: &'a Fields,
    errors: &'a FieldErrors,
}

/// The form.
pub(super) async fn blank(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let consultation = ours(&desk, who, id).await?;
    if !ops::takes_records(&desk, &consultation).map_err(problem)? {
        return Err(act::not_now(id));
    }
    let fields = Fields {
        pairs: vec![("arrived".to_owned(), desk.today().to_string())],
        files: Vec::new(),
    };
    render(&page, &desk, &consultation, &fields, &FieldErrors::none()).await
}

/// Records the letter and shows its receipt; the same form sent again shows the same receipt.
pub(super) async fn send(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    page.limit(&limits::FORM)?;
    let consultation = ours(&desk, who, id).await?;
    let fields = &form.fields;
    let refused = match read(&page, &form) {
        Ok(letter) => match ops::record_letter(&desk, &page.actor, id, &letter).await {
            Ok(receipt) => return Ok(recorded(&page, &consultation, &letter, &receipt)),
            Err(error) => on_form(error, &page, fields)?,
        },
        Err(errors) => errors,
    };
    render(&page, &desk, &consultation, fields, &refused).await
}

fn read(page: &Page, form: &Form) -> Result<Letter, FieldErrors> {
    let nonce = form
        .nonce(page)
        .map_err(|message| FieldErrors::one("", message))?;
    let fields = &form.fields;
    Ok(Letter {
        arrived: act::date(fields, "arrived")?,
        text: fields.get("text").to_owned(),
        provision: Some(fields.get("provision").to_owned()).filter(|id| !id.is_empty()),
        stance: Stance::parse(fields.get("stance")).unwrap_or(Stance::Other),
        key: SendKey::Form(nonce.as_bytes().to_vec()),
    })
}

fn on_form(error: OpError, page: &Page, fields: &Fields) -> Result<FieldErrors, Problem> {
    match error {
        OpError::NoProvision => Ok(FieldErrors::one("provision", "wrong-provision")),
        OpError::VisitDay => Ok(FieldErrors::one("arrived", "wrong-visit-day")),
        other => refusal::on_form(other, page.lang).map_err(|problem| problem.keeping(fields)),
    }
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
    let view = Blank {
        page,
        consultation,
        crumbs: crumbs(page, consultation),
        provisions: words::articles(page, &reading.document, "desk-whole-draft"),
        stances: visit::stances(page),
        fields,
        errors,
    };
    Ok(if errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

fn crumbs(page: &Page, consultation: &Consultation) -> Vec<Crumb> {
    let above = (
        consultation.title.clone(),
        format!("/desk/consultations/{}", consultation.id),
    );
    words::crumbs(page, &[above], page.t.get("desk-letter-title"))
}

fn recorded(
    page: &Page,
    consultation: &Consultation,
    letter: &Letter,
    receipt: &ops::Receipt,
) -> Response {
    Recorded {
        page,
        crumbs: crumbs(page, consultation),
        title: page.t.get("desk-letter-done"),
        lead: String::new(),
        slips: vec![Slip::new(receipt.code, &letter.text)],
        repeated: receipt.repeated,
        another: (
            page.t.get("desk-letter-another"),
            format!("/desk/consultations/{}/letter", consultation.id),
        ),
    }
    .show()
}
