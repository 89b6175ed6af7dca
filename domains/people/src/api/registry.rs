//! People, seats, organs, terms, congresses and divisions.

use axum::{Json, http::StatusCode, response::IntoResponse};
use directory::{
    Action, DirectoryError,
    congresses::{self, Congress, NewTerm, Term},
    deputies::{self, NewDeputy, SeatState},
    divisions::{self, Division},
    organs::{self, NewOrgan, Organ, OrganKind},
    people::{self, NewPerson},
};
use kernel::{CongressId, DeputyId, PersonId};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Page, Path, Problem, Query};

use super::shapes::{DeputyShape, List, Paging, PersonShape, Words, day, size, unknown};
use crate::{visitor::Visitor, words};

async fn begin(page: &Page, visitor: &Visitor) -> Result<Tx, Problem> {
    Ok(visitor.gate.db.begin(page.actor.clone()).await?)
}

/// The people whom the congress knows, in the order they were added.
#[utoipa::path(get, path = "/people", tag = "people", params(Words, Paging),
    responses((status = 200, body = List<PersonShape>)))]
pub(super) async fn people(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Words>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<PersonShape>>, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let (db, q, size) = (&visitor.gate.db, asked.read()?, paging.size()?);
    let after = paging.after()?;
    let found = people::list(db, &page.actor, visitor.site, q, after, size).await;
    Ok(Json(List::page(found.map_err(words::problem)?)))
}

/// A person to be added.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPersonShape {
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 120)]
    post: Option<String>,
    /// The congress's own number for them; never an identity card's or a telephone's.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    reference: Option<String>,
}

/// Adds a person.
#[utoipa::path(post, path = "/people", tag = "people", request_body = NewPersonShape,
    responses((status = 201, body = PersonShape)))]
pub(super) async fn add_person(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewPersonShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let mut tx = begin(&page, &visitor).await?;
    let new = NewPerson {
        name: &new.name,
        post: new.post.as_deref(),
        reference: new.reference.as_deref(),
    };
    let added = people::create(&visitor.gate, &mut tx, visitor.site, &new).await;
    let id = added.map_err(words::problem)?;
    tx.commit().await?;
    let (db, actor) = (&visitor.gate.db, &page.actor);
    let person = people::see(db, actor, visitor.site, id).await;
    let person = PersonShape::from(person.map_err(words::problem)?);
    Ok((StatusCode::CREATED, Json(person)))
}

/// A person with the seats they hold or held, in every congress.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct PersonWithSeatsShape {
    #[serde(flatten)]
    person: PersonShape,
    seats: Vec<DeputyShape>,
}

/// One person.
#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = Uuid, Path)),
    responses((status = 200, body = PersonWithSeatsShape)))]
pub(super) async fn person(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<PersonWithSeatsShape>, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let (db, id) = (&visitor.gate.db, PersonId::from(id));
    let person = people::see(db, &page.actor, visitor.site, id).await;
    let person = person.map_err(words::problem)?.into();
    let seats = deputies::of_person(db, id).await.map_err(words::problem)?;
    Ok(Json(PersonWithSeatsShape {
        person,
        seats: seats.into_iter().map(DeputyShape::from).collect(),
    }))
}

/// The deputies of the congress whose office has not ended (找代表).
#[utoipa::path(get, path = "/deputies", tag = "people", params(Words, Paging),
    responses((status = 200, body = List<DeputyShape>)))]
pub(super) async fn deputies(
    visitor: Visitor,
    Query(asked): Query<Words>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<DeputyShape>>, Problem> {
    let (db, q, size) = (&visitor.gate.db, asked.read()?, paging.size()?);
    let found = deputies::list(db, visitor.site, q, paging.after()?, size).await;
    Ok(Json(List::page(found.map_err(words::problem)?)))
}

/// A seat to be filled in the running term.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDeputyShape {
    person: Uuid,
    #[schema(min_length = 1, max_length = 80)]
    constituency: String,
    /// The number of the deputy's card.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    number: Option<String>,
    /// The delegation sat with.
    #[serde(default)]
    delegation: Option<Uuid>,
    /// The first day, such as `2026-07-01`.
    since_on: String,
}

/// Fills a seat.
#[utoipa::path(post, path = "/deputies", tag = "people", request_body = NewDeputyShape,
    responses((status = 201, body = DeputyShape)))]
pub(super) async fn fill_seat(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewDeputyShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let gate = &visitor.gate;
    let term = congresses::current_term(&gate.db, visitor.site).await;
    let new = NewDeputy {
        person: new.person.into(),
        congress: visitor.site,
        term: term.map_err(words::problem)?.id,
        number: new.number.as_deref(),
        constituency: &new.constituency,
        delegation: new.delegation.map(Into::into),
        since: day(&new.since_on)?,
    };
    let mut tx = begin(&page, &visitor).await?;
    let filled = deputies::create(gate, &mut tx, &new).await;
    let id = filled.map_err(words::problem)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, seat(&visitor, id).await?))
}

async fn seat(visitor: &Visitor, id: DeputyId) -> Result<Json<DeputyShape>, Problem> {
    let found = deputies::find(&visitor.gate.db, id).await;
    Ok(Json(found.map_err(words::problem)?.into()))
}

/// How an office stands.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SeatStateShape {
    /// Restored.
    Seated,
    Suspended,
    Ended,
}

/// A change of an office.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeatChangeShape {
    state: SeatStateShape,
    /// The day, such as `2026-07-01`.
    on: String,
}

/// Suspends, restores or ends an office; an ended one stays ended.
#[utoipa::path(patch, path = "/deputies/{id}", tag = "people", params(("id" = Uuid, Path)),
    request_body = SeatChangeShape, responses((status = 200, body = DeputyShape)))]
pub(super) async fn change_seat(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    web::Json(change): web::Json<SeatChangeShape>,
) -> Result<Json<DeputyShape>, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let state = match change.state {
        SeatStateShape::Seated => SeatState::Seated,
        SeatStateShape::Suspended => SeatState::Suspended,
        SeatStateShape::Ended => SeatState::Ended,
    };
    let (id, on) = (DeputyId::from(id), day(&change.on)?);
    let mut tx = begin(&page, &visitor).await?;
    let changed = deputies::change_state(&visitor.gate, &mut tx, id, state, on).await;
    changed.map_err(words::problem)?;
    tx.commit().await?;
    seat(&visitor, id).await
}

/// A body of the congress, or one that answers to it (机构).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct OrganShape {
    id: Uuid,
    name: String,
    /// standing_committee, presidium, special_committee, working_organ, office, delegation or
    /// answering.
    kind: String,
    /// The body it is part of.
    parent: Option<Uuid>,
}

impl From<Organ> for OrganShape {
    fn from(organ: Organ) -> Self {
        Self {
            id: organ.id.into(),
            name: organ.name,
            kind: organ.kind,
            parent: organ.parent_id.map(Uuid::from),
        }
    }
}

/// The organs of the congress.
#[utoipa::path(get, path = "/organs", tag = "congresses", params(Paging),
    responses((status = 200, body = List<OrganShape>)))]
pub(super) async fn organs(
    visitor: Visitor,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OrganShape>>, Problem> {
    let (db, after, size) = (&visitor.gate.db, paging.after()?, paging.size()?);
    let found = organs::list(db, visitor.site, after, size).await;
    Ok(Json(List::page(found.map_err(words::problem)?)))
}

/// What sort of body.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrganKindShape {
    StandingCommittee,
    Presidium,
    SpecialCommittee,
    WorkingOrgan,
    Office,
    Delegation,
    Answering,
}

impl From<OrganKindShape> for OrganKind {
    fn from(kind: OrganKindShape) -> Self {
        match kind {
            OrganKindShape::StandingCommittee => Self::StandingCommittee,
            OrganKindShape::Presidium => Self::Presidium,
            OrganKindShape::SpecialCommittee => Self::SpecialCommittee,
            OrganKindShape::WorkingOrgan => Self::WorkingOrgan,
            OrganKindShape::Office => Self::Office,
            OrganKindShape::Delegation => Self::Delegation,
            OrganKindShape::Answering => Self::Answering,
        }
    }
}

/// An organ to be set up.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrganShape {
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    kind: OrganKindShape,
    #[serde(default)]
    parent: Option<Uuid>,
}

/// Sets up an organ.
#[utoipa::path(post, path = "/organs", tag = "congresses", request_body = NewOrganShape,
    responses((status = 201, body = OrganShape)))]
pub(super) async fn add_organ(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewOrganShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepOrgans)?;
    let mut tx = begin(&page, &visitor).await?;
    let new = NewOrgan {
        congress: visitor.site,
        parent: new.parent.map(Into::into),
        kind: new.kind.into(),
        name: &new.name,
    };
    let made = organs::create(&visitor.gate, &mut tx, &new).await;
    let id = made.map_err(words::problem)?;
    tx.commit().await?;
    let organ = organs::find(&visitor.gate.db, id).await;
    let organ = OrganShape::from(organ.map_err(words::problem)?);
    Ok((StatusCode::CREATED, Json(organ)))
}

/// A term of the congress (届).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct TermShape {
    id: Uuid,
    ordinal: i64,
    starts_on: String,
    /// Absent while it runs.
    ends_on: Option<String>,
    /// The legal number of deputies.
    seats: i64,
}

impl From<Term> for TermShape {
    fn from(term: Term) -> Self {
        Self {
            id: term.id.into(),
            ordinal: term.ordinal,
            starts_on: term.starts_on,
            ends_on: term.ends_on,
            seats: term.seats,
        }
    }
}

async fn all_terms(visitor: &Visitor) -> Result<List<TermShape>, Problem> {
    let found = congresses::terms(&visitor.gate.db, visitor.site).await;
    Ok(List::whole(found.map_err(words::problem)?))
}

/// The terms of the congress, the latest first.
#[utoipa::path(get, path = "/terms", tag = "congresses",
    responses((status = 200, body = List<TermShape>)))]
pub(super) async fn terms(visitor: Visitor) -> Result<Json<List<TermShape>>, Problem> {
    Ok(Json(all_terms(&visitor).await?))
}

/// A term to be started.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTermShape {
    /// Which one it is, from 1.
    #[schema(minimum = 1, maximum = 999)]
    ordinal: u32,
    /// The first day, such as `2026-07-01`; today at the latest.
    starts_on: String,
    /// The legal number of deputies.
    #[schema(minimum = 1, maximum = 3000)]
    seats: u32,
}

/// Starts a term. The one before, and every seat in it, ends the day before.
#[utoipa::path(post, path = "/terms", tag = "congresses", request_body = NewTermShape,
    responses((status = 201, body = List<TermShape>)))]
pub(super) async fn start_term(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewTermShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepOrgans)?;
    let term = NewTerm {
        ordinal: new.ordinal.into(),
        starts_on: day(&new.starts_on)?,
        seats: new.seats.into(),
    };
    let mut tx = begin(&page, &visitor).await?;
    let started = congresses::start_term(&visitor.gate, &mut tx, visitor.site, &term).await;
    started.map_err(words::problem)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(all_terms(&visitor).await?)))
}

/// A people's congress (人民代表大会).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct CongressShape {
    id: Uuid,
    name: String,
    /// national, province, city, county or township.
    level: &'static str,
    division: Uuid,
    /// Whether it keeps the deployment.
    keeper: bool,
}

impl From<Congress> for CongressShape {
    fn from(congress: Congress) -> Self {
        Self {
            id: congress.id.into(),
            name: congress.name,
            level: congress.level.as_str(),
            division: congress.division_id.into(),
            keeper: congress.keeper,
        }
    }
}

/// The congresses of the deployment.
#[utoipa::path(get, path = "/congresses", tag = "congresses", params(Paging),
    responses((status = 200, body = List<CongressShape>)))]
pub(super) async fn congresses(
    visitor: Visitor,
    Query(paging): Query<Paging>,
) -> Result<Json<List<CongressShape>>, Problem> {
    let after = paging.after::<CongressId>()?;
    let found = congresses::list(&visitor.gate.db, after, paging.size()?).await;
    Ok(Json(List::page(found.map_err(words::problem)?)))
}

/// A congress to be set up.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCongressShape {
    /// The code of its division.
    #[schema(pattern = "^([0-9]{6}|[0-9]{9})$")]
    division: String,
    #[schema(min_length = 1, max_length = 60)]
    name: String,
}

/// Sets up the congress of a division; for the administrator of the congress that keeps the
/// deployment.
#[utoipa::path(post, path = "/congresses", tag = "congresses", request_body = NewCongressShape,
    responses((status = 201, body = CongressShape)))]
pub(super) async fn set_up(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewCongressShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepCongresses)?;
    let mut tx = begin(&page, &visitor).await?;
    let division = divisions::by_code(&mut tx, &new.division).await;
    let division = division
        .map_err(words::problem)?
        .ok_or(DirectoryError::Invalid {
            field: "division",
            reason: "no-division",
        })
        .map_err(words::problem)?;
    let made = congresses::create(&visitor.gate, &mut tx, division.id, &new.name).await;
    let congress = made.map_err(words::problem)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(CongressShape::from(congress))))
}

/// A division (行政区划).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct DivisionShape {
    id: Uuid,
    /// Six or nine digits.
    code: String,
    name: String,
    name_en: Option<String>,
    /// province, city, county or township.
    level: &'static str,
    /// Such as district or town.
    kind: String,
}

impl From<Division> for DivisionShape {
    fn from(division: Division) -> Self {
        Self {
            id: division.id.into(),
            code: division.code,
            name: division.name,
            name_en: division.name_en,
            level: division.level.as_str(),
            kind: division.kind,
        }
    }
}

/// Under which division, and where the list goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Under {
    /// The code of the division above; the provinces when absent.
    #[param(pattern = "^([0-9]{6}|[0-9]{9})$")]
    parent: Option<String>,
    /// Where the next page begins.
    #[param(pattern = "^([0-9]{6}|[0-9]{9})$")]
    cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The divisions right under one, in the order of their codes.
#[utoipa::path(get, path = "/divisions", tag = "congresses", params(Under),
    responses((status = 200, body = List<DivisionShape>)))]
pub(super) async fn divisions(
    visitor: Visitor,
    Query(asked): Query<Under>,
) -> Result<Json<List<DivisionShape>>, Problem> {
    let db = &visitor.gate.db;
    let size = size(asked.limit)?;
    let digits =
        |code: &str| matches!(code.len(), 6 | 9) && code.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(wrong) = [&asked.parent, &asked.cursor]
        .into_iter()
        .flatten()
        .find(|code| !digits(code))
    {
        return Err(unknown(wrong));
    }
    let parent = match &asked.parent {
        None => None,
        Some(code) => {
            let found = divisions::by_code(db, code).await.map_err(words::problem)?;
            Some(found.ok_or_else(Problem::not_found)?.id)
        }
    };
    let found = divisions::children(db, parent, asked.cursor.as_deref(), size).await;
    Ok(Json(List::cut(found.map_err(words::problem)?, |code| code)))
}
