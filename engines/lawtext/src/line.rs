//! The lines of a source. Nothing is decided here but where one ends and what of it is seen.

/// A line of the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1, as an editor counts.
    pub(crate) number: usize,
    /// Characters before it in the line with this number: none, but after a break that editors do
    /// not count, such as U+2028.
    pub(crate) column: usize,
    /// Where it starts in the source, in bytes.
    pub(crate) start: usize,
    /// Where the next one starts.
    pub(crate) end: usize,
    /// What is seen of it: without markdown marks and surrounding space.
    pub(crate) text: &'a str,
    /// Whether it opens with `#`.
    pub(crate) heading: bool,
    /// Whether it opens with exactly one `#`.
    pub(crate) top_heading: bool,
}

/// The first `most` lines of the source, each with its end mark.
pub(crate) fn lines(source: &str, most: usize) -> Vec<Line<'_>> {
    let (mut found, mut start, mut number, mut column) = (Vec::new(), 0, 1, 0);
    while start < source.len() && found.len() < most {
        let (end, counts) = next_break(source, start);
        let raw = &source[start..end];
        found.push(line(raw, start, number, column));
        start = end;
        if counts {
            (number, column) = (number + 1, 0);
        } else {
            column += raw.chars().count();
        }
    }
    found
}

/// Where the line from `start` on ends, and whether editors count a line there.
fn next_break(source: &str, start: usize) -> (usize, bool) {
    let rest = &source[start..];
    let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_break(c)) else {
        return (source.len(), true);
    };
    let after = start + at + c.len_utf8();
    let pair = c == '\r' && source[after..].starts_with('\n');
    (after + usize::from(pair), matches!(c, '\r' | '\n'))
}

/// Line feed, carriage return (alone, as old Macs wrote), and the breaks that come out of word
/// processors: vertical tab, form feed, next line, line and paragraph separator.
pub(crate) fn is_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn line(raw: &str, start: usize, number: usize, column: usize) -> Line<'_> {
    let seen = raw.trim_matches(is_space);
    let marks = seen.len() - seen.trim_start_matches('#').len();
    let heading =
        (1..=6).contains(&marks) && (seen.len() == marks || seen[marks..].starts_with(is_space));
    let text = if heading {
        seen[marks..].trim_matches(is_space)
    } else {
        seen
    };
    Line {
        number,
        column,
        start,
        end: start + raw.len(),
        text,
        heading,
        top_heading: heading && marks == 1,
    }
}

/// White space, and the invisible characters that editors and web pages leave behind.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Characters that take no room: byte order mark, soft hyphen, zero-width space and joiners.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

/// Everything but the space: for comparing headings and texts.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|&c| !is_space(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_end_is_found() {
        let source = "甲\r乙\r\n丙\u{2028}丁\u{b}戊\n\n己";
        let found: Vec<(usize, &str)> = lines(source, 99)
            .iter()
            .map(|line| (line.number, line.text))
            .collect();
        assert_eq!(
            found,
            [
                (1, "甲"),
                (2, "乙"),
                (3, "丙"),
                (3, "丁"),
                (3, "戊"),
                (4, ""),
                (5, "己")
            ]
        );
        assert_eq!(lines(source, 2).len(), 2);
        assert_eq!(lines("", 2).len(), 0);
        // The place in the numbered line can be named whatever the pieces.
        assert_eq!(lines(source, 99)[3].column, 2);
    }

    #[test]
    fn what_is_not_seen_is_left_out() {
        let only = |text| lines(text, 1)[0];
        assert_eq!(only("\u{feff} ## \u{200b}总则\u{ad} \n").text, "总则");
        assert!(only("# 条例").top_heading && !only("## 条例").top_heading);
        assert!(!only("#条例").heading && !only("####### 条例").heading);
    }
}
