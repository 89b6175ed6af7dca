//! Numbers as laws print them: Chinese numerals, Arabic digits, full-width digits, 之一.

use serde::Serialize;

/// The number of a provision: 第十二条之一 is `main: 12, branches: [1]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Number {
    /// The number itself.
    pub main: u32,
    /// 之一, 之二 … put in by later amendments; empty for most provisions.
    pub branches: Vec<u32>,
}

impl Number {
    /// A number without 之.
    #[must_use]
    pub fn plain(main: u32) -> Self {
        Self {
            main,
            branches: Vec::new(),
        }
    }

    /// As it is cited: `unit` 条 gives 第十二条之一.
    #[must_use]
    pub fn cited(&self, unit: &str) -> String {
        let mut out = format!("第{}{unit}", chinese(self.main));
        for &branch in &self.branches {
            out.push('之');
            out.push_str(&chinese(branch));
        }
        out
    }

    /// As it is written in English and in ids: 12-1.
    #[must_use]
    pub fn figures(&self) -> String {
        self.branches
            .iter()
            .fold(self.main.to_string(), |text, branch| {
                format!("{text}-{branch}")
            })
    }

    /// Whether `self` is what a reader expects right after `last`: 十二 → 十三 or 十二之一.
    #[must_use]
    pub fn follows(&self, last: &Self) -> bool {
        if self.branches.is_empty() {
            return self.main == last.main.saturating_add(1);
        }
        if self.main != last.main {
            return false;
        }
        let mut child = last.branches.clone();
        child.push(1);
        let mut sibling = last.branches.clone();
        if let Some(end) = sibling.last_mut() {
            *end = end.saturating_add(1);
        }
        self.branches == child || (!sibling.is_empty() && self.branches == sibling)
    }
}

/// The longest run of numeral characters that is taken for a number.
const MAX_NUMERALS: usize = 12;

/// Whether `c` can stand in a number.
pub(crate) fn is_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some()
}

fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '０'..='９' => Some(c as u32 - '０' as u32),
        '零' | '〇' | '○' => Some(0),
        '两' => Some(2),
        _ => "一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .and_then(|at| u32::try_from(at + 1).ok()),
    }
}

fn unit(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

/// The numeral characters `text` opens with, and the rest.
pub(crate) fn split_numerals(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c| !is_numeral(c)).unwrap_or(text.len()))
}

/// The value of a run of numerals: `一百二十三`, `一〇八`, `12`. `None` when it is no number.
pub(crate) fn value(numerals: &str) -> Option<u32> {
    let length = numerals.chars().count();
    if length == 0 || length > MAX_NUMERALS {
        return None;
    }
    if numerals.chars().any(|c| unit(c).is_some()) {
        with_units(numerals)
    } else {
        positional(numerals)
    }
}

fn positional(numerals: &str) -> Option<u32> {
    numerals
        .chars()
        .try_fold(0u32, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?))
}

/// `一百二十三`: every unit smaller than the one before; `十` alone may open.
fn with_units(numerals: &str) -> Option<u32> {
    let (mut sum, mut pending, mut last_unit) = (0u32, None, u32::MAX);
    for c in numerals.chars() {
        if let Some(unit) = unit(c) {
            let count = match pending.take() {
                Some(count) if count > 0 => count,
                None if unit == 10 && (sum == 0 || last_unit > 10) => 1,
                _ => return None,
            };
            if unit >= last_unit {
                return None;
            }
            last_unit = unit;
            sum += count * unit;
        } else {
            let digit = digit(c)?;
            match pending {
                None | Some(0) => pending = Some(digit),
                Some(_) => return None,
            }
        }
    }
    Some(sum + pending.unwrap_or(0))
}

/// `n` in Chinese numerals, as articles are cited: 12 → 十二, 105 → 一百零五.
pub(crate) fn chinese(n: u32) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    if n == 0 || n > 9999 {
        return if n == 0 {
            "零".to_owned()
        } else {
            n.to_string()
        };
    }
    let mut out = String::new();
    let mut skipped = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = n / unit % 10;
        if digit == 0 {
            skipped = !out.is_empty();
            continue;
        }
        if skipped {
            out.push('零');
            skipped = false;
        }
        if !(digit == 1 && unit == 10 && out.is_empty()) {
            out.push_str(DIGITS[digit as usize]);
        }
        out.push_str(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_laws_print() {
        let cases = [
            ("一", 1),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("一百", 100),
            ("一百零五", 105),
            ("一百一十", 110),
            ("一百十", 110),
            ("一千二百六十", 1260),
            ("一千零一", 1001),
            ("一〇八", 108),
            ("12", 12),
            ("１２", 12),
            ("二○二六", 2026),
        ];
        for (numerals, expected) in cases {
            assert_eq!(value(numerals), Some(expected), "{numerals}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for numerals in [
            "",
            "百",
            "十百",
            "一二十",
            "零十",
            "一一一一一一一一一一一一一",
            "99999999999",
        ] {
            assert_eq!(value(numerals), None, "{numerals}");
        }
    }

    #[test]
    fn chinese_goes_there_and_back() {
        for n in 1..=9999 {
            assert_eq!(value(&chinese(n)), Some(n), "{}", chinese(n));
        }
        assert_eq!(chinese(1110), "一千一百一十");
        assert_eq!(chinese(12), "十二");
    }

    #[test]
    fn knows_what_comes_next() {
        let of = |main, branches: &[u32]| Number {
            main,
            branches: branches.to_vec(),
        };
        assert!(of(13, &[]).follows(&of(12, &[])));
        assert!(of(12, &[1]).follows(&of(12, &[])));
        assert!(of(12, &[2]).follows(&of(12, &[1])));
        assert!(of(13, &[]).follows(&of(12, &[2])));
        assert!(!of(12, &[2]).follows(&of(12, &[])));
        assert!(!of(14, &[]).follows(&of(12, &[])));
    }
}
