//! Lists are read by key: a page starts after the last key of the one before, so its cost does not
//! grow with its place.

/// The most items of one page.
pub const PAGE_MOST: u32 = 200;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<K>,
}

/// How many rows to ask for: one more than shown tells whether there is a next page.
pub(crate) fn fetch(size: u32) -> i64 {
    i64::from(shown(size)) + 1
}

/// The key to start after; the first page starts before every id.
pub(crate) fn after<K: kernel::Id>(key: Option<K>) -> uuid::Uuid {
    key.map_or_else(uuid::Uuid::nil, Into::into)
}

fn shown(size: u32) -> u32 {
    size.clamp(1, PAGE_MOST)
}

/// Cuts the extra row off and takes the key of the last one shown.
pub(crate) fn cut<T, K>(mut items: Vec<T>, size: u32, key: impl Fn(&T) -> K) -> Page<T, K> {
    let shown = shown(size) as usize;
    let more = items.len() > shown;
    items.truncate(shown);
    let next = if more { items.last().map(key) } else { None };
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_next() {
        assert_eq!(cut(vec![1, 2], 2, |n| *n).next, None);
        assert_eq!(
            cut(vec![1, 2, 3], 2, |n| *n),
            Page {
                items: vec![1, 2],
                next: Some(2)
            }
        );
        assert_eq!(fetch(0), 2);
        assert_eq!(fetch(9_999), i64::from(PAGE_MOST) + 1);
    }
}
