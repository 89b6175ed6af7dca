//! Procedures as data, and the one place that says whether a move may be made.

use std::fmt::Debug;

use kernel::{Actor, Role};

use crate::{ClockKind, ClockMoves};

/// A state or a move: a closed list of words. Implement it with [`crate::words!`].
pub trait Word: Copy + Eq + Debug + Send + Sync + 'static {
    /// Every word, in the order people meet them.
    const ALL: &'static [Self];

    /// The word in the database, the log, URLs and translation keys.
    fn word(self) -> &'static str;

    /// Reads [`Word::word`] back.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.word() == word)
    }
}

/// Defines a closed list of words as an enum that serializes as its words.
///
/// ```
/// procedure::words! {
///     /// Where an opinion stands.
///     pub enum State {
///         /// 已收到
///         Received = "received",
///         /// 已答复
///         Decided = "decided",
///     }
/// }
/// use procedure::Word;
/// assert_eq!(State::parse("decided"), Some(State::Decided));
/// ```
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$doc])* $variant),+ }

        impl $crate::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($crate::Word::word(*self))
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <String as $crate::serde::Deserialize>::deserialize(from)?;
                let unknown = || $crate::serde::de::Error::custom(format!("{word} is not known"));
                <Self as $crate::Word>::parse(&word).ok_or_else(unknown)
            }
        }
    };
}

/// Where a move leads.
#[derive(Debug, Clone, Copy)]
pub enum Target<S: 'static> {
    /// Always there.
    To(S),
    /// To one of these: the domain's decision says which.
    OneOf(&'static [S]),
    /// Nowhere: the state stays, something else about the matter changes.
    Stays,
}

/// One line of a procedure.
#[derive(Debug, Clone, Copy)]
pub struct Rule<S: 'static, M> {
    /// The move.
    pub on: M,
    /// The states it may be made in; empty for the move that opens the matter.
    pub from: &'static [S],
    /// Where it leads.
    pub target: Target<S>,
    /// Who may make it.
    pub by: &'static [Role],
    /// Whether it must say why.
    pub because: bool,
    /// What it does to statutory clocks.
    pub clocks: ClockMoves,
}

/// The rule of the move that opens a matter.
pub const fn create<S: Copy, M: Copy>(on: M) -> Rule<S, M> {
    Rule {
        on,
        from: &[],
        target: Target::Stays,
        by: &[],
        because: false,
        clocks: ClockMoves {
            stops: None,
            starts: None,
            pauses: None,
            resumes: None,
        },
    }
}

/// The rule of a move; say from where, to where and by whom.
pub const fn on<S: Copy, M: Copy>(on: M) -> Rule<S, M> {
    create(on)
}

impl<S: Copy, M: Copy> Rule<S, M> {
    /// The states it may be made in.
    #[must_use]
    pub const fn from(mut self, from: &'static [S]) -> Self {
        self.from = from;
        self
    }

    /// It always leads to `state`.
    #[must_use]
    pub const fn to(mut self, state: S) -> Self {
        self.target = Target::To(state);
        self
    }

    /// It leads to one of `states`.
    #[must_use]
    pub const fn to_one_of(mut self, states: &'static [S]) -> Self {
        self.target = Target::OneOf(states);
        self
    }

    /// Who may make it.
    #[must_use]
    pub const fn by(mut self, by: &'static [Role]) -> Self {
        self.by = by;
        self
    }

    /// It must say why.
    #[must_use]
    pub const fn because(mut self) -> Self {
        self.because = true;
        self
    }

    /// It starts a clock.
    #[must_use]
    pub const fn starts(mut self, clock: ClockKind) -> Self {
        self.clocks.starts = Some(clock);
        self
    }

    /// It stops a clock.
    #[must_use]
    pub const fn stops(mut self, clock: ClockKind) -> Self {
        self.clocks.stops = Some(clock);
        self
    }

    /// It pauses a clock.
    #[must_use]
    pub const fn pauses(mut self, clock: ClockKind) -> Self {
        self.clocks.pauses = Some(clock);
        self
    }

    /// It lets a paused clock run on.
    #[must_use]
    pub const fn resumes(mut self, clock: ClockKind) -> Self {
        self.clocks.resumes = Some(clock);
        self
    }
}

/// The life of one kind of matter.
#[derive(Debug, Clone, Copy)]
pub struct Procedure<S: 'static, M: 'static> {
    /// The kind of matter, such as `opinion`; the prefix of its translation keys.
    pub kind: &'static str,
    /// The kind in Chinese, as its number names it: 意见〔2026〕12号.
    pub noun: &'static str,
    /// Its moves. The first one opens the matter.
    pub rules: &'static [Rule<S, M>],
}

/// Why a move may not be made. The page says it in the visitor's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No rule makes this move from this state.
    #[error("this step cannot be made now: the matter is {state}")]
    NotNow {
        /// The state the matter is in.
        state: &'static str,
        /// The move that was tried.
        tried: &'static str,
    },
    /// It is for others to make.
    #[error("this step is for others to make")]
    NotYou {
        /// The move that was tried.
        tried: &'static str,
        /// Who may make it.
        needs: &'static [Role],
    },
    /// It must say why.
    #[error("this step needs a reason")]
    NoReason {
        /// The move that was tried.
        tried: &'static str,
    },
    /// The domain's decision named a state that the rule does not lead to.
    #[error("this step does not lead to {to}")]
    NotThere {
        /// The move that was tried.
        tried: &'static str,
        /// The state that was named.
        to: &'static str,
    },
}

/// What comes with the wish to make a move.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a, S> {
    /// The role in which the actor wants to act; `None` for the rule's first that fits.
    pub role: Option<Role>,
    /// Why.
    pub reason: Option<&'a str>,
    /// The state that the domain's decision chose, where the rule leaves a choice.
    pub to: Option<S>,
}

impl<S> Default for Asked<'_, S> {
    fn default() -> Self {
        Self {
            role: None,
            reason: None,
            to: None,
        }
    }
}

/// A move that may be made: where it leads, in what role, with which clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed<S> {
    /// The state after it.
    pub to: S,
    /// The role in which the actor makes it.
    pub role: Role,
    /// What it does to clocks.
    pub clocks: ClockMoves,
}

impl<S: Word, M: Word> Procedure<S, M> {
    /// The rule of `tried` in `state`; `None` stands for a matter that is not there yet.
    #[must_use]
    pub fn rule(&self, state: Option<S>, tried: M) -> Option<&'static Rule<S, M>> {
        self.rules
            .iter()
            .find(|rule| rule.on == tried && rule.begins(state))
    }

    /// The moves that `actor` may make in `state`, in the table's order: the buttons of a page.
    pub fn open_to(&self, state: S, actor: &Actor) -> impl Iterator<Item = &'static Rule<S, M>> {
        let mine = |rule: &&Rule<S, M>| rule.by.iter().any(|role| actor.is(*role));
        self.rules
            .iter()
            .filter(move |rule| rule.begins(Some(state)))
            .filter(mine)
    }

    /// Whether `actor` may make this move, and what it then does.
    ///
    /// # Errors
    /// The [`Refusal`], in the order: not now, not you, no reason, not there.
    pub fn check(
        &self,
        state: Option<S>,
        tried: M,
        actor: &Actor,
        asked: Asked<'_, S>,
    ) -> Result<Allowed<S>, Refusal> {
        let word = tried.word();
        let rule = self.rule(state, tried).ok_or(Refusal::NotNow {
            state: state.map_or("none", Word::word),
            tried: word,
        })?;
        let role = acting_role(rule.by, actor, asked.role).ok_or(Refusal::NotYou {
            tried: word,
            needs: rule.by,
        })?;
        let unsaid = asked.reason.is_none_or(|reason| reason.trim().is_empty());
        if rule.because && unsaid {
            return Err(Refusal::NoReason { tried: word });
        }
        let to = landing(rule, state, asked.to).map_err(|to| Refusal::NotThere {
            tried: word,
            to: to.map_or("none", Word::word),
        })?;
        Ok(Allowed {
            to,
            role,
            clocks: rule.clocks,
        })
    }
}

/// The role in which `actor` makes the move: the one `wanted`, else the first that fits.
fn acting_role(by: &[Role], actor: &Actor, wanted: Option<Role>) -> Option<Role> {
    by.iter()
        .copied()
        .filter(|role| wanted.is_none_or(|wanted| wanted == *role))
        .find(|role| actor.is(*role))
}

/// The state after the rule; `Err` names the state that cannot be reached by it.
fn landing<S: Word, M>(
    rule: &Rule<S, M>,
    state: Option<S>,
    wanted: Option<S>,
) -> Result<S, Option<S>> {
    match rule.target {
        Target::To(to) if wanted.is_none_or(|wanted| wanted == to) => Ok(to),
        Target::OneOf(states) => wanted.filter(|to| states.contains(to)).ok_or(wanted),
        Target::Stays => state
            .filter(|here| wanted.is_none_or(|to| to == *here))
            .ok_or(wanted),
        Target::To(_) => Err(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        enum Light { Red = "red", Green = "green", Off = "off" }
    }
    words! {
        enum Press { Install = "install", Go = "go", Cut = "cut", Note = "note" }
    }

    const LIGHT: Procedure<Light, Press> = Procedure {
        kind: "light",
        noun: "灯",
        rules: &[
            create(Press::Install).to(Light::Red).by(&[Role::Admin]),
            on(Press::Go)
                .from(&[Light::Red])
                .to(Light::Green)
                .by(&[Role::Clerk, Role::System]),
            on(Press::Cut)
                .from(&[Light::Red, Light::Green])
                .to_one_of(&[Light::Off, Light::Red])
                .by(&[Role::Admin])
                .because(),
            on(Press::Note)
                .from(&[Light::Green])
                .by(&[Role::Resident, Role::Deputy]),
        ],
    };

    #[test]
    fn a_move_is_refused_in_the_order_people_can_mend_it() {
        let check =
            |state, press, actor: &Actor| LIGHT.check(state, press, actor, Asked::default());
        assert!(matches!(
            check(Some(Light::Off), Press::Go, &Actor::System),
            Err(Refusal::NotNow { .. })
        ));
        assert!(matches!(
            check(Some(Light::Red), Press::Go, &Actor::Resident),
            Err(Refusal::NotYou { .. })
        ));
        assert!(matches!(
            check(None, Press::Go, &Actor::System),
            Err(Refusal::NotNow { state: "none", .. })
        ));
        let went = check(Some(Light::Red), Press::Go, &Actor::System).unwrap();
        assert_eq!((went.to, went.role), (Light::Green, Role::System));
        let stays = check(Some(Light::Green), Press::Note, &Actor::Resident).unwrap();
        assert_eq!(stays.to, Light::Green);
    }

    #[test]
    fn who_fits_several_roles_says_which_or_acts_in_the_first() {
        let deputy = signed_in(Role::Deputy);
        let note = |actor: &Actor, role| {
            let asked = Asked {
                role,
                ..Asked::default()
            };
            LIGHT
                .check(Some(Light::Green), Press::Note, actor, asked)
                .map(|allowed| allowed.role)
        };
        assert_eq!(note(&deputy, None), Ok(Role::Resident));
        assert_eq!(note(&deputy, Some(Role::Deputy)), Ok(Role::Deputy));
        for (actor, role) in [(&deputy, Role::Clerk), (&Actor::Resident, Role::Deputy)] {
            assert!(matches!(
                note(actor, Some(role)),
                Err(Refusal::NotYou { .. })
            ));
        }
    }

    fn signed_in(role: Role) -> Actor {
        Actor::Account(kernel::actor::SignedIn {
            account: uuid::Uuid::nil().into(),
            person: uuid::Uuid::nil().into(),
            congress: uuid::Uuid::nil().into(),
            deputy: None,
            name: String::new(),
            roles: vec![role],
        })
    }

    #[test]
    fn a_choice_must_be_made_and_stay_within_the_rule() {
        let admin = signed_in(Role::Admin);
        let cut = |reason, to| {
            let asked = Asked {
                role: None,
                reason,
                to,
            };
            LIGHT.check(Some(Light::Red), Press::Cut, &admin, asked)
        };
        assert_eq!(
            cut(Some(" "), Some(Light::Off)),
            Err(Refusal::NoReason { tried: "cut" })
        );
        assert_eq!(
            cut(Some("rain"), None),
            Err(Refusal::NotThere {
                tried: "cut",
                to: "none"
            })
        );
        assert_eq!(
            cut(Some("rain"), Some(Light::Green)),
            Err(Refusal::NotThere {
                tried: "cut",
                to: "green"
            })
        );
        assert_eq!(cut(Some("rain"), Some(Light::Off)).unwrap().to, Light::Off);
    }
}
