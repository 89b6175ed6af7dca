//! The end of the pass: what was not read, the numbers, the tree.

use super::{Builder, Draft, New, Parsed, level};
use crate::{
    Code, ProvisionId,
    plan::Plan,
    tree::{Document, Kind, Node},
};

impl Builder<'_> {
    pub(super) fn finish(mut self, plan: &Plan<'_>) -> Parsed {
        let blank = self.drafts.is_empty();
        self.check_whole(plan, blank);
        if plan.end() < self.source.len() || blank {
            self.rest(plan.end());
        }
        for series in &self.series {
            series.check(&mut self.sink);
        }
        let last_line = plan.lines.last().map_or(1, |seen| seen.line.number);
        let starts: Vec<(usize, ProvisionId)> = self
            .drafts
            .iter()
            .map(|draft| (draft.node.line, draft.node.id.clone()))
            .collect();
        let diagnostics = self
            .sink
            .into_sorted(last_line, |line| place(&starts, line));
        Parsed {
            document: Document::new(self.title, fold(self.drafts), self.source.to_owned()),
            diagnostics,
            unread: plan.unread,
        }
    }

    fn check_whole(&mut self, plan: &Plan<'_>, blank: bool) {
        if blank {
            self.sink
                .push(1, Code::Empty, "没有文字。", "There is no text.");
        } else if !self
            .drafts
            .iter()
            .any(|draft| draft.node.kind == Kind::Article)
        {
            self.sink.push(
                1,
                Code::NoArticles,
                "没有找到“第X条”。",
                "No article (第X条) was found.",
            );
        }
        if let Some(unread) = plan.unread {
            let line = plan.lines.last().map_or(1, |seen| seen.line.number);
            let (zh, en) = (unread.zh(), unread.en());
            self.sink.push(line, Code::TooLong, zh, en);
        }
    }

    /// Keeps what was not read as one node.
    fn rest(&mut self, from: usize) {
        if self.source.is_empty() {
            return;
        }
        let segment = self.count(None, "unk");
        let line = 1 + self.drafts.last().map_or(0, |draft| draft.node.line);
        self.add(New {
            kind: Kind::Unknown,
            level: level::TOP,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: "",
            own: from..self.source.len(),
            line,
        });
    }
}

/// The first piece on a line, or the last one before it.
fn place(starts: &[(usize, ProvisionId)], line: usize) -> Option<ProvisionId> {
    let after = starts.partition_point(|(start, _)| *start <= line);
    let (start, last) = &starts[after.checked_sub(1)?];
    if *start < line {
        return Some(last.clone());
    }
    let first = starts.partition_point(|(start, _)| *start < line);
    starts.get(first).map(|(_, id)| id.clone())
}

/// Puts every node into its parent, from the last to the first.
fn fold(mut drafts: Vec<Draft>) -> Vec<Node> {
    let mut roots = Vec::new();
    while let Some(mut draft) = drafts.pop() {
        draft.node.children.reverse();
        let end = draft
            .node
            .children
            .last()
            .map_or(draft.node.own.end, |child| child.span.end);
        draft.node.span = draft.node.own.start..end;
        match draft.parent {
            Some(parent) => drafts[parent].node.children.push(draft.node),
            None => roots.push(draft.node),
        }
    }
    roots.reverse();
    roots
}
