//! Preparing a consultation and opening it.

use ::store::Tx;
use jiff::civil::Date;
use kernel::{Actor, CongressId, ConsultationId, TextId, VersionId};
use procedure::{Asked, Carry, NewMatter, Refusal, Word as _};

use super::{Desk, Result, at_home, held::advance, limits, words};
use crate::{
    model::{self, CONSULTATION, Move, State, Window, says},
    store::{self, Consultation},
};

/// What staff hand in to begin with.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What the consultation is called.
    pub title: String,
    /// What it is about, in plain words.
    pub lead: String,
    /// What the first version is called, such as 征求意见稿.
    pub label: String,
    /// The text of the draft.
    pub source: String,
}

/// The days staff ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowForm {
    /// The first day.
    pub opens: Date,
    /// The last day.
    pub closes: Date,
    /// Why it is shorter than the law's minimum.
    pub reason: Option<String>,
}

/// Begins a consultation on a draft (rules §3.1: 草案版本冻结 comes with opening).
///
/// # Errors
/// [`super::OpError`].
pub async fn prepare(
    desk: &Desk,
    actor: &Actor,
    congress: CongressId,
    draft: &Draft,
) -> Result<ConsultationId> {
    at_home(actor, congress)?;
    let title = words("title", &draft.title, limits::TITLE)?;
    let lead = words("lead", &draft.lead, limits::LEAD)?;
    let label = words("label", &draft.label, limits::LABEL)?;
    let now = desk.now();
    let id = ConsultationId::new(now, &*desk.entropy);
    let (text, version) = (
        TextId::new(now, &*desk.entropy),
        VersionId::new(now, &*desk.entropy),
    );
    let mut tx = desk.db.begin(actor.clone()).await?;
    let matter = NewMatter {
        id: id.into(),
        congress,
        parent: None,
        year: desk.today().year(),
    };
    let carry = Carry::saying(&says::Prepare {
        title: title.clone(),
        lead: lead.clone(),
        label: label.clone(),
    })?;
    let works = desk.works(now);
    let made = procedure::open(&mut tx, &CONSULTATION, matter, Move::Prepare, carry, works).await?;
    corpus::create(&mut tx, text, congress, now).await?;
    let new = corpus::NewVersion {
        id: version,
        text,
        label: &label,
        source: &draft.source,
    };
    corpus::add(&mut tx, new, now).await?;
    let kept = Consultation {
        id,
        congress,
        number: made.number,
        text,
        version,
        state: made.state,
        steps: made.seq,
        title,
        lead,
        opens: None,
        closes: None,
        exception: None,
        writing: None,
        made_at: now,
    };
    store::insert_consultation(&mut tx, &kept).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes the words of a consultation that is still a draft.
///
/// # Errors
/// [`super::OpError`].
pub async fn edit(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    title: &str,
    lead: &str,
) -> Result<()> {
    let title = words("title", title, limits::TITLE)?;
    let lead = words("lead", lead, limits::LEAD)?;
    let (mut tx, mut row) = editable(desk, actor, id).await?;
    (row.title, row.lead) = (title, lead);
    store::save_consultation(&mut tx, &row).await?;
    Ok(tx.commit().await?)
}

/// Puts another text into a consultation that is still a draft.
///
/// # Errors
/// [`super::OpError`].
pub async fn replace_text(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    label: &str,
    source: &str,
) -> Result<()> {
    let label = words("label", label, limits::LABEL)?;
    let (mut tx, row) = editable(desk, actor, id).await?;
    corpus::replace(&mut tx, row.version, &label, source).await?;
    Ok(tx.commit().await?)
}

/// A draft that this actor may still change: whoever may open it may edit it.
async fn editable(desk: &Desk, actor: &Actor, id: ConsultationId) -> Result<(Tx, Consultation)> {
    let (tx, row) = desk.take_up(actor, id).await?;
    if row.state != State::Draft {
        return Err(Refusal::NotNow {
            state: row.state.word(),
            tried: Move::Prepare.word(),
        }
        .into());
    }
    CONSULTATION.check(Some(State::Draft), Move::Open, actor, Asked::default())?;
    Ok((tx, row))
}

impl Desk {
    /// The least days a draft must be open for opinions here by the rule of `day`, and the article that
    /// says so, in Chinese and English. A draft is judged by the rule of the day on which it opens.
    ///
    /// # Errors
    /// [`super::OpError::NoRule`].
    pub fn minimum_window(&self, day: Date) -> Result<(u32, String, String)> {
        crate::rules::minimum_window(&self.rulebook, &self.place, self.level, day)
    }

    /// Judges the days asked for.
    ///
    /// # Errors
    /// [`super::OpError::Window`].
    pub fn judge_window(&self, form: &WindowForm) -> Result<Window> {
        let (least, basis, _) = self.minimum_window(form.opens.max(self.today()))?;
        let reason = form.reason.as_deref();
        Ok(model::window(
            self.today(),
            form.opens,
            form.closes,
            (least, &basis),
            reason,
        )?)
    }
}

/// Freezes the draft and opens it to everybody.
///
/// # Errors
/// [`super::OpError`].
pub async fn open(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    form: &WindowForm,
) -> Result<Window> {
    let window = desk.judge_window(form)?;
    if let Some(reason) = &window.exception {
        words("reason", reason, limits::REASON)?;
    }
    let (_, basis, _) = desk.minimum_window(window.opens)?;
    let (mut tx, mut row) = desk.take_up(actor, id).await?;
    let draft = corpus::load(&mut tx, row.version).await?;
    let said = says::Open {
        opens: window.opens.to_string(),
        closes: window.closes.to_string(),
        version: draft.id,
        source_sha256: says::source_sha256(&draft.source),
    };
    let carry = Carry {
        reason: window.exception.clone(),
        due: Some((window.closes, basis)),
        ..Carry::saying(&said)?
    };
    advance(desk, &mut tx, &mut row, Move::Open, carry).await?;
    corpus::publish(&mut tx, row.version, desk.now()).await?;
    row.opens = Some(window.opens);
    row.closes = Some(window.closes);
    row.exception.clone_from(&window.exception);
    store::save_consultation(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(window)
}
