//! From lines to the tree. One pass; every line goes to exactly one node. The stack of open nodes
//! is at most as deep as there are levels, whatever the text says.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::{
    Code, Diagnostic, ProvisionId,
    diagnostic::Sink,
    line::{ArticleLine, Line, Shape, lines, marker, shape, squeezed},
    number::Number,
    plan::Plan,
    polish::{appendix_title, before, clip, heading_words, is_direction, tells_history},
    sequence::Sequences,
    tree::{Document, Kind, Node},
};

/// How many lines are read. The longest law has under ten thousand; the rest is kept unread.
const MAX_LINES: usize = 200_000;

/// A text that has been read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree.
    pub document: Document,
    /// What was odd in it, by line.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a legal text. Never fails: see [`Parsed::diagnostics`].
#[must_use]
pub fn parse(source: &str) -> Parsed {
    let mut builder = Builder::new(source);
    let read: Vec<(Line<'_>, Shape<'_>)> = lines(source)
        .take(MAX_LINES)
        .map(|line| (line, shape(&line)))
        .collect();
    let plan = Plan::of(&read);
    for (index, (line, shape)) in read.iter().enumerate() {
        builder.check_characters(line);
        builder.line(index, line, shape, &plan);
    }
    builder.finish(read.last().map_or(0, |(line, _)| line.end))
}

/// How deep each kind of node stands. A node closes every open one at its level or deeper.
mod level {
    pub(super) const TOP: u8 = 0;
    pub(super) const ARTICLE: u8 = 5;
    pub(super) const POINT: u8 = 6;
    pub(super) const PARAGRAPH: u8 = 7;
    /// Plus the rank of the list mark, 1 to 5.
    pub(super) const LIST: u8 = 7;
}

struct Draft {
    node: Node,
    level: u8,
    parent: Option<usize>,
}

#[derive(PartialEq, Eq)]
enum Zone {
    Header,
    /// With the first entry: when it comes again, the body has begun.
    Contents(Option<String>),
    Body,
}

struct Builder<'a> {
    source: &'a str,
    drafts: Vec<Draft>,
    open: Vec<usize>,
    zone: Zone,
    taken: HashSet<String>,
    counters: HashMap<String, u32>,
    sequences: Sequences,
    sink: Sink,
    title: Vec<String>,
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
            taken: HashSet::new(),
            counters: HashMap::new(),
            sequences: Sequences::default(),
            sink: Sink::default(),
            title: Vec::new(),
            in_bracket: false,
        }
    }

    fn line(&mut self, index: usize, line: &Line<'a>, shape: &Shape<'a>, plan: &Plan) {
        if *shape == Shape::Nothing || index < plan.front_matter {
            return self.trivia(line);
        }
        if *shape == Shape::EmptyHeading {
            self.sink.push(
                line.number,
                Code::EmptyHeading,
                "这一行只有标题符号，没有文字。",
                "A heading mark with no words.",
            );
            return self.trivia(line);
        }
        if plan.signatures.contains(&index) {
            return self.counted(Kind::Signature, "sig", line);
        }
        if *shape == Shape::Contents && self.zone != Zone::Body {
            self.zone = Zone::Contents(None);
            return self.leaf(Kind::Contents, "toc".to_owned(), line, line.text, "");
        }
        if self.zone == Zone::Header && self.header(index, line, shape, plan) {
            return;
        }
        if matches!(self.zone, Zone::Contents(_)) && self.contents(line, shape) {
            return;
        }
        self.zone = Zone::Body;
        self.body(line, shape);
    }

    /// Takes a line of the header; false when the body begins with it.
    fn header(&mut self, index: usize, line: &Line<'a>, shape: &Shape<'a>, plan: &Plan) -> bool {
        let inside = plan.header_end.is_some_and(|end| index < end);
        let plain = matches!(shape, Shape::Plain);
        let name = if inside {
            self.title.is_empty() || line.top_heading
        } else {
            self.is_name(line, plain)
        };
        if name {
            self.title.push(line.text.to_owned());
            self.leaf(Kind::Title, "title".to_owned(), line, "", line.text);
        } else if inside || (plain && plan.header_end.is_none() && self.is_history(line.text)) {
            self.counted(Kind::History, "hist", line);
        } else {
            return false;
        }
        true
    }

    /// The title where no mark says so: the first line, short, and （草案） under it.
    fn is_name(&self, line: &Line<'_>, plain: bool) -> bool {
        let text = line.text;
        let short = text.chars().count() <= 60 && !text.ends_with(['。', '；', '，']);
        let draft = text.starts_with(['（', '('])
            && text.ends_with(['）', ')'])
            && text.contains(['稿', '案']);
        plain
            && short
            && (self.title.is_empty() || line.top_heading || (draft && !tells_history(text)))
    }

    fn is_history(&mut self, text: &str) -> bool {
        let opens = text.starts_with(['（', '(']);
        let dated = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('年');
        let takes = self.in_bracket
            || ((opens || dated) && tells_history(text) && text.chars().count() <= 300);
        if takes && (opens || self.in_bracket) {
            self.in_bracket = !text.ends_with(['）', ')']);
        }
        takes
    }

    /// Takes an entry of the 目录; false when the body begins with this line.
    fn contents(&mut self, line: &Line<'a>, shape: &Shape<'a>) -> bool {
        let short = line.text.chars().count() <= 60 && !line.text.contains('。');
        let key = match shape {
            Shape::Article(article) if article.sure => {
                self.sink.push(line.number, Code::ContentsOnly, "目录之后没有再出现章节标题，条文不知属于哪一章。",
                    "After the contents no heading comes again: the articles belong to no known chapter.");
                return false;
            }
            Shape::Group(kind, number, _) => format!("{kind:?}{number:?}"),
            _ if short => squeezed(line.text)
                .trim_end_matches(|c: char| c.is_ascii_digit() || ".…·".contains(c))
                .to_owned(),
            _ => return false,
        };
        match &mut self.zone {
            Zone::Contents(Some(first)) if *first == key => return false,
            Zone::Contents(first @ None) => *first = Some(key),
            _ => {}
        }
        self.paragraph(line, line.text, line.start..line.end);
        true
    }

    fn body(&mut self, line: &Line<'a>, shape: &Shape<'a>) {
        match shape {
            Shape::Group(kind, number, heading) => self.group(line, *kind, number, heading),
            Shape::Supplement if !self.inside(Kind::Appendix) => self.supplement(line),
            Shape::Preamble if !self.inside(Kind::Article) => {
                self.leaf(Kind::Preamble, "pre".to_owned(), line, line.text, "")
            }
            Shape::Appendix if !self.drafts.is_empty() => {
                let segment = self.count("app");
                let (mark, title) = appendix_title(line.text);
                self.leaf(Kind::Appendix, segment, line, title, "");
                if let Some(draft) = self.drafts.last_mut() {
                    draft.node.printed = mark.to_owned();
                }
            }
            Shape::Article(article) if self.accepts(article) => self.article(line, article),
            Shape::BadNumber(_) => self.unreadable(line),
            Shape::Marker(rank, n, words) => {
                self.marker(line, *rank, *n, words, line.text, line.start..line.end)
            }
            _ if line.heading => self.unnumbered(line),
            _ => self.paragraph(line, line.text, line.start..line.end),
        }
    }

    fn group(&mut self, line: &Line<'a>, kind: Kind, number: &Number, heading: &str) {
        let (level, word) = match kind {
            Kind::Part => (1, "part"),
            Kind::Subpart => (2, "subpart"),
            Kind::Chapter => (3, "chp"),
            _ => (4, "sec"),
        };
        let printed = before(line.text, heading);
        let segment = format!("{word}_{}", number.main);
        let own = line.start..line.end;
        let new = New {
            kind,
            level,
            segment,
            number: Some(number.clone()),
            printed,
            heading,
            text: "",
            own,
            line: line.number,
        };
        let at = self.add(new);
        let (series, wider) = (
            self.series(at, word),
            format!("{}all {word}", self.appendix()),
        );
        self.sequences.take(
            &series,
            &wider,
            number,
            (line.number, kind, printed),
            &mut self.sink,
        );
    }

    fn supplement(&mut self, line: &Line<'a>) {
        let (kind, level) = if self.inside(Kind::Part) {
            (Kind::Part, 1)
        } else {
            (Kind::Chapter, 3)
        };
        // 附则 closes its siblings: the level decides, the id has no path.
        self.heading_node(line, kind, level, "supp".to_owned());
    }

    fn unnumbered(&mut self, line: &Line<'a>) {
        self.sink.push(
            line.number,
            Code::UnnumberedHeading,
            format!("标题“{}”没有编、章、节的编号。", clip(line.text)),
            "A heading without the number of a part, chapter or section.",
        );
        let segment = self.count("head");
        self.heading_node(line, Kind::Chapter, 3, segment);
    }

    fn heading_node(&mut self, line: &Line<'a>, kind: Kind, level: u8, segment: String) {
        let own = line.start..line.end;
        self.add(New {
            kind,
            level,
            segment,
            number: None,
            printed: "",
            heading: line.text,
            text: "",
            own,
            line: line.number,
        });
    }

    /// A line that can only be an article is one; a doubtful one is when its number is the next.
    fn accepts(&self, article: &ArticleLine<'_>) -> bool {
        if article.sure {
            return true;
        }
        let last = self.sequences.last(&format!("{}art", self.appendix()));
        let next = last.map_or(article.number == Number::plain(1), |last| {
            article.number.follows(last)
        });
        next && !article.rest.starts_with([
            '的', '和', '至', '或', '与', '及', '、', '规', '所', '第', '中', '，', '》', '”',
        ])
    }

    fn article(&mut self, line: &Line<'a>, article: &ArticleLine<'a>) {
        let printed = before(line.text, article.rest);
        if article.look_alike {
            self.sink.push_at(
                line.number,
                Some(1),
                Code::LookAlike,
                "“笫”应为“第”，按“第”读取。",
                "笫 stands where 第 should; read as 第.",
            );
        }
        if article.spaced || !article.sure {
            self.sink.push(
                line.number,
                Code::Spacing,
                format!("“{printed}”的空格不规范，仍按条文读取。"),
                format!("The spaces of {printed} are irregular; read as an article."),
            );
        }
        let split = if article.rest.is_empty() {
            line.end
        } else {
            self.offset(article.rest)
        };
        let branches: String = article
            .number
            .branches
            .iter()
            .map(|branch| format!("-{branch}"))
            .collect();
        let segment = format!("art_{}{branches}", article.number.main);
        self.add(New {
            kind: Kind::Article,
            level: level::ARTICLE,
            segment,
            number: Some(article.number.clone()),
            printed,
            heading: "",
            text: "",
            own: line.start..split,
            line: line.number,
        });
        let series = format!("{}art", self.appendix());
        self.sequences.take(
            &series,
            &series,
            &article.number,
            (line.number, Kind::Article, printed),
            &mut self.sink,
        );
        if article.rest.is_empty() {
            return;
        }
        match marker(article.rest) {
            Shape::Marker(rank, n, words) => {
                self.marker(line, rank, n, words, article.rest, split..line.end)
            }
            _ => self.paragraph(line, article.rest, split..line.end),
        }
    }

    fn unreadable(&mut self, line: &Line<'a>) {
        self.sink.push_at(
            line.number,
            Some(1),
            Code::UnreadableNumber,
            format!("“{}”的编号读不出来，原样保留。", clip(line.text)),
            format!(
                "The number of “{}” cannot be read; the line is kept as it is.",
                clip(line.text)
            ),
        );
        let segment = self.count("unk");
        self.add(New {
            kind: Kind::Unknown,
            level: level::ARTICLE,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: line.text,
            own: line.start..line.end,
            line: line.number,
        });
    }

    fn marker(
        &mut self,
        line: &Line<'a>,
        rank: u8,
        n: u32,
        words: &str,
        whole: &str,
        own: Range<usize>,
    ) {
        let in_article = self.inside(Kind::Article) || self.inside(Kind::Unknown);
        let level = if rank == 1 && !in_article {
            level::POINT
        } else {
            level::LIST + rank
        };
        if level > level::POINT {
            self.ensure_parent(line);
        }
        self.close(Kind::Point, level);
        let kind = if self.inside(Kind::Point) {
            Kind::Indent
        } else {
            Kind::Point
        };
        let word = if kind == Kind::Point {
            "point"
        } else {
            "indent"
        };
        let printed = before(whole, words);
        let number = Number::plain(n);
        let at = self.add(New {
            kind,
            level,
            segment: format!("{word}_{n}"),
            number: Some(number.clone()),
            printed,
            heading: "",
            text: words,
            own,
            line: line.number,
        });
        let series = self.series(at, &format!("list{rank}"));
        self.sequences.take(
            &series,
            &series,
            &number,
            (line.number, kind, printed),
            &mut self.sink,
        );
    }

    fn paragraph(&mut self, line: &Line<'a>, text: &str, own: Range<usize>) {
        self.ensure_parent(line);
        self.close(Kind::Paragraph, level::PARAGRAPH);
        if let Some(parent) = self.open.last().map(|&at| &self.drafts[at].node)
            && parent.kind.is_group()
            && parent.number.is_some()
        {
            self.sink.push(
                line.number,
                Code::TextOutside,
                format!("“{}”之下、条文之外有文字。", parent.printed),
                format!("Text under {} that is in no article.", parent.printed),
            );
        }
        let parent = self
            .open
            .last()
            .map_or(String::new(), |&at| self.drafts[at].node.id.to_string());
        let segment = self.count_in(&parent, "para");
        self.add(New {
            kind: Kind::Paragraph,
            level: level::PARAGRAPH,
            segment,
            number: None,
            printed: "",
            heading: "",
            text,
            own,
            line: line.number,
        });
    }

    /// Words before the first chapter or article belong to a preamble, whether it has a heading or not.
    fn ensure_parent(&mut self, line: &Line<'a>) {
        let leaf = |at: &usize| {
            matches!(
                self.drafts[*at].node.kind,
                Kind::Title | Kind::History | Kind::Signature
            )
        };
        if self.open.last().is_none_or(leaf) {
            let (kind, own) = (Kind::Preamble, line.start..line.start);
            self.add(New {
                kind,
                level: level::TOP,
                segment: "pre".to_owned(),
                number: None,
                printed: "",
                heading: "",
                text: "",
                own,
                line: line.number,
            });
        }
    }

    fn counted(&mut self, kind: Kind, word: &str, line: &Line<'a>) {
        let segment = self.count(word);
        self.leaf(kind, segment, line, "", line.text);
    }

    /// A node at the top that takes the whole line.
    fn leaf(&mut self, kind: Kind, segment: String, line: &Line<'a>, heading: &str, text: &str) {
        let own = line.start..line.end;
        self.add(New {
            kind,
            level: level::TOP,
            segment,
            number: None,
            printed: "",
            heading,
            text,
            own,
            line: line.number,
        });
    }

    /// A line with nothing to see goes with the node before it.
    fn trivia(&mut self, line: &Line<'_>) {
        if let Some(last) = self.drafts.last_mut() {
            last.node.own.end = line.end;
        }
    }

    /// Closes what a node of this level ends.
    fn close(&mut self, kind: Kind, level: u8) {
        while let Some(&at) = self.open.last() {
            let top = &self.drafts[at];
            let leaf = matches!(top.node.kind, Kind::Title | Kind::History | Kind::Signature);
            let before_body = matches!(top.node.kind, Kind::Preamble | Kind::Contents);
            let ends = before_body
                && (level <= level::ARTICLE || (kind == Kind::Point && level == level::POINT));
            if top.level < level && !leaf && !ends {
                return;
            }
            self.open.pop();
        }
    }

    fn add(&mut self, new: New<'_>) -> usize {
        self.close(new.kind, new.level);
        let parent = self.open.last().copied();
        let id = self.name(new.kind, &new.segment, parent);
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
            own,
            line: new.line,
        };
        self.drafts.push(Draft {
            node,
            level: new.level,
            parent,
        });
        self.open.push(self.drafts.len() - 1);
        self.drafts.len() - 1
    }

    /// Articles are counted through the law, so their names carry no chapter.
    fn name(&mut self, kind: Kind, segment: &str, parent: Option<usize>) -> ProvisionId {
        let path = if matches!(kind, Kind::Article) || segment == "supp" {
            self.appendix()
        } else {
            parent.map_or(String::new(), |at| format!("{}__", self.drafts[at].node.id))
        };
        let plain = format!("{path}{segment}");
        if self.taken.insert(plain.clone()) {
            return ProvisionId::made(plain);
        }
        let n = self
            .count_in(&plain, "x")
            .trim_start_matches("x_")
            .parse::<u32>()
            .map_or(2, |n| n + 1);
        let name = format!("{plain}_x{n}");
        self.taken.insert(name.clone());
        ProvisionId::made(name)
    }

    fn inside(&self, kind: Kind) -> bool {
        self.open
            .iter()
            .any(|&at| self.drafts[at].node.kind == kind)
    }

    /// The path of the appendix that is open, or nothing.
    fn appendix(&self) -> String {
        let open = self.open.first().map(|&at| &self.drafts[at].node);
        open.filter(|node| node.kind == Kind::Appendix)
            .map_or(String::new(), |node| format!("{}__", node.id))
    }

    fn series(&self, at: usize, word: &str) -> String {
        let parent = self.drafts[at]
            .parent
            .map_or(String::new(), |at| self.drafts[at].node.id.to_string());
        format!("{parent} {word}")
    }

    fn count(&mut self, word: &str) -> String {
        self.count_in("", word)
    }

    fn count_in(&mut self, scope: &str, word: &str) -> String {
        let counter = self.counters.entry(format!("{scope} {word}")).or_insert(0);
        *counter += 1;
        format!("{word}_{counter}")
    }

    /// Where a piece of the source stands in it.
    fn offset(&self, piece: &str) -> usize {
        piece.as_ptr() as usize - self.source.as_ptr() as usize
    }

    fn check_characters(&mut self, line: &Line<'_>) {
        let odd = |c: char| {
            (c.is_control() && c != '\t' && c != '\r' && c != '\n')
                || is_direction(c)
                || c == '\u{fffd}'
        };
        let Some((index, c)) = line.text.chars().enumerate().find(|&(_, c)| odd(c)) else {
            return;
        };
        let (at, code) = (
            u32::from(c),
            if c == '\u{fffd}' {
                Code::DamagedCharacter
            } else {
                Code::ControlCharacter
            },
        );
        self.sink.push_at(
            line.number,
            Some(index + 1),
            code,
            format!("有看不见的或损坏的字符（U+{at:04X}）。"),
            format!("An invisible or damaged character (U+{at:04X})."),
        );
    }

    fn finish(mut self, read_to: usize) -> Parsed {
        let blank = self.drafts.is_empty();
        if read_to < self.source.len() || blank {
            self.rest(read_to);
        }
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
        let document = Document {
            title: self.title.join(" "),
            nodes: fold(self.drafts),
            source: self.source.to_owned(),
        };
        Parsed {
            document,
            diagnostics: self.sink.into_sorted(),
        }
    }

    /// Keeps what was not read as one node.
    fn rest(&mut self, read_to: usize) {
        if self.source.is_empty() {
            return;
        }
        if read_to < self.source.len() {
            self.sink.push(
                MAX_LINES,
                Code::TooLong,
                format!("超过{MAX_LINES}行，后面的没有读。"),
                format!("More than {MAX_LINES} lines; the rest was not read."),
            );
        }
        let segment = self.count("unk");
        let own = read_to..self.source.len();
        self.add(New {
            kind: Kind::Unknown,
            level: level::TOP,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: "",
            own,
            line: 1,
        });
    }
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
