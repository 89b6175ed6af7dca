//! 回执: the way of one opinion, for whoever holds its code, with its proof.
//!
//! A code is a secret: nothing here is cached, indexed or logged with it.

use askama::Template;
use axum::{
    Extension, Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use kernel::{ReceiptCode, code::CodeError};
use procedure::Word as _;
use web::{App, FieldErrors, Form, Message, Page, Path, Problem, Query, limits, view::Step};

use super::{
    field,
    look::{self, Marked, Voice},
    problem,
};
use crate::{
    model::{OpinionMove, OpinionState},
    ops::{self, Desk, OpError},
    way::{self, Way},
};

/// The pages of receipts.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/receipts", get(ask).post(look_up))
        .route("/receipts/{code}", get(show))
        .route("/receipts/{code}/file", get(file))
        .route("/receipts/{code}/qr.svg", get(qr))
        .route("/receipts/{code}/ask-again", post(ask_again))
        .route("/receipts/{code}/withdraw", post(withdraw))
}

#[derive(Template)]
#[template(path = "public/receipt_form.html")]
struct Ask<'a> {
    page: &'a Page,
    errors: FieldErrors,
    code: String,
}

#[derive(serde::Deserialize, Default)]
struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    reason: String,
}

async fn ask(page: Page) -> Response {
    page.show(&Ask {
        page: &page,
        errors: FieldErrors::none(),
        code: String::new(),
    })
}

async fn look_up(page: Page, form: Form<Typed>) -> Result<Response, Problem> {
    page.limit(&limits::RECEIPT)?;
    match form.value.code.parse::<ReceiptCode>() {
        Ok(code) => Ok(page.redirect(&format!("/receipts/{code}"))),
        Err(error) => Ok(again(
            &page,
            StatusCode::UNPROCESSABLE_ENTITY,
            form.value.code,
            wrong(&error),
        )),
    }
}

/// The form again, with what is wrong with the code.
fn again(page: &Page, status: StatusCode, code: String, message: Message) -> Response {
    let errors = FieldErrors::one("code", message);
    secret(page.show_as(status, &Ask { page, errors, code }))
}

fn wrong(error: &CodeError) -> Message {
    match error {
        CodeError::Empty => Message::new("receipt-wrong-empty"),
        CodeError::UnknownCharacter {
            character,
            position,
        } => Message::new("receipt-wrong-character")
            .put("character", character.to_string())
            .put("place", *position),
        CodeError::WrongLength { got } => Message::new("receipt-wrong-length").put("got", *got),
        CodeError::CheckFailed => Message::new("receipt-wrong-check"),
    }
}

/// Keeps an answer to a code out of caches and search engines.
pub(crate) fn secret(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// The way behind a code as it stands in the address; or the page that says what is wrong with it.
async fn way(
    page: &Page,
    desk: &Desk,
    typed: &str,
) -> Result<(ReceiptCode, Way), Result<Response, Problem>> {
    page.limit(&limits::RECEIPT).map_err(Err)?;
    let code = typed.parse::<ReceiptCode>().map_err(|error| {
        Ok(again(
            page,
            StatusCode::NOT_FOUND,
            typed.to_owned(),
            wrong(&error),
        ))
    })?;
    match way::by_code(desk, code).await {
        Ok(Some(way)) => Ok((code, way)),
        Ok(None) => Err(Ok(again(
            page,
            StatusCode::NOT_FOUND,
            typed.to_owned(),
            "receipt-wrong-unknown".into(),
        ))),
        Err(error) => Err(Err(problem(error))),
    }
}

#[derive(Template)]
#[template(path = "public/receipt.html")]
struct Receipt<'a> {
    page: &'a Page,
    code: String,
    new: bool,
    title: String,
    number: String,
    consultation: &'a crate::store::Consultation,
    body: &'a str,
    hidden: String,
    voice: Voice,
    steps: Vec<Step>,
    written: String,
    article: Marked,
    entries: String,
    size: String,
    root: String,
    may_ask: bool,
    may_withdraw: bool,
    errors: FieldErrors,
    reason: String,
    max: usize,
}

#[derive(serde::Deserialize)]
struct Fresh {
    #[serde(default)]
    new: String,
}

async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(typed): Path<String>,
    Query(fresh): Query<Fresh>,
) -> Result<Response, Problem> {
    let (code, way) = match way(&page, &desk, &typed).await {
        Ok(found) => found,
        Err(told) => return told,
    };
    let view = view(&page, &desk, code, &way).await?;
    Ok(secret(page.show(&Receipt {
        new: fresh.new == "1",
        ..view
    })))
}

async fn view<'a>(
    page: &'a Page,
    desk: &Desk,
    code: ReceiptCode,
    way: &'a Way,
) -> Result<Receipt<'a>, Problem> {
    let head = procedure::head(&desk.db).await?;
    let (written, article) = written(page, desk, way).await?;
    let entries = way.steps.iter().filter_map(|step| step.index);
    let asked = way
        .steps
        .iter()
        .any(|step| step.made == OpinionMove::AskAgain.word());
    let state = way.opinion.state;
    Ok(Receipt {
        page,
        code: code.to_string(),
        new: false,
        title: title(page, way),
        number: look::number(page, "opinion", way.opinion.number),
        consultation: &way.consultation,
        body: &way.opinion.body,
        hidden: way.opinion.hidden.clone().unwrap_or_default(),
        voice: look::voice(page, &way.opinion),
        steps: look::chain(page, &way.opinion, &way.steps),
        written,
        article,
        entries: entries
            .map(|index| page.t.number(index.saturating_add(1)))
            .collect::<Vec<_>>()
            .join("、"),
        size: page.t.number(head.size),
        root: head.frontier.root().to_base64(),
        may_ask: !asked && matches!(state, OpinionState::Decided | OpinionState::Written),
        may_withdraw: state == OpinionState::Received,
        errors: FieldErrors::none(),
        reason: String::new(),
        max: ops::limits::REASON,
    })
}

/// What became of it, in a sentence.
fn title(page: &Page, way: &Way) -> String {
    let opinion = &way.opinion;
    let landed = way.led_to.last();
    let place = landed.and_then(|landed| landed.place.provision.as_deref());
    match (opinion.state, opinion.outcome) {
        (OpinionState::Written, _) if place.is_some() => {
            let place = look::provision(page, place);
            page.t.one("receipt-title-written-at", "place", place)
        }
        (OpinionState::Decided, Some(outcome)) => match &opinion.referred_to {
            Some(body) => page
                .t
                .one("receipt-title-referred-to", "body", body.as_str()),
            None => look::named(page, "receipt-title", outcome.word()),
        },
        (state, _) => look::named(page, "receipt-title", state.word()),
    }
}

/// The article of the newest version that shows the opinion, marked against the one spoken of.
async fn written(page: &Page, desk: &Desk, way: &Way) -> Result<(String, Marked), Problem> {
    let landed = way.led_to.last().map(|landed| &landed.place);
    let landed = landed.and_then(|place| Some((place.version, place.provision.as_deref()?)));
    let Some((version, place)) = landed else {
        return Ok((String::new(), Vec::new()));
    };
    let new = desk.library.read(&desk.db, version).await?;
    let old = desk.library.read(&desk.db, way.opinion.version).await?;
    let Some(node) = place.parse().ok().and_then(|id| new.document.find(&id)) else {
        return Ok((String::new(), Vec::new()));
    };
    let alignment = lawtext::align(&old.document, &new.document);
    let before = alignment
        .origins(&node.id)
        .first()
        .map(|pair| pair.words(&old.document, &new.document).0)
        .unwrap_or_default();
    let args = [
        ("version", new.version.label.as_str().into()),
        ("place", look::provision(page, Some(place)).into()),
    ];
    Ok((
        page.t.with("receipt-written-into", &args),
        look::marked(&lawtext::mark(&before, &node.plain_text()), true, true),
    ))
}

async fn file(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(typed): Path<String>,
) -> Result<Response, Problem> {
    let (code, way) = match way(&page, &desk, &typed).await {
        Ok(found) => found,
        Err(told) => return told,
    };
    let json = way::file(&desk, code, &way)
        .await
        .map_err(problem)?
        .to_json()
        .map_err(Problem::internal)?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], json).into_response();
    let name = format!("attachment; filename=\"receipt-{}.json\"", code.compact());
    if let Ok(name) = HeaderValue::from_str(&name) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(secret(response))
}

/// The address of the receipt as a QR code. It draws any well-formed code and asks nothing of the
/// store, so that it tells nobody which codes there are.
async fn qr(page: Page, Path(typed): Path<String>) -> Result<Response, Problem> {
    let code = typed
        .parse::<ReceiptCode>()
        .map_err(|_| Problem::not_found())?;
    let address = format!("{}/receipts/{code}", page.site.base_url);
    let drawn = qrcode::QrCode::new(address.as_bytes()).map_err(Problem::internal)?;
    let svg = drawn
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(240, 240)
        .build();
    Ok(secret(
        ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response(),
    ))
}

async fn ask_again(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(typed): Path<String>,
    form: Form<Typed>,
) -> Result<Response, Problem> {
    act(&page, &desk, &typed, &form, Act::AskAgain).await
}

async fn withdraw(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(typed): Path<String>,
    form: Form<Typed>,
) -> Result<Response, Problem> {
    act(&page, &desk, &typed, &form, Act::Withdraw).await
}

/// What whoever holds a receipt may do.
#[derive(Clone, Copy)]
enum Act {
    AskAgain,
    Withdraw,
}

async fn act(
    page: &Page,
    desk: &Desk,
    typed: &str,
    form: &Form<Typed>,
    act: Act,
) -> Result<Response, Problem> {
    let (code, way) = match way(page, desk, typed).await {
        Ok(found) => found,
        Err(told) => return told,
    };
    if let Err(message) = form.nonce(page) {
        return refuse(page, desk, code, &way, form, FieldErrors::one("", message)).await;
    }
    let done = match act {
        Act::AskAgain => ops::ask_again(desk, way.opinion.id, &form.value.reason).await,
        Act::Withdraw => ops::withdraw_opinion(desk, way.opinion.id).await,
    };
    let notice = match act {
        Act::AskAgain => "receipt-asked-again",
        Act::Withdraw => "receipt-withdrawn",
    };
    match done {
        Ok(()) => Ok(secret(
            page.redirect_with(&format!("/receipts/{code}"), notice),
        )),
        Err(error @ OpError::Text { .. }) => {
            refuse(page, desk, code, &way, form, field(&error)).await
        }
        Err(error) => Err(problem(error)
            .keeping(&form.fields)
            .leading_to(format!("/receipts/{code}"), "receipt-back")),
    }
}

async fn refuse(
    page: &Page,
    desk: &Desk,
    code: ReceiptCode,
    way: &Way,
    form: &Form<Typed>,
    errors: FieldErrors,
) -> Result<Response, Problem> {
    let view = view(page, desk, code, way).await?;
    Ok(secret(page.show_refused(&Receipt {
        errors,
        reason: form.value.reason.clone(),
        ..view
    })))
}
