//! Reads, aligns and compares Chinese legal texts without losing a byte.
//!
//! [`parse`] turns a text into a tree and never fails: what it could not read stays in the tree as
//! it is, and a [`Diagnostic`] says where. [`print()`] gives the source back. [`align()`] says where
//! each provision of one version went in the next, [`mark()`] marks the changed characters inside
//! one. [`decode()`] and [`docx::read`] turn files into text. Nothing here does I/O, keeps time or
//! uses randomness, and every loop over foreign input is bounded ([`Limits`], [`docx::Limits`]).
//!
//! The way of a text: `line` splits it, `shape` looks at each line by itself, `plan` corrects that
//! from the lines around, `build` puts the lines into the tree, `sequence` judges the numbers.

mod align;
mod build;
mod characters;
mod decode;
mod diagnostic;
pub mod docx;
mod id;
mod limits;
mod line;
mod mark;
mod number;
mod plan;
mod polish;
mod report;
mod sequence;
mod shape;
mod text;
mod tree;
mod words;

pub use align::{Alignment, Pair, PairKind, Scope, align};
pub use build::{Parsed, parse, parse_within};
pub use decode::{DecodeError, decode};
pub use diagnostic::{Code, Diagnostic};
pub use id::{InvalidId, ProvisionId};
pub use limits::{Limits, TooMuch};
pub use mark::{Change, Nature, mark};
pub use number::Number;
pub use report::{json, tree};
pub use text::{Notice, Text};
pub use tree::{Document, Kind, Node, OutlineEntry, Printed, print};

/// The example of the README is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
