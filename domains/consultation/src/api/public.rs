//! What anybody may ask.

use axum::{Extension, Json, http::StatusCode, response::IntoResponse};
use kernel::{ConsultationId, ReceiptCode, VersionId};
use lawtext::{Change, Document, PairKind};
use procedure::Word as _;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{FieldErrors, Page, Path, Problem, Query, asked_size as page_size, limits};

use super::shapes::{
    ConsultationShape, ConsultationWayShape, FigureShape, LedToShape, List, NewOpinionShape,
    OpinionQuery, OpinionShape, OpinionWayShape, PageQuery, ReceiptShape, StepShape, VisitShape,
    VisitedShape, after, list, opinion_id,
};
use crate::{
    figures as counting,
    model::{OpinionMove, Stance, says},
    ops::{self, Desk, NewOpinion, SendKey},
    pages::{self, problem},
    store::{self, Consultation, Scope},
    way::{self, Way},
};

/// Which consultations.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ScopeQuery {
    /// Drafts too, for staff; without effect for others.
    #[serde(default)]
    drafts: bool,
}

/// The consultations, newest first.
#[utoipa::path(get, path = "/consultations", tag = "consultations", params(PageQuery, ScopeQuery),
    responses((status = 200, body = List<ConsultationShape>)))]
pub(super) async fn consultations(
    page: Page,
    Extension(desk): Extension<Desk>,
    Query(query): Query<PageQuery>,
    Query(asked): Query<ScopeQuery>,
) -> Result<Json<List<ConsultationShape>>, Problem> {
    page.limit(&limits::API)?;
    let size = page_size(query.limit)?;
    let before = after(query.cursor.as_deref())?.map(ConsultationId::from);
    let congress = page.site.congress;
    let scope = match asked.drafts && pages::is_staff(&page, congress) {
        true => Scope::All,
        false => Scope::Published,
    };
    let page = store::consultations(&desk.db, congress, scope, before, size).await?;
    Ok(Json(list(page)))
}

/// A consultation that the visitor may see.
async fn seen(page: &Page, desk: &Desk, id: Uuid) -> Result<Consultation, Problem> {
    pages::seen(page, desk, id.into()).await
}

/// One consultation.
#[utoipa::path(get, path = "/consultations/{id}", tag = "consultations", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsultationWayShape)))]
pub(super) async fn consultation(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<Json<ConsultationWayShape>, Problem> {
    page.limit(&limits::API)?;
    let consultation = seen(&page, &desk, id).await?;
    let way = procedure::load_timeline(&desk.db, consultation.id.into()).await?;
    Ok(Json(ConsultationWayShape {
        consultation: consultation.into(),
        way: way.into_iter().map(StepShape::from).collect(),
    }))
}

/// The present version's text.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct TextShape {
    version: Uuid,
    label: String,
    title: String,
    /// The text as it came, to the byte.
    source: String,
    articles: Vec<ArticleShape>,
}

/// One article.
#[derive(Debug, serde::Serialize, ToSchema)]
struct ArticleShape {
    /// Use it as an opinion's `provision`.
    id: String,
    label: String,
    text: String,
}

/// Which version.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VersionQuery {
    /// A published version; the present one when absent.
    version: Option<Uuid>,
}

/// The text of a version, with the ids of its articles.
#[utoipa::path(get, path = "/consultations/{id}/text", tag = "consultations", params(("id" = Uuid, Path), VersionQuery),
    responses((status = 200, body = TextShape)))]
pub(super) async fn text(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(asked): Query<VersionQuery>,
) -> Result<Json<TextShape>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let reading = match asked.version.filter(|id| *id != Uuid::from(row.version)) {
        Some(version) => version_of(&desk, &row, version).await?,
        None => desk.library.read(&desk.db, row.version).await?,
    };
    let article = |node: &lawtext::Node| ArticleShape {
        id: node.id.to_string(),
        label: node.id.label(),
        text: node.plain_text(),
    };
    Ok(Json(TextShape {
        version: reading.version.id.into(),
        label: reading.version.label.clone(),
        title: reading.document.title.clone(),
        source: reading.version.source.clone(),
        articles: reading.document.articles().map(article).collect(),
    }))
}

/// The opinions, in the order they came. A page may have fewer items than asked for, even none, and be
/// followed by another: the list goes on as long as there is a `next_cursor`.
#[utoipa::path(get, path = "/consultations/{id}/opinions", tag = "opinions",
    params(("id" = Uuid, Path), OpinionQuery), responses((status = 200, body = List<OpinionShape>)))]
pub(super) async fn opinions(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<OpinionQuery>,
) -> Result<Json<List<OpinionShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let size = page_size(query.limit)?;
    let from = after(query.cursor.as_deref())?.map(opinion_id);
    let page = store::opinions(&desk.db, row.id, &query.filter()?, from, size).await?;
    Ok(Json(list(page)))
}

/// Where opinions led.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LedToQuery {
    /// The provision of the version, such as `art_3`.
    #[param(max_length = 200, example = "art_3")]
    provision: String,
}

/// The opinions that led to a provision of a version, in the order in which they were written there.
#[utoipa::path(get, path = "/consultations/{id}/versions/{version}/opinions", tag = "opinions",
    params(("id" = Uuid, Path), ("version" = Uuid, Path), LedToQuery, PageQuery),
    responses((status = 200, body = List<OpinionShape>)))]
pub(super) async fn led_to(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, version)): Path<(Uuid, Uuid)>,
    Query(asked): Query<LedToQuery>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<OpinionShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let size = page_size(query.limit)?;
    let from = after(query.cursor.as_deref())?.map(kernel::LinkId::from);
    let named = asked.provision.parse::<lawtext::ProvisionId>();
    let named = named.map_err(|_| FieldErrors::one("provision", "wrong-provision"))?;
    let place = says::Write {
        version: version.into(),
        provision: Some(named.to_string()),
    };
    let found = store::led_to(&desk.db, row.id, &place, from, size).await?;
    Ok(Json(list(found)))
}

/// Leaves an opinion; no account. The answer is the receipt. Send `Idempotency-Key` to be able to
/// send the same request again without speaking twice: it answers with the same receipt, also after
/// the last day. Another request under the same key is refused with `idempotency_key_reused`.
#[utoipa::path(post, path = "/consultations/{id}/opinions", tag = "opinions",
    params(("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 16, max_length = 200, pattern = "^[!-~]{16,200}$")),
    request_body = NewOpinionShape, responses((status = 201, body = ReceiptShape), (status = 200, body = ReceiptShape)))]
pub(super) async fn submit(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    headers: axum::http::HeaderMap,
    web::Json(new): web::Json<NewOpinionShape>,
) -> Result<impl IntoResponse, Problem> {
    page.limit(&limits::OPINION)?;
    let opinion = NewOpinion {
        text: new.text,
        provision: new.provision,
        stance: new.stance.map_or(Stance::Amend, Stance::from),
        key: send_key(&desk, &headers)?,
    };
    let receipt = ops::submit(&desk, id.into(), &opinion)
        .await
        .map_err(problem)?;
    receipt_of(&page, &desk, receipt).await
}

/// A receipt just given, or given again.
pub(super) async fn receipt_of(
    page: &Page,
    desk: &Desk,
    receipt: ops::Receipt,
) -> Result<(StatusCode, Json<ReceiptShape>), Problem> {
    let way = match receipt.way? {
        Some(way) => way,
        None => way::by_id(desk, receipt.opinion).await.map_err(problem)?,
    };
    let status = if receipt.repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(shape(page, receipt.code, way))))
}

/// The client's own key, long enough not to be another client's by chance; a fresh one where it
/// sends none.
pub(super) fn send_key(desk: &Desk, headers: &axum::http::HeaderMap) -> Result<SendKey, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        let mut nonce = vec![0; 16];
        desk.entropy.fill(&mut nonce);
        return Ok(SendKey::Form(nonce));
    };
    key.to_str()
        .ok()
        .filter(|key| (16..=200).contains(&key.len()) && !key.contains(char::is_whitespace))
        .map(|key| SendKey::Client(key.to_owned()))
        .ok_or_else(|| Problem::refused(FieldErrors::one("idempotency_key", "wrong-key")))
}

fn shape(page: &Page, code: ReceiptCode, way: Way) -> ReceiptShape {
    let mut opinion = OpinionShape::from(way.opinion.clone());
    // Whoever holds the receipt reads their own words even where they are hidden from others.
    opinion.text = Some(way.opinion.body);
    ReceiptShape {
        code: code.to_string(),
        url: format!(
            "{}/receipts/{code}",
            page.site.base_url.trim_end_matches('/')
        ),
        opinion,
        steps: way.steps.into_iter().map(StepShape::from).collect(),
        led_to: way.led_to.into_iter().map(LedToShape::from).collect(),
    }
}

/// One opinion, as the visitor may see it: staff read words that are hidden from others.
#[utoipa::path(get, path = "/opinions/{id}", tag = "opinions", params(("id" = Uuid, Path)),
    responses((status = 200, body = OpinionWayShape)))]
pub(super) async fn opinion(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<Json<OpinionWayShape>, Problem> {
    page.limit(&limits::API)?;
    let way = way::by_id(&desk, id.into()).await.map_err(problem)?;
    let mut opinion = OpinionShape::from(way.opinion.clone());
    let steps = if pages::is_staff(&page, way.consultation.congress) {
        opinion.text = Some(way.opinion.body).filter(|words| !words.is_empty());
        way.steps.into_iter().map(StepShape::from).collect()
    } else {
        public_steps(&way)
    };
    Ok(Json(OpinionWayShape {
        way: steps,
        led_to: way.led_to.into_iter().map(LedToShape::from).collect(),
        opinion,
    }))
}

/// The steps as everybody may see them: what a person wrote stays hidden with the opinion.
fn public_steps(way: &Way) -> Vec<StepShape> {
    let steps = way.steps.iter().cloned().map(StepShape::from);
    let mut steps: Vec<StepShape> = steps.collect();
    if way.opinion.public_words().is_none() {
        let asked = |step: &&mut StepShape| step.r#move == OpinionMove::AskAgain.word();
        steps
            .iter_mut()
            .filter(asked)
            .for_each(|step| step.reason = None);
    }
    steps
}

/// All figures of a consultation.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct FiguresShape {
    /// Counted up to this instant.
    as_of: String,
    figures: Vec<FigureShape>,
}

/// The figures of a consultation; each names the list that it counts.
#[utoipa::path(get, path = "/consultations/{id}/figures", tag = "figures", params(("id" = Uuid, Path)),
    responses((status = 200, body = FiguresShape)))]
pub(super) async fn figures(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<Json<FiguresShape>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let tallies = counting::tallies(&desk.db, row.id).await?;
    let figures = counting::figures(&tallies)
        .into_iter()
        .map(|figure| FigureShape::of(row.id, figure));
    Ok(Json(FiguresShape {
        as_of: page.now.rfc3339(),
        figures: figures.collect(),
    }))
}

/// A version of the draft.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct VersionShape {
    id: Uuid,
    number: i64,
    label: String,
    published_at: Option<String>,
}

/// The versions of the draft, oldest first.
#[utoipa::path(get, path = "/consultations/{id}/versions", tag = "versions", params(("id" = Uuid, Path)),
    responses((status = 200, body = List<VersionShape>)))]
pub(super) async fn versions(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
) -> Result<Json<List<VersionShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let shape = |head: corpus::VersionHead| VersionShape {
        id: head.id.into(),
        number: head.seq,
        label: head.label,
        published_at: head.published_at.map(kernel::Timestamp::rfc3339),
    };
    let items = corpus::heads(&desk.db, row.text)
        .await?
        .into_iter()
        .map(shape)
        .collect();
    Ok(Json(List {
        items,
        next_cursor: None,
    }))
}

/// Two versions, article by article.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct ComparisonShape {
    pairs: Vec<PairShape>,
}

/// One article in both versions.
#[derive(Debug, serde::Serialize, ToSchema)]
struct PairShape {
    old: Option<String>,
    new: Option<String>,
    /// unchanged, renumbered, changed, added, removed, moved, split or merged.
    kind: String,
    /// From 0 to 1.
    confidence: f32,
    /// The characters: same, deleted, inserted.
    changes: Vec<ChangeShape>,
}

/// A run of characters.
#[derive(Debug, serde::Serialize, ToSchema)]
struct ChangeShape {
    /// same, deleted or inserted.
    kind: &'static str,
    text: String,
}

/// Which versions to compare.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ComparisonQuery {
    /// The older version.
    old: Uuid,
    /// The newer version.
    new: Uuid,
}

/// Two versions aligned, with the changed characters marked.
#[utoipa::path(get, path = "/consultations/{id}/comparison", tag = "versions",
    params(("id" = Uuid, Path), ComparisonQuery), responses((status = 200, body = ComparisonShape)))]
pub(super) async fn comparison(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<ComparisonQuery>,
) -> Result<Json<ComparisonShape>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let old = version_of(&desk, &row, query.old).await?;
    let new = version_of(&desk, &row, query.new).await?;
    Ok(Json(compared(&old.document, &new.document)))
}

/// Two texts, article by article.
pub(super) fn compared(old: &Document, new: &Document) -> ComparisonShape {
    let alignment = lawtext::align(old, new);
    let pairs = alignment.provisions().map(|pair| {
        let (before, after) = pair.words(old, new);
        PairShape {
            changes: changes(&before, &after),
            old: pair.old.as_ref().map(ToString::to_string),
            new: pair.new.as_ref().map(ToString::to_string),
            kind: kind_word(pair.kind),
            confidence: pair.confidence,
        }
    });
    ComparisonShape {
        pairs: pairs.collect(),
    }
}

fn kind_word(kind: PairKind) -> String {
    format!("{kind:?}").to_lowercase()
}

fn changes(old: &str, new: &str) -> Vec<ChangeShape> {
    let shapes = |change| match change {
        Change::Same { text } => vec![ChangeShape { kind: "same", text }],
        Change::Edited {
            deleted, inserted, ..
        } => vec![
            ChangeShape {
                kind: "deleted",
                text: deleted,
            },
            ChangeShape {
                kind: "inserted",
                text: inserted,
            },
        ],
    };
    let all = lawtext::mark(old, new).into_iter().flat_map(shapes);
    all.filter(|shape| !shape.text.is_empty()).collect()
}

/// A published version of this consultation's text.
async fn version_of(
    desk: &Desk,
    row: &Consultation,
    id: Uuid,
) -> Result<std::sync::Arc<corpus::Reading>, Problem> {
    let reading = desk.library.read(&desk.db, VersionId::from(id)).await?;
    let ours = reading.version.text_id == row.text && reading.version.published_at.is_some();
    if ours {
        Ok(reading)
    } else {
        Err(Problem::not_found())
    }
}

/// Which visits: a deputy's or those to a unit, not both.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VisitsQuery {
    /// This deputy's, as `visiting_deputies` has them.
    deputy: Option<Uuid>,
    /// Those to this unit, as `visited_units` has them.
    unit: Option<Uuid>,
}

/// The visits, newest first.
#[utoipa::path(get, path = "/consultations/{id}/visits", tag = "visits",
    params(("id" = Uuid, Path), PageQuery, VisitsQuery),
    responses((status = 200, body = List<VisitShape>)))]
pub(super) async fn visits(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    Query(narrow): Query<VisitsQuery>,
) -> Result<Json<List<VisitShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let size = page_size(query.limit)?;
    let before = after(query.cursor.as_deref())?.map(kernel::VisitId::from);
    let whose = match (narrow.deputy, narrow.unit) {
        (None, None) => store::Visits::All,
        (Some(deputy), None) => store::Visits::By(deputy.into()),
        (None, Some(unit)) => store::Visits::To(unit.into()),
        (Some(_), Some(_)) => return Err(FieldErrors::one("unit", "wrong-visits-both").into()),
    };
    let page = store::visits(&desk.db, row.id, whose, before, size).await?;
    Ok(Json(list(page)))
}

/// The deputies who visited.
#[utoipa::path(get, path = "/consultations/{id}/visiting_deputies", tag = "visits",
    params(("id" = Uuid, Path), PageQuery), responses((status = 200, body = List<VisitedShape>)))]
pub(super) async fn visiting_deputies(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<VisitedShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let (from, size) = (after(query.cursor.as_deref())?, page_size(query.limit)?);
    let page = store::visiting_deputies(&desk.db, row.id, from, size).await?;
    Ok(Json(list(page)))
}

/// The units visited.
#[utoipa::path(get, path = "/consultations/{id}/visited_units", tag = "visits",
    params(("id" = Uuid, Path), PageQuery), responses((status = 200, body = List<VisitedShape>)))]
pub(super) async fn visited_units(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<VisitedShape>>, Problem> {
    page.limit(&limits::API)?;
    let row = seen(&page, &desk, id).await?;
    let (from, size) = (after(query.cursor.as_deref())?, page_size(query.limit)?);
    let page = store::visited_units(&desk.db, row.id, from, size).await?;
    Ok(Json(list(page)))
}

/// The way behind a receipt's code, with every look-up counted.
async fn held(page: &Page, desk: &Desk, code: &str) -> Result<(ReceiptCode, Way), Problem> {
    page.limit(&limits::RECEIPT)?;
    let code: ReceiptCode = code.parse().map_err(|_| Problem::not_found())?;
    let way = way::by_code(desk, code).await.map_err(problem)?;
    Ok((code, way.ok_or_else(Problem::not_found)?))
}

/// What became of the opinion whose receipt has this code.
#[utoipa::path(get, path = "/receipts/{code}", tag = "receipts", params(("code" = String, Path)),
    responses((status = 200, body = ReceiptShape)))]
pub(super) async fn receipt(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(code): Path<String>,
) -> Result<Json<ReceiptShape>, Problem> {
    let (code, way) = held(&page, &desk, &code).await?;
    Ok(Json(shape(&page, code, way)))
}

/// The receipt's file, which `quancheng log verify` checks offline.
#[utoipa::path(get, path = "/receipts/{code}/file", tag = "receipts", params(("code" = String, Path)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
pub(super) async fn receipt_file(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(code): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let (code, way) = held(&page, &desk, &code).await?;
    let file = way::file(&desk, code, &way).await.map_err(problem)?;
    let json = file.to_json().map_err(Problem::internal)?;
    Ok((
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        json,
    ))
}

/// Why somebody does something.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonShape {
    /// In words that everybody concerned will read.
    #[schema(min_length = 1, max_length = 2000)]
    pub(super) reason: String,
}

/// Not content: asks for another look, once.
#[utoipa::path(post, path = "/receipts/{code}/ask_again", tag = "receipts", params(("code" = String, Path)),
    request_body = ReasonShape, responses((status = 200, body = ReceiptShape)))]
pub(super) async fn ask_again(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(code): Path<String>,
    web::Json(asked): web::Json<ReasonShape>,
) -> Result<Json<ReceiptShape>, Problem> {
    let (code, way) = held(&page, &desk, &code).await?;
    ops::ask_again(&desk, way.opinion.id, &asked.reason)
        .await
        .map_err(problem)?;
    Ok(Json(shape(
        &page,
        code,
        way::by_id(&desk, way.opinion.id).await.map_err(problem)?,
    )))
}

/// Takes the opinion back before it is decided.
#[utoipa::path(post, path = "/receipts/{code}/withdraw", tag = "receipts", params(("code" = String, Path)),
    responses((status = 200, body = ReceiptShape)))]
pub(super) async fn withdraw_opinion(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(code): Path<String>,
) -> Result<Json<ReceiptShape>, Problem> {
    let (code, way) = held(&page, &desk, &code).await?;
    ops::withdraw_opinion(&desk, way.opinion.id)
        .await
        .map_err(problem)?;
    Ok(Json(shape(
        &page,
        code,
        way::by_id(&desk, way.opinion.id).await.map_err(problem)?,
    )))
}
