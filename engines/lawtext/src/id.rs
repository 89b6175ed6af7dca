//! Stable names of provisions, made from their numbers: `art_12-1__para_2__point_3`.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::number::{Number, chinese};

/// The name of one provision in one text. Two versions of a law share the ids of provisions that
/// kept their numbers; [`crate::align()`] finds the ones that did not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProvisionId(Arc<str>);

/// The words an id is made of: in the id, in Chinese, in English, whether a number must follow.
const WORDS: [(&str, &str, &str, bool); 18] = [
    ("part", "编", "Part", true),
    ("subpart", "分编", "Subpart", true),
    ("chp", "章", "Chapter", true),
    ("sec", "节", "Section", true),
    ("art", "条", "Article", true),
    ("para", "款", "paragraph", true),
    ("point", "项", "point", true),
    ("indent", "目", "indent", true),
    ("quote", "引文", "quotation", true),
    ("title", "标题", "Title", false),
    ("hist", "题注", "History note", true),
    ("pre", "序言", "Preamble", false),
    ("toc", "目录", "Contents", false),
    ("app", "附件", "Appendix", true),
    ("supp", "附则", "Supplementary Provisions", false),
    ("head", "无编号标题", "Heading", true),
    ("sig", "落款", "Signature line", true),
    ("unk", "未识别内容", "Unread text", true),
];

fn word(name: &str) -> Option<(&'static str, &'static str, &'static str, bool)> {
    WORDS.into_iter().find(|(word, ..)| *word == name)
}

/// One `word_number` of an id.
struct Segment<'a> {
    word: &'a str,
    zh: &'static str,
    en: &'static str,
    number: Option<Number>,
    /// 2 for the second provision with this number.
    occurrence: u32,
}

/// Why a text is no provision id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not the name of a provision, such as art_12-1__para_2")]
pub struct InvalidId(pub String);

impl ProvisionId {
    /// The longest id, in bytes. A real one has at most six segments, a hostile one eleven.
    pub const MAX_LENGTH: usize = 400;

    /// For ids the parser has just made from valid segments.
    pub(crate) fn made(text: String) -> Self {
        debug_assert!(text.parse::<Self>().is_ok(), "{text}");
        Self(text.into())
    }

    /// The id as text, usable in a URL and as an HTML id without escaping.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the article this provision is in: `art_3` for `art_3__para_1__point_2`, and
    /// `app_1__art_2` for what stands in an article of an appendix.
    #[must_use]
    pub fn article(&self) -> Option<Self> {
        let mut end = 0;
        for segment in self.0.split("__") {
            end += segment.len();
            if segment.starts_with("art_") {
                return Some(Self(self.0[..end].into()));
            }
            end += 2;
        }
        None
    }

    /// The name as it is cited in Chinese: 第十二条之一第二款第三项.
    #[must_use]
    pub fn label(&self) -> String {
        let mut around = "";
        let mut label = String::new();
        for segment in self.segments() {
            // 款 is a part of a 条; inside a 项, a preamble or an appendix people say 段.
            label.push_str(&segment.label(around == "art"));
            around = segment.word;
        }
        label
    }

    /// The name as it is cited in English: Article 12-1, paragraph 2, point 3.
    #[must_use]
    pub fn label_en(&self) -> String {
        self.segments()
            .iter()
            .map(Segment::label_en)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        self.0.split("__").filter_map(Segment::read).collect()
    }
}

impl<'a> Segment<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (name, rest) = text
            .split_once('_')
            .map_or((text, None), |(name, rest)| (name, Some(rest)));
        let (_, zh, en, needs_number) = word(name)?;
        let mut segment = Self {
            word: name,
            zh,
            en,
            number: None,
            occurrence: 1,
        };
        let (number, occurrence) = match rest {
            Some(rest) if rest.starts_with('x') => (None, Some(rest)),
            Some(rest) => rest
                .split_once('_')
                .map_or((Some(rest), None), |(number, x)| (Some(number), Some(x))),
            None => (None, None),
        };
        if let Some(occurrence) = occurrence {
            segment.occurrence = figure(occurrence.strip_prefix('x')?).filter(|&n| n >= 2)?;
        }
        if needs_number != number.is_some() {
            return None;
        }
        if let Some(number) = number {
            let mut parts = number.split('-').map(figure);
            segment.number = Some(Number {
                main: parts.next()??,
                branches: parts.collect::<Option<_>>()?,
            });
        }
        Some(segment)
    }

    fn label(&self, directly_in_article: bool) -> String {
        let mut out = match (self.word, &self.number) {
            ("para", Some(number)) if !directly_in_article => number.cited("段"),
            (
                "part" | "subpart" | "chp" | "sec" | "art" | "para" | "point" | "indent",
                Some(number),
            ) => number.cited(self.zh),
            (_, Some(number)) => format!("{}{}", self.zh, chinese(number.main)),
            (_, None) => self.zh.to_owned(),
        };
        if self.occurrence > 1 {
            out.push_str(&format!("（第{}处）", chinese(self.occurrence)));
        }
        out
    }

    fn label_en(&self) -> String {
        let mut out = self.en.to_owned();
        if let Some(number) = &self.number {
            out.push_str(&format!(" {}", number.figures()));
        }
        if self.occurrence > 1 {
            out.push_str(&format!(" (occurrence {})", self.occurrence));
        }
        out
    }
}

/// Digits only, no leading zero: one spelling for one number.
fn figure(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for ProvisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProvisionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = text.len() <= Self::MAX_LENGTH
            && text
                .split("__")
                .all(|segment| Segment::read(segment).is_some());
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for ProvisionId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ProvisionId> for String {
    fn from(id: ProvisionId) -> Self {
        id.as_str().to_owned()
    }
}

impl AsRef<str> for ProvisionId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProvisionId {
        text.parse().unwrap()
    }

    #[test]
    fn labels_are_how_people_cite() {
        let cases = [
            (
                "art_12-1__para_2__point_3",
                "第十二条之一第二款第三项",
                "Article 12-1, paragraph 2, point 3",
            ),
            ("chp_3__sec_1", "第三章第一节", "Chapter 3, Section 1"),
            (
                "part_2__subpart_1__chp_1",
                "第二编第一分编第一章",
                "Part 2, Subpart 1, Chapter 1",
            ),
            ("pre__para_7", "序言第七段", "Preamble, paragraph 7"),
            (
                "art_6__para_1__point_2__para_1",
                "第六条第一款第二项第一段",
                "Article 6, paragraph 1, point 2, paragraph 1",
            ),
            (
                "art_3__para_1__point_2__indent_1",
                "第三条第一款第二项第一目",
                "Article 3, paragraph 1, point 2, indent 1",
            ),
            ("app_1", "附件一", "Appendix 1"),
            ("art_5_x2", "第五条（第二处）", "Article 5 (occurrence 2)"),
            ("supp", "附则", "Supplementary Provisions"),
        ];
        for (text, zh, en) in cases {
            assert_eq!(
                (id(text).label().as_str(), id(text).label_en().as_str()),
                (zh, en)
            );
        }
    }

    #[test]
    fn refuses_what_is_no_id() {
        for text in [
            "",
            "art",
            "art_",
            "art_01",
            "art_x",
            "art_1__",
            "__art_1",
            "Art_1",
            "art_1-",
            "art_1_x1",
            "pre_1",
            "art_99999999999",
            "art_1 ",
            "law_1",
            "art_一",
            &"art_1__".repeat(80),
        ] {
            assert!(text.parse::<ProvisionId>().is_err(), "{text}");
        }
    }

    #[test]
    fn finds_the_article_around() {
        assert_eq!(id("art_3__para_1__point_2").article(), Some(id("art_3")));
        assert_eq!(
            id("app_1__art_2-1_x2__para_1").article(),
            Some(id("app_1__art_2-1_x2"))
        );
        assert_eq!(id("chp_3").article(), None);
    }

    #[test]
    fn json_is_checked() {
        assert_eq!(serde_json::to_string(&id("art_1")).unwrap(), "\"art_1\"");
        assert!(serde_json::from_str::<ProvisionId>("\"<script>\"").is_err());
    }
}
