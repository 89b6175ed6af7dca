//! Paging by cursor, never by offset: a list stays as quick on its last page as on its first.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{Message, Problem};

/// Where the next page begins: after this place in the list's order. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sorting value of the last item shown: microseconds, a position, a count.
    pub at: i64,
    /// Its id, which decides between equal values.
    pub id: Uuid,
}

impl Cursor {
    /// Reads what [`Cursor`]'s `Display` wrote.
    ///
    /// # Errors
    /// A 400 for anything else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let (at, id) = bytes
            .as_deref()
            .and_then(|bytes| bytes.split_first_chunk::<8>())
            .and_then(|(at, rest)| Some((i64::from_be_bytes(*at), Uuid::from_slice(rest).ok()?)))
            .ok_or_else(|| Problem::bad_request("problem-cursor"))?;
        Ok(Self { at, id })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = self.at.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, when there is one.
    pub next: Option<Cursor>,
}

impl<T> Paged<T> {
    /// Cuts `size + 1` fetched rows to a page; the extra one only tells that more follow.
    #[must_use]
    pub fn cut(mut items: Vec<T>, size: usize, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = items.len() > size;
        items.truncate(size);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }

    /// The same page with every item turned into another.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Paged<U> {
        Paged {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }

    /// The next page's cursor as text, for JSON.
    #[must_use]
    pub fn next_text(&self) -> Option<String> {
        self.next.map(|cursor| cursor.to_string())
    }
}

/// How many items a page has: what was asked for, 50 when nothing was, 200 at most.
#[must_use]
pub fn page_size(asked: Option<u32>) -> usize {
    asked.unwrap_or(50).clamp(1, 200) as usize
}

/// How many items a page of the API has.
///
/// # Errors
/// A 400 outside of the 1 to 200 that the API's description allows.
pub fn asked_size(asked: Option<u32>) -> Result<usize, Problem> {
    match asked {
        Some(asked) if !(1..=200).contains(&asked) => {
            let what = Message::new("problem-query").put("what", format!("limit={asked}"));
            Err(Problem::bad_request(what))
        }
        _ => Ok(page_size(asked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_way_and_garbage_does_not() {
        let cursor = Cursor {
            at: -7,
            id: Uuid::from_u128(9),
        };
        assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
        for bad in ["", "x", "%00", "AAAA", &"A".repeat(5000)] {
            assert!(Cursor::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_full_page_without_more_has_no_next() {
        let at = |n: &i64| Cursor {
            at: *n,
            id: Uuid::nil(),
        };
        assert_eq!(Paged::cut(vec![1, 2], 2, at).next, None);
        assert_eq!(Paged::cut(vec![1, 2, 3], 2, at).next, Some(at(&2)));
    }
}
