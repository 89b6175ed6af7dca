//! The tree as JSON and as indented text, for the command line.

use serde::Serialize;

use crate::{Diagnostic, Document, Node, Parsed};

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    document: &'a Document,
    diagnostics: &'a [Diagnostic],
}

/// Machine-readable: `{"title", "nodes", "diagnostics"}`.
#[must_use]
pub fn json(parsed: &Parsed) -> String {
    let whole = Whole {
        document: &parsed.document,
        diagnostics: &parsed.diagnostics,
    };
    serde_json::to_string_pretty(&whole)
        .expect("maps have text keys and nothing here refuses to serialize")
}

/// The document as indented text, one line a node: id, label, first words.
#[must_use]
pub fn tree(document: &Document) -> String {
    let mut out = String::new();
    for node in document.nodes() {
        write_node(&mut out, node, 0);
    }
    out
}

/// The tree is at most a dozen levels deep: see `build::level`.
fn write_node(out: &mut String, node: &Node, depth: usize) {
    const WORDS: usize = 30;
    let words = if node.heading.is_empty() {
        &node.text
    } else {
        &node.heading
    };
    let mut shown: String = words.chars().take(WORDS).collect();
    if words.chars().count() > WORDS {
        shown.push('…');
    }
    let line = format!(
        "{}{}  {} {shown}",
        "  ".repeat(depth),
        node.id,
        node.kind.zh()
    );
    out.push_str(line.trim_end());
    out.push('\n');
    for child in &node.children {
        write_node(out, child, depth + 1);
    }
}
