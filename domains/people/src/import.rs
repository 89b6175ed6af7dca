//! `/admin/import`: deputies and accounts from a spreadsheet, as a dry run or for good.

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use directory::import::{self, Fault, ImportError, Imported, Kind, Limits, Table};
use kernel::Role;
use web::{FieldErrors, Form, Message, Page, Problem, limits, view::Choice};

use crate::{visitor::Visitor, words};

/// Faults shown on the page; the file has all.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "people/import.html")]
struct View<'a> {
    page: &'a Page,
    errors: FieldErrors,
    kinds: Vec<Choice>,
    chosen: &'a str,
    faults: &'a [Fault],
    columns: Vec<(String, String)>,
}

fn view<'a>(page: &'a Page, errors: FieldErrors, kind: Kind, faults: &'a [Fault]) -> View<'a> {
    let name = |kind: Kind| page.t.get(format!("people-import-{}", kind.as_str()));
    let both = [Kind::Deputies, Kind::Accounts];
    let choice = |kind: Kind| Choice {
        value: kind.as_str().to_owned(),
        label: name(kind),
        help: String::new(),
    };
    let columns = |kind: Kind| {
        let names: Vec<&str> = kind.columns().iter().map(|column| column.zh).collect();
        (name(kind), names.join(" | "))
    };
    View {
        page,
        errors,
        kinds: both.map(choice).into(),
        chosen: kind.as_str(),
        faults: faults.get(..SHOWN).unwrap_or(faults),
        columns: both.map(columns).into(),
    }
}

/// The form.
pub(crate) async fn show(page: Page) -> Result<Response, Problem> {
    page.require(&[Role::Admin])?;
    Ok(page.show(&view(&page, FieldErrors::none(), Kind::Deputies, &[])))
}

/// Checks the file, gives its error file, or brings it in.
pub(crate) async fn send(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.require(&[Role::Admin])?;
    let kind = match form.fields.get("kind") {
        "accounts" => Kind::Accounts,
        _ => Kind::Deputies,
    };
    let refused =
        |errors, faults: &[Fault]| Ok(page.show_refused(&view(&page, errors, kind, faults)));
    if let Err(message) = form.nonce(&page) {
        return refused(FieldErrors::one("", message), &[]);
    }
    let Some(file) = form.fields.file("file") else {
        return refused(FieldErrors::one("file", "people-import-no-file"), &[]);
    };
    page.limit(&limits::IMPORT)?;
    let table = match import::open(file.bytes.clone(), Limits::default()).await {
        Ok(table) => table,
        Err(_) => return refused(FieldErrors::one("file", "people-import-unreadable"), &[]),
    };
    let run = form.fields.get("act") == "run";
    match bring_in(&page, &visitor, kind, &file.file_name, &table, run).await {
        Ok(None) => Ok(page.redirect_with("/admin/import", ready(table.rows.len()))),
        Ok(Some(imported)) => Ok(done(&page, kind, &imported)),
        Err(ImportError::Faults(faults)) if form.fields.get("act") == "faults" => {
            Ok(csv("faults.csv", import::error_file(&table, &faults)))
        }
        Err(ImportError::Faults(faults)) => {
            let message = Message::new("people-import-faults").put("n", faults.len());
            refused(FieldErrors::one("file", message), &faults)
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
    run: bool,
) -> Result<Option<Imported>, ImportError> {
    let upload = import::Upload {
        congress: page.site.congress,
        kind,
        file_name,
        table,
    };
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    if !run {
        import::check(&mut tx, &upload).await?;
        return Ok(None);
    }
    let imported = import::run(gate, &mut tx, &upload).await?;
    tx.commit().await?;
    Ok(Some(imported))
}

/// New accounts come back as the file of first passwords, which exists nowhere else.
fn done(page: &Page, kind: Kind, imported: &Imported) -> Response {
    if kind == Kind::Accounts && !imported.accounts.is_empty() {
        return csv("accounts.csv", import::handover_file(&imported.accounts));
    }
    let message = Message::new("people-import-done").put("n", imported.rows);
    page.redirect_with("/admin/import", message)
}

fn csv(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
