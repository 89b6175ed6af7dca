//! What the invented city is made of, as written in `data/demo`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::{Deserialize, de::DeserializeOwned};

macro_rules! bundled {
    ($($name:literal),+ $(,)?) => {
        /// Every file of `data/demo`, built in.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../data/demo/", $name)))),+];
    };
}

bundled![
    "city.toml",
    "consultations.toml",
    "reasons.toml",
    "opinions/voices.toml",
    "opinions/waste.toml",
    "opinions/elevator.toml",
    "opinions/dogs.toml",
    "drafts/waste-1.md",
    "drafts/waste-2.md",
    "drafts/elevator-1.md",
    "drafts/dogs-1.md",
    "drafts/noise-1.md",
    "drafts/bikes-1.md",
];

/// The text of a file.
///
/// # Errors
/// There is no such file.
pub fn text(name: &str) -> Result<&'static str> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, text)| *text)
        .with_context(|| format!("data/demo has no {name}"))
}

fn read<T: DeserializeOwned>(name: &str) -> Result<T> {
    toml::from_str(text(name)?).with_context(|| format!("data/demo/{name}"))
}

/// The city and its congress.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    pub city: Names,
    pub congress: Congress,
    pub codes: Codes,
    pub district: Vec<District>,
    pub organ: Vec<Organ>,
    pub names: People,
    pub units: Units,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub name: String,
    pub name_en: String,
    pub province: String,
    pub province_en: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Congress {
    pub name: String,
    pub ordinal: i64,
    pub seats: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    pub province: String,
    pub city: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    pub name: String,
    pub en: String,
    pub town: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organ {
    pub name: String,
    pub kind: String,
}

/// What people's names are made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    pub surnames: String,
    pub given: Vec<String>,
    pub posts: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    pub names: Vec<String>,
}

/// One consultation's story. Days count from today.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub key: String,
    pub title: String,
    pub lead: String,
    pub label: String,
    pub draft: String,
    pub next: Option<String>,
    pub next_label: Option<String>,
    pub next_on: Option<i32>,
    pub opens: i32,
    pub closes: i32,
    pub opinions: Option<String>,
    pub share: usize,
    pub decided: u32,
    pub visits: usize,
    pub stage: Stage,
    pub withdrawn_because: Option<String>,
}

/// Where a consultation has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Draft,
    Open,
    Studying,
    Reported,
    Withdrawn,
}

#[derive(Deserialize)]
struct Stories {
    consultation: Vec<Story>,
}

/// What people say about one draft.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    pub slots: BTreeMap<String, Vec<String>>,
    pub topic: Vec<Topic>,
}

/// What people say about one article; 0 is the whole draft.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub article: u32,
    /// The article of the next version that came of it.
    pub lands_on: Option<u32>,
    pub weight: u32,
    /// Smaller provisions that are meant by some.
    #[serde(default)]
    pub items: Vec<String>,
    pub lines: Vec<String>,
}

/// How people begin and end, whatever they speak of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voices {
    /// Who speaks.
    pub openings: Vec<String>,
    /// Only politeness.
    pub greetings: Vec<String>,
    /// How it ends, by what is wanted.
    pub tails: BTreeMap<String, Vec<String>>,
    pub slots: BTreeMap<String, Vec<String>>,
}

/// Reasons by the outcome's word, and those of other moves.
pub type Reasons = BTreeMap<String, Vec<String>>;

/// Everything.
#[derive(Debug, Clone)]
pub struct World {
    pub city: City,
    pub stories: Vec<Story>,
    pub reasons: Reasons,
    pub voices: Voices,
}

impl World {
    /// Reads the files.
    ///
    /// # Errors
    /// One that is not as it should be.
    pub fn read() -> Result<Self> {
        let Stories { consultation } = read("consultations.toml")?;
        let city: City = read("city.toml")?;
        let mut voices: Voices = read("opinions/voices.toml")?;
        let districts = city.district.iter().map(|district| district.name.clone());
        voices
            .slots
            .insert("district".to_owned(), districts.collect());
        Ok(Self {
            city,
            stories: consultation,
            reasons: read("reasons.toml")?,
            voices,
        })
    }

    /// What people say in this story.
    ///
    /// # Errors
    /// A file that is not as it should be.
    pub fn talk(story: &Story) -> Result<Option<Talk>> {
        let name = story.opinions.as_deref();
        name.map(|name| read(&format!("opinions/{name}.toml")))
            .transpose()
    }
}

/// The text of a draft.
///
/// # Errors
/// There is no such file.
pub fn draft(name: &str) -> Result<&'static str> {
    text(&format!("drafts/{name}.md"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn every_talk() -> Vec<(Story, Talk)> {
        let world = World::read().unwrap();
        let told = |story: Story| World::talk(&story).unwrap().map(|talk| (story, talk));
        world.stories.into_iter().filter_map(told).collect()
    }

    #[test]
    fn drafts_are_read_without_a_word_of_doubt() {
        for (name, text) in FILES.iter().filter(|(name, _)| name.starts_with("drafts/")) {
            let parsed = lawtext::parse(text);
            assert!(
                parsed.diagnostics.is_empty(),
                "{name}: {:?}",
                parsed.diagnostics
            );
            assert_eq!(lawtext::print(&parsed.document), *text, "{name}");
        }
        assert_eq!(
            lawtext::parse(draft("waste-1").unwrap())
                .document
                .articles()
                .count(),
            50
        );
    }

    #[test]
    fn opinions_speak_of_provisions_that_are_there() {
        for (story, talk) in every_talk() {
            let first = lawtext::parse(draft(&story.draft).unwrap()).document;
            let next = story
                .next
                .as_deref()
                .map(|next| lawtext::parse(draft(next).unwrap()).document);
            for topic in &talk.topic {
                let article = (topic.article > 0).then(|| format!("art_{}", topic.article));
                for id in topic.items.iter().cloned().chain(article) {
                    assert!(
                        first.find(&id.parse().unwrap()).is_some(),
                        "{}: {id}",
                        story.key
                    );
                }
                if let (Some(next), Some(landing)) = (&next, topic.lands_on) {
                    assert!(
                        next.find(&format!("art_{landing}").parse().unwrap())
                            .is_some(),
                        "{}: {landing}",
                        story.key
                    );
                }
            }
        }
    }

    #[test]
    fn there_are_many_voices_and_every_slot_can_be_filled() {
        let voices = World::read().unwrap().voices;
        let slots = |text: &str| {
            let open = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}'));
            open.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        let around = voices
            .openings
            .iter()
            .chain(voices.tails.values().flatten());
        for text in around {
            for name in slots(text) {
                assert!(voices.slots.contains_key(&name), "{text}: {name}");
            }
        }
        let mut lines = BTreeSet::new();
        for (story, talk) in every_talk() {
            for line in talk.topic.iter().flat_map(|topic| &topic.lines) {
                assert!(
                    line.starts_with(['+', '~', '-', '.']),
                    "{}: {line}",
                    story.key
                );
                for name in slots(line) {
                    let known = talk.slots.contains_key(&name) || voices.slots.contains_key(&name);
                    assert!(known, "{}: {name}", story.key);
                }
                assert!(lines.insert(line.clone()), "twice: {line}");
            }
        }
        assert!(lines.len() >= 500, "{}", lines.len());
    }
}
