//! Pairs of versions of real laws, aligned.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod shared;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    time::Instant,
};

use lawtext::{Document, PairKind, align, parse};

#[test]
fn versions_are_aligned() {
    let Some(folder) = shared::laws("aligning versions") else {
        return;
    };
    let list: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("version-pairs.json")).unwrap())
            .unwrap();
    let read = |entry: &serde_json::Value, side: &str| {
        parse(&fs::read_to_string(folder.join(entry[side].as_str().unwrap())).unwrap()).document
    };
    for entry in list.as_array().unwrap() {
        let (old, new) = (read(entry, "old"), read(entry, "new"));
        let started = Instant::now();
        let pairs = align(&old, &new).pairs;
        let took = started.elapsed();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for pair in &pairs {
            *kinds.entry(format!("{:?}", pair.kind)).or_default() += 1;
        }
        println!("{} {took:?} {kinds:?}", entry["law"].as_str().unwrap());
        assert_complete(&old, &new, &pairs);
        assert_equal_text_is_found(&old, &new, &pairs);
    }
}

/// Every provision of both sides is in exactly one pair; the new ones in their order.
fn assert_complete(old: &Document, new: &Document, pairs: &[lawtext::Pair]) {
    let mut olds: Vec<_> = pairs.iter().filter_map(|pair| pair.old.clone()).collect();
    let news: Vec<_> = pairs.iter().filter_map(|pair| pair.new.clone()).collect();
    assert_eq!(
        news,
        new.provisions()
            .iter()
            .map(|node| node.id.clone())
            .collect::<Vec<_>>()
    );
    let mut expected: Vec<_> = old
        .provisions()
        .iter()
        .map(|node| node.id.clone())
        .collect();
    olds.sort();
    expected.sort();
    assert_eq!(olds, expected);
}

/// Every article whose words stand once in both versions is paired with its like.
fn assert_equal_text_is_found(old: &Document, new: &Document, pairs: &[lawtext::Pair]) {
    let once = |document: &Document| {
        let mut by_text: HashMap<String, Vec<lawtext::ProvisionId>> = HashMap::new();
        for node in document.articles() {
            let text = node
                .plain_text()
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            by_text.entry(text).or_default().push(node.id.clone());
        }
        by_text
    };
    let (olds, news) = (once(old), once(new));
    for (text, ids) in olds {
        let Some([to]) = news.get(&text).map(Vec::as_slice) else {
            continue;
        };
        let [from] = ids.as_slice() else { continue };
        let pair = pairs
            .iter()
            .find(|pair| pair.old.as_ref() == Some(from))
            .unwrap();
        assert_eq!(pair.new.as_ref(), Some(to), "{from}");
        assert_ne!(pair.kind, PairKind::Changed, "{from}");
        assert_eq!(
            pair.kind == PairKind::Unchanged,
            from == to && pair.kind != PairKind::Moved
        );
    }
}

#[test]
fn a_code_of_1260_articles_is_aligned_quickly() {
    let Some(folder) = shared::laws("aligning versions") else {
        return;
    };
    let paths = shared::files(&folder.join("national/民法典"));
    let code: String = paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    // Every article lightly changed: nothing is equal, everything must be weighed.
    let changed = code
        .replace("应当", "须")
        .replace("的，", "者，")
        .replace('。', "！");
    let (old, new) = (parse(&code).document, parse(&changed).document);
    let started = Instant::now();
    let pairs = align(&old, &new).pairs;
    println!(
        "{} articles, nearly all changed: {:?}",
        old.articles().count(),
        started.elapsed()
    );
    assert!(old.articles().count() >= 1200);
    let wrong = pairs.iter().filter(|pair| pair.old != pair.new).count();
    assert!(wrong * 100 < pairs.len(), "{wrong} of {}", pairs.len());
}
