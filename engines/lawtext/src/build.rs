//! From lines to the tree. One pass; every line goes to exactly one node. The stack of open nodes
//! is at most as deep as there are levels, whatever the text says.
//!
//! Here is how nodes are opened, closed and named; [`body`] and [`header`] say which node a line
//! becomes, [`finish`] puts the nodes together.

mod body;
mod finish;
mod header;

use std::{collections::HashMap, ops::Range};

use crate::{
    Code, Diagnostic, Limits, ProvisionId, TooMuch, characters,
    diagnostic::Sink,
    number::Number,
    plan::{Plan, Seen},
    polish::heading_words,
    sequence::{Member, Series},
    shape::Shape,
    tree::{Document, Kind, Node},
};

/// A text that has been read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree.
    pub document: Document,
    /// What was odd in it, by line.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the end of the text was not read; it is in the tree as it is.
    pub unread: Option<TooMuch>,
}

/// Reads a legal text within the default [`Limits`]. Never fails: see [`Parsed::diagnostics`] and
/// [`Parsed::unread`].
///
/// ```
/// let read = lawtext::parse("第一条　甲：\n（一）乙；\n第三条　丙。\n");
/// let point = read.document.find(&"art_1__para_1__point_1".parse()?).expect("it is there");
/// assert_eq!(point.text, "乙；");
/// assert_eq!(read.diagnostics[0].message_zh, "缺第二条。");
/// # Ok::<(), lawtext::InvalidId>(())
/// ```
#[must_use]
pub fn parse(source: &str) -> Parsed {
    parse_within(source, &Limits::default())
}

/// Reads a legal text within `limits`: like [`parse`].
#[must_use]
pub fn parse_within(source: &str, limits: &Limits) -> Parsed {
    let mut builder = Builder::new(source);
    let plan = Plan::of(source, limits, &mut builder.sink);
    for (index, seen) in plan.lines.iter().enumerate() {
        characters::check(source, &seen.line, &mut builder.sink);
        builder.line(index, seen, plan.header_end);
    }
    builder.finish(&plan)
}

/// How deep each kind of node stands. A node closes every open one at its level or deeper.
mod level {
    pub(super) const TOP: u8 = 0;
    pub(super) const ARTICLE: u8 = 5;
    pub(super) const POINT: u8 = 6;
    pub(super) const PARAGRAPH: u8 = 7;
    /// Plus the rank of the list mark, 1 to 5.
    pub(super) const LIST: u8 = 7;
    /// A paragraph inside an item.
    pub(super) const INNER: u8 = 20;
    pub(super) const QUOTE: u8 = 21;
    pub(super) const QUOTED_LINE: u8 = 22;
}

struct Draft {
    node: Node,
    level: u8,
    parent: Option<usize>,
    /// An item whose list goes on below: plain lines until then are its own.
    continues: bool,
}

#[derive(PartialEq, Eq)]
enum Zone {
    Header,
    /// With the first entry: when it comes again, the body has begun.
    Contents(Option<String>),
    Body,
}

/// What has a count of its own: a word within a node, or in the whole text.
type Scope = (Option<usize>, &'static str);

struct Builder<'a> {
    source: &'a str,
    drafts: Vec<Draft>,
    open: Vec<usize>,
    zone: Zone,
    /// How often each name has been given.
    taken: HashMap<ProvisionId, u32>,
    counters: HashMap<Scope, u32>,
    series: Vec<Series>,
    series_of: HashMap<Scope, usize>,
    /// The last number of each kind of heading, in the text or an appendix.
    last_of: HashMap<Scope, Number>,
    sink: Sink,
    title: String,
    /// An article without a space after 第X条 has been reported.
    told_of_tight: bool,
    /// A bracket opened in a history line is still open.
    in_bracket: bool,
}

/// A node about to be added.
struct New<'t> {
    kind: Kind,
    level: u8,
    /// What its id ends in: `art_3`, made unique when added.
    segment: String,
    number: Option<Number>,
    printed: &'t str,
    heading: &'t str,
    text: &'t str,
    own: Range<usize>,
    line: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            drafts: Vec::new(),
            open: Vec::new(),
            zone: Zone::Header,
            taken: HashMap::new(),
            counters: HashMap::new(),
            series: Vec::new(),
            series_of: HashMap::new(),
            last_of: HashMap::new(),
            sink: Sink::default(),
            title: String::new(),
            told_of_tight: false,
            in_bracket: false,
        }
    }

    fn line(&mut self, index: usize, seen: &Seen<'a>, header_end: Option<usize>) {
        let line = &seen.line;
        match seen.shape {
            Shape::Nothing => return self.trivia(line),
            Shape::EmptyHeading => {
                self.sink.push(
                    line.number,
                    Code::EmptyHeading,
                    "这一行只有标题符号，没有文字。",
                    "A heading mark with no words.",
                );
                return self.trivia(line);
            }
            Shape::HeadingTail => return self.heading_tail(line),
            Shape::Signature => return self.counted(Kind::Signature, "sig", line),
            Shape::Contents if self.zone != Zone::Body => {
                self.zone = Zone::Contents(None);
                return self.leaf(Kind::Contents, "toc".to_owned(), line, line.text, "");
            }
            _ => {}
        }
        if self.zone == Zone::Header && self.header(index, seen, header_end) {
            return;
        }
        if matches!(self.zone, Zone::Contents(_)) && self.contents(seen) {
            return;
        }
        self.zone = Zone::Body;
        self.body(seen);
    }

    /// Closes what a node of this level ends.
    fn close(&mut self, kind: Kind, level: u8) {
        while let Some(&at) = self.open.last() {
            let top = &self.drafts[at];
            let before_body = matches!(top.node.kind, Kind::Preamble | Kind::Contents);
            let ends = before_body
                && (level <= level::ARTICLE || (kind == Kind::Point && level == level::POINT));
            if top.level < level && !is_leaf(top) && !ends {
                return;
            }
            self.open.pop();
        }
    }

    fn add(&mut self, new: New<'_>) -> usize {
        self.close(new.kind, new.level);
        let parent = self.open.last().copied();
        let id = self.name(new.kind, &new.segment, parent);
        let words = if new.text.is_empty() {
            new.heading
        } else {
            new.text
        };
        // What stands before the first node (a byte order mark, blank lines) goes with it.
        let own = if self.drafts.is_empty() {
            0..new.own.end
        } else {
            new.own
        };
        let node = Node {
            id,
            kind: new.kind,
            number: new.number,
            printed: new.printed.to_owned(),
            heading: heading_words(new.heading),
            text: new.text.replace("**", ""),
            children: Vec::new(),
            span: own.clone(),
            words: self.place(words, own.end),
            own,
            line: new.line,
        };
        self.drafts.push(Draft {
            node,
            level: new.level,
            parent,
            continues: false,
        });
        self.open.push(self.drafts.len() - 1);
        self.drafts.len() - 1
    }

    /// Articles are counted through the law, so their names carry no chapter.
    fn name(&mut self, kind: Kind, segment: &str, parent: Option<usize>) -> ProvisionId {
        let around = if matches!(kind, Kind::Article) || segment == "supp" {
            self.appendix()
        } else {
            parent
        };
        let plain = match around {
            Some(at) => format!("{}__{segment}", self.drafts[at].node.id),
            None => segment.to_owned(),
        };
        let id = ProvisionId::made(plain);
        let times = self.taken.entry(id.clone()).or_insert(0);
        *times += 1;
        if *times == 1 {
            id
        } else {
            ProvisionId::made(format!("{id}_x{times}"))
        }
    }

    /// Notes a number in its series.
    fn note(&mut self, scope: Scope, kind: Kind, number: &Number, line: usize) -> &mut Series {
        let next = self.series.len();
        let at = *self.series_of.entry(scope).or_insert(next);
        if at == next {
            self.series.push(Series {
                kind,
                after: None,
                members: Vec::new(),
            });
        }
        self.series[at].members.push(Member {
            number: number.clone(),
            line,
        });
        &mut self.series[at]
    }

    fn inside(&self, kind: Kind) -> bool {
        self.open
            .iter()
            .any(|&at| self.drafts[at].node.kind == kind)
    }

    fn top(&self) -> Option<&Draft> {
        self.open.last().map(|&at| &self.drafts[at])
    }

    /// The appendix that is open.
    fn appendix(&self) -> Option<usize> {
        let first = self.open.first().copied();
        first.filter(|&at| self.drafts[at].node.kind == Kind::Appendix)
    }

    /// `word_n`, counted in its scope.
    fn count(&mut self, parent: Option<usize>, word: &'static str) -> String {
        let counter = self.counters.entry((parent, word)).or_insert(0);
        *counter += 1;
        format!("{word}_{counter}")
    }

    /// Where a piece of the source stands in it; `none` for no piece.
    fn place(&self, piece: &str, none: usize) -> Range<usize> {
        if piece.is_empty() {
            return none..none;
        }
        let start = piece.as_ptr() as usize - self.source.as_ptr() as usize;
        start..start + piece.len()
    }
}

/// Nothing is put into it.
fn is_leaf(draft: &Draft) -> bool {
    match draft.node.kind {
        Kind::Title | Kind::History | Kind::Signature => true,
        Kind::Paragraph => draft.level == level::TOP,
        _ => false,
    }
}
