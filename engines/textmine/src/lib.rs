//! Texts of many people, brought together where they say almost the same (文本相近).
//!
//! [`gather()`] puts each text into the group of the first text that it is like. How like two texts
//! are is a number that can be checked by hand: the share of pairs of neighbouring characters that they have in
//! common ([`Likeness`]). Nothing is drawn by lot: the same texts in the same order give the same groups.

mod fold;
mod gather;
mod likeness;

pub use fold::fold;
pub use gather::{Member, gather};
pub use likeness::{Likeness, likeness};
