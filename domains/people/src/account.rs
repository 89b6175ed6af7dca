//! `/account`: one's own sessions, password and second factor. The pages for the last two also
//! serve whoever has to pass them on the way in.

use askama::Template;
use axum::response::Response;
use directory::{
    DirectoryError,
    second_factor::{self, Enrolment},
    sessions::{self, Listed, Session, Stage},
    sign_in,
};
use kernel::SessionId;
use web::{FieldErrors, Form, Page, Path, Problem, Query, limits, safe_back};

use crate::{
    sign_in::{Back, code_missing},
    visitor::{Visitor, due, unstored},
    words,
};

#[derive(Template)]
#[template(path = "people/account.html")]
struct Account<'a> {
    page: &'a Page,
    session: &'a Session,
    sessions: &'a [Listed],
    /// Whether a second factor is confirmed.
    factor: bool,
    recovery_codes_left: i64,
}

#[derive(Template)]
#[template(path = "people/password.html")]
struct Password<'a> {
    page: &'a Page,
    errors: FieldErrors,
    session: &'a Session,
    /// Whether it has to be changed before anything else.
    forced: bool,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "people/factor.html")]
struct Factor<'a> {
    page: &'a Page,
    errors: FieldErrors,
    enrolment: &'a Enrolment,
    forced: bool,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "people/recovery.html")]
struct Recovery<'a> {
    page: &'a Page,
    codes: &'a [String],
    next: String,
}

/// The sessions that run, and the ways to the rest.
pub(crate) async fn show(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    page.signed_in()?;
    let session = visitor.own()?;
    let gate = &visitor.gate;
    let list = sessions::list(
        &gate.db,
        session.account,
        &gate.rules.sessions,
        gate.clock.now(),
    );
    let list = list.await.map_err(words::problem)?;
    let factor = second_factor::is_confirmed(&gate.db, session.account);
    let left = second_factor::recovery_codes_left(&gate.db, session.account);
    Ok(page.show(&Account {
        page: &page,
        session,
        sessions: &list,
        factor: factor.await.map_err(words::problem)?,
        recovery_codes_left: left.await.map_err(words::problem)?,
    }))
}

/// Ends one of one's own sessions.
pub(crate) async fn end_session(
    page: Page,
    visitor: Visitor,
    Path(id): Path<SessionId>,
    form: Form,
) -> Result<Response, Problem> {
    page.signed_in()?;
    let session = visitor.own()?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    let mut tx = visitor.gate.db.begin(session.actor.clone()).await?;
    let ended = sessions::revoke(&mut tx, session.account, id)
        .await
        .map_err(words::problem)?;
    tx.commit().await?;
    if ended {
        Ok(page.redirect_with("/account", "people-session-ended"))
    } else {
        Err(Problem::not_found())
    }
}

/// The form for a new password.
pub(crate) async fn show_password(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    let session = visitor.own()?;
    if session.stage == Stage::Enrol {
        return Ok(page.redirect(&due(session.stage, &query.0.back)));
    }
    Ok(page.show(&password(
        &page,
        session,
        FieldErrors::none(),
        &query.0.back,
    )))
}

fn password<'a>(
    page: &'a Page,
    session: &'a Session,
    errors: FieldErrors,
    back: &'a str,
) -> Password<'a> {
    Password {
        page,
        errors,
        session,
        forced: session.stage == Stage::NewPassword,
        back: safe_back(back),
    }
}

/// Changes one's own password; all other sessions end.
pub(crate) async fn send_password(
    page: Page,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let back = form.fields.get("back");
    let errors = password_missing(&page, &form);
    if !errors.is_empty() {
        return Ok(page.show_refused(&password(&page, session, errors, back)));
    }
    let (old, new) = (form.fields.get("old"), form.fields.get("new"));
    match sign_in::change_password(&visitor.gate, session, old, new).await {
        Ok(token) => {
            let back = if session.stage == Stage::Full {
                "/account"
            } else {
                back
            };
            let mut response = page.redirect_with(safe_back(back), "people-password-changed");
            visitor.keep(&page, &token, &mut response);
            Ok(response)
        }
        Err(sign_in::SignInError::Wrong) => {
            let errors = FieldErrors::one("old", "people-old-wrong");
            Ok(page.show_refused(&password(&page, session, errors, back)))
        }
        Err(error) => {
            let errors = words::sign_in(error, "old")?;
            Ok(page.show_refused(&password(&page, session, errors, back)))
        }
    }
}

fn password_missing(page: &Page, form: &Form) -> FieldErrors {
    let mut errors = FieldErrors::none();
    if let Err(message) = form.nonce(page) {
        errors.add("", message);
    }
    if form.fields.get("old").is_empty() {
        errors.add("old", "people-password-missing");
    }
    if form.fields.get("new") != form.fields.get("again") {
        errors.add("again", "people-again-differs");
    }
    errors
}

/// The QR code to enrol with.
pub(crate) async fn show_factor(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    let session = visitor.own()?;
    factor_page(&page, &visitor, session, FieldErrors::none(), &query.0.back).await
}

async fn factor_page(
    page: &Page,
    visitor: &Visitor,
    session: &Session,
    errors: FieldErrors,
    back: &str,
) -> Result<Response, Problem> {
    let issuer = &page.site.name_zh;
    let enrolment = match sign_in::start_enrolment(&visitor.gate, session, issuer).await {
        Ok(enrolment) => enrolment,
        // There is one already: nothing to do here.
        Err(DirectoryError::Taken { .. }) => return Ok(page.redirect("/account")),
        Err(error) => return Err(words::problem(error)),
    };
    let view = Factor {
        page,
        enrolment: &enrolment,
        forced: session.stage == Stage::Enrol,
        back: safe_back(back),
        errors,
    };
    Ok(if view.errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

/// Confirms the enrolment; the recovery codes are shown now and never again.
pub(crate) async fn send_factor(
    page: Page,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let back = safe_back(form.fields.get("back"));
    let errors = code_missing(&form.fields, form.nonce(&page).err());
    if !errors.is_empty() {
        return factor_page(&page, &visitor, session, errors, back).await;
    }
    let code = form.fields.get("code");
    let enrolled = match sign_in::confirm_enrolment(&visitor.gate, session, code).await {
        Ok(enrolled) => enrolled,
        Err(error) => {
            let errors = words::sign_in(error, "code")?;
            return factor_page(&page, &visitor, session, errors, back).await;
        }
    };
    let now = sign_in::session(&visitor.gate, enrolled.token.secret()).await;
    let stage = now
        .map_err(words::problem)?
        .map_or(Stage::Full, |session| session.stage);
    let mut response = unstored(page.show(&Recovery {
        page: &page,
        codes: &enrolled.recovery_codes,
        next: due(stage, back),
    }));
    visitor.keep(&page, &enrolled.token, &mut response);
    Ok(response)
}
