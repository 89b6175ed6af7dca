//! What is paired: the provisions of a text, and each line outside them.

use std::collections::HashSet;

use super::Scope;
use crate::{Document, Kind, Node, ProvisionId, line::squeezed};

/// A provision or a line, ready to be compared.
pub(super) struct Item<'d> {
    pub(super) node: &'d Node,
    pub(super) scope: Scope,
    /// Its words without number and space.
    pub(super) words: String,
    /// The same, sentence by sentence: what a split divides.
    pub(super) sentences: Vec<String>,
}

impl Item<'_> {
    /// Whether two items with the same words are called the same.
    pub(super) fn is_named_like(&self, other: &Self) -> bool {
        (self.node.number.is_none() && other.node.number.is_none()) || self.node.id == other.node.id
    }
}

/// Everything in the text that has words, each exactly once, in reading order.
pub(super) fn items(document: &Document) -> Vec<Item<'_>> {
    let provisions: HashSet<&ProvisionId> = document
        .provisions()
        .into_iter()
        .map(|node| &node.id)
        .collect();
    let mut found = Vec::new();
    collect(document.nodes(), &provisions, &mut found);
    found
}

/// The tree is at most a dozen levels deep.
fn collect<'d>(nodes: &'d [Node], provisions: &HashSet<&ProvisionId>, found: &mut Vec<Item<'d>>) {
    for node in nodes {
        if provisions.contains(&node.id) {
            let lines = words(node);
            found.push(Item {
                node,
                scope: Scope::Provision,
                words: squeezed(&lines),
                sentences: sentences(&lines),
            });
            continue;
        }
        if !node.own_line().is_empty() {
            found.push(Item {
                node,
                scope: Scope::Line,
                words: line(node),
                sentences: Vec::new(),
            });
        }
        collect(&node.children, provisions, found);
    }
}

fn words(node: &Node) -> String {
    if node.kind != Kind::Point {
        return node.plain_text();
    }
    let inside = node.children.iter().map(Node::plain_text);
    let lines: Vec<String> = std::iter::once(node.text.clone()).chain(inside).collect();
    lines.join("\n")
}

fn sentences(lines: &str) -> Vec<String> {
    lines
        .split_inclusive(['\n', '。', '；'])
        .map(squeezed)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// A line is compared with its like only: its kind is the first of its words.
fn line(node: &Node) -> String {
    let kind = match node.kind {
        Kind::Point | Kind::Indent => Kind::Paragraph,
        kind => kind,
    };
    squeezed(&format!("{}：{}{}", kind.zh(), node.heading, node.text))
}
