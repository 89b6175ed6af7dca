//! Pairs of versions of real laws, aligned.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod shared;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    time::Instant,
};

use lawtext::{Alignment, Document, PairKind, align, parse};

#[test]
fn versions_are_aligned() {
    let Some(folder) = shared::laws("aligning versions") else {
        return;
    };
    for entry in list(&folder) {
        let (old, new) = (read(&folder, &entry, "old"), read(&folder, &entry, "new"));
        let started = Instant::now();
        let alignment = align(&old, &new);
        let took = started.elapsed();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for pair in alignment.provisions() {
            *kinds.entry(format!("{:?}", pair.kind)).or_default() += 1;
        }
        println!("{} {took:?} {kinds:?}", entry["law"].as_str().unwrap());
        assert_complete(&old, &new, &alignment);
        assert_equal_text_is_found(&old, &new, &alignment.pairs);
    }
}

/// The pairs of one law by the key: for each old article where it went, and where it may have gone.
type Key = BTreeMap<u32, (BTreeSet<u32>, BTreeSet<u32>)>;

fn key() -> BTreeMap<String, Key> {
    let text = include_str!("pairs.key");
    let mut found: BTreeMap<String, Key> = BTreeMap::new();
    let mut law = String::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
    {
        let Some((old, news)) = line.split_once(':') else {
            law = line.to_owned();
            continue;
        };
        let (sure, open) = news.split_once('(').unwrap_or((news, ""));
        let numbers = |text: &str| -> BTreeSet<u32> {
            text.split([' ', ')'])
                .filter_map(|number| number.parse().ok())
                .collect()
        };
        let law = found.entry(law.clone()).or_default();
        let twice = law.insert(old.parse().unwrap(), (numbers(sure), numbers(open)));
        assert!(twice.is_none(), "{line}");
    }
    found
}

/// Where alignment says each article of the old version went.
fn landings(old: &Document, new: &Document) -> BTreeMap<u32, BTreeSet<u32>> {
    let number = |id: &lawtext::ProvisionId| id.as_str().strip_prefix("art_")?.parse::<u32>().ok();
    let mut found: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for pair in align(old, new).provisions() {
        if let (Some(from), Some(to)) = (&pair.old, &pair.new) {
            found
                .entry(number(from).unwrap())
                .or_default()
                .extend(number(to));
        }
    }
    found
}

#[test]
fn alignment_agrees_with_a_reader() {
    let Some(folder) = shared::laws("comparing alignment with the key") else {
        return;
    };
    let list = list(&folder);
    let (mut right, mut wrong, mut missed, mut keyed) = (0, 0, 0, 0);
    for (law, key) in key() {
        let entry = list
            .iter()
            .find(|entry| entry["law"] == law.as_str())
            .unwrap();
        let (old, new) = (read(&folder, entry, "old"), read(&folder, entry, "new"));
        let landings = landings(&old, &new);
        for (article, (sure, open)) in key {
            keyed += sure.len();
            let found = landings.get(&article).cloned().unwrap_or_default();
            let too_many: Vec<u32> = found
                .difference(&sure)
                .copied()
                .filter(|to| !open.contains(to))
                .collect();
            let too_few: Vec<u32> = sure.difference(&found).copied().collect();
            right += sure.len() - too_few.len();
            wrong += too_many.len();
            missed += too_few.len();
            if !too_many.is_empty() || !too_few.is_empty() {
                println!("{law} {article}: missed {too_few:?}, wrong {too_many:?}");
            }
        }
    }
    let precision = f64::from(right as u32) / f64::from((right + wrong) as u32);
    let recall = f64::from(right as u32) / f64::from((right + missed) as u32);
    println!("{keyed} pairs by hand: precision {precision:.3}, recall {recall:.3}");
    assert!(keyed >= 150 && precision >= 0.95 && recall >= 0.95);
}

fn list(folder: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(folder.join("version-pairs.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn read(folder: &Path, entry: &serde_json::Value, side: &str) -> Document {
    let path = folder.join(entry[side].as_str().unwrap());
    parse(&fs::read_to_string(path).unwrap()).document
}

/// Every provision and every line of both sides is in a pair, the new ones in their order; only a
/// split or a merger is in several.
fn assert_complete(old: &Document, new: &Document, alignment: &Alignment) {
    let mut news: Vec<_> = alignment
        .pairs
        .iter()
        .filter_map(|pair| pair.new.clone())
        .collect();
    news.dedup();
    assert_eq!(news.len(), news.iter().collect::<BTreeSet<_>>().len());
    let starts: Vec<usize> = news
        .iter()
        .map(|id| new.find(id).unwrap().own.start)
        .collect();
    assert!(starts.is_sorted());
    let olds: BTreeSet<_> = alignment
        .pairs
        .iter()
        .filter_map(|pair| pair.old.clone())
        .collect();
    for (document, found) in [(old, olds), (new, news.into_iter().collect())] {
        let provisions: BTreeSet<_> = document
            .provisions()
            .iter()
            .map(|node| node.id.clone())
            .collect();
        assert!(provisions.is_subset(&found));
        let inside = |node: &lawtext::Node| {
            node.id
                .article()
                .is_some_and(|article| provisions.contains(&article))
        };
        for node in document.walk().filter(|node| !node.own_line().is_empty()) {
            assert!(inside(node) || found.contains(&node.id), "{}", node.id);
        }
    }
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
