//! The one registry of typed ids. A new kind is one line here, in alphabetical order; lines are
//! never removed, so that an id in an old log entry keeps its meaning.
//!
//! Every id is a UUIDv7: it sorts by the time of its making, and is stored as `UUID` on both
//! databases.

use uuid::Uuid;

use crate::{Entropy, Timestamp};

/// What all typed ids have in common.
pub trait Id: Copy + Eq + std::hash::Hash + std::fmt::Display + From<Uuid> + Into<Uuid> {
    /// The kind's name as it stands in logs and messages, such as `opinion`.
    const KIND: &'static str;
}

/// A UUIDv7 from a given instant and source of randomness.
fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made at `now`.
            #[must_use]
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        impl Id for $name {
            const KIND: &'static str = $kind;
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person's way in: sign-in name, password, second factor (账号).
    AccountId = "account";
    /// A file kept beside a matter (附件).
    AttachmentId = "attachment";
    /// A statutory clock on a matter (期限).
    ClockId = "clock";
    /// A people's congress (人民代表大会).
    CongressId = "congress";
    /// A consultation on a draft (征求意见). Also the id of its matter.
    ConsultationId = "consultation";
    /// A decision on an opinion (意见处理决定).
    DecisionId = "decision";
    /// A deputy's seat in one congress (代表席位); a person may hold several.
    DeputyId = "deputy";
    /// A division of the country (行政区划).
    DivisionId = "division";
    /// One run of an import (导入).
    ImportId = "import";
    /// A queued piece of work.
    JobId = "job";
    /// A link between two matters.
    LinkId = "link";
    /// Anything with a life (事项).
    MatterId = "matter";
    /// One step in a matter's life.
    MoveId = "move";
    /// An opinion on a draft (意见). Also the id of its matter.
    OpinionId = "opinion";
    /// A body of a congress or a government (机构).
    OrganId = "organ";
    /// A natural person known to the directory (人员).
    PersonId = "person";
    /// A signed-in browser.
    SessionId = "session";
    /// A term of a congress (届).
    TermId = "term";
    /// A legal text through all its versions (文本).
    TextId = "text";
    /// A grass-roots unit that deputies visit (基层单位).
    UnitId = "unit";
    /// One version of a text (版本).
    VersionId = "version";
    /// A deputy's visit to a unit (走访).
    VisitId = "visit";
}

impl From<ConsultationId> for MatterId {
    fn from(id: ConsultationId) -> Self {
        Self(id.0)
    }
}

impl From<OpinionId> for MatterId {
    fn from(id: OpinionId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn ids_sort_by_time_and_repeat_with_the_seed() {
        let (one, two) = (SeededEntropy::new(7), SeededEntropy::new(7));
        let early = OpinionId::new(Timestamp::from_micros(1_000_000), &one);
        let late = OpinionId::new(Timestamp::from_micros(9_000_000), &one);
        assert!(early < late);
        assert_eq!(
            early,
            OpinionId::new(Timestamp::from_micros(1_000_000), &two)
        );
        assert_eq!(early.to_string().parse::<OpinionId>().unwrap(), early);
    }
}
