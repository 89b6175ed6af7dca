//! The story of the demo: what happens when, drawn up before anything is done, so that it can be
//! played in the order of time and the log reads like a real one.

use anyhow::{Context as _, Result};
use consultation::model::{Outcome, Stance};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use kernel::Timestamp;
use lawtext::Document;
use procedure::Word as _;

use super::{
    city,
    data::{self, Stage, Story, Talk, Topic, World},
    dice::Dice,
};

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A consultation is prepared.
    Prepare { story: usize },
    /// It opens.
    Open {
        story: usize,
        opens: Date,
        closes: Date,
    },
    /// Somebody speaks, here or at the desk.
    Speak {
        story: usize,
        slot: usize,
        said: Said,
        at_desk: bool,
    },
    /// A deputy visits a unit and writes down what was said: slots in order.
    Visit {
        story: usize,
        deputy: usize,
        unit: String,
        heads: u32,
        day: Date,
        heard: Vec<(usize, Said)>,
    },
    /// Whatever is over is closed.
    CloseOverdue,
    /// An opinion is decided.
    Decide {
        slot: usize,
        outcome: Outcome,
        reason: String,
        lands_on: Option<String>,
        referred_to: Option<String>,
    },
    /// An opinion is hidden.
    Hide { slot: usize, reason: String },
    /// Whoever spoke takes it back.
    TakeBack { slot: usize },
    /// Whoever spoke asks for another look.
    AskAgain { slot: usize, reason: String },
    /// The next version comes out.
    NextVersion { story: usize },
    /// The response table comes out.
    Report { story: usize },
    /// The consultation is withdrawn.
    Withdraw { story: usize },
}

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// In their own words.
    pub text: String,
    /// About what.
    pub provision: Option<String>,
    /// Wanting what.
    pub stance: Stance,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// The whole story.
#[derive(Debug, Default)]
pub struct Script {
    /// In the order of time.
    pub events: Vec<Event>,
    /// How many opinions there are.
    pub slots: usize,
}

/// Writes the story that ends before `today`.
///
/// # Errors
/// Data that is not as it should be.
pub fn write(
    world: &World,
    dice: &Dice,
    opinions: usize,
    deputies: usize,
    today: Date,
) -> Result<Script> {
    let mut writer = Writer {
        world,
        dice,
        deputies,
        today,
        zone: kernel::time::china(),
        script: Script::default(),
    };
    for (place, story) in world.stories.iter().enumerate() {
        writer.story(place, story, opinions)?;
    }
    let mut script = writer.script;
    // Stable: what falls on one instant stays in the order it was thought of.
    script.events.sort_by_key(|event| event.at);
    Ok(script)
}

struct Writer<'a> {
    world: &'a World,
    dice: &'a Dice,
    deputies: usize,
    today: Date,
    zone: TimeZone,
    script: Script,
}

/// What a topic's opinions may lead to.
struct Prospect {
    /// The provision of the next version that shows it.
    lands_on: Option<String>,
    /// Whether the next version differs there.
    changed: bool,
    /// How the draft's provision is cited.
    cited: String,
    /// How the next version's is.
    lands_cited: String,
}

/// One opinion being thought of.
struct Thought {
    slot: usize,
    at: Timestamp,
    topic: usize,
    stance: Stance,
    /// Why it is going to be hidden, if it is.
    hidden: Option<String>,
}

impl Writer<'_> {
    fn day(&self, days: i32) -> Date {
        self.today.saturating_add(days.days())
    }

    /// The instant `minute` minutes after midnight of the day `days` from today, some seconds in.
    fn at(&self, days: i32, minute: usize) -> Timestamp {
        let start = Timestamp::start_of(self.day(days), &self.zone);
        let seconds = minute * 60 + self.dice.below(60);
        start.plus_seconds(i64::try_from(seconds).unwrap_or(0))
    }

    fn add(&mut self, at: Timestamp, what: What) {
        self.script.events.push(Event { at, what });
    }

    fn story(&mut self, place: usize, story: &Story, opinions: usize) -> Result<()> {
        let prepared = story.opens.min(0) - 6;
        let at = self.at(prepared, 15 * 60);
        self.add(at, What::Prepare { story: place });
        if story.stage == Stage::Draft {
            return Ok(());
        }
        let (opens, closes) = (self.day(story.opens), self.day(story.closes));
        let at = self.at(story.opens, 9 * 60);
        self.add(
            at,
            What::Open {
                story: place,
                opens,
                closes,
            },
        );
        if story.stage == Stage::Withdrawn {
            let at = self.at(story.closes - 10, 10 * 60);
            self.add(at, What::Withdraw { story: place });
            return Ok(());
        }
        if let Some(talk) = World::talk(story)? {
            self.voices(place, story, &talk, opinions * story.share / 100)?;
        }
        if story.stage != Stage::Open {
            let at = self.at(story.closes + 1, 1);
            self.add(at, What::CloseOverdue);
        }
        if let Some(next_on) = story.next_on {
            let at = self.at(next_on, 10 * 60);
            self.add(at, What::NextVersion { story: place });
        }
        if story.stage == Stage::Reported {
            let at = self.at(story.closes + REPORT_AFTER, 16 * 60);
            self.add(at, What::Report { story: place });
        }
        Ok(())
    }

    fn voices(&mut self, place: usize, story: &Story, talk: &Talk, count: usize) -> Result<()> {
        let prospects = prospects(story, talk)?;
        let mut thoughts = Vec::new();
        for _ in 0..story.visits {
            let (day, minute) = (self.visit_day(story), 9 * 60 + self.dice.below(8 * 60));
            let at = self.at(day, minute);
            let heard: Vec<_> = (0..2 + self.dice.below(4))
                .map(|_| self.thought(talk, at, &mut thoughts))
                .collect();
            let visit = What::Visit {
                story: place,
                deputy: self.dice.below(self.deputies),
                unit: city::unit(&self.world.city, self.dice).to_owned(),
                heads: u32::try_from(heard.len() + self.dice.below(40)).unwrap_or(1),
                day: self.day(day),
                heard,
            };
            self.add(at, visit);
        }
        while thoughts.len() < count {
            let at = self.speaking_time(story);
            let (slot, said) = self.thought(talk, at, &mut thoughts);
            let at_desk = self.dice.chance(3);
            self.add(
                at,
                What::Speak {
                    story: place,
                    slot,
                    said,
                    at_desk,
                },
            );
        }
        for thought in &thoughts {
            self.fate(story, thought, &prospects);
        }
        Ok(())
    }

    /// Thinks of an opinion and gives it a slot.
    fn thought(
        &mut self,
        talk: &Talk,
        at: Timestamp,
        thoughts: &mut Vec<Thought>,
    ) -> (usize, Said) {
        let topic = self
            .dice
            .weighted(talk.topic.iter().map(|topic| topic.weight));
        let mut said = self.say(talk, &talk.topic[topic]);
        let hidden = self.indiscreet(&mut said);
        let slot = self.script.slots;
        self.script.slots += 1;
        thoughts.push(Thought {
            slot,
            at,
            topic,
            stance: said.stance,
            hidden,
        });
        (slot, said)
    }

    fn say(&self, talk: &Talk, topic: &Topic) -> Said {
        let line = self.dice.pick(&topic.lines).map_or("", String::as_str);
        let stance = match line.chars().next() {
            Some('+') => Stance::Support,
            Some('-') => Stance::Oppose,
            Some('.') => Stance::Other,
            _ => Stance::Amend,
        };
        let said = line.get(1..).unwrap_or_default().trim();
        let text = self.filled(&self.voiced(said, stance), talk);
        let whole = topic.article == 0 || self.dice.chance(4);
        let item = self
            .dice
            .pick(&topic.items)
            .filter(|_| self.dice.chance(55))
            .cloned();
        let provision = (!whole).then(|| item.unwrap_or_else(|| format!("art_{}", topic.article)));
        Said {
            text,
            provision,
            stance,
        }
    }

    /// A line with a voice: who says it, or a greeting, and a tail that fits; or none of these.
    fn voiced(&self, line: &str, stance: Stance) -> String {
        if !is_chinese(line) {
            return line.to_owned();
        }
        let voices = &self.world.voices;
        let names_itself = line.starts_with(['我', '咱', '俺']) || line.contains("我是");
        let before = match self.dice.below(100) {
            0..50 if !names_itself => self.dice.pick(&voices.openings),
            50..65 => self.dice.pick(&voices.greetings),
            _ => None,
        };
        let tails = voices.tails.get(stance.word());
        let after = tails.filter(|_| self.dice.chance(55));
        let after = after.and_then(|tails| self.dice.pick(tails));
        let joint = match line.chars().last() {
            Some(last) if after.is_some() && last.is_alphanumeric() => "，",
            _ => "",
        };
        let part = |part: Option<&String>| part.cloned().unwrap_or_default();
        format!("{}{line}{joint}{}", part(before), part(after))
    }

    /// With every slot filled.
    fn filled(&self, text: &str, talk: &Talk) -> String {
        let mut text = text.to_owned();
        for (name, fillings) in talk.slots.iter().chain(&self.world.voices.slots) {
            let slot = format!("{{{name}}}");
            if text.contains(&slot) {
                let filling = self.dice.pick(fillings).map_or("", String::as_str);
                text = text.replace(&slot, filling);
            }
        }
        text
    }

    /// Adds, to one in a hundred, what had better not be shown; why it will be hidden.
    fn indiscreet(&self, said: &mut Said) -> Option<String> {
        let (reasons, added) = (
            self.world.reasons.get("hidden")?,
            self.world.reasons.get("indiscreet")?,
        );
        let place = self.dice.below(added.len());
        if !self.dice.chance(1) || !is_chinese(&said.text) {
            return None;
        }
        said.text.push_str(added.get(place)?);
        reasons.get(place).cloned()
    }

    /// The last day on which something has happened so far.
    fn last_day(story: &Story) -> i32 {
        story.closes.min(-1)
    }

    fn visit_day(&self, story: &Story) -> i32 {
        let days = usize::try_from(Self::last_day(story) - story.opens - 1).unwrap_or(1);
        story.opens + 1 + i32::try_from(self.dice.below(days)).unwrap_or(0)
    }

    /// Most speak in the first days and in the last ones, in the morning and after supper.
    fn speaking_time(&self, story: &Story) -> Timestamp {
        let last = Self::last_day(story);
        let days = usize::try_from(last - story.opens + 1).unwrap_or(1);
        let within = |end: usize| i32::try_from(self.dice.below(end)).unwrap_or(0);
        let day = match self.dice.below(100) {
            0..35 => story.opens + within(days.min(4)),
            35..60 => last - within(days.min(4)),
            _ => story.opens + within(days),
        };
        let hour = 7 + self.dice.weighted(HOURS.iter().copied());
        // Nobody speaks before the morning of the opening.
        let hour = if day == story.opens {
            hour.max(10)
        } else {
            hour
        };
        self.at(day, hour * 60 + self.dice.below(60))
    }

    /// What becomes of an opinion.
    fn fate(&mut self, story: &Story, thought: &Thought, prospects: &[Prospect]) {
        let slot = thought.slot;
        if self.dice.below(1_000) < 8 {
            self.add(thought.at.plus_seconds(5_400), What::TakeBack { slot });
            return;
        }
        if let Some(reason) = thought.hidden.clone() {
            self.add(
                thought.at.plus_seconds(3 * 3_600),
                What::Hide { slot, reason },
            );
        }
        let Some(at) = self.deciding_time(story, thought.at) else {
            return;
        };
        let prospect = &prospects[thought.topic];
        self.decide(at, thought, prospect);
        self.second_thoughts(story, thought, prospect);
    }

    fn decide(&mut self, at: Timestamp, thought: &Thought, prospect: &Prospect) {
        let outcome = self.outcome(thought.stance, prospect.changed);
        let place = if outcome.changes_the_draft() {
            &prospect.lands_cited
        } else {
            &prospect.cited
        };
        let reason = self.reason(outcome.word()).unwrap_or_default();
        let referred_to = (outcome == Outcome::Referred)
            .then(|| self.beside("referred_to", outcome.word(), &reason))
            .flatten();
        let reason = reason.replace("{article}", place);
        let lands_on = prospect
            .lands_on
            .clone()
            .filter(|_| outcome.changes_the_draft());
        self.add(
            at,
            What::Decide {
                slot: thought.slot,
                outcome,
                reason,
                lands_on,
                referred_to,
            },
        );
    }

    /// Some who are not content ask again, when the answer is out; half of them have been answered.
    fn second_thoughts(&mut self, story: &Story, thought: &Thought, prospect: &Prospect) {
        let answered = match story.stage {
            Stage::Studying => story.next_on,
            Stage::Reported => Some(story.closes + REPORT_AFTER),
            Stage::Draft | Stage::Open | Stage::Withdrawn => None,
        };
        let Some(answered) = answered.filter(|_| self.dice.below(1_000) < 15) else {
            return;
        };
        let later = 1 + i32::try_from(self.dice.below(8)).unwrap_or(0);
        let at = self.at(answered + later, 20 * 60);
        let reason = self.reason("ask_again").unwrap_or_default();
        self.add(
            at,
            What::AskAgain {
                slot: thought.slot,
                reason,
            },
        );
        if self.dice.chance(50) {
            let at = self.at(answered + later + 3, 10 * 60);
            self.decide(at, thought, prospect);
        }
    }

    /// In working hours, after it was said and before the answers are due; `None` when it still
    /// waits today.
    fn deciding_time(&self, story: &Story, said: Timestamp) -> Option<Timestamp> {
        let minute = 9 * 60 + self.dice.below(8 * 60);
        if story.stage == Stage::Open {
            let wait = 2 + i32::try_from(self.dice.below(6)).unwrap_or(0);
            let day = (said.date(&self.zone) - self.today).get_days() + wait;
            let decided = day < 0
                && self
                    .dice
                    .chance(usize::try_from(story.decided).unwrap_or(0) * 2);
            return decided.then(|| self.at(day, minute));
        }
        let last = story.next_on.unwrap_or(story.closes + REPORT_AFTER) - 2;
        let days = usize::try_from(last - story.closes - 1).unwrap_or(1);
        let day = story.closes + 2 + i32::try_from(self.dice.below(days)).unwrap_or(0);
        Some(self.at(day.min(last), minute))
    }

    fn outcome(&self, stance: Stance, changed: bool) -> Outcome {
        use Outcome::{Adopted, AlreadyCovered, NotAdopted, PartlyAdopted, Referred};
        let weights = match (stance, changed) {
            (Stance::Amend, true) => [52, 22, 14, 6, 6],
            (Stance::Amend, false) => [0, 0, 55, 20, 25],
            (Stance::Support, _) => [0, 0, 0, 100, 0],
            (Stance::Oppose, true) => [0, 22, 68, 6, 4],
            (Stance::Oppose, false) => [0, 0, 84, 10, 6],
            (Stance::Other, _) => [0, 0, 5, 25, 70],
        };
        [Adopted, PartlyAdopted, NotAdopted, AlreadyCovered, Referred]
            [self.dice.weighted(weights.into_iter())]
    }

    /// What stands in the list `list` at the place of `said` in the list `of`.
    fn beside(&self, list: &str, of: &str, said: &str) -> Option<String> {
        let place = self
            .world
            .reasons
            .get(of)?
            .iter()
            .position(|one| one == said)?;
        self.world.reasons.get(list)?.get(place).cloned()
    }

    fn reason(&self, of: &str) -> Option<String> {
        self.dice.pick(self.world.reasons.get(of)?).cloned()
    }
}

/// Days from closing to the response table.
const REPORT_AFTER: i32 = 45;
/// How busy the hours from seven to twenty-two are.
const HOURS: [u32; 16] = [3, 6, 7, 6, 5, 8, 6, 4, 4, 4, 5, 6, 9, 12, 9, 4];

/// Whether there are Chinese characters in it: only then is it said with a voice of voices.toml.
fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

/// What each topic may lead to: the next version changed there, or there is none yet.
fn prospects(story: &Story, talk: &Talk) -> Result<Vec<Prospect>> {
    let first = lawtext::parse(data::draft(&story.draft)?).document;
    let next = story
        .next
        .as_deref()
        .map(data::draft)
        .transpose()?
        .map(|next| lawtext::parse(next).document);
    talk.topic
        .iter()
        .map(|topic| prospect(story, topic, &first, next.as_ref()))
        .collect()
}

fn prospect(
    story: &Story,
    topic: &Topic,
    first: &Document,
    next: Option<&Document>,
) -> Result<Prospect> {
    let (cited, before) =
        provision(first, topic.article).unwrap_or_else(|| ("草案".to_owned(), String::new()));
    let Some(next) = next else {
        return Ok(Prospect {
            lands_on: None,
            changed: true,
            lands_cited: cited.clone(),
            cited,
        });
    };
    let landing = topic.lands_on.unwrap_or(topic.article);
    let landed =
        provision(next, landing).with_context(|| format!("{}: article {landing}", story.key));
    let (lands_cited, after) = landed?;
    Ok(Prospect {
        lands_on: Some(format!("art_{landing}")),
        changed: before != after,
        cited,
        lands_cited,
    })
}

/// How an article is cited, and its words without the number at their head, which may change alone.
fn provision(document: &Document, article: u32) -> Option<(String, String)> {
    let id = format!("art_{article}").parse().ok()?;
    let text = document.find(&id)?.plain_text();
    let body = text
        .split_once('　')
        .map_or(text.as_str(), |(_, body)| body);
    Some((document.cite(&id), body.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jiff::civil::date;

    use super::*;

    fn script(seed: u64) -> Script {
        write(
            &World::read().unwrap(),
            &Dice::new(seed),
            600,
            96,
            date(2026, 7, 1),
        )
        .unwrap()
    }

    #[test]
    fn the_story_repeats_with_its_seed_and_ends_before_today() {
        let (one, two, other) = (script(7), script(7), script(8));
        assert_eq!(one.events, two.events);
        assert_ne!(one.events, other.events);
        assert!(one.events.is_sorted_by_key(|event| event.at));
        let today = Timestamp::start_of(date(2026, 7, 1), &kernel::time::china());
        assert!(one.events.iter().all(|event| event.at < today));
        assert!((580..=640).contains(&one.slots), "{}", one.slots);
    }

    #[test]
    fn every_kind_of_thing_happens() {
        let events = script(7).events;
        let happens = |what: fn(&What) -> bool| events.iter().any(|event| what(&event.what));
        assert!(happens(|what| matches!(what, What::Visit { .. })));
        assert!(happens(|what| matches!(what, What::Hide { .. })));
        assert!(happens(|what| matches!(what, What::TakeBack { .. })));
        assert!(happens(|what| matches!(what, What::AskAgain { .. })));
        assert!(happens(|what| matches!(what, What::NextVersion { .. })));
        assert!(happens(|what| matches!(what, What::Report { .. })));
        assert!(happens(|what| matches!(what, What::Withdraw { .. })));
        for outcome in Outcome::ALL {
            let decided = |event: &Event| matches!(event.what, What::Decide { outcome: ref made, .. } if made == outcome);
            assert!(events.iter().any(decided), "{outcome:?}");
        }
        assert!(!happens(
            |what| matches!(what, What::Decide { reason, .. } if reason.contains('{'))
        ));
    }

    /// As many as the demo city has, so that a list of opinions reads like one of people.
    #[test]
    fn most_opinions_are_in_words_of_their_own() {
        let world = World::read().unwrap();
        let dice = Dice::new(crate::demo::SEED);
        let city = write(&world, &dice, 5_000, 96, date(2026, 7, 1)).unwrap();
        let mut told: HashMap<usize, Vec<String>> = HashMap::new();
        for event in city.events {
            match event.what {
                What::Speak { story, said, .. } => told.entry(story).or_default().push(said.text),
                What::Visit { story, heard, .. } => {
                    let texts = heard.into_iter().map(|(_, said)| said.text);
                    told.entry(story).or_default().extend(texts);
                }
                _ => {}
            }
        }
        for (story, texts) in told {
            let mut times: HashMap<&str, usize> = HashMap::new();
            for text in &texts {
                assert!(!text.contains('{'), "{text}");
                *times.entry(text).or_default() += 1;
            }
            let key = &world.stories[story].key;
            let (own, most) = (times.len() * 100 / texts.len(), times.values().max());
            assert!(
                own >= 75 && most < Some(&30),
                "{key}: {own} %, {most:?} times"
            );
        }
    }
}
