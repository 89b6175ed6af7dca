//! Small looks at words: what they tell, how they are shown.

use crate::line::is_space;

/// Whether a line says who passed a law, and when.
pub(crate) fn tells_history(text: &str) -> bool {
    ["通过", "修正", "修订", "公布", "施行", "批准", "修改"]
        .iter()
        .any(|word| text.contains(word))
}

/// The part of `text` before its tail `rest`, without the space between and bold marks.
pub(crate) fn before<'t>(text: &'t str, rest: &str) -> &'t str {
    text[..text.len() - rest.len()].trim_matches(|c| is_space(c) || c == '*')
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

/// Marks that turn the direction of the text and can make it read differently than it is.
pub(crate) fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// 附件：河道名录 is 附件： and 河道名录; without a colon all of it is the mark.
pub(crate) fn appendix_title(text: &str) -> (&str, &str) {
    let colon = text.char_indices().find(|&(_, c)| matches!(c, '：' | ':'));
    text.split_at(colon.map_or(text.len(), |(at, c)| at + c.len_utf8()))
}
