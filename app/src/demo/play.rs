//! Plays the story: each event through its use case, with the clock put to its time.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use consultation::{
    ops::{
        self, Decision, Desk, Draft, HeardOpinion, Letter, NewOpinion, NewVisit, NextVersion,
        Receipt, SendKey, WindowForm,
    },
    store as rows, way,
};
use kernel::{ConsultationId, OpinionId, ReceiptCode, TestClock, Timestamp};

use store::jobs::Worker;

use super::{
    city::Cast,
    data::{self, World},
    script::{Event, Said, Script, What},
};

/// Between two lines of progress.
const TELL_EVERY: usize = 1_000;

/// Who plays.
pub struct Player<'a> {
    /// The consultations' desk; its clock is `clock`.
    pub desk: &'a Desk,
    /// The clock to put.
    pub clock: &'a TestClock,
    /// The roles.
    pub cast: &'a Cast,
    /// The data.
    pub world: &'a World,
    /// Makes form keys.
    pub seed: u64,
    /// Does the work that nobody waits for.
    pub worker: &'a Worker,
}

/// What there is when the story is over.
#[derive(Debug, Default)]
pub struct Played {
    consultations: HashMap<usize, ConsultationId>,
    opinions: HashMap<usize, OpinionId>,
    /// The receipt's code of each opinion, by slot.
    pub codes: HashMap<usize, ReceiptCode>,
}

impl Player<'_> {
    /// Plays the whole script; `tell` hears how far it has got.
    ///
    /// # Errors
    /// A use case that refuses: then the script is wrong.
    pub async fn play(&self, script: &Script, tell: &dyn Fn(usize, usize)) -> Result<Played> {
        let mut played = Played::default();
        for (done, event) in script.events.iter().enumerate() {
            if done % TELL_EVERY == 0 {
                tell(done, script.events.len());
            }
            self.clock.set(event.at);
            self.happen(event, &mut played)
                .await
                .with_context(|| format!("{event:?}"))?;
            self.worker.run_due().await?;
        }
        tell(script.events.len(), script.events.len());
        Ok(played)
    }

    async fn happen(&self, event: &Event, played: &mut Played) -> Result<()> {
        let (desk, clerk) = (self.desk, &self.cast.clerk);
        match &event.what {
            What::Prepare { story } => self.prepare(*story, played).await?,
            What::Open {
                story,
                opens,
                closes,
            } => {
                let form = WindowForm {
                    opens: *opens,
                    closes: *closes,
                    reason: None,
                };
                ops::open(desk, &self.cast.chair, played.consultation(*story)?, &form).await?;
            }
            What::Speak {
                story,
                slot,
                said,
                at_desk,
            } => {
                let id = played.consultation(*story)?;
                let receipt = if *at_desk {
                    self.write_in(id, *slot, said, event.at).await?
                } else {
                    self.speak(id, *slot, said).await?
                };
                played.opinions.insert(*slot, receipt.opinion);
                played.codes.insert(*slot, receipt.code);
            }
            What::Visit { .. } => self.visit(&event.what, played).await?,
            What::CloseOverdue => drop(ops::close_overdue(desk).await?),
            What::Decide {
                slot,
                outcome,
                reason,
                lands_on,
                referred_to,
            } => {
                let decision = Decision {
                    outcome: *outcome,
                    reason: reason.clone(),
                    lands_on: lands_on.clone(),
                    referred_to: referred_to.clone(),
                };
                let id = played.opinion(*slot)?;
                ops::decide(desk, clerk, id, self.steps(id).await?, &decision).await?;
            }
            What::Hide { slot, reason } => {
                let id = played.opinion(*slot)?;
                ops::hide(desk, clerk, id, self.steps(id).await?, reason).await?;
            }
            What::TakeBack { slot } => ops::withdraw_opinion(desk, played.opinion(*slot)?).await?,
            What::AskAgain { slot, reason } => {
                ops::ask_again(desk, played.opinion(*slot)?, reason).await?
            }
            What::NextVersion { story } => self.next_version(*story, played).await?,
            What::Report { story } => {
                ops::report(desk, &self.cast.chair, played.consultation(*story)?).await?
            }
            What::Withdraw { story } => {
                let reason = self.world.stories[*story]
                    .withdrawn_because
                    .as_deref()
                    .unwrap_or_default();
                ops::withdraw(desk, &self.cast.chair, played.consultation(*story)?, reason).await?;
            }
        }
        Ok(())
    }

    async fn prepare(&self, place: usize, played: &mut Played) -> Result<()> {
        let story = &self.world.stories[place];
        let draft = Draft {
            title: story.title.clone(),
            lead: story.lead.clone(),
            label: story.label.clone(),
            source: data::draft(&story.draft)?.to_owned(),
        };
        let id = ops::prepare(self.desk, &self.cast.clerk, self.cast.congress.id, &draft).await?;
        played.consultations.insert(place, id);
        Ok(())
    }

    async fn speak(&self, id: ConsultationId, slot: usize, said: &Said) -> Result<Receipt> {
        let new = NewOpinion {
            text: said.text.clone(),
            provision: said.provision.clone(),
            stance: said.stance,
            key: self.key("opinion", slot),
        };
        Ok(ops::submit(self.desk, id, &new).await?)
    }

    async fn write_in(
        &self,
        id: ConsultationId,
        slot: usize,
        said: &Said,
        at: Timestamp,
    ) -> Result<Receipt> {
        let letter = Letter {
            text: said.text.clone(),
            provision: said.provision.clone(),
            stance: said.stance,
            arrived: at.date(&self.desk.zone),
            key: self.key("letter", slot),
        };
        Ok(ops::record_letter(self.desk, &self.cast.clerk, id, &letter).await?)
    }

    async fn visit(&self, what: &What, played: &mut Played) -> Result<()> {
        let What::Visit {
            story,
            deputy,
            unit,
            heads,
            day,
            heard,
        } = what
        else {
            return Ok(());
        };
        let opinion = |(_, said): &(usize, Said)| HeardOpinion {
            text: said.text.clone(),
            provision: said.provision.clone(),
            stance: said.stance,
        };
        let visit = NewVisit {
            unit: unit.clone(),
            heads: *heads,
            day: *day,
            opinions: heard.iter().map(opinion).collect(),
            key: self.key("visit", heard.first().map_or(0, |(slot, _)| *slot)),
        };
        let actor = self
            .cast
            .deputies
            .get(*deputy)
            .context("the script knows how many deputies there are")?;
        let kept =
            ops::record_visit(self.desk, actor, played.consultation(*story)?, &visit).await?;
        for ((slot, _), code) in heard.iter().zip(kept.codes) {
            let way = way::by_code(self.desk, code)
                .await?
                .context("the visit was just recorded")?;
            played.opinions.insert(*slot, way.opinion.id);
            played.codes.insert(*slot, code);
        }
        Ok(())
    }

    /// How many steps of an opinion there are to see.
    async fn steps(&self, id: OpinionId) -> Result<u32> {
        Ok(rows::opinion(&self.desk.db, id).await?.steps)
    }

    async fn next_version(&self, place: usize, played: &Played) -> Result<()> {
        let story = &self.world.stories[place];
        let id = played.consultation(place)?;
        let next = story
            .next
            .as_deref()
            .context("consultations.toml names the next draft")?;
        let next = NextVersion {
            label: story.next_label.clone().unwrap_or_default(),
            source: data::draft(next)?.to_owned(),
            follows: rows::consultation(&self.desk.db, id).await?.version,
        };
        ops::next_version(self.desk, &self.cast.chair, id, &next).await?;
        Ok(())
    }

    fn key(&self, what: &str, slot: usize) -> SendKey {
        SendKey::Form(format!("demo {} {what} {slot}", self.seed).into_bytes())
    }
}

impl Played {
    fn consultation(&self, story: usize) -> Result<ConsultationId> {
        self.consultations
            .get(&story)
            .copied()
            .context("it was prepared before")
    }

    fn opinion(&self, slot: usize) -> Result<OpinionId> {
        self.opinions
            .get(&slot)
            .copied()
            .context("it was said before")
    }
}
