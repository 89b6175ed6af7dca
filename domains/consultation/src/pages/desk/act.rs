//! What staff do with a consultation as a whole, one form each.

use askama::Template;
use axum::{Extension, response::Response};
use jiff::{Span, civil::Date};
use kernel::ConsultationId;
use web::{FieldErrors, Fields, Form, Lang, Message, Page, Path, Problem, limits, view::Crumb};

use super::{next, ours, refusal, source, staff, words};
use crate::{
    model::{CONSULTATION, Move, State},
    ops::{self, Desk, WindowForm},
    pages::problem,
    store::Consultation,
};

procedure::words! {
    /// A form of the desk.
    pub(super) enum Act {
        /// 修改标题和说明
        Edit = "edit",
        /// 更换草案文本
        Text = "text",
        /// 公布草案，开始征求意见
        Open = "open",
        /// 延长期限
        Extend = "extend",
        /// 提前截止
        Close = "close",
        /// 公布新版本
        Next = "next",
        /// 公布采纳情况
        Report = "report",
        /// 撤回
        Withdraw = "withdraw",
    }
}

impl Act {
    pub(super) const ALL: &'static [Self] = <Self as procedure::Word>::ALL;

    /// The word in the address.
    pub(super) fn word(self) -> &'static str {
        procedure::Word::word(self)
    }

    /// The move it makes; editing is for those who may open.
    const fn made(self) -> Move {
        match self {
            Self::Edit | Self::Text | Self::Open => Move::Open,
            Self::Extend => Move::Extend,
            Self::Close => Move::Close,
            Self::Next => Move::PublishVersion,
            Self::Report => Move::Report,
            Self::Withdraw => Move::Withdraw,
        }
    }

    /// Whether the visitor may do it in `state`.
    pub(super) fn allowed(self, state: State, page: &Page) -> bool {
        CONSULTATION
            .open_to(state, &page.actor)
            .any(|rule| rule.on == self.made())
    }

    /// Whether its form has the field `name`.
    fn has(self, name: &str) -> bool {
        match self {
            Self::Edit => matches!(name, "title" | "lead"),
            Self::Text | Self::Next => matches!(name, "label" | "source"),
            Self::Open => matches!(name, "opens" | "closes" | "reason"),
            Self::Extend => matches!(name, "closes" | "reason"),
            Self::Close | Self::Withdraw => name == "reason",
            Self::Report => false,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/act.html")]
struct Show<'a> {
    page: &'a Page,
    act: Act,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    minimum: String,
    fields: &'a Fields,
    errors: &'a FieldErrors,
}

impl Show<'_> {
    /// The text whose key has the act's word between `before` and `after`.
    fn text(&self, before: &str, after: &str) -> String {
        self.page
            .t
            .get(format!("{before}{}{after}", self.act.word()))
    }
}

/// The form.
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, act)): Path<(ConsultationId, String)>,
) -> Result<Response, Problem> {
    let (act, consultation) = begin(&page, &desk, id, &act).await?;
    if !act.allowed(consultation.state, &page) {
        return Err(not_now(id));
    }
    let fields = filled(&page, &desk, act, &consultation).await?;
    render(
        &page,
        &desk,
        act,
        &consultation,
        &fields,
        &FieldErrors::none(),
    )
}

/// Does it.
pub(super) async fn send(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, act)): Path<(ConsultationId, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let (act, consultation) = begin(&page, &desk, id, &act).await?;
    page.limit(&limits::FORM)?;
    if !act.allowed(consultation.state, &page) {
        return Err(not_now(id).keeping(&form.fields));
    }
    let done = match form.nonce(&page) {
        Ok(_) => carry_out(&page, &desk, act, &consultation, &form.fields).await?,
        Err(message) => Err(FieldErrors::one("", message)),
    };
    match done {
        Ok(response) => Ok(response),
        Err(errors) => render(&page, &desk, act, &consultation, &form.fields, &errors),
    }
}

async fn begin(
    page: &Page,
    desk: &Desk,
    id: ConsultationId,
    act: &str,
) -> Result<(Act, Consultation), Problem> {
    let who = staff(page)?;
    let act = <Act as procedure::Word>::parse(act).ok_or_else(Problem::not_found)?;
    Ok((act, ours(desk, who, id).await?))
}

pub(super) fn not_now(id: ConsultationId) -> Problem {
    Problem::conflict("desk-not-now").leading_to(format!("/desk/consultations/{id}"), "desk-back")
}

fn render(
    page: &Page,
    desk: &Desk,
    act: Act,
    consultation: &Consultation,
    fields: &Fields,
    errors: &FieldErrors,
) -> Result<Response, Problem> {
    let above = (
        consultation.title.clone(),
        format!("/desk/consultations/{}", consultation.id),
    );
    let crumbs = words::crumbs(page, &[above], words::named(page, "desk-act", act.word()));
    let minimum = minimum(page, desk)?;
    let view = Show {
        page,
        act,
        consultation,
        crumbs,
        minimum,
        fields,
        errors,
    };
    Ok(if errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

/// The law's minimum with its article, in a sentence.
fn minimum(page: &Page, desk: &Desk) -> Result<String, Problem> {
    let (days, zh, en) = desk.minimum_window(desk.today()).map_err(problem)?;
    let basis = if page.lang == Lang::Zh { zh } else { en };
    Ok(page.t.with(
        "desk-minimum",
        &[("days", days.into()), ("basis", basis.into())],
    ))
}

/// The form as it is first shown.
async fn filled(
    page: &Page,
    desk: &Desk,
    act: Act,
    consultation: &Consultation,
) -> Result<Fields, Problem> {
    let today = desk.today();
    let after = |day: Date, days: u32| {
        day.saturating_add(Span::new().days(i64::from(days)))
            .to_string()
    };
    let pairs = match act {
        Act::Edit => vec![
            ("title", consultation.title.clone()),
            ("lead", consultation.lead.clone()),
        ],
        Act::Text => {
            let reading = desk.library.read(&desk.db, consultation.version).await?;
            vec![
                ("label", reading.version.label.clone()),
                ("source", reading.version.source.clone()),
            ]
        }
        Act::Next => vec![("label", page.t.get("desk-label-second"))],
        Act::Open => {
            let (days, ..) = desk.minimum_window(desk.today()).map_err(problem)?;
            vec![("opens", today.to_string()), ("closes", after(today, days))]
        }
        Act::Extend => vec![("closes", after(consultation.closes.unwrap_or(today), 7))],
        Act::Close | Act::Report | Act::Withdraw => Vec::new(),
    };
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Ok(Fields {
        pairs,
        files: Vec::new(),
    })
}

/// The answer when it is done, or what is wrong with the form.
type Done = Result<Response, FieldErrors>;

async fn carry_out(
    page: &Page,
    desk: &Desk,
    act: Act,
    consultation: &Consultation,
    fields: &Fields,
) -> Result<Done, Problem> {
    let id = consultation.id;
    let done = match act {
        Act::Edit => {
            ops::edit(
                desk,
                &page.actor,
                id,
                fields.get("title"),
                fields.get("lead"),
            )
            .await
        }
        Act::Text => return replace(page, desk, id, fields).await,
        Act::Next => return next::confirm(page, desk, consultation, fields).await,
        Act::Open => match window(fields) {
            Ok(form) => ops::open(desk, &page.actor, id, &form).await.map(drop),
            Err(errors) => return Ok(Err(errors)),
        },
        Act::Extend => match date(fields, "closes") {
            Ok(closes) => ops::extend(desk, &page.actor, id, closes, fields.get("reason")).await,
            Err(errors) => return Ok(Err(errors)),
        },
        Act::Close => ops::close(desk, &page.actor, id, fields.get("reason")).await,
        Act::Report => ops::report(desk, &page.actor, id).await,
        Act::Withdraw => ops::withdraw(desk, &page.actor, id, fields.get("reason")).await,
    };
    answer(page, act, id, fields, done)
}

fn answer(
    page: &Page,
    act: Act,
    id: ConsultationId,
    fields: &Fields,
    done: ops::Result<()>,
) -> Result<Done, Problem> {
    match done {
        Ok(()) => Ok(Ok(finished(
            page,
            id,
            Message::new(format!("desk-done-{}", act.word())),
        ))),
        Err(error) => match refusal::on_form(error, page.lang) {
            Ok(errors) => Ok(Err(errors)),
            Err(problem) => Err(problem.keeping(fields)),
        },
    }
}

/// Back to the consultation, where `notice` is shown once.
pub(super) fn finished(page: &Page, id: ConsultationId, notice: Message) -> Response {
    page.redirect_with(&format!("/desk/consultations/{id}"), notice)
}

async fn replace(
    page: &Page,
    desk: &Desk,
    id: ConsultationId,
    fields: &Fields,
) -> Result<Done, Problem> {
    let imported = match source::read(page, fields) {
        Ok(imported) => imported,
        Err(errors) => return Ok(Err(errors)),
    };
    let done = ops::replace_text(
        desk,
        &page.actor,
        id,
        fields.get("label"),
        imported.source.as_str(),
    )
    .await;
    match done {
        Ok(()) => Ok(Ok(finished(
            page,
            id,
            source::with_notices(page, "desk-done-text", &imported),
        ))),
        failed => answer(page, Act::Text, id, fields, failed),
    }
}

fn window(fields: &Fields) -> Result<WindowForm, FieldErrors> {
    let (opens, closes) = (date(fields, "opens")?, date(fields, "closes")?);
    let reason = Some(fields.get("reason").trim().to_owned()).filter(|reason| !reason.is_empty());
    Ok(WindowForm {
        opens,
        closes,
        reason,
    })
}

/// The day typed in `field`.
pub(super) fn date(fields: &Fields, field: &'static str) -> Result<Date, FieldErrors> {
    fields
        .get(field)
        .trim()
        .parse()
        .map_err(|_| FieldErrors::one(field, "desk-wrong-date"))
}
