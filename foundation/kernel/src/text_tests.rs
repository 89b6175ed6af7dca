//! Cleaning, and the pattern that describes it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const MANY: TextLimits = TextLimits::many_lines(10);

fn clean(text: &str) -> Result<String, TextRefusal> {
    clean_input(text, MANY).map(CleanText::into_string)
}

#[test]
fn ordinary_text_stays_as_it_is() {
    assert_eq!(clean("严\n👨‍👩‍👧").unwrap(), "严\n👨‍👩‍👧");
    assert_eq!(
        clean("  一\r\n二\r三\u{2028}四 ").unwrap(),
        "一\n二\n三\n四"
    );
    assert_eq!(clean("e\u{301}").unwrap(), "é");
}

#[test]
fn what_turns_text_round_is_taken_out_and_plain_marks_stay() {
    assert_eq!(
        clean("同意\u{202E}不\u{202C}是\u{2066}a\u{2069}").unwrap(),
        "同意不是a"
    );
    assert_eq!(clean("ئا\u{200F}1").unwrap(), "ئا\u{200F}1");
    assert_eq!(clean("\u{FEFF}好").unwrap(), "好");
}

#[test]
fn control_characters_are_refused_with_their_place() {
    let refusal = TextRefusal::ControlCharacter {
        code: 0,
        line: 2,
        column: 3,
    };
    assert_eq!(clean("一\n二三\0"), Err(refusal));
    assert_eq!(
        clean("\u{9B}1m"),
        Err(TextRefusal::ControlCharacter {
            code: 0x9B,
            line: 1,
            column: 1
        })
    );
    assert_eq!(
        clean("\u{FFFF}"),
        Err(TextRefusal::NotACharacter {
            code: 0xFFFF,
            line: 1,
            column: 1
        })
    );
}

#[test]
fn limits_hold_at_the_edge() {
    assert!(clean(&"字".repeat(10)).is_ok());
    assert_eq!(
        clean(&"字".repeat(11)),
        Err(TextRefusal::TooLong { chars: 11, max: 10 })
    );
    assert_eq!(clean(" \u{3000}\n"), Err(TextRefusal::Empty));
    assert_eq!(clean("\u{200B}\u{200D}"), Err(TextRefusal::Empty));
    let name = TextLimits {
        min: 2,
        ..TextLimits::one_line(4)
    };
    assert_eq!(
        clean_input("张", name),
        Err(TextRefusal::TooShort { chars: 1, min: 2 })
    );
    assert_eq!(clean_input("张\n三", name).unwrap().as_str(), "张 三");
    assert!(
        clean_input("", TextLimits::one_line(4).or_empty())
            .unwrap()
            .is_empty()
    );
}

/// Every character, in order.
fn every_character() -> String {
    ('\0'..=char::MAX).collect()
}

/// The characters that the regular expression of one character finds.
fn named(class: &str) -> BTreeSet<char> {
    let class = regex::Regex::new(class).unwrap();
    let every = every_character();
    let found = class.find_iter(&every);
    found.filter_map(|at| at.as_str().chars().next()).collect()
}

/// Every character for which `holds` does.
fn every(holds: impl Fn(char) -> bool) -> BTreeSet<char> {
    ('\0'..=char::MAX).filter(|c| holds(*c)).collect()
}

#[test]
fn the_pattern_of_a_text_refuses_what_cleaning_refuses() {
    let refused = named(&format!("[{}]", CLASSES.0));
    let plain = named(&format!("[{}]", CLASSES.1));
    // A stretch that is taken whole holds nothing that is refused; only the others are taken apart.
    let long = TextLimits::many_lines(1_000).or_empty();
    let every_one = Vec::from_iter(every_character().chars());
    let mut found = BTreeSet::new();
    for stretch in every_one.chunks(1_000) {
        if clean_input(&String::from_iter(stretch), long).is_err() {
            let wrong = |c: &&char| clean_input(&c.to_string(), MANY.or_empty()).is_err();
            found.extend(stretch.iter().filter(wrong));
        }
    }
    assert_eq!(refused, found);
    assert_eq!(
        plain,
        every(|c| refused.contains(&c) || is_taken_out(c) || !is_visible(c))
    );
    // Each of those alone is nothing; the next one outside is something.
    for c in &plain {
        assert!(clean_input(&c.to_string(), MANY).is_err(), "{c:?}");
        let next = char::from_u32(u32::from(*c) + 1).filter(|next| !plain.contains(next));
        if let Some(next) = next {
            assert!(clean_input(&next.to_string(), MANY).is_ok(), "{next:?}");
        }
    }
    let (some, any) = (pattern(true), pattern(false));
    let (some, any) = (
        regex::Regex::new(&some).unwrap(),
        regex::Regex::new(&any).unwrap(),
    );
    assert!(some.is_match("\n 一\u{200B}\r\n") && any.is_match(""));
    assert!(!some.is_match("一\0") && !some.is_match("") && !some.is_match("\u{2800} "));
}

#[test]
fn what_nobody_can_see_is_nothing() {
    let unseen = named(r"[\p{Default_Ignorable_Code_Point}\u{2800}\u{FFF9}-\u{FFFB}]");
    assert_eq!(every(is_invisible), unseen);
    assert_eq!(
        every(is_control),
        every(|c| c.is_control() && !"\t\n\r\u{85}".contains(c))
    );
    for unseen in [
        "\u{2800}",
        "\u{115F}\u{FFA0}",
        "\u{180E} \u{17B4}",
        "\u{206A}",
        "\u{E0041}\u{E007F}",
    ] {
        assert_eq!(clean(unseen), Err(TextRefusal::Empty), "{unseen:?}");
    }
}

#[test]
fn a_tower_of_marks_is_cut_and_what_scripts_need_stays() {
    let limits = TextLimits::many_lines(100);
    let tower = format!("好{}吗", "\u{35C}".repeat(80));
    let cut = clean_input(&tower, limits).unwrap();
    assert_eq!(cut.chars(), 2 + MARKS_IN_A_ROW);
    let tibetan = "བསྒྲུབས་";
    assert_eq!(clean_input(tibetan, limits).unwrap().as_str(), tibetan);
}

#[test]
fn what_shows_otherwise_than_it_is_stored_is_found_with_its_place() {
    assert_eq!(
        unshowable("\u{FEFF}第一条　好。\r\n第二条\t👨‍👩‍👧\u{200F}"),
        None
    );
    assert_eq!(
        unshowable("第一条\n罚款\u{202E}二百元"),
        Some(('\u{202E}', 2, 3))
    );
    assert_eq!(unshowable("第一条\u{8}"), Some(('\u{8}', 1, 4)));
    assert_eq!(unshowable("\u{FFFF}"), Some(('\u{FFFF}', 1, 1)));
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing_more(text in any::<String>(), marks in "[a\u{301}\u{316}\u{35C}\u{FEFF}]{0,90}") {
        let (limits, text) = (TextLimits::many_lines(10_000).or_empty(), text + &marks);
        if let Ok(once) = clean_input(&text, limits) {
            prop_assert_eq!(clean_input(once.as_str(), limits).unwrap(), once);
        }
    }
}
