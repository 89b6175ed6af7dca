//! What goes over the wire.

use jiff::civil::Date;
use kernel::{ConsultationId, OpinionId};
use procedure::{Diagram as _, Step, Word};
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;
use web::{FieldErrors, Problem};

use crate::{
    figures::{Counted, Figure},
    model::{CONSULTATION, OPINION, OpinionState, Outcome, Source, Stance},
    store::{Consultation, Filter, Listed, Opinion, Visit, Visited},
    way::LedTo,
};

/// A page of a list.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A consultation (征求意见).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct ConsultationShape {
    pub id: Uuid,
    /// Its number, such as 征求意见〔2026〕3号.
    pub number: String,
    /// draft, open, studying, reported or withdrawn.
    pub state: &'static str,
    pub title: String,
    pub lead: String,
    /// The version people read now.
    pub version: Uuid,
    /// The first day.
    pub opens_on: Option<String>,
    /// The last day.
    pub closes_on: Option<String>,
    /// Why the window is shorter than the law's minimum.
    pub exception: Option<String>,
}

impl From<Consultation> for ConsultationShape {
    fn from(row: Consultation) -> Self {
        Self {
            id: row.id.into(),
            number: CONSULTATION.written(row.number),
            state: row.state.word(),
            title: row.title,
            lead: row.lead,
            version: row.version.into(),
            opens_on: row.opens.map(|day| day.to_string()),
            closes_on: row.closes.map(|day| day.to_string()),
            exception: row.exception,
        }
    }
}

/// A consultation with its way.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct ConsultationWayShape {
    #[serde(flatten)]
    pub consultation: ConsultationShape,
    /// Every step so far, oldest first, with the reasons that were given.
    pub way: Vec<StepShape>,
}

/// An opinion (意见).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct OpinionShape {
    pub id: Uuid,
    /// Its number, such as 意见〔2026〕12号.
    pub number: String,
    pub consultation: Uuid,
    /// Absent for an opinion on the whole draft.
    pub provision: Option<String>,
    pub stance: &'static str,
    pub source: &'static str,
    /// The person's own words; absent when hidden, erased or taken back.
    pub text: Option<String>,
    /// Why it is hidden.
    pub hidden_because: Option<String>,
    /// received, decided, written or withdrawn.
    pub state: &'static str,
    /// How many steps it has gone: hand it in with a decision.
    pub steps: u32,
    pub outcome: Option<&'static str>,
    /// The reason of the decision.
    pub answer: Option<String>,
    /// The body that handles it, where it was referred.
    pub referred_to: Option<String>,
    pub received_at: String,
    pub decided_at: Option<String>,
}

impl From<Opinion> for OpinionShape {
    fn from(row: Opinion) -> Self {
        let text = row.public_words().map(str::to_owned);
        Self {
            id: row.id.into(),
            number: OPINION.written(row.number),
            consultation: row.consultation.into(),
            provision: row.provision,
            stance: row.stance.word(),
            source: row.source.word(),
            text,
            hidden_because: row.hidden,
            state: row.state.word(),
            steps: row.steps,
            outcome: row.outcome.map(Word::word),
            answer: row.answer,
            referred_to: row.referred_to,
            received_at: row.received_at.rfc3339(),
            decided_at: row.decided_at.map(kernel::Timestamp::rfc3339),
        }
    }
}

/// An opinion with its whole way.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct OpinionWayShape {
    #[serde(flatten)]
    pub opinion: OpinionShape,
    /// Every step so far, oldest first.
    pub way: Vec<StepShape>,
    /// Every place of a version to which the opinion led, oldest first.
    pub led_to: Vec<LedToShape>,
}

/// One step of a way.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct StepShape {
    /// From 1.
    pub step: u32,
    pub r#move: String,
    pub from: String,
    pub to: String,
    pub role: String,
    pub at: String,
    pub reason: Option<String>,
    /// The entry's place in the log, from 0.
    pub log_index: Option<u64>,
}

impl From<Step> for StepShape {
    fn from(step: Step) -> Self {
        Self {
            step: step.seq,
            r#move: step.made,
            from: step.from,
            to: step.to,
            role: step.role,
            at: step.at.rfc3339(),
            reason: step.reason,
            log_index: step.index,
        }
    }
}

/// What somebody says.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOpinionShape {
    /// The person's own words.
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
    /// A provision of the draft, such as `art_3`; absent for the whole draft.
    #[serde(default)]
    #[schema(max_length = 400)]
    pub provision: Option<String>,
    /// support, amend, oppose or other; `amend` when absent.
    #[serde(default)]
    pub stance: Option<StanceShape>,
}

/// 赞成, 建议修改, 不赞成, 其他.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StanceShape {
    Support,
    Amend,
    Oppose,
    Other,
}

impl From<StanceShape> for crate::model::Stance {
    fn from(stance: StanceShape) -> Self {
        match stance {
            StanceShape::Support => Self::Support,
            StanceShape::Amend => Self::Amend,
            StanceShape::Oppose => Self::Oppose,
            StanceShape::Other => Self::Other,
        }
    }
}

/// A receipt (回执).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct ReceiptShape {
    /// Keep it: whoever holds it sees the way of the opinion.
    pub code: String,
    /// The page that shows the way.
    pub url: String,
    pub opinion: OpinionShape,
    /// Every step so far, oldest first.
    pub steps: Vec<StepShape>,
    /// Every place of a version to which the opinion led, oldest first.
    pub led_to: Vec<LedToShape>,
}

/// A place of a version to which an opinion led.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct LedToShape {
    pub version: Uuid,
    /// Absent when the provision spoken of is no longer there.
    pub provision: Option<String>,
    pub at: String,
}

impl From<LedTo> for LedToShape {
    fn from(led_to: LedTo) -> Self {
        Self {
            version: led_to.place.version.into(),
            provision: led_to.place.provision,
            at: led_to.at.rfc3339(),
        }
    }
}

/// One figure (数字).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct FigureShape {
    pub key: String,
    pub value: i64,
    /// items, persons, person_times, units, times or per_mille.
    pub unit: &'static str,
    /// The list that it counts.
    pub list: String,
}

impl FigureShape {
    pub(crate) fn of(id: ConsultationId, figure: Figure) -> Self {
        let list = match figure.counted {
            Counted::Opinions(filter) => {
                format!("/api/v1/consultations/{id}/opinions{}", query(&filter))
            }
            Counted::Visits => format!("/api/v1/consultations/{id}/visits"),
            Counted::Deputies => format!("/api/v1/consultations/{id}/visiting_deputies"),
            Counted::Units => format!("/api/v1/consultations/{id}/visited_units"),
        };
        Self {
            key: figure.key,
            value: figure.value,
            unit: figure.unit.word(),
            list,
        }
    }
}

/// A filter as the query of a list.
fn query(filter: &Filter) -> String {
    let pairs = [
        filter
            .provision
            .clone()
            .map(|value| format!("provision={value}")),
        filter.state.map(|state| format!("state={}", state.word())),
        filter
            .outcome
            .map(|outcome| format!("outcome={}", outcome.word())),
        filter
            .stance
            .map(|stance| format!("stance={}", stance.word())),
        filter
            .source
            .map(|source| format!("source={}", source.word())),
        filter.visit.map(|visit| format!("visit={visit}")),
        filter.answered.then(|| "answered=true".to_owned()),
        filter.to_write.then(|| "to_write=true".to_owned()),
        filter.hidden.then(|| "hidden=true".to_owned()),
        filter.day.map(|day| format!("day={day}")),
    ];
    let pairs: Vec<_> = pairs.into_iter().flatten().collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// A visit (走访).
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct VisitShape {
    pub id: Uuid,
    pub unit: String,
    /// Persons heard (人次).
    pub heads: i64,
    pub visited_on: String,
}

impl From<Visit> for VisitShape {
    fn from(row: Visit) -> Self {
        Self {
            id: row.id.into(),
            unit: row.unit_name,
            heads: row.heads,
            visited_on: row.visited_on,
        }
    }
}

/// A deputy who visited, or a unit that was visited.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct VisitedShape {
    pub id: Uuid,
    pub name: String,
    /// Visits.
    pub visits: i64,
    /// Persons heard at them (人次).
    pub heads: i64,
}

impl From<Visited> for VisitedShape {
    fn from(row: Visited) -> Self {
        Self {
            id: row.id,
            name: row.name,
            visits: row.visits,
            heads: row.heads,
        }
    }
}

/// What a list of opinions is narrowed to, and where it goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OpinionQuery {
    /// A provision, such as `art_3`.
    pub provision: Option<String>,
    /// Where they stand.
    #[param(schema_with = one_of::<OpinionState>)]
    pub state: Option<String>,
    /// What was decided.
    #[param(schema_with = one_of::<Outcome>)]
    pub outcome: Option<String>,
    /// What they want.
    #[param(schema_with = one_of::<Stance>)]
    pub stance: Option<String>,
    /// How they came.
    #[param(schema_with = one_of::<Source>)]
    pub source: Option<String>,
    /// Heard at this visit.
    pub visit: Option<Uuid>,
    /// Answered ones only.
    pub answered: Option<bool>,
    /// Adopted ones only that no version shows yet.
    pub to_write: Option<bool>,
    /// Hidden ones only.
    pub hidden: Option<bool>,
    /// That came on this day in China.
    #[param(format = Date)]
    pub day: Option<String>,
    /// Where the next page begins.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    pub cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

impl OpinionQuery {
    /// The filter it asks for.
    ///
    /// # Errors
    /// A 400 that names the word that is not known; a 422 that says that nothing can be so.
    pub(crate) fn filter(&self) -> Result<Filter, Problem> {
        let filter = Filter {
            provision: self.provision.clone(),
            state: word(self.state.as_deref())?,
            outcome: word(self.outcome.as_deref())?,
            stance: word(self.stance.as_deref())?,
            source: word(self.source.as_deref())?,
            visit: self.visit.map(Into::into),
            answered: self.answered.unwrap_or(false),
            to_write: self.to_write.unwrap_or(false),
            hidden: self.hidden.unwrap_or(false),
            day: self.day.as_deref().map(day).transpose()?,
        };
        if filter.contradicts_itself() {
            return Err(Problem::refused(FieldErrors::one(
                "",
                "wrong-contradiction",
            )));
        }
        Ok(filter)
    }
}

fn day(text: &str) -> Result<Date, Problem> {
    let unknown =
        |_| Problem::bad_request(web::Message::new("problem-query").put("what", text.to_owned()));
    text.parse().map_err(unknown)
}

/// The words of a closed list, for the description.
fn one_of<W: Word>() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(W::ALL.iter().map(|word| word.word())))
        .build()
}

pub(crate) fn word<W: Word>(text: Option<&str>) -> Result<Option<W>, Problem> {
    let unknown = |text: &str| {
        Problem::bad_request(web::Message::new("problem-query").put("what", text.to_owned()))
    };
    text.map(|text| W::parse(text).ok_or_else(|| unknown(text)))
        .transpose()
}

/// Where a list goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Where the next page begins.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    pub cursor: Option<String>,
    /// Items a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A page of a list, with the cursor of the next one.
pub(crate) fn list<T, S: From<T>, I: Into<Uuid>>(page: Listed<T, I>) -> List<S> {
    List {
        items: page.rows.into_iter().map(S::from).collect(),
        next_cursor: next(page.next),
    }
}

/// The cursor of a page that begins after `id`.
pub(crate) fn next(id: Option<impl Into<Uuid>>) -> Option<String> {
    let cursor = |id: Uuid| web::Cursor { at: 0, id };
    id.map(|id| cursor(id.into()).to_string())
}

/// A whole number as JSON may write it: `26` and `26.0` are the same.
pub(crate) fn whole<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = <f64 as serde::Deserialize>::deserialize(from)?;
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        Ok(number as u32)
    } else {
        Err(serde::de::Error::custom("a whole number is needed"))
    }
}

/// The id at which a page begins.
pub(crate) fn after(cursor: Option<&str>) -> Result<Option<Uuid>, Problem> {
    Ok(cursor
        .map(web::Cursor::parse)
        .transpose()?
        .map(|cursor| cursor.id))
}

/// The id in an opinion's path.
pub(crate) fn opinion_id(id: Uuid) -> OpinionId {
    OpinionId::from(id)
}
