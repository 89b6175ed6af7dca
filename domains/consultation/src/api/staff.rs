//! What staff and deputies do.

use axum::{Extension, Json, http::StatusCode, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD as STANDARD};
use corpus::Imported;
use jiff::civil::Date;
use kernel::Role;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Lang, Page, Path, Problem, limits};

use super::{
    public::{ComparisonShape, ReasonShape, compared},
    shapes::{ConsultationShape, NewOpinionShape, OpinionShape, ReceiptShape},
};
use crate::{
    figures,
    model::{OpinionState, Outcome, Stance},
    ops::{
        self, Decision, Desk, Draft, HeardOpinion, Letter, NewVisit, NextVersion, OpError, SendKey,
        WindowForm,
    },
    pages::{self, problem},
    store,
};

const STAFF: &[Role] = &[Role::Clerk, Role::Chair];

pub(super) fn staff(page: &Page) -> Result<(), Problem> {
    page.require(STAFF)?;
    page.limit(&limits::API)
}

async fn shown(desk: &Desk, id: Uuid) -> Result<Json<ConsultationShape>, Problem> {
    Ok(Json(store::consultation(&desk.db, id.into()).await?.into()))
}

fn day(field: &'static str, text: &str) -> Result<Date, Problem> {
    text.parse()
        .map_err(|_| Problem::refused(web::FieldErrors::one(field, "desk-wrong-date")))
}

/// A draft to consult on.
#[derive(Debug, serde::Deserialize, ToSchema)]
pub(super) struct DraftShape {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 2000)]
    lead: String,
    /// What the version is called, such as 征求意见稿.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    #[serde(flatten)]
    text: GivenText,
}

/// A text: its words, or a file.
#[derive(Debug, serde::Deserialize, ToSchema)]
struct GivenText {
    /// The words; without effect where a file is given.
    #[serde(default)]
    text: String,
    #[serde(default)]
    file: Option<FileShape>,
}

/// A file, such as .docx, .txt or .md.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileShape {
    /// Its name; what it ends in says what it is.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its bytes in base64.
    #[schema(content_encoding = "base64")]
    base64: String,
}

/// Prepares a consultation.
#[utoipa::path(post, path = "/consultations", tag = "staff", request_body = DraftShape,
    responses((status = 201, body = TakenShape)))]
pub(super) async fn prepare(
    page: Page,
    Extension(desk): Extension<Desk>,
    web::Json(new): web::Json<DraftShape>,
) -> Result<impl IntoResponse, Problem> {
    staff(&page)?;
    let imported = readable(&new.text)?;
    let draft = Draft {
        title: new.title,
        lead: new.lead,
        label: new.label,
        source: imported.source.as_str().to_owned(),
    };
    let id = ops::prepare(&desk, &page.actor, page.site.congress, &draft)
        .await
        .map_err(problem)?;
    let taken = taken(&page, &desk, id.into(), &imported).await?;
    Ok((StatusCode::CREATED, taken))
}

/// A text with at least one article.
fn readable(given: &GivenText) -> Result<Imported, Problem> {
    let imported = match &given.file {
        None => corpus::import("text.txt", given.text.as_bytes()),
        Some(file) => {
            let bytes = STANDARD.decode(&file.base64);
            let bytes = bytes
                .map_err(|_| Problem::refused(web::FieldErrors::one("file", "wrong-base64")))?;
            corpus::import(&file.name, &bytes)
        }
    };
    imported.map_err(|refusal| problem(refusal.into()))
}

/// Findings told at most.
const FINDINGS: usize = 200;

/// What whoever hands in a text should know, in the language asked for.
#[derive(Debug, serde::Serialize, ToSchema)]
struct ToKnowShape {
    /// What was left out of the file.
    notices: Vec<String>,
    /// What is odd in the text, the first 200.
    findings: Vec<FindingShape>,
}

/// Something odd in a text.
#[derive(Debug, serde::Serialize, ToSchema)]
struct FindingShape {
    /// From 1.
    line: usize,
    what: String,
}

fn to_know(page: &Page, imported: &Imported) -> ToKnowShape {
    let say = |zh: String, en: String| if page.lang == Lang::Zh { zh } else { en };
    let notices = imported.notices.iter().cloned();
    let findings = lawtext::parse(imported.source.as_str()).diagnostics;
    let finding = |found: lawtext::Diagnostic| FindingShape {
        line: found.line,
        what: say(found.message_zh, found.message_en),
    };
    ToKnowShape {
        notices: notices.map(|(zh, en)| say(zh, en)).collect(),
        findings: findings.into_iter().take(FINDINGS).map(finding).collect(),
    }
}

/// A consultation whose text was taken.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct TakenShape {
    #[serde(flatten)]
    consultation: ConsultationShape,
    #[serde(flatten)]
    to_know: ToKnowShape,
}

async fn taken(
    page: &Page,
    desk: &Desk,
    id: Uuid,
    imported: &Imported,
) -> Result<Json<TakenShape>, Problem> {
    let Json(consultation) = shown(desk, id).await?;
    let to_know = to_know(page, imported);
    Ok(Json(TakenShape {
        consultation,
        to_know,
    }))
}

/// Another text for a draft.
#[derive(Debug, serde::Deserialize, ToSchema)]
pub(super) struct NewTextShape {
    /// What the version is called, such as 征求意见稿.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    #[serde(flatten)]
    text: GivenText,
}

/// Replaces the text of a consultation that is still a draft.
#[utoipa::path(put, path = "/consultations/{id}/text", tag = "staff", params(("id" = Uuid, Path)),
    request_body = NewTextShape, responses((status = 200, body = TakenShape)))]
pub(super) async fn replace_text(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<NewTextShape>,
) -> Result<Json<TakenShape>, Problem> {
    staff(&page)?;
    let imported = readable(&new.text)?;
    let source = imported.source.as_str();
    ops::replace_text(&desk, &page.actor, id.into(), &new.label, source)
        .await
        .map_err(problem)?;
    taken(&page, &desk, id, &imported).await
}

/// What a text would change as the next version.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct PreviewShape {
    /// The version it is compared with; hand it in when the text is published.
    follows: Uuid,
    /// Adopted opinions that it would be written into.
    to_write: i64,
    /// Opinions that wait for a decision.
    undecided: i64,
    #[serde(flatten)]
    comparison: ComparisonShape,
    #[serde(flatten)]
    to_know: ToKnowShape,
}

/// What a text would change as the next version; nothing is kept.
#[utoipa::path(post, path = "/consultations/{id}/preview", tag = "staff", params(("id" = Uuid, Path)),
    request_body = NewTextShape, responses((status = 200, body = PreviewShape)))]
pub(super) async fn preview(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<NewTextShape>,
) -> Result<Json<PreviewShape>, Problem> {
    staff(&page)?;
    ops::words("label", &new.label, ops::limits::LABEL).map_err(problem)?;
    let row = store::consultation(&desk.db, id.into()).await?;
    if !pages::is_staff(&page, row.congress) {
        return Err(Problem::forbidden());
    }
    let imported = readable(&new.text)?;
    let present = desk.library.read(&desk.db, row.version).await?;
    if present.version.source == imported.source.as_str() {
        return Err(problem(OpError::SameText));
    }
    let next = lawtext::parse(imported.source.as_str()).document;
    let tallies = figures::tallies(&desk.db, row.id).await?;
    Ok(Json(PreviewShape {
        follows: row.version.into(),
        to_write: tallies.to_write(""),
        undecided: tallies.in_state("", OpinionState::Received),
        comparison: compared(&present.document, &next),
        to_know: to_know(&page, &imported),
    }))
}

/// New words of a consultation that is still a draft.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsShape {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 2000)]
    lead: String,
}

/// Changes the words of a draft.
#[utoipa::path(patch, path = "/consultations/{id}", tag = "staff", params(("id" = Uuid, Path)),
    request_body = WordsShape, responses((status = 200, body = ConsultationShape)))]
pub(super) async fn edit(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<WordsShape>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    ops::edit(&desk, &page.actor, id.into(), &new.title, &new.lead)
        .await
        .map_err(problem)?;
    shown(&desk, id).await
}

/// The days on which opinions are taken.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowShape {
    /// The first day, such as `2026-07-01`.
    #[schema(format = Date)]
    opens_on: String,
    /// The last day.
    #[schema(format = Date)]
    closes_on: String,
    /// Why it is shorter than the law's minimum; everybody reads it.
    #[serde(default)]
    reason: Option<String>,
}

/// Opens a consultation to everybody.
#[utoipa::path(post, path = "/consultations/{id}/open", tag = "staff", params(("id" = Uuid, Path)),
    request_body = WindowShape, responses((status = 200, body = ConsultationShape)))]
pub(super) async fn open(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(window): web::Json<WindowShape>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    let form = WindowForm {
        opens: day("opens_on", &window.opens_on)?,
        closes: day("closes_on", &window.closes_on)?,
        reason: window.reason,
    };
    ops::open(&desk, &page.actor, id.into(), &form)
        .await
        .map_err(problem)?;
    shown(&desk, id).await
}

/// More time.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtendShape {
    /// The new last day.
    #[schema(format = Date)]
    closes_on: String,
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Gives people more time.
#[utoipa::path(post, path = "/consultations/{id}/extend", tag = "staff", params(("id" = Uuid, Path)),
    request_body = ExtendShape, responses((status = 200, body = ConsultationShape)))]
pub(super) async fn extend(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(more): web::Json<ExtendShape>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    ops::extend(
        &desk,
        &page.actor,
        id.into(),
        day("closes_on", &more.closes_on)?,
        &more.reason,
    )
    .await
    .map_err(problem)?;
    shown(&desk, id).await
}

/// Closes a consultation before its last day is over.
#[utoipa::path(post, path = "/consultations/{id}/close", tag = "staff", params(("id" = Uuid, Path)),
    request_body = ReasonShape, responses((status = 200, body = ConsultationShape)))]
pub(super) async fn close(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(why): web::Json<ReasonShape>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    ops::close(&desk, &page.actor, id.into(), &why.reason)
        .await
        .map_err(problem)?;
    shown(&desk, id).await
}

/// Withdraws a consultation.
#[utoipa::path(post, path = "/consultations/{id}/withdraw", tag = "staff", params(("id" = Uuid, Path)),
    request_body = ReasonShape, responses((status = 200, body = ConsultationShape)))]
pub(super) async fn withdraw(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(why): web::Json<ReasonShape>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    ops::withdraw(&desk, &page.actor, id.into(), &why.reason)
        .await
        .map_err(problem)?;
    shown(&desk, id).await
}

/// Publishes what became of the opinions.
#[utoipa::path(post, path = "/consultations/{id}/report", tag = "staff", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsultationShape)))]
pub(super) async fn report(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<Json<ConsultationShape>, Problem> {
    staff(&page)?;
    ops::report(&desk, &page.actor, id.into())
        .await
        .map_err(problem)?;
    shown(&desk, id).await
}

/// The next version of the draft.
#[derive(Debug, serde::Deserialize, ToSchema)]
pub(super) struct NextVersionShape {
    /// What it is called, such as 二次审议稿.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    #[serde(flatten)]
    text: GivenText,
    /// The version it follows: the present one. Where another was published meanwhile, this is refused.
    follows: Uuid,
}

/// Publishes the next version and writes every adopted opinion into it.
#[utoipa::path(post, path = "/consultations/{id}/versions", tag = "versions", params(("id" = Uuid, Path)),
    request_body = NextVersionShape, responses((status = 201, body = TakenShape)))]
pub(super) async fn next_version(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<NextVersionShape>,
) -> Result<impl IntoResponse, Problem> {
    staff(&page)?;
    let imported = readable(&new.text)?;
    let next = NextVersion {
        label: new.label,
        source: imported.source.as_str().to_owned(),
        follows: new.follows.into(),
    };
    ops::next_version(&desk, &page.actor, id.into(), &next)
        .await
        .map_err(problem)?;
    let taken = taken(&page, &desk, id, &imported).await?;
    Ok((StatusCode::CREATED, taken))
}

/// A decision with its reason.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionShape {
    outcome: OutcomeShape,
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// The provision of the next version that will show it.
    #[serde(default)]
    lands_on: Option<String>,
    /// The body that handles it: of what is referred, always; else it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    referred_to: Option<String>,
    /// The opinion's `steps` when it was read. Where it has gone on since, this is refused.
    #[schema(minimum = 1)]
    #[serde(deserialize_with = "super::shapes::whole")]
    steps: u32,
}

/// Why an opinion is hidden, shown again or erased.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HidingShape {
    /// In words that everybody reads.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// The opinion's `steps` when it was read. Where it has gone on since, this is refused.
    #[schema(minimum = 1)]
    #[serde(deserialize_with = "super::shapes::whole")]
    steps: u32,
}

/// 采纳, 部分采纳, 未采纳, 已体现, 转办.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeShape {
    Adopted,
    PartlyAdopted,
    NotAdopted,
    AlreadyCovered,
    Referred,
}

impl From<OutcomeShape> for Outcome {
    fn from(outcome: OutcomeShape) -> Self {
        match outcome {
            OutcomeShape::Adopted => Self::Adopted,
            OutcomeShape::PartlyAdopted => Self::PartlyAdopted,
            OutcomeShape::NotAdopted => Self::NotAdopted,
            OutcomeShape::AlreadyCovered => Self::AlreadyCovered,
            OutcomeShape::Referred => Self::Referred,
        }
    }
}

/// Decides an opinion, or corrects the decision.
#[utoipa::path(post, path = "/opinions/{id}/decision", tag = "staff", params(("id" = Uuid, Path)),
    request_body = DecisionShape, responses((status = 200, body = OpinionShape)))]
pub(super) async fn decide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<DecisionShape>,
) -> Result<Json<OpinionShape>, Problem> {
    staff(&page)?;
    let decision = Decision {
        outcome: new.outcome.into(),
        reason: new.reason,
        lands_on: new.lands_on,
        referred_to: new.referred_to,
    };
    ops::decide(&desk, &page.actor, id.into(), new.steps, &decision)
        .await
        .map_err(problem)?;
    Ok(Json(store::opinion(&desk.db, id.into()).await?.into()))
}

/// Hides an opinion; the reason stands in its place.
#[utoipa::path(post, path = "/opinions/{id}/hide", tag = "staff", params(("id" = Uuid, Path)),
    request_body = HidingShape, responses((status = 200, body = OpinionShape)))]
pub(super) async fn hide(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(why): web::Json<HidingShape>,
) -> Result<Json<OpinionShape>, Problem> {
    staff(&page)?;
    ops::hide(&desk, &page.actor, id.into(), why.steps, &why.reason)
        .await
        .map_err(problem)?;
    Ok(Json(store::opinion(&desk.db, id.into()).await?.into()))
}

/// Shows a hidden opinion again.
#[utoipa::path(post, path = "/opinions/{id}/show", tag = "staff", params(("id" = Uuid, Path)),
    request_body = HidingShape, responses((status = 200, body = OpinionShape)))]
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(why): web::Json<HidingShape>,
) -> Result<Json<OpinionShape>, Problem> {
    staff(&page)?;
    ops::show(&desk, &page.actor, id.into(), why.steps, &why.reason)
        .await
        .map_err(problem)?;
    Ok(Json(store::opinion(&desk.db, id.into()).await?.into()))
}

/// Erases an opinion's words for good, at the request of whoever wrote them; the reason stands in their
/// place.
#[utoipa::path(post, path = "/opinions/{id}/erase", tag = "staff", params(("id" = Uuid, Path)),
    request_body = HidingShape, responses((status = 200, body = OpinionShape)))]
pub(super) async fn erase(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(why): web::Json<HidingShape>,
) -> Result<Json<OpinionShape>, Problem> {
    staff(&page)?;
    ops::erase(&desk, &page.actor, id.into(), why.steps, &why.reason)
        .await
        .map_err(problem)?;
    Ok(Json(store::opinion(&desk.db, id.into()).await?.into()))
}

/// A visit with what was heard.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVisitShape {
    /// The unit visited (基层单位).
    #[schema(min_length = 1, max_length = 100)]
    unit: String,
    /// Persons heard (人次).
    #[schema(minimum = 1, maximum = 10000)]
    #[serde(deserialize_with = "super::shapes::whole")]
    heads: u32,
    /// The day, such as `2026-07-01`.
    #[schema(format = Date)]
    day: String,
    /// What was heard.
    #[schema(max_items = 50)]
    opinions: Vec<NewOpinionShape>,
    /// The same for the same visit, so that it is kept once; another visit under it is refused.
    #[schema(min_length = 16, max_length = 200)]
    key: String,
}

/// A recorded visit.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct HeardShape {
    visit: Uuid,
    /// A receipt's code for each opinion, in their order.
    codes: Vec<String>,
}

/// Records a visit (deputies).
#[utoipa::path(post, path = "/consultations/{id}/visits", tag = "visits", params(("id" = Uuid, Path)),
    request_body = NewVisitShape, responses((status = 201, body = HeardShape)))]
pub(super) async fn record_visit(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<NewVisitShape>,
) -> Result<impl IntoResponse, Problem> {
    let who = page.require(&[Role::Deputy])?;
    page.limit(&limits::API)?;
    if !(16..=200).contains(&new.key.len()) {
        return Err(web::FieldErrors::one("key", "wrong-key").into());
    }
    let heard = |opinion: NewOpinionShape| HeardOpinion {
        text: opinion.text,
        provision: opinion.provision,
        stance: opinion.stance.map_or(Stance::Amend, Stance::from),
    };
    let visit = NewVisit {
        unit: new.unit,
        heads: new.heads,
        day: day("day", &new.day)?,
        opinions: new.opinions.into_iter().map(heard).collect(),
        key: SendKey::Client(format!("{} {}", who.account, new.key)),
    };
    let heard = ops::record_visit(&desk, &page.actor, id.into(), &visit)
        .await
        .map_err(problem)?;
    let codes = heard.codes.iter().map(ToString::to_string).collect();
    Ok((
        StatusCode::CREATED,
        Json(HeardShape {
            visit: heard.visit.into(),
            codes,
        }),
    ))
}

/// A letter or a call, recorded by staff. Who wrote is not kept.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LetterShape {
    /// The person's own words, without name and address.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// A provision of the draft, such as `art_3`; absent for the whole draft.
    #[serde(default)]
    #[schema(max_length = 400)]
    provision: Option<String>,
    /// support, amend, oppose or other; `amend` when absent.
    #[serde(default)]
    stance: Option<super::shapes::StanceShape>,
    /// The day it arrived, such as `2026-07-01`.
    #[schema(format = Date)]
    arrived: String,
}

/// Records a letter or a call (来信来访). The answer is the receipt, for whoever wrote.
#[utoipa::path(post, path = "/consultations/{id}/letters", tag = "staff",
    params(("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 16, max_length = 200, pattern = "^[!-~]{16,200}$")),
    request_body = LetterShape, responses((status = 201, body = ReceiptShape), (status = 200, body = ReceiptShape)))]
pub(super) async fn record_letter(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    headers: axum::http::HeaderMap,
    web::Json(new): web::Json<LetterShape>,
) -> Result<impl IntoResponse, Problem> {
    staff(&page)?;
    let letter = Letter {
        text: new.text,
        provision: new.provision,
        stance: new.stance.map_or(Stance::Amend, Stance::from),
        arrived: day("arrived", &new.arrived)?,
        key: super::public::send_key(&desk, &headers)?,
    };
    let receipt = ops::record_letter(&desk, &page.actor, id.into(), &letter)
        .await
        .map_err(problem)?;
    super::public::receipt_of(&page, &desk, receipt).await
}
