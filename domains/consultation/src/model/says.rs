//! What each move says: the part of its record that is the domain's own. The reason, the state it
//! leads to and the deadline stand beside it in every record ([`procedure::Record`]). Reading is strict, so
//! that what one move said is never taken for what another says.

use kernel::{ConsultationId, VersionId, VisitId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Outcome, Source, Stance};

/// Said by [`super::Move::Prepare`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prepare {
    /// What the consultation is called.
    pub title: String,
    /// What it is about.
    pub lead: String,
    /// What the first version is called.
    pub label: String,
}

/// Said by [`super::Move::Open`]: from here on the draft is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The first day, ISO.
    pub opens: String,
    /// The last day, ISO.
    pub closes: String,
    /// The version people read.
    pub version: VersionId,
    /// The SHA-256 of its source, in hex.
    pub source_sha256: String,
}

/// Said by [`super::Move::Extend`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The new last day, ISO.
    pub closes: String,
}

/// Said by [`super::Move::PublishVersion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishVersion {
    /// The version.
    pub version: VersionId,
    /// What it is called.
    pub label: String,
    /// The SHA-256 of its source, in hex.
    pub source_sha256: String,
}

/// Said by [`super::OpinionMove::Submit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// The consultation it belongs to.
    pub consultation: ConsultationId,
    /// The version it speaks of.
    pub version: VersionId,
    /// The provision it speaks of; absent for the whole draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
    /// The way it came.
    pub source: Source,
    /// The visit it was heard at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// The day on which the letter with it arrived, ISO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<String>,
    /// The person's own words.
    pub text: String,
}

/// Said by [`super::OpinionMove::Decide`] and [`super::OpinionMove::Revise`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// What was decided.
    pub outcome: Outcome,
    /// The provision of the next version that will show it, where staff named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lands_on: Option<String>,
    /// The body that handles what was referred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to: Option<String>,
}

/// Said by [`super::OpinionMove::Write`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// The version that shows it.
    pub version: VersionId,
    /// The provision there; absent when the provision spoken of went nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<String>,
}

impl Write {
    /// The place in the consultation to which the opinion led, as links name it: the version, and in
    /// it the provision.
    #[must_use]
    pub fn anchor(&self) -> String {
        match &self.provision {
            Some(provision) => format!("{}/{provision}", self.version),
            None => self.version.to_string(),
        }
    }

    /// Reads [`Write::anchor`] back.
    #[must_use]
    pub fn at(anchor: &str) -> Option<Self> {
        let (version, provision) = match anchor.split_once('/') {
            Some((version, provision)) => (version, Some(provision.to_owned())),
            None => (anchor, None),
        };
        let version = version.parse().ok()?;
        Some(Self { version, provision })
    }
}

/// The SHA-256 of a draft's source as a record states it: 64 hex digits.
#[must_use]
pub fn source_sha256(source: &str) -> String {
    translog::Hash(Sha256::digest(source.as_bytes()).into()).to_hex()
}
