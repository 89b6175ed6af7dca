//! What was found, in the reader's language.
//!
//! Texts are the catalogues' of this program and of the domains, so that a step is called here what pages call it.
//! What stands in a receipt was written by others: control characters, which could rewrite a terminal, are taken out.

use std::{collections::BTreeSet, fmt, sync::Arc};

use kernel::Timestamp;
use serde_json::Value;
use translog::{Checkpoint, Report, VerifiedStep, VerifyError};
use web::{Arg, Lang, Message, T};

/// The parts of a step's record that have a name, in the order in which they are told.
const TOLD: [&str; 17] = [
    "text",
    "outcome",
    "referred_to",
    "reason",
    "provision",
    "lands_on",
    "stance",
    "source",
    "title",
    "lead",
    "label",
    "opens",
    "closes",
    "due",
    "basis",
    "to",
    "source_sha256",
];

/// A finding: proven (✓) or not (!).
pub(super) struct Line {
    proven: bool,
    text: String,
    /// What stands below it, each on a line of its own.
    details: Vec<String>,
}

impl Line {
    pub(super) fn proven(text: String) -> Self {
        let (proven, details) = (true, Vec::new());
        Self {
            proven,
            text,
            details,
        }
    }

    pub(super) fn warning(text: String) -> Self {
        let (proven, details) = (false, Vec::new());
        Self {
            proven,
            text,
            details,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.proven { '✓' } else { '!' };
        write!(f, "{mark} {}", plain(&self.text))?;
        for detail in &self.details {
            write!(f, "\n    {}", plain(detail).replace('\n', "\n      "))?;
        }
        Ok(())
    }
}

/// A text without what could rewrite a terminal or turn the order of characters around.
pub(super) fn plain(text: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if harmful(c) { '\u{fffd}' } else { c })
        .collect()
}

/// The texts of one language.
pub(super) struct Words {
    /// The keys that the catalogues have.
    known: BTreeSet<String>,
    /// The translator.
    pub(super) t: T,
}

impl Words {
    /// # Panics
    /// When the catalogues cannot be used, which the tests of this program would show.
    pub(super) fn new(lang: Lang) -> Self {
        let texts = crate::modules::texts();
        let known = texts.keys(lang).into_iter().map(str::to_owned).collect();
        // No year is the present one: a proof is read in later years too.
        let now = Timestamp::from_micros(0);
        let t = T::new(Arc::new(texts), lang, kernel::time::china(), now);
        Self { known, t }
    }

    /// What does not hold.
    pub(super) fn refusal(&self, why: &VerifyError) -> String {
        match self.t.lang {
            Lang::Zh => why.zh(),
            Lang::En => why.to_string(),
        }
    }

    /// What a receipt proves by itself.
    pub(super) fn report(&self, report: &Report) -> Vec<Line> {
        let Checkpoint { origin, size, root } = &report.checkpoint;
        let signed = Message::new("log-verify-signed").put("log", origin);
        let signed = signed.put("size", *size).put("root", root.to_base64());
        let mut lines = vec![Line::proven(self.t.say(signed))];
        lines.extend(report.steps.iter().map(|step| self.step(step)));
        let one = Message::new("log-verify-one").put("steps", report.steps.len());
        lines.push(Line::proven(self.t.say(one)));
        lines
    }

    /// One step, and what was said in it.
    fn step(&self, step: &VerifiedStep) -> Line {
        let entry = &step.entry;
        let line = Message::new("log-verify-step")
            .put("step", entry.step)
            .put("at", self.when(&entry.at))
            .put("role", self.name("role", &entry.role))
            .put(
                "move",
                self.name(&format!("{}-move", entry.kind), &entry.move_name),
            )
            .put("place", step.index.saturating_add(1));
        let content = step.content.as_deref().unwrap_or_default();
        Line {
            details: self.record(&entry.kind, content),
            ..Line::proven(self.t.say(line))
        }
    }

    /// What the record of a step says, each part with its name. A text that is no record stands as it is.
    fn record(&self, kind: &str, text: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        let Ok(Value::Object(mut record)) = serde_json::from_str(text) else {
            return vec![text.to_owned()];
        };
        if let Some(Value::Object(said)) = record.remove("content") {
            record.extend(said);
        }
        let mut parts: Vec<(&String, &Value)> = record.iter().collect();
        let place = |key: &str| {
            TOLD.iter()
                .position(|told| *told == key)
                .unwrap_or(TOLD.len())
        };
        parts.sort_by_key(|(key, _)| place(key));
        let part = |(key, value): (&String, &Value)| {
            let name = self.name("log-record", key);
            let value = self.value(kind, key, value);
            self.t.with(
                "log-record-part",
                &[("name", name.into()), ("value", value.into())],
            )
        };
        parts.into_iter().map(part).collect()
    }

    fn value(&self, kind: &str, key: &str, value: &Value) -> String {
        let Value::String(text) = value else {
            return value.to_string();
        };
        let day = text.parse::<jiff::civil::Date>().ok();
        match (key, day) {
            ("provision" | "lands_on", _) => self.provision(text),
            ("to", _) => self.name(&format!("{kind}-state"), text),
            ("stance" | "outcome" | "source", _) => self.name(key, text),
            ("opens" | "closes" | "due", Some(day)) => self
                .t
                .date(Timestamp::start_of(day, &kernel::time::china())),
            _ => text.clone(),
        }
    }

    fn provision(&self, id: &str) -> String {
        match (id.parse::<lawtext::ProvisionId>(), self.t.lang) {
            (Ok(id), Lang::Zh) => id.label(),
            (Ok(id), Lang::En) => id.label_en(),
            (Err(_), _) => id.to_owned(),
        }
    }

    /// The name of a word of a closed list; the word itself when the catalogues do not know it.
    fn name(&self, prefix: &str, word: &str) -> String {
        let key = format!("{prefix}-{}", word.replace('_', "-"));
        if self.known.contains(&key) {
            self.t.get(key)
        } else {
            word.to_owned()
        }
    }

    /// An instant of an entry in the congress's own time.
    fn when(&self, at: &str) -> String {
        match at.parse::<jiff::Timestamp>() {
            Ok(at) => self.t.one(
                "log-verify-when",
                "at",
                self.t.datetime(Timestamp::from_micros(at.as_microsecond())),
            ),
            Err(_) => at.to_owned(),
        }
    }

    /// That the log only grew between two checkpoints, as `from` has it.
    pub(super) fn grown(&self, old: &Checkpoint, new: &Checkpoint, from: &str) -> Vec<Line> {
        let again = self.t.one("log-verify-again", "from", from);
        vec![self.growth(old, new), Line::proven(again)]
    }

    fn growth(&self, old: &Checkpoint, new: &Checkpoint) -> Line {
        let key = if old.size == new.size {
            "log-verify-same"
        } else {
            "log-verify-grown"
        };
        let (old, new) = (old.size.into(), new.size.into());
        Line::proven(self.t.with(key, &[("old", old), ("new", new)]))
    }

    /// What a receipt does not prove.
    pub(super) fn not_proven(&self, report: &Report) -> Vec<Line> {
        let mut lines = Vec::new();
        let silent = report.steps.iter().filter(|step| step.content.is_none());
        let silent: Vec<String> = silent.map(|step| step.entry.step.to_string()).collect();
        if !silent.is_empty() {
            let steps = silent.join(if self.t.lang == Lang::Zh { "、" } else { ", " });
            lines.push(self.t.one("log-verify-silent", "steps", steps));
        }
        lines.push(
            self.t
                .one("log-verify-until", "size", report.checkpoint.size),
        );
        lines.push(self.t.get("log-verify-unproven"));
        lines.into_iter().map(Line::warning).collect()
    }

    /// What a copy now holds.
    pub(super) fn kept(&self, old: &Checkpoint, new: &Checkpoint, folder: &str) -> Vec<Line> {
        let args: [(&str, Arg); 4] = [
            ("folder", folder.into()),
            ("size", new.size.into()),
            ("added", new.size.saturating_sub(old.size).into()),
            ("root", new.root.to_base64().into()),
        ];
        let mut lines = vec![Line::proven(self.t.with("log-mirror-kept", &args))];
        if old.size > 0 {
            lines.push(self.growth(old, new));
        }
        lines
    }
}
