//! The Rulebook's rules, and the rules that come with the software.

use jiff::civil::date;

use super::*;

const DAY: Date = date(2026, 7, 1);

fn days(key: &str, place: &[&str], level: Level, day: Date) -> Period {
    Rulebook::national()
        .unwrap()
        .get(key, place, level, day)
        .unwrap()
        .period()
        .unwrap()
}

fn rule(extra: &str) -> String {
    format!(
        "[[rule]]\nkey = \"k\"\nunit = \"days\"\nbasis = {{ zh = \"法\", en = \"law\" }}\nverified = true\n{extra}\n"
    )
}

fn book(rules: &[&str]) -> Result<Rulebook, RulebookError> {
    let text: String = rules.iter().map(|extra| rule(extra)).collect();
    Rulebook::from_toml(&[("test.toml", &text)])
}

#[test]
fn every_rule_of_the_software_loads_with_its_basis() {
    let built_in = Rulebook::national().unwrap();
    assert!(built_in.rules().count() > 60);
    for rule in built_in.rules() {
        assert!(
            rule.basis.zh.contains('第') || !rule.verified || rule.place.is_some(),
            "{} names no article",
            rule.key
        );
        assert!(
            !rule.basis.zh.is_empty() && !rule.basis.en.is_empty(),
            "{}",
            rule.key
        );
    }
}

#[test]
fn the_tightest_place_wins_and_the_nation_answers_for_the_rest() {
    let key = "consultation.minimum_days";
    assert_eq!(days(key, &[], Level::City, DAY), Period::Days(30));
    assert_eq!(
        days(key, &["110000"], Level::Province, DAY),
        Period::Days(30)
    );
    assert_eq!(
        days(key, &["330200", "330000"], Level::City, DAY),
        Period::Days(20)
    );
}

#[test]
fn levels_have_their_own_numbers() {
    let count = |level| {
        let book = Rulebook::national().unwrap();
        book.get("motion.cosigners.minimum", &[], level, DAY)
            .unwrap()
            .count()
            .unwrap()
    };
    assert_eq!(Level::ALL.map(count), [30, 10, 10, 10, 5]);
    let book = Rulebook::national().unwrap();
    let majority = book
        .get("congress.pass", &[], Level::City, DAY)
        .unwrap()
        .majority();
    assert_eq!(majority.unwrap().required(771), 386);
    let quorum = book.get("congress.quorum", &[], Level::City, DAY).unwrap();
    assert_eq!(quorum.majority().unwrap().required(771), 514);
    assert_eq!(quorum.value.zh(), "3分之2以上");
}

#[test]
fn a_new_law_leaves_past_dates_alone() {
    let old = "value = 20\nvalid_from = \"2015-03-15\"\nvalid_to = \"2023-03-14\"";
    let new = "value = 30\nvalid_from = \"2023-03-15\"";
    let before = book(&["value = 20\nvalid_from = \"2015-03-15\""]).unwrap();
    let after = book(&[old, new]).unwrap();
    let ask = |book: &Rulebook, day| book.get("k", &[], Level::City, day).map(|rule| rule.value);
    for day in [date(2015, 3, 15), date(2020, 1, 1), date(2023, 3, 14)] {
        assert_eq!(ask(&before, day), ask(&after, day));
    }
    assert_eq!(
        ask(&after, date(2023, 3, 15)).unwrap(),
        RuleValue::Period(Period::Days(30))
    );
    let too_early = RuleError::NotInForce {
        key: "k".into(),
        level: Level::City,
        date: date(2010, 1, 1),
    };
    assert_eq!(ask(&after, date(2010, 1, 1)), Err(too_early));
}

#[test]
fn rules_that_overlap_are_refused_and_a_named_level_is_no_overlap() {
    let all = "value = 1\nvalid_from = \"2020-01-01\"";
    let later = "value = 2\nvalid_from = \"2021-01-01\"";
    let city = "value = 3\nvalid_from = \"2020-01-01\"\nlevel = [\"city\"]";
    let overlap = book(&[all, later]).unwrap_err();
    assert!(matches!(overlap, RulebookError::Overlap { from, .. } if from == date(2021, 1, 1)));
    let both = book(&[all, city]).unwrap();
    assert_eq!(
        both.get("k", &[], Level::City, DAY).unwrap().value,
        RuleValue::Period(Period::Days(3))
    );
    assert_eq!(
        both.get("k", &[], Level::County, DAY).unwrap().value,
        RuleValue::Period(Period::Days(1))
    );
}

#[test]
fn the_operator_wins_in_the_same_place() {
    let own = rule("value = 7\nvalid_from = \"2020-01-01\"\nplace = \"110000\"");
    let built_in = book(&["value = 1\nvalid_from = \"2020-01-01\"\nplace = \"110000\""]).unwrap();
    let both = built_in.with(&[("own.toml", &own)]).unwrap();
    let found = both
        .get("k", &["110101", "110000"], Level::County, DAY)
        .unwrap();
    assert_eq!(found.period(), Ok(Period::Days(7)));
    assert_eq!(
        found.count(),
        Err(RuleError::WrongKind {
            key: "k".into(),
            wanted: "count"
        })
    );
}

#[test]
fn a_wrong_rule_is_refused_with_its_name() {
    let wrong = [
        "value = \"x\"\nvalid_from = \"2020-01-01\"",
        "value = 1\nvalid_from = \"yesterday\"",
        "value = 1\nvalid_from = \"2020-01-02\"\nvalid_to = \"2020-01-01\"",
        "value = 1\nvalid_from = \"2020-01-01\"\nplace = \"北京\"",
        "value = -1\nvalid_from = \"2020-01-01\"",
    ];
    for extra in wrong {
        assert!(
            matches!(book(&[extra]), Err(RulebookError::Rule { key, .. }) if key == "k"),
            "{extra}"
        );
    }
    assert!(matches!(
        book(&["colour = 1"]),
        Err(RulebookError::Form { .. })
    ));
    let book = Rulebook::national().unwrap();
    let unknown = book.get("no.such", &[], Level::City, DAY);
    assert_eq!(
        unknown,
        Err(RuleError::UnknownKey {
            key: "no.such".into()
        })
    );
}
