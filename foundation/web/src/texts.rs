//! Translations: Fluent catalogues, and [`T`], a translator bound to one language.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fluent_bundle::{
    FluentArgs, FluentError, FluentResource, FluentValue, concurrent::FluentBundle,
};
use fluent_syntax::ast::Entry;
use jiff::{civil::Date, tz::TimeZone};
use kernel::Timestamp;

use crate::{Lang, Message};

/// A value put into a text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// A count or a measure; shown grouped (12,006), and chooses the plural.
    Number(i64),
    /// Words, shown as they are.
    Text(String),
}

macro_rules! arg_from {
    ($($number:ty),*) => {$(
        impl From<$number> for Arg {
            fn from(n: $number) -> Self {
                Self::Number(i64::try_from(n).unwrap_or(i64::MAX))
            }
        }
        impl From<&$number> for Arg {
            fn from(n: &$number) -> Self {
                Self::from(*n)
            }
        }
    )*};
}
arg_from!(i32, u32, i64, u64, usize);

macro_rules! arg_from_text {
    ($($text:ty),*) => {$(
        impl From<$text> for Arg {
            fn from(text: $text) -> Self {
                Self::Text(text.to_string())
            }
        }
    )*};
}
arg_from_text!(&str, &&str, String, &String, &&String);

/// A catalogue that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextsError {
    /// Fluent could not read it.
    #[error("a catalogue in {lang} cannot be read: {what}")]
    Syntax {
        /// Which language.
        lang: &'static str,
        /// What Fluent said.
        what: String,
    },
    /// Two catalogues give the same key.
    #[error("a text stands twice in {lang}: {key}")]
    Twice {
        /// Which language.
        lang: &'static str,
        /// The key.
        key: String,
    },
}

type Bundle = FluentBundle<FluentResource>;

/// All catalogues of all domains, one bundle a language.
pub struct Texts {
    bundles: BTreeMap<Lang, Bundle>,
    keys: BTreeMap<Lang, BTreeSet<String>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Texts {
    /// Reads the catalogues.
    ///
    /// # Errors
    /// The first one that Fluent cannot read, or a key that stands twice.
    pub fn new<'a>(
        sources: impl IntoIterator<Item = &'a (Lang, &'static str)>,
    ) -> Result<Self, TextsError> {
        let mut texts = Self {
            bundles: BTreeMap::new(),
            keys: BTreeMap::new(),
        };
        for lang in Lang::ALL {
            texts.bundles.insert(lang, empty_bundle(lang));
            texts.keys.insert(lang, BTreeSet::new());
        }
        for &(lang, source) in sources {
            texts.add(lang, source)?;
        }
        Ok(texts)
    }

    fn add(&mut self, lang: Lang, source: &str) -> Result<(), TextsError> {
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            TextsError::Syntax {
                lang: lang.tag(),
                what: format!("{errors:?}"),
            }
        })?;
        for entry in resource.entries() {
            if let Entry::Message(message) = entry {
                self.keys
                    .entry(lang)
                    .or_default()
                    .insert(message.id.name.to_owned());
            }
        }
        let bundle = self
            .bundles
            .entry(lang)
            .or_insert_with(|| empty_bundle(lang));
        bundle.add_resource(resource).map_err(|errors| {
            let key = errors.iter().find_map(|error| match error {
                FluentError::Overriding { id, .. } => Some(id.clone()),
                _ => None,
            });
            TextsError::Twice {
                lang: lang.tag(),
                key: key.unwrap_or_default(),
            }
        })
    }

    /// The keys that `lang` has; both languages must have the same.
    #[must_use]
    pub fn keys(&self, lang: Lang) -> BTreeSet<&str> {
        self.keys
            .get(&lang)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// The keys that stand in one language only, with that language.
    #[must_use]
    pub fn lonely_keys(&self) -> Vec<(Lang, &str)> {
        let (zh, en) = (self.keys(Lang::Zh), self.keys(Lang::En));
        let zh_only = zh.difference(&en).map(|key| (Lang::Zh, *key));
        let en_only = en.difference(&zh).map(|key| (Lang::En, *key));
        zh_only.chain(en_only).collect()
    }

    /// The text of `key`. An unknown key, or a text that lacks an argument, shows as `⟦key⟧`,
    /// which no page of a test may contain.
    #[must_use]
    pub fn format(&self, lang: Lang, key: &str, args: &[(&str, Arg)]) -> String {
        let pattern = self.bundles.get(&lang).and_then(|bundle| {
            let message = bundle.get_message(key)?;
            Some((bundle, message.value()?))
        });
        let Some((bundle, pattern)) = pattern else {
            tracing::error!(key, lang = lang.tag(), "a text is missing");
            return format!("⟦{key}⟧");
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set((*name).to_owned(), fluent_value(value));
        }
        let mut errors = Vec::new();
        let text = bundle
            .format_pattern(pattern, Some(&values), &mut errors)
            .into_owned();
        if errors.is_empty() {
            return text;
        }
        tracing::error!(key, lang = lang.tag(), ?errors, "a text lacks an argument");
        format!("⟦{key}⟧")
    }
}

fn empty_bundle(lang: Lang) -> Bundle {
    let id = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Isolation marks would stand in the middle of Chinese text and in copied receipts.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(number.value as i64)),
        _ => None,
    }));
    bundle
}

fn fluent_value(arg: &Arg) -> FluentValue<'_> {
    match arg {
        Arg::Number(n) => FluentValue::from(*n),
        Arg::Text(text) => FluentValue::from(text.as_str()),
    }
}

/// `12006` as `12,006`.
#[must_use]
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A translator bound to a language, a place's time zone and the present day. Cheap to clone.
#[derive(Clone, Debug)]
pub struct T {
    texts: Arc<Texts>,
    /// The language.
    pub lang: Lang,
    zone: TimeZone,
    now: Timestamp,
}

impl T {
    /// Binds the catalogues.
    #[must_use]
    pub const fn new(texts: Arc<Texts>, lang: Lang, zone: TimeZone, now: Timestamp) -> Self {
        Self {
            texts,
            lang,
            zone,
            now,
        }
    }

    /// The text of `key`.
    #[must_use]
    pub fn get(&self, key: impl AsRef<str>) -> String {
        self.texts.format(self.lang, key.as_ref(), &[])
    }

    /// The text of `key` with values put in.
    #[must_use]
    pub fn with(&self, key: impl AsRef<str>, args: &[(&str, Arg)]) -> String {
        self.texts.format(self.lang, key.as_ref(), args)
    }

    /// The text of `key` with one value put in.
    #[must_use]
    pub fn one(&self, key: impl AsRef<str>, name: &str, value: impl Into<Arg>) -> String {
        self.with(key, &[(name, value.into())])
    }

    /// The text of a message made where the language was not known.
    #[must_use]
    pub fn say(&self, message: impl AsRef<Message>) -> String {
        let message = message.as_ref();
        let args: Vec<(&str, Arg)> = message
            .args
            .iter()
            .map(|(name, value)| (name.as_ref(), value.clone()))
            .collect();
        self.with(&message.key, &args)
    }

    /// `7月6日`, or `2025年7月6日` in another year; `6 July`, `6 July 2025`.
    #[must_use]
    pub fn date(&self, at: impl Borrow<Timestamp>) -> String {
        let zoned = at.borrow().zoned(&self.zone);
        let this_year = self.now.date(&self.zone).year() == zoned.year();
        let pattern = match (self.lang, this_year) {
            (Lang::Zh, true) => "%-m月%-d日",
            (Lang::Zh, false) => "%Y年%-m月%-d日",
            (Lang::En, true) => "%-d %B",
            (Lang::En, false) => "%-d %B %Y",
        };
        zoned.strftime(pattern).to_string()
    }

    /// [`T::date`] of a day of the calendar.
    #[must_use]
    pub fn day(&self, day: Date) -> String {
        self.date(Timestamp::start_of(day, &self.zone))
    }

    /// [`T::date`] with hours and minutes: `7月6日 19:20`.
    #[must_use]
    pub fn datetime(&self, at: impl Borrow<Timestamp>) -> String {
        let at = at.borrow();
        format!(
            "{} {}",
            self.date(at),
            at.zoned(&self.zone).strftime("%H:%M")
        )
    }

    /// For the `datetime` attribute of `<time>`.
    #[must_use]
    pub fn machine_time(&self, at: impl Borrow<Timestamp>) -> String {
        at.borrow().rfc3339()
    }

    /// `12,006`.
    #[must_use]
    pub fn number(&self, n: impl Into<Arg>) -> String {
        match n.into() {
            Arg::Number(n) => grouped(n),
            Arg::Text(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(lang: Lang) -> T {
        let sources: &[(Lang, &str)] = &[
            (Lang::Zh, "n = 共 { $n } 条"),
            (
                Lang::En,
                "n = { $n ->\n    [one] { $n } opinion\n   *[other] { $n } opinions\n }",
            ),
        ];
        let texts = Arc::new(Texts::new(sources).unwrap());
        T::new(texts, lang, kernel::time::china(), kernel::TestClock::START)
    }

    #[test]
    fn numbers_are_grouped_and_choose_the_plural() {
        assert_eq!(t(Lang::Zh).one("n", "n", 12_006), "共 12,006 条");
        assert_eq!(t(Lang::En).one("n", "n", 1), "1 opinion");
        assert_eq!(t(Lang::En).one("n", "n", 2), "2 opinions");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(100), "100");
    }

    #[test]
    fn a_missing_text_or_argument_shows() {
        assert_eq!(t(Lang::Zh).get("nothing"), "⟦nothing⟧");
        assert_eq!(t(Lang::Zh).get("n"), "⟦n⟧");
    }

    #[test]
    fn dates_read_as_people_write_them() {
        let now = kernel::TestClock::START;
        let last_year = now.plus_seconds(-365 * 86_400);
        assert_eq!(t(Lang::Zh).datetime(now), "7月1日 09:00");
        assert_eq!(t(Lang::Zh).date(last_year), "2025年7月1日");
        assert_eq!(t(Lang::En).date(last_year), "1 July 2025");
    }

    #[test]
    fn broken_and_double_catalogues_are_refused() {
        assert!(matches!(
            Texts::new(&[(Lang::Zh, "= x")]),
            Err(TextsError::Syntax { .. })
        ));
        let twice = Texts::new(&[(Lang::En, "a = 1"), (Lang::En, "a = 2")]);
        assert_eq!(
            twice.unwrap_err(),
            TextsError::Twice {
                lang: "en",
                key: "a".into()
            }
        );
    }
}
