//! `/admin/import`: deputies, accounts, roles and divisions from a spreadsheet, as a dry run or for
//! good; the imports that were made, and the handing over of first passwords.

use askama::Template;
use axum::response::Response;
use directory::{
    Action,
    import::{self, Fault, ImportError, Imported, Kind, Run, Table},
};
use kernel::ImportId;
use serde::Deserialize;
use uuid::Uuid;
use web::{FieldErrors, Form, Lang, Message, Page, Path, Problem, Query, limits, view::Choice};

use super::{SIZE, csv, nonce};
use crate::{visitor::Visitor, words};

/// Faults shown on the page; the file has all.
const SHOWN: usize = 50;

/// A fault in words.
struct Line {
    row: usize,
    column: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "people/desk/import.html")]
struct View<'a> {
    page: &'a Page,
    errors: FieldErrors,
    kinds: Vec<Choice>,
    chosen: &'a str,
    faults: Vec<Line>,
    /// The name of each kind, its word, and its columns.
    columns: Vec<(String, &'static str, String)>,
    runs: Vec<Run>,
    next: String,
}

/// Where the list of imports begins.
#[derive(Deserialize)]
pub(super) struct After {
    after: Option<ImportId>,
}

/// The kinds of file that the visitor may bring in.
async fn kinds(page: &Page, visitor: &Visitor) -> Vec<Kind> {
    let mut may = Vec::new();
    for kind in Kind::ALL {
        let allowed = kind.authorize(&visitor.gate.db, &page.actor, visitor.site);
        if allowed.await.is_ok() {
            may.push(kind);
        }
    }
    may
}

async fn view<'a>(
    page: &'a Page,
    visitor: &Visitor,
    errors: FieldErrors,
    chosen: Option<Kind>,
    faults: &[Fault],
    after: Option<ImportId>,
) -> Result<View<'a>, Problem> {
    visitor.may(page, Action::SeePeople)?;
    let kinds = kinds(page, visitor).await;
    let name = |kind: Kind| page.t.get(format!("people-import-{}", kind.as_str()));
    let choice = |kind: &Kind| Choice {
        value: kind.as_str().to_owned(),
        label: name(*kind),
        help: page.t.get(format!("people-import-{}-help", kind.as_str())),
    };
    let columns = |kind: &Kind| {
        let names = kind.columns().iter().map(|it| words::column(page.lang, it));
        let names: Vec<&str> = names.collect();
        (name(*kind), kind.as_str(), names.join(" | "))
    };
    let runs = import::list(&visitor.gate.db, &page.actor, visitor.site, after, SIZE).await;
    let runs = runs.map_err(words::problem)?;
    let next = |after: ImportId| format!("/admin/import?after={after}");
    Ok(View {
        page,
        errors,
        chosen: chosen.or(kinds.first().copied()).map_or("", Kind::as_str),
        faults: faults.iter().take(SHOWN).map(|it| line(page, it)).collect(),
        kinds: kinds.iter().map(choice).collect(),
        columns: kinds.iter().map(columns).collect(),
        next: runs.next.map(next).unwrap_or_default(),
        runs: runs.items,
    })
}

fn line(page: &Page, fault: &Fault) -> Line {
    Line {
        row: fault.row,
        column: words::column(page.lang, fault.column),
        text: page.t.say(words::fault(fault)),
    }
}

/// The form, and the imports that were made.
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let errors = FieldErrors::none();
    Ok(page.show(&view(&page, &visitor, errors, None, &[], asked.after).await?))
}

/// An empty file to fill in.
#[derive(Deserialize)]
pub(super) struct Asked {
    kind: String,
}

/// Gives an empty file to fill in.
pub(super) async fn template(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let kind = Kind::parse(&asked.kind).ok_or_else(Problem::not_found)?;
    let name = format!("{}.csv", kind.as_str());
    Ok(csv(&name, import::template(kind, page.lang == Lang::Zh)))
}

/// Checks the file, gives its error file, or brings it in.
pub(super) async fn send(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.signed_in()?;
    let kind = Kind::parse(form.fields.get("kind")).ok_or_else(Problem::forbidden)?;
    let allowed = kind.authorize(&visitor.gate.db, &page.actor, visitor.site);
    allowed.await.map_err(words::problem)?;
    page.limit(&limits::IMPORT)?;
    let refused = async |errors, faults: &[Fault]| {
        let view = view(&page, &visitor, errors, Some(kind), faults, None).await?;
        Ok(page.show_refused(&view))
    };
    let nonce = match nonce(&form, &page) {
        Ok(nonce) => nonce,
        Err(errors) => return refused(errors, &[]).await,
    };
    let Some(file) = form.fields.file("file") else {
        return refused(FieldErrors::one("file", "people-import-no-file"), &[]).await;
    };
    let table = match import::open(file.bytes.clone(), kind.limits()).await {
        Ok(table) => table,
        Err(fault) => {
            let message = words::file(page.lang, &fault);
            return refused(FieldErrors::one("file", message), &[]).await;
        }
    };
    let act = form.fields.get("act");
    let run = (act == "run").then_some(nonce);
    match bring_in(&page, &visitor, kind, &file.file_name, &table, run).await {
        Ok(None) => Ok(page.redirect_with("/admin/import", ready(table.rows.len()))),
        Ok(Some(imported)) => Ok(done(&page, kind, &imported)),
        Err(ImportError::Faults(faults)) if act == "faults" => {
            Ok(csv("faults.csv", faults_file(&page, &table, &faults)))
        }
        Err(ImportError::Faults(faults)) => {
            let message = Message::new("people-import-faults").put("n", faults.len());
            refused(FieldErrors::one("file", message), &faults).await
        }
        Err(ImportError::File(fault)) => {
            let message = words::file(page.lang, &fault);
            refused(FieldErrors::one("file", message), &[]).await
        }
        Err(ImportError::Directory(error)) => Err(words::problem(error)),
    }
}

fn ready(rows: usize) -> Message {
    Message::new("people-import-ready").put("n", rows)
}

async fn bring_in(
    page: &Page,
    visitor: &Visitor,
    kind: Kind,
    file_name: &str,
    table: &Table,
    run: Option<Uuid>,
) -> Result<Option<Imported>, ImportError> {
    let upload = import::Upload {
        congress: visitor.site,
        kind,
        file_name,
        table,
    };
    let (gate, actor) = (&visitor.gate, &page.actor);
    match run {
        None => import::check(gate, actor, &upload).await.map(|_| None),
        Some(nonce) => import::run(gate, actor, &upload, nonce).await.map(Some),
    }
}

/// Accounts still want their first passwords handed over.
fn done(page: &Page, kind: Kind, imported: &Imported) -> Response {
    let message = Message::new("people-import-done").put("n", imported.rows);
    let place = match kind {
        Kind::Accounts => format!("/admin/imports/{}", imported.id),
        _ => "/admin/import".to_owned(),
    };
    page.redirect_with(&place, message)
}

fn faults_file(page: &Page, table: &Table, faults: &[Fault]) -> Vec<u8> {
    let heading = ["row", "column", "fault"];
    let heading = heading.map(|word| page.t.get(format!("people-import-{word}")));
    import::error_file(table, faults, heading, |fault| {
        let line = line(page, fault);
        [line.column.to_owned(), line.text]
    })
}

#[derive(Template)]
#[template(path = "people/desk/run.html")]
struct RunPage<'a> {
    page: &'a Page,
    run: Run,
    hash: String,
    keeps: bool,
}

/// One import.
pub(super) async fn run(
    page: Page,
    visitor: Visitor,
    Path(id): Path<ImportId>,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeePeople)?;
    let run = import::find(&visitor.gate.db, &page.actor, visitor.site, id).await;
    let run = run.map_err(words::problem)?;
    let hash = run.file_hash.iter().map(|byte| format!("{byte:02x}"));
    Ok(page.show(&RunPage {
        page: &page,
        hash: hash.collect(),
        keeps: visitor.may(&page, Action::KeepAccounts).is_ok(),
        run,
    }))
}

/// Gives fresh first passwords to the accounts of an import that nobody has used, as a file.
pub(super) async fn hand_over(
    page: Page,
    visitor: Visitor,
    Path(id): Path<ImportId>,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepAccounts)?;
    page.limit(&limits::EXPORT)?;
    let nonce = form.nonce(&page).map_err(Problem::bad_request)?;
    let (gate, actor) = (&visitor.gate, &page.actor);
    let given = import::hand_over(gate, actor, visitor.site, id, nonce).await;
    let given = given.map_err(words::problem)?;
    let heading = ["people-person", "people-name", "people-handover-heading"];
    let heading = heading.map(|key| page.t.get(key));
    Ok(csv("passwords.csv", import::handover_file(&given, heading)))
}
