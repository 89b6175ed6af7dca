//! Reading rules from TOML. Whoever wrote a file learns everything that is wrong with it at once, each
//! with file, line and words in Chinese and English.

use std::{collections::BTreeMap, fmt, ops::Range};

use jiff::civil::Date;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Basis, Bound, Kind, Layer, Question, Rule, RuleValue};
use crate::{Level, Period, Share};

/// The longest period a rule may name, in hours: ten years. Anything longer is a slip of the pen.
const LONGEST_HOURS: u64 = 10 * 365 * 24;
/// The greatest number a rule may name.
const GREATEST_COUNT: u32 = 100_000;

/// The fields of a rule.
const FIELDS: [&str; 9] = [
    "key",
    "value",
    "unit",
    "level",
    "place",
    "valid_from",
    "valid_to",
    "basis",
    "verified",
];

/// The units, and the kind of value each makes.
const UNITS: [(&str, Kind); 10] = [
    ("hours", Kind::Period),
    ("days", Kind::Period),
    ("working_days", Kind::Period),
    ("months", Kind::Period),
    ("years", Kind::Period),
    ("count", Kind::Count),
    ("at_least", Kind::Share),
    ("at_most", Kind::Share),
    ("more_than", Kind::Share),
    ("flag", Kind::Flag),
];

/// Something wrong, or doubtful, in a file of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}：{zh} · {en}")]
pub struct RuleFault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Everything that is wrong with some files of rules.
#[derive(Debug, thiserror::Error)]
pub struct RuleFaults(pub Vec<RuleFault>);

impl fmt::Display for RuleFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> = self.0.iter().map(RuleFault::to_string).collect();
        f.write_str(&said.join("\n"))
    }
}

/// A value with its place in the text.
type At<'a> = Spanned<DeValue<'a>>;

/// What is wrong, in Chinese and English, and where in the text.
struct Wrong {
    at: usize,
    zh: String,
    en: String,
}

fn wrong(span: Range<usize>, zh: impl Into<String>, en: impl Into<String>) -> Wrong {
    Wrong {
        at: span.start,
        zh: zh.into(),
        en: en.into(),
    }
}

/// One file being read.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    fn line(&self, at: usize) -> usize {
        self.text
            .bytes()
            .take(at)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1
    }

    fn fault(&self, wrong: Wrong) -> RuleFault {
        RuleFault {
            file: self.file.to_owned(),
            line: self.line(wrong.at),
            zh: wrong.zh,
            en: wrong.en,
        }
    }

    /// The file's sections.
    fn sections(&self) -> Result<DeTable<'a>, RuleFault> {
        let read = DeTable::parse(self.text).map_err(|error| {
            let what = error.message();
            let at = error.span().unwrap_or_default();
            self.fault(wrong(
                at,
                format!("不是TOML格式（{what}）"),
                format!("this is not TOML: {what}"),
            ))
        })?;
        Ok(read.into_inner())
    }
}

/// The questions that files ask in their section `[keys]`.
pub(super) fn questions(files: &[(&str, &str)]) -> Result<BTreeMap<String, Question>, RuleFaults> {
    let (mut questions, mut faults) = (BTreeMap::new(), Vec::new());
    for (file, text) in files {
        let source = Source { file, text };
        let sections = match source.sections() {
            Ok(sections) => sections,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let keys = sections
            .get("keys")
            .and_then(|keys| keys.as_ref().as_table());
        for (key, asked) in keys.into_iter().flatten() {
            match question(asked) {
                Ok(question) => {
                    questions.insert(key.as_ref().to_string(), question);
                }
                Err(wrong) => faults.push(source.fault(wrong)),
            }
        }
    }
    if faults.is_empty() {
        Ok(questions)
    } else {
        Err(RuleFaults(faults))
    }
}

fn question(asked: &At<'_>) -> Result<Question, Wrong> {
    let fields = table(asked, "keys", &["kind", "bound", "zero", "zh", "en"])?;
    let kind = match text(asked, fields, "kind")? {
        "period" => Kind::Period,
        "count" => Kind::Count,
        "share" => Kind::Share,
        "flag" => Kind::Flag,
        _ => return Err(wrong(asked.span(), "kind不对", "this kind is unknown")),
    };
    let bound = match fields
        .get("bound")
        .and_then(|bound| bound.as_ref().as_str())
    {
        None => None,
        Some("floor") => Some(Bound::Floor),
        Some("ceiling") => Some(Bound::Ceiling),
        Some(_) => return Err(wrong(asked.span(), "bound不对", "this bound is unknown")),
    };
    Ok(Question {
        kind,
        bound,
        may_be_zero: fields
            .get("zero")
            .is_some_and(|zero| zero.as_ref().as_bool() == Some(true)),
        zh: text(asked, fields, "zh")?.to_owned(),
        en: text(asked, fields, "en")?.to_owned(),
    })
}

/// Refuses files that ask questions of their own: the program would never ask them.
pub(super) fn refuse_questions(files: &[(&str, &str)]) -> Result<(), RuleFaults> {
    let mut faults = Vec::new();
    for (file, text) in files {
        let source = Source { file, text };
        // What cannot be read at all is told by `rules`.
        let Ok(sections) = source.sections() else {
            continue;
        };
        if let Some((name, _)) = sections.get_key_value("keys") {
            let why = wrong(
                name.span(),
                "自己的规则文件不能增加[keys]，只能回答已有的问题",
                "a file of one's own adds no [keys]: it answers the questions there are",
            );
            faults.push(source.fault(why));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(RuleFaults(faults))
    }
}

/// The rules of some files, as one layer.
pub(super) fn rules(
    files: &[(&str, &str)],
    questions: &BTreeMap<String, Question>,
) -> Result<Layer, RuleFaults> {
    let (mut layer, mut faults) = (Layer::new(), Vec::new());
    for (file, text) in files {
        let source = Source { file, text };
        for read in of_file(&source, questions) {
            match read {
                Ok(rule) => layer.entry(rule.key.clone()).or_default().push(rule),
                Err(fault) => faults.push(fault),
            }
        }
    }
    faults.extend(layer.values().flat_map(|rules| overlaps(rules)));
    if faults.is_empty() {
        Ok(layer)
    } else {
        Err(RuleFaults(faults))
    }
}

fn of_file(
    source: &Source<'_>,
    questions: &BTreeMap<String, Question>,
) -> Vec<Result<Rule, RuleFault>> {
    let sections = match source.sections() {
        Ok(sections) => sections,
        Err(fault) => return vec![Err(fault)],
    };
    let mut read = Vec::new();
    for (name, section) in &sections {
        match (name.as_ref().as_ref(), section.as_ref()) {
            ("keys", _) => {}
            ("rule", DeValue::Array(rules)) => read.extend(rules.iter().map(|written| {
                let rule = rule(written, questions).map_err(|wrong| source.fault(wrong))?;
                Ok(Rule {
                    file: source.file.to_owned(),
                    line: source.line(written.span().start),
                    ..rule
                })
            })),
            (other, _) => read.push(Err(source.fault(wrong(
                name.span(),
                format!("没有“{other}”这一节，规则写在 [[rule]] 里"),
                format!("there is no section {other}: rules stand under [[rule]]"),
            )))),
        }
    }
    read
}

/// One rule; its file and line are put in by the caller.
fn rule(written: &At<'_>, questions: &BTreeMap<String, Question>) -> Result<Rule, Wrong> {
    let fields = table(written, "rule", &FIELDS)?;
    let key = text(written, fields, "key")?;
    let question = questions
        .get(key)
        .ok_or_else(|| unknown_key(span_of(fields, "key"), key, questions))?;
    let rule = Rule {
        key: key.to_owned(),
        value: value(written, fields, question)?,
        levels: levels(fields)?,
        place: place(fields)?,
        valid_from: date(fields, "valid_from")?.ok_or_else(|| missing(written, "valid_from"))?,
        valid_to: date(fields, "valid_to")?,
        basis: basis(written, fields)?,
        verified: verified(written, fields)?,
        file: String::new(),
        line: 0,
    };
    if rule.valid_to.is_some_and(|last| last < rule.valid_from) {
        let at = span_of(fields, "valid_to");
        return Err(wrong(
            at,
            "失效日期早于生效日期",
            "it ends before it begins",
        ));
    }
    if rule.verified && !names_an_article(&rule.basis.zh) {
        let at = span_of(fields, "basis");
        return Err(wrong(
            at,
            "已核对（verified = true）的规则要写明第几条",
            "a verified rule names its article: 第…条",
        ));
    }
    if rule.place.is_some() && rule.levels.is_empty() {
        return Err(wrong(
            written.span(),
            "地方规则要写明适用的层级（level）",
            "a local rule says at which levels it holds (level)",
        ));
    }
    Ok(rule)
}

/// Whether a basis holds 第…条.
fn names_an_article(basis: &str) -> bool {
    basis
        .split_once('第')
        .is_some_and(|(_, rest)| rest.contains('条'))
}

fn table<'v, 'a>(value: &'v At<'a>, what: &str, fields: &[&str]) -> Result<&'v DeTable<'a>, Wrong> {
    let Some(table) = value.as_ref().as_table() else {
        return Err(wrong(
            value.span(),
            format!("{what}应是一组“名 = 值”"),
            format!("{what} is a table of name = value"),
        ));
    };
    for name in table.keys() {
        let named = name.as_ref().as_ref();
        if !fields.contains(&named) {
            let (zh, en) = perhaps(named, fields.iter().copied());
            return Err(wrong(
                name.span(),
                format!("没有“{named}”这一项{zh}"),
                format!("there is no field {named}{en}"),
            ));
        }
    }
    Ok(table)
}

/// A hint at the nearest word, in Chinese and English; nothing when none is near.
fn perhaps<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> (String, String) {
    let scored = words.map(|known| (strsim::jaro_winkler(word, known), known));
    match scored.max_by(|(one, _), (two, _)| one.total_cmp(two)) {
        Some((score, known)) if score > 0.8 => (
            format!("，是不是“{known}”？"),
            format!(": did you mean {known}?"),
        ),
        _ => (String::new(), String::new()),
    }
}

fn unknown_key(span: Range<usize>, key: &str, questions: &BTreeMap<String, Question>) -> Wrong {
    let (zh, en) = perhaps(key, questions.keys().map(String::as_str));
    wrong(
        span,
        format!("没有叫“{key}”的规则{zh}"),
        format!("there is no rule {key}{en}"),
    )
}

fn span_of(fields: &DeTable<'_>, name: &str) -> Range<usize> {
    fields.get(name).map(Spanned::span).unwrap_or_default()
}

fn missing(written: &At<'_>, name: &str) -> Wrong {
    wrong(
        written.span(),
        format!("缺少“{name}”"),
        format!("{name} is missing"),
    )
}

/// A text that must be there.
fn text<'v>(written: &At<'_>, fields: &'v DeTable<'_>, name: &str) -> Result<&'v str, Wrong> {
    let found = fields.get(name).ok_or_else(|| missing(written, name))?;
    let text = found
        .as_ref()
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    text.ok_or_else(|| {
        wrong(
            found.span(),
            format!("“{name}”应是文字，写在引号里"),
            format!("{name} is a text in quotation marks"),
        )
    })
}

fn verified(written: &At<'_>, fields: &DeTable<'_>) -> Result<bool, Wrong> {
    let found = fields
        .get("verified")
        .ok_or_else(|| missing(written, "verified"))?;
    let yes = found.as_ref().as_bool();
    yes.ok_or_else(|| {
        wrong(
            found.span(),
            "“verified”应是true或false",
            "verified is true or false",
        )
    })
}

fn basis(written: &At<'_>, fields: &DeTable<'_>) -> Result<Basis, Wrong> {
    let found = fields
        .get("basis")
        .ok_or_else(|| missing(written, "basis"))?;
    let words = table(found, "basis", &["zh", "en"])?;
    Ok(Basis {
        zh: text(found, words, "zh")?.to_owned(),
        en: text(found, words, "en")?.to_owned(),
    })
}

fn levels(fields: &DeTable<'_>) -> Result<Vec<Level>, Wrong> {
    let Some(found) = fields.get("level") else {
        return Ok(Vec::new());
    };
    let level = |word: &At<'_>| word.as_ref().as_str().and_then(Level::parse);
    let listed = found
        .as_ref()
        .as_array()
        .and_then(|words| words.iter().map(level).collect());
    listed
        .filter(|levels: &Vec<Level>| !levels.is_empty())
        .ok_or_else(|| {
            let known = Level::ALL.map(Level::as_str).join(", ");
            wrong(
                found.span(),
                format!("“level”应是层级的列表：{known}"),
                format!("level is a list of {known}"),
            )
        })
}

fn place(fields: &DeTable<'_>) -> Result<Option<String>, Wrong> {
    let Some(found) = fields.get("place") else {
        return Ok(None);
    };
    let code = found.as_ref().as_str().filter(|code| {
        [6, 9].contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
    });
    code.map(|code| Some(code.to_owned())).ok_or_else(|| {
        wrong(
            found.span(),
            "“place”应是六位或九位行政区划代码，写在引号里",
            "place is a division code of six or nine digits in quotation marks",
        )
    })
}

/// A date in quotation marks or without: TOML has dates of its own.
fn date(fields: &DeTable<'_>, name: &str) -> Result<Option<Date>, Wrong> {
    let Some(found) = fields.get(name) else {
        return Ok(None);
    };
    let read = match found.as_ref() {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Datetime(written) if written.time.is_none() => written.date.and_then(|date| {
            let year = i16::try_from(date.year).ok()?;
            Date::new(
                year,
                i8::try_from(date.month).ok()?,
                i8::try_from(date.day).ok()?,
            )
            .ok()
        }),
        _ => None,
    };
    read.map(Some).ok_or_else(|| {
        wrong(
            found.span(),
            format!("“{name}”应是日期，写作2026-07-01"),
            format!("{name} is a date, written 2026-07-01"),
        )
    })
}

fn value(written: &At<'_>, fields: &DeTable<'_>, question: &Question) -> Result<RuleValue, Wrong> {
    let unit = text(written, fields, "unit")?;
    let found = fields
        .get("value")
        .ok_or_else(|| missing(written, "value"))?;
    let at = || span_of(fields, "unit");
    let Some((_, kind)) = UNITS.iter().find(|(known, _)| *known == unit) else {
        let (zh, en) = perhaps(unit, UNITS.iter().map(|(known, _)| *known));
        return Err(wrong(
            at(),
            format!("没有“{unit}”这个单位{zh}"),
            format!("there is no unit {unit}{en}"),
        ));
    };
    if *kind != question.kind {
        let units = UNITS.iter().filter(|(_, kind)| *kind == question.kind);
        let units = units.map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return Err(wrong(
            at(),
            format!("单位“{unit}”不合适，“{}”的单位是{units}", question.zh),
            format!(
                "the unit {unit} does not fit: {} is in {units}",
                question.en
            ),
        ));
    }
    match kind {
        Kind::Period => period(unit, count(found, question)?, found.span()),
        Kind::Count => count(found, question).map(RuleValue::Count),
        Kind::Share => share(unit, found),
        Kind::Flag => found
            .as_ref()
            .as_bool()
            .map(RuleValue::Flag)
            .ok_or_else(|| {
                wrong(
                    found.span(),
                    "“value”应是true或false",
                    "value is true or false",
                )
            }),
    }
}

fn count(found: &At<'_>, question: &Question) -> Result<u32, Wrong> {
    let least = u32::from(!question.may_be_zero);
    let number = found
        .as_ref()
        .as_integer()
        .filter(|number| number.radix() == 10);
    let number = number.and_then(|number| number.as_str().parse().ok());
    number
        .filter(|n| (least..=GREATEST_COUNT).contains(n))
        .ok_or_else(|| {
            wrong(
                found.span(),
                format!("“value”应是{least}至{GREATEST_COUNT}的整数"),
                format!("value is a whole number from {least} to {GREATEST_COUNT}"),
            )
        })
}

fn period(unit: &str, n: u32, span: Range<usize>) -> Result<RuleValue, Wrong> {
    let period = match unit {
        "hours" => Period::Hours(n),
        "days" => Period::Days(n),
        "working_days" => Period::WorkingDays(n),
        "months" => Period::Months(n),
        _ => Period::Years(n),
    };
    if period.about_hours() > LONGEST_HOURS {
        return Err(wrong(span, "期限最长十年", "a period is ten years at most"));
    }
    Ok(RuleValue::Period(period))
}

fn share(unit: &str, found: &At<'_>) -> Result<RuleValue, Wrong> {
    let share = found.as_ref().as_str().and_then(Share::parse);
    let share = share.filter(|share| (1..=share.of()).contains(&share.parts()));
    let share = share.ok_or_else(|| {
        wrong(
            found.span(),
            "“value”应是不大于一的分数，写作\"2/3\"",
            "value is a fraction not above one, written \"2/3\"",
        )
    })?;
    Ok(match unit {
        "at_least" => RuleValue::AtLeast(share),
        "at_most" => RuleValue::AtMost(share),
        _ => RuleValue::MoreThan(share),
    })
}

/// Rules of one key that answer for the same place and level on the same day. A rule for a named level
/// and one for all levels do not: the named one wins.
fn overlaps(rules: &[Rule]) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    for (i, one) in rules.iter().enumerate() {
        for other in &rules[i + 1..] {
            let alike = one.levels.is_empty() == other.levels.is_empty();
            let clash = one.place == other.place && alike && one.shares_a_level(other);
            if let Some(from) = one.meets(other).filter(|_| clash) {
                faults.push(overlap(one, other, from));
            }
        }
    }
    faults
}

fn overlap(one: &Rule, other: &Rule, from: Date) -> RuleFault {
    let (key, file, line) = (&one.key, &one.file, one.line);
    let shared = one
        .levels
        .iter()
        .filter(|level| other.levels.contains(level));
    let shared: Vec<Level> = shared.copied().collect();
    let place = one.place.as_deref();
    let levels = |word: fn(Level) -> &'static str, all: &str, between: &str| match shared.as_slice()
    {
        [] => all.to_owned(),
        some => some
            .iter()
            .map(|level| word(*level))
            .collect::<Vec<_>>()
            .join(between),
    };
    RuleFault {
        file: other.file.clone(),
        line: other.line,
        zh: format!(
            "“{key}”与{file}:{line}重叠：{}，{}，自{from}起",
            place.unwrap_or("全国"),
            levels(Level::zh, "各级", "、"),
        ),
        en: format!(
            "{key} overlaps {file}:{line}: {}, {}, from {from} on",
            place.unwrap_or("the whole country"),
            levels(Level::en, "every level", ", "),
        ),
    }
}

/// What to say of a local rule that is looser than a national one.
pub(super) fn looser(rule: &Rule, national: &Rule, gives_way: bool) -> RuleFault {
    let (basis, value) = (&national.basis, national.value);
    let (zh, en) = match gives_way {
        true => (
            "，又早于它，以全国规则为准",
            " and older: the national rule holds",
        ),
        false => ("，请核对是否可以", ": check that it may be"),
    };
    RuleFault {
        file: rule.file.clone(),
        line: rule.line,
        zh: format!(
            "“{}”（{}）宽于{}（{}）{zh}",
            rule.key,
            rule.value.zh(),
            basis.zh,
            value.zh(),
        ),
        en: format!(
            "{} ({}) is looser than {} ({}){en}",
            rule.key,
            rule.value.en(),
            basis.en,
            value.en(),
        ),
    }
}
