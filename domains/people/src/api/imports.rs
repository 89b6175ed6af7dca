//! Spreadsheets: bringing them in, what was brought in, and first passwords.

use axum::{
    Json,
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::{
    Action,
    import::{self, Fault, ImportError, Kind, Needed, NewLogin, Run, Upload},
};
use kernel::ImportId;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{FieldErrors, Page, Path, Problem, Query, limits};

use super::shapes::{List, Paging};
use crate::{visitor::Visitor, words};

/// What a file holds.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindShape {
    Deputies,
    Accounts,
    Roles,
    Divisions,
}

impl From<KindShape> for Kind {
    fn from(kind: KindShape) -> Self {
        match kind {
            KindShape::Deputies => Self::Deputies,
            KindShape::Accounts => Self::Accounts,
            KindShape::Roles => Self::Roles,
            KindShape::Divisions => Self::Divisions,
        }
    }
}

/// How a file is to be brought in.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    #[param(inline)]
    kind: KindShape,
    /// Its name, for the record.
    #[serde(default)]
    #[param(max_length = 200)]
    file_name: String,
    /// Whether it is only to be checked.
    #[serde(default)]
    dry_run: bool,
}

/// A `.csv` or `.xlsx` file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(super) struct FileShape(#[expect(dead_code, reason = "it only describes the body")] Vec<u8>);

/// What a file came to.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct ImportedShape {
    rows: usize,
    /// Absent for a dry run.
    import: Option<Uuid>,
}

/// Faults told at most; the pages give a file with all of them.
const TOLD: usize = 200;

/// Brings a file in: all of it, or none and every fault as `ROW.COLUMN`.
#[utoipa::path(post, path = "/imports", tag = "imports", params(How),
    request_body(content = FileShape, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportedShape, description = "It is right"),
        (status = 201, body = ImportedShape, description = "It went in")))]
pub(super) async fn run(
    page: Page,
    visitor: Visitor,
    Query(how): Query<How>,
    body: Bytes,
) -> Result<Response, Problem> {
    page.signed_in()?;
    let kind = Kind::from(how.kind);
    let (gate, actor) = (&visitor.gate, &page.actor);
    let allowed = kind.authorize(&gate.db, actor, visitor.site).await;
    allowed.map_err(words::problem)?;
    page.limit(&limits::IMPORT)?;
    let table = import::open(body, kind.limits()).await;
    let table = table.map_err(|fault| refused(&page, ImportError::File(fault)))?;
    let upload = Upload {
        congress: visitor.site,
        kind,
        file_name: &how.file_name,
        table: &table,
    };
    if how.dry_run {
        let rows = import::check(gate, actor, &upload).await;
        let rows = rows.map_err(|error| refused(&page, error))?;
        return Ok(Json(ImportedShape { rows, import: None }).into_response());
    }
    let imported = import::run(gate, actor, &upload, gate.nonce()).await;
    let imported = imported.map_err(|error| refused(&page, error))?;
    let shape = ImportedShape {
        rows: imported.rows,
        import: Some(imported.id.into()),
    };
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

fn refused(page: &Page, error: ImportError) -> Problem {
    match error {
        ImportError::Directory(error) => words::problem(error),
        ImportError::File(fault) => FieldErrors::one("", words::file(page.lang, &fault)).into(),
        ImportError::Faults(faults) => {
            let mut errors = FieldErrors::none();
            for fault in faults.iter().take(TOLD) {
                errors.add(place(fault), words::fault(fault));
            }
            errors.into()
        }
    }
}

fn place(fault: &Fault) -> String {
    format!("{}.{}", fault.row, fault.column.en)
}

/// A column of a file.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct ColumnShape {
    /// Its heading in English; either will do.
    name: &'static str,
    /// Its heading in Chinese.
    name_zh: &'static str,
    /// Whether each row must fill it.
    needed: bool,
}

/// What a file holds.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    #[param(inline)]
    kind: KindShape,
}

/// The columns of a file.
#[utoipa::path(get, path = "/imports/columns", tag = "imports", params(Which),
    responses((status = 200, body = List<ColumnShape>)))]
pub(super) async fn columns(
    page: Page,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Result<Json<List<ColumnShape>>, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let columns = Kind::from(which.kind).columns().iter();
    Ok(Json(List::whole(columns.map(|column| ColumnShape {
        name: column.en,
        name_zh: column.zh,
        needed: column.needed == Needed::Always,
    }))))
}

/// An import that was made.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct RunShape {
    id: Uuid,
    /// deputies, accounts, roles or divisions.
    kind: String,
    file_name: String,
    rows: i64,
    at: String,
    /// The sign-in name of who did it; absent for the command line.
    by: Option<String>,
    /// Accounts it made that were never used.
    unused_accounts: i64,
}

impl From<Run> for RunShape {
    fn from(run: Run) -> Self {
        Self {
            id: run.id.into(),
            kind: run.kind,
            file_name: run.file_name,
            rows: run.rows,
            at: run.at.rfc3339(),
            by: run.by,
            unused_accounts: run.unused,
        }
    }
}

/// The imports of the congress, the latest first.
#[utoipa::path(get, path = "/imports", tag = "imports", params(Paging),
    responses((status = 200, body = List<RunShape>)))]
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(paging): Query<Paging>,
) -> Result<Json<List<RunShape>>, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let (db, after, size) = (
        &visitor.gate.db,
        paging.after::<ImportId>()?,
        paging.size()?,
    );
    let found = import::list(db, &page.actor, visitor.site, after, size).await;
    Ok(Json(List::page(found.map_err(words::problem)?)))
}

/// One import.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 200, body = RunShape)))]
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<RunShape>, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let db = &visitor.gate.db;
    let run = import::find(db, &page.actor, visitor.site, id.into()).await;
    Ok(Json(run.map_err(words::problem)?.into()))
}

/// An account with its first password.
#[derive(serde::Serialize, ToSchema)]
pub(super) struct NewLoginShape {
    name: String,
    login: String,
    /// To be handed over, and changed at the first sign-in.
    password: String,
}

impl From<NewLogin> for NewLoginShape {
    fn from(new: NewLogin) -> Self {
        Self {
            password: new.password.secret().to_owned(),
            name: new.name,
            login: new.login,
        }
    }
}

/// Gives fresh first passwords to the accounts of an import that were never used.
#[utoipa::path(post, path = "/imports/{id}/first-passwords", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 200, body = List<NewLoginShape>)))]
pub(super) async fn hand_over(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<List<NewLoginShape>>, Problem> {
    visitor.may(&page, Action::KeepAccounts)?;
    page.limit(&limits::EXPORT)?;
    let (gate, actor) = (&visitor.gate, &page.actor);
    let given = import::hand_over(gate, actor, visitor.site, id.into(), gate.nonce()).await;
    Ok(Json(List::whole(given.map_err(words::problem)?)))
}
