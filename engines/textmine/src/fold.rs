//! What of a text counts when texts are compared.

use unicode_normalization::UnicodeNormalization as _;

/// The letters and digits of a text in one form: wide and narrow, large and small are the same; marks,
/// blanks and signs do not count.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_and_digits_count() {
        assert_eq!(fold("　灯，太暗！\nＬＥＤ灯 12 盏……😀"), "灯太暗led灯12盏");
        assert_eq!(fold("？！……"), "");
    }
}
