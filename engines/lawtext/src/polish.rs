//! Small looks at words: what they tell, how they are shown.

use crate::line::is_space;

/// Whether a line says who passed a law, and when.
pub(crate) fn tells_history(text: &str) -> bool {
    ["通过", "修正", "修订", "公布", "施行", "批准", "修改"]
        .iter()
        .any(|word| text.contains(word))
}

/// The part of `text` before its tail `rest`, without the space between, bold marks and bullets.
pub(crate) fn before<'t>(text: &'t str, rest: &str) -> &'t str {
    text[..text.len() - rest.len()].trim_matches(|c| is_space(c) || matches!(c, '*' | '-' | '+'))
}

/// 总　　则 → 总则: single characters set apart for looks are brought together.
pub(crate) fn heading_words(heading: &str) -> String {
    let words: Vec<&str> = heading
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    let apart = words.iter().all(|word| word.chars().count() == 1);
    words.join(if apart { "" } else { " " })
}

/// The first words, to name a line by.
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(20).collect()
}

/// Whether a title that ends like this is whole: …条例, …决定.
pub(crate) fn ends_like_a_title(text: &str) -> bool {
    const ENDS: [&str; 18] = [
        "法",
        "条例",
        "办法",
        "规定",
        "决定",
        "决议",
        "规则",
        "细则",
        "章程",
        "公约",
        "方案",
        "修正案",
        "解释",
        "意见",
        "通知",
        "公告",
        "目录",
        "报告",
    ];
    ENDS.iter().any(|end| text.ends_with(end))
}

/// Words that end a decision after its last point: 本决定自公布之日起施行。
pub(crate) fn is_closing(text: &str) -> bool {
    let about_itself = ["本决定", "本修正案", "本解释", "本决议"]
        .iter()
        .any(|word| text.starts_with(word));
    let about_the_law = text.starts_with('《') && text.contains("根据本");
    (about_itself && text.contains("施行")) || about_the_law
}
