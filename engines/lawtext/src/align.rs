//! Which provision of the new version is which of the old one.
//!
//! Words decide, and numbers hardly count: one inserted article renumbers all that follow. Pairs of
//! equal text come first, then the strongest pairs of similar text, wherever they stand; weak ones
//! are believed only between neighbours that kept their order. Then what is left of a provision is
//! looked for elsewhere: it may have been split, or several may have been merged.

mod items;
mod matching;
mod order;
mod parts;
mod rows;
mod score;
mod sentences;

use serde::Serialize;

use self::{items::items, matching::Matched};
use crate::{Document, Node, ProvisionId};

/// Two versions, side by side: everything in both, in the order of the new one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alignment {
    /// In the order of the new text; what was removed stands where it stood in the old one.
    pub pairs: Vec<Pair>,
}

impl Alignment {
    /// The pairs of provisions ([`Document::provisions`]): the articles, or the points of a text
    /// without articles.
    pub fn provisions(&self) -> impl Iterator<Item = &Pair> {
        self.pairs
            .iter()
            .filter(|pair| pair.scope == Scope::Provision)
    }

    /// Where the provision `old` went: its successor first, then those that took over a part.
    #[must_use]
    pub fn landings(&self, old: &ProvisionId) -> Vec<&Pair> {
        self.main_first(|pair| pair.old.as_ref() == Some(old) && pair.new.is_some())
    }

    /// What became the provision `new`: its predecessor first, then those that gave a part.
    #[must_use]
    pub fn origins(&self, new: &ProvisionId) -> Vec<&Pair> {
        self.main_first(|pair| pair.new.as_ref() == Some(new) && pair.old.is_some())
    }

    fn main_first(&self, wanted: impl Fn(&&Pair) -> bool) -> Vec<&Pair> {
        let mut found: Vec<&Pair> = self.pairs.iter().filter(wanted).collect();
        found.sort_by(|a, b| {
            let surest = b.confidence.total_cmp(&a.confidence);
            a.part.cmp(&b.part).then(surest)
        });
        found
    }
}

/// How much of the text a pair is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A provision with everything inside it.
    Provision,
    /// One line outside the provisions: a title, the heading of a chapter, a line of the preamble
    /// or of an appendix. Not what stands under it.
    Line,
}

impl Scope {
    /// The words of a node that a pair of this scope compares, as printed, but for `第X条`.
    #[must_use]
    pub fn words(self, node: &Node) -> String {
        match self {
            Self::Provision => node.plain_text(),
            Self::Line => node.own_line(),
        }
    }
}

/// A provision of the old version with its successor. One that was split, or that several were
/// merged into, is in several pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// What `old` and `new` are.
    pub scope: Scope,
    /// In the old version; `None` when it was added.
    pub old: Option<ProvisionId>,
    /// In the new version; `None` when it was removed.
    pub new: Option<ProvisionId>,
    /// What happened to it.
    pub kind: PairKind,
    /// How sure the pair is, from 0 to 1: 1 for equal text and for what has no partner, else the
    /// share of the words in common, rare words weighing more than common ones.
    pub confidence: f32,
    /// The words of a part of one are in the other, and each has, or may have, a nearer partner: a
    /// split or a merger.
    pub part: bool,
}

impl Pair {
    /// The words of both sides; empty where there is none.
    #[must_use]
    pub fn words(&self, old: &Document, new: &Document) -> (String, String) {
        let side = |document: &Document, id: &Option<ProvisionId>| {
            let node = id.as_ref().and_then(|id| document.find(id));
            node.map(|node| self.scope.words(node)).unwrap_or_default()
        };
        (side(old, &self.old), side(new, &self.new))
    }
}

/// What happened to a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairKind {
    /// The same words under the same number.
    Unchanged,
    /// The same words under another number.
    Renumbered,
    /// Other words.
    Changed,
    /// Only in the new version.
    Added,
    /// Only in the old version.
    Removed,
    /// Taken out of the order of its neighbours; its words may have changed as well, then the
    /// confidence is below 1.
    Moved,
    /// One of several in the new version that the old one was divided into.
    Split,
    /// One of several in the old version that became the new one.
    Merged,
}

/// Pairs the provisions of two versions, and the lines outside them. The same two documents always
/// give the same pairs.
///
/// ```
/// use lawtext::{align, parse};
///
/// let old = parse("第一条　公园每天早晨六点开放。\n第二条　不得损毁花木。\n").document;
/// let new = parse("第一条　居民可以提意见。\n第二条　公园每天早晨五点开放。\n").document;
/// let went = align(&old, &new);
/// let landing = went.landings(&"art_1".parse()?)[0];
/// assert_eq!(landing.new, Some("art_2".parse()?));
/// assert_eq!(went.landings(&"art_2".parse()?).len(), 0);
/// # Ok::<(), lawtext::InvalidId>(())
/// ```
#[must_use]
pub fn align(old: &Document, new: &Document) -> Alignment {
    let (old, new) = (items(old), items(new));
    let matched = [Scope::Provision, Scope::Line].map(|scope| Matched::of(&old, &new, scope));
    Alignment {
        pairs: rows::rows(&old, &new, &matched),
    }
}

#[cfg(test)]
mod tests;
