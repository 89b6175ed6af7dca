//! The tree of a legal text. Every byte of the source belongs to exactly one node, so that
//! printing the tree gives the source back.

use std::{collections::HashMap, fmt, ops::Range};

use serde::Serialize;

use crate::{ProvisionId, number::Number};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 标题, the name of the law.
    Title,
    /// 题注: who passed it and when.
    History,
    /// 目录.
    Contents,
    /// 序言, and what stands before the first article.
    Preamble,
    /// 编.
    Part,
    /// 分编.
    Subpart,
    /// 章.
    Chapter,
    /// 节.
    Section,
    /// 条.
    Article,
    /// 款; also a line of a preamble, contents or appendix.
    Paragraph,
    /// 项.
    Point,
    /// 目.
    Indent,
    /// A quotation over several lines, such as the new wording in a decision that amends a law. Its
    /// lines are paragraphs, and no provisions of the text that quotes.
    Quoted,
    /// 附件.
    Appendix,
    /// 落款.
    Signature,
    /// What could not be read as any of these; kept as it is.
    Unknown,
}

impl Kind {
    /// Whether it groups articles: 编, 分编, 章, 节.
    #[must_use]
    pub fn is_group(self) -> bool {
        matches!(
            self,
            Self::Part | Self::Subpart | Self::Chapter | Self::Section
        )
    }

    /// The word for it in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Title => "标题",
            Self::History => "题注",
            Self::Contents => "目录",
            Self::Preamble => "序言",
            Self::Part => "编",
            Self::Subpart => "分编",
            Self::Chapter => "章",
            Self::Section => "节",
            Self::Article => "条",
            Self::Paragraph => "款",
            Self::Point => "项",
            Self::Indent => "目",
            Self::Quoted => "引文",
            Self::Appendix => "附件",
            Self::Signature => "落款",
            Self::Unknown => "未识别",
        }
    }

    /// The word for it in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::History => "History note",
            Self::Contents => "Contents",
            Self::Preamble => "Preamble",
            Self::Part => "Part",
            Self::Subpart => "Subpart",
            Self::Chapter => "Chapter",
            Self::Section => "Section",
            Self::Article => "Article",
            Self::Paragraph => "Paragraph",
            Self::Point => "Point",
            Self::Indent => "Indent",
            Self::Quoted => "Quotation",
            Self::Appendix => "Appendix",
            Self::Signature => "Signature line",
            Self::Unknown => "Unread text",
        }
    }
}

/// A piece of the text, with the pieces inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name, unique in the document.
    pub id: ProvisionId,
    /// What it is.
    pub kind: Kind,
    /// Its number, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// The number as printed: `第十二条之一`, `（三）`; empty where none is printed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// The title of a 编, 章, 节 or 附件, without its number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// Its own words, without number, markup and the pieces inside.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The pieces inside, in reading order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
    /// Bytes of the source it covers, with the pieces inside.
    pub span: Range<usize>,
    /// Bytes of the source that are its own: they come before those of the pieces inside.
    pub own: Range<usize>,
    /// Bytes of the source where `text` stands, or `heading` where there is no text; empty where
    /// there is neither. A place in the words is a place in the source.
    pub words: Range<usize>,
    /// Line of the source it starts on, from 1.
    pub line: usize,
}

/// A line as it is shown: see [`Node::paragraphs`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Printed<'a> {
    /// The provision it belongs to.
    pub id: &'a ProvisionId,
    /// What that is.
    pub kind: Kind,
    /// The words, with `（一）` but without `第X条`.
    pub text: String,
}

impl Node {
    /// The visible words of this node and the pieces inside, one line each, without `第X条`.
    #[must_use]
    pub fn plain_text(&self) -> String {
        self.paragraphs()
            .into_iter()
            .map(|line| line.text)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Its lines as printed, for display.
    #[must_use]
    pub fn paragraphs(&self) -> Vec<Printed<'_>> {
        self.walk().filter_map(Self::as_printed).collect()
    }

    fn as_printed(&self) -> Option<Printed<'_>> {
        let text = self.own_line();
        (!text.is_empty()).then_some(Printed {
            id: &self.id,
            kind: self.kind,
            text,
        })
    }

    /// Its own line as printed, without the pieces inside and without `第X条`; empty where it has
    /// no words of its own.
    #[must_use]
    pub fn own_line(&self) -> String {
        match self.kind {
            Kind::Article => self.text.clone(),
            kind if kind.is_group() && !self.printed.is_empty() => {
                [self.printed.as_str(), &self.heading].join("　")
            }
            _ if self.text.is_empty() => format!("{}{}", self.printed, self.heading),
            _ => format!("{}{}", self.printed, self.text),
        }
    }

    /// This node and every node inside it, in reading order.
    pub fn walk(&self) -> impl Iterator<Item = &Node> {
        walk_all(std::slice::from_ref(self))
    }
}

/// Every node of `nodes` and inside them, in reading order.
fn walk_all(nodes: &[Node]) -> impl Iterator<Item = &Node> {
    let mut open = vec![nodes.iter()];
    std::iter::from_fn(move || {
        loop {
            match open.last_mut()?.next() {
                Some(node) => {
                    open.push(node.children.iter());
                    return Some(node);
                }
                None => {
                    open.pop();
                }
            }
        }
    })
}

/// A line of the table of contents drawn from the body: see [`Document::outline`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutlineEntry {
    /// The 编, 分编, 章, 节 or 附件.
    pub id: ProvisionId,
    /// Which of them.
    pub kind: Kind,
    /// `第三章`; empty where none is printed.
    pub printed: String,
    /// Its title.
    pub heading: String,
    /// The articles directly under it.
    pub articles: Vec<ProvisionId>,
    /// The groups under it.
    pub children: Vec<OutlineEntry>,
}

/// A legal text that has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The name of the law; empty when none was found.
    pub title: String,
    nodes: Vec<Node>,
    #[serde(skip)]
    source: String,
    /// Where each node starts in the source: its way down from the root is found by halving.
    #[serde(skip)]
    starts: HashMap<ProvisionId, usize>,
}

impl Document {
    pub(crate) fn new(title: String, nodes: Vec<Node>, source: String) -> Self {
        let starts = walk_all(&nodes)
            .map(|node| (node.id.clone(), node.own.start))
            .collect();
        Self {
            title,
            nodes,
            source,
            starts,
        }
    }

    /// Everything, in reading order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every node, in reading order.
    pub fn walk(&self) -> impl Iterator<Item = &Node> {
        walk_all(&self.nodes)
    }

    /// Every 条, also those of appendices, in reading order.
    pub fn articles(&self) -> impl Iterator<Item = &Node> {
        self.walk().filter(|node| node.kind == Kind::Article)
    }

    /// What opinions are given on and versions are compared by: the articles; in a text without
    /// articles (a decision, an amendment) its numbered points; in one without those its lines.
    #[must_use]
    pub fn provisions(&self) -> Vec<&Node> {
        let articles: Vec<&Node> = self.articles().collect();
        if !articles.is_empty() {
            return articles;
        }
        let body = || {
            self.nodes
                .iter()
                .filter(|node| !matches!(node.kind, Kind::Title | Kind::History | Kind::Contents))
        };
        let points: Vec<&Node> = body()
            .flat_map(Node::walk)
            .filter(|node| node.kind == Kind::Point)
            .collect();
        if !points.is_empty() {
            return points;
        }
        let mut lines = Vec::new();
        let mut open: Vec<&Node> = body().collect();
        open.reverse();
        while let Some(node) = open.pop() {
            if node.text.is_empty() {
                open.extend(node.children.iter().rev());
            } else {
                lines.push(node);
            }
        }
        lines
    }

    /// The node called `id`.
    #[must_use]
    pub fn find(&self, id: &ProvisionId) -> Option<&Node> {
        let start = *self.starts.get(id)?;
        let mut nodes = self.nodes.as_slice();
        loop {
            let after = nodes.partition_point(|node| node.own.start <= start);
            let node = &nodes[after.checked_sub(1)?];
            if node.id == *id {
                return Some(node);
            }
            nodes = &node.children;
        }
    }

    /// 编, 章, 节 and 附件 with the articles under each.
    #[must_use]
    pub fn outline(&self) -> Vec<OutlineEntry> {
        outline_of(&self.nodes)
    }

    /// The name of `id` as it is cited: like [`ProvisionId::label`], but 第一款 is left out where
    /// an article has only one 款, as legislative usage has it.
    #[must_use]
    pub fn cite(&self, id: &ProvisionId) -> String {
        let only = id.article().and_then(|article| {
            let paragraphs = self
                .find(&article)?
                .children
                .iter()
                .filter(|node| node.kind == Kind::Paragraph)
                .count();
            (paragraphs == 1).then(|| format!("{article}__para_1"))
        });
        let short = only.and_then(|only| {
            let rest = id.as_str().strip_prefix(&only)?;
            let article = only.strip_suffix("__para_1")?;
            format!("{article}{rest}").parse::<ProvisionId>().ok()
        });
        short.as_ref().unwrap_or(id).label()
    }
}

fn outline_of(nodes: &[Node]) -> Vec<OutlineEntry> {
    nodes
        .iter()
        .filter(|node| node.kind.is_group() || node.kind == Kind::Appendix)
        .map(|node| OutlineEntry {
            id: node.id.clone(),
            kind: node.kind,
            printed: node.printed.clone(),
            heading: node.heading.clone(),
            articles: node
                .children
                .iter()
                .filter(|n| n.kind == Kind::Article)
                .map(|n| n.id.clone())
                .collect(),
            children: outline_of(&node.children),
        })
        .collect()
}

/// The source, put together again from the nodes of the tree.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.walk()
            .try_for_each(|node| f.write_str(self.source.get(node.own.clone()).unwrap_or_default()))
    }
}

/// The source, put together again from the nodes of the tree, byte for byte.
#[must_use]
pub fn print(document: &Document) -> String {
    document.to_string()
}
