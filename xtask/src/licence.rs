//! SPDX licence expressions: whether one can be met with licences from an allow list.

use std::collections::BTreeSet;

/// Whether `expression` allows the use of a crate under allowed licences alone; marks in `used` which ones it took.
///
/// `A/B` is the old way to write `A OR B`. An exception (`A WITH B`) is a licence of its own in the list.
pub fn allowed(expression: &str, list: &BTreeSet<String>, used: &mut BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words = spaced.split_whitespace().collect::<Vec<_>>();
    let mut reader = Reader {
        words: &words,
        list,
        used,
        broken: false,
    };
    let met = reader.or();
    met && !reader.broken && reader.words.is_empty()
}

struct Reader<'a> {
    words: &'a [&'a str],
    list: &'a BTreeSet<String>,
    used: &'a mut BTreeSet<String>,
    /// Whether the expression ended where more had to come.
    broken: bool,
}

impl Reader<'_> {
    fn takes(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.words = &self.words[1..];
        }
        there
    }

    /// The next word, whatever it is; without one the expression is broken.
    fn name(&mut self) -> String {
        let Some((name, rest)) = self.words.split_first() else {
            self.broken = true;
            return String::new();
        };
        self.words = rest;
        (*name).to_owned()
    }

    fn or(&mut self) -> bool {
        let mut met = self.and();
        while self.takes("OR") {
            met |= self.and();
        }
        met
    }

    fn and(&mut self) -> bool {
        let mut met = self.one();
        while self.takes("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let met = self.or();
            self.broken |= !self.takes(")");
            return met;
        }
        let mut licence = self.name();
        if self.takes("WITH") {
            licence = format!("{licence} WITH {}", self.name());
        }
        let met = self.list.contains(&licence);
        if met {
            self.used.insert(licence);
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(expression: &str) -> bool {
        let list = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
            .map(str::to_owned)
            .into();
        allowed(expression, &list, &mut BTreeSet::new())
    }

    #[test]
    fn choices_need_one_and_sums_need_all() {
        assert!(meets("MIT"));
        assert!(meets("GPL-3.0 OR MIT"));
        assert!(meets("MIT/GPL-3.0"));
        assert!(meets("(GPL-3.0 OR MIT) AND Apache-2.0"));
        assert!(meets("Apache-2.0 WITH LLVM-exception"));
        assert!(!meets("MIT AND GPL-3.0"));
        assert!(!meets("GPL-3.0 WITH Classpath-exception"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for broken in ["", "MIT OR", "(MIT", "MIT MIT", "MIT WITH"] {
            assert!(!meets(broken), "{broken}");
        }
    }
}
