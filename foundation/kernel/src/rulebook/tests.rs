//! The Rulebook's rules, and the rules that come with the software.

use std::sync::LazyLock;

use jiff::civil::date;

use super::*;
use crate::{WorkCalendar, latest_before};

const DAY: Date = date(2026, 7, 1);

/// Three questions, for rules made up here.
const KEYS: &str = "[keys]\n\
    least = { kind = \"period\", bound = \"floor\", zh = \"最短期限\", en = \"least time\" }\n\
    people = { kind = \"count\", zh = \"人数\", en = \"people\" }\n\
    between = { kind = \"count\", zero = true, zh = \"间隔\", en = \"meetings between\" }\n\
    part = { kind = \"share\", zh = \"份额\", en = \"share\" }\n\
    yes = { kind = \"flag\", zh = \"是否\", en = \"whether\" }\n";

static BUILT_IN: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::national().unwrap());

fn days(key: &str, place: &[&str], level: Level, day: Date) -> Period {
    let rule = BUILT_IN.get(key, place, level, day).unwrap();
    rule.period().unwrap()
}

/// A sound rule that answers `least`, with more fields or other ones.
fn rule(extra: &str) -> String {
    let sound = [
        ("key", "\"least\""),
        ("value", "1"),
        ("unit", "\"days\""),
        ("valid_from", "\"2020-01-01\""),
        ("basis", "{ zh = \"某法第一条\", en = \"A Law Art. 1\" }"),
        ("verified", "true"),
    ];
    let said = |name: &str| {
        extra
            .lines()
            .any(|line| line.starts_with(&format!("{name} =")))
    };
    let rest = sound.iter().filter(|(name, _)| !said(name));
    let rest: String = rest
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect();
    format!("[[rule]]\n{rest}{extra}\n")
}

fn book(rules: &[&str]) -> Result<Rulebook, RuleFaults> {
    let text: String = rules.iter().map(|extra| rule(extra)).collect();
    Rulebook::from_toml(&[("keys.toml", KEYS), ("test.toml", &text)])
}

fn ask(book: &Rulebook, place: &[&str], day: Date) -> Result<Period, RuleError> {
    book.get("least", place, Level::City, day)?.period()
}

#[test]
fn every_rule_of_the_software_loads_and_answers_something_looked_for() {
    assert!(BUILT_IN.rules().count() > 150);
    let answered = |key: &str| BUILT_IN.rules().any(|rule| rule.key == key);
    for key in BUILT_IN.questions.keys() {
        assert!(answered(key), "no rule answers {key}");
    }
    assert_eq!(
        BUILT_IN.warnings(),
        [],
        "a rule that gives way is ended or unverified"
    );
}

#[test]
fn a_lead_says_the_latest_day_before_an_event() {
    let calendar = WorkCalendar::china();
    let leads = BUILT_IN.rules().filter(|rule| rule.key.ends_with("_lead"));
    let mut seen = 0;
    for rule in leads {
        let latest = latest_before(DAY, rule.period().unwrap(), calendar);
        assert!(latest.date < DAY && latest.certain, "{}", rule.key);
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn the_tightest_place_wins_and_the_nation_answers_for_the_rest() {
    let key = "suggestion.return";
    let city = days(key, &["370200", "370000"], Level::City, DAY);
    assert_eq!(city, Period::WorkingDays(5));
    let province = days(key, &["370000"], Level::Province, DAY);
    assert_eq!(province, Period::Days(5));
    let elsewhere = BUILT_IN.get(key, &["110000"], Level::Province, DAY);
    assert!(matches!(elsewhere, Err(RuleError::NotInForce { .. })));
    let reply = days("suggestion.reply", &["500000"], Level::County, DAY);
    assert_eq!(
        reply,
        Period::Months(3),
        "the rule of the townships is not the county's"
    );
}

/// 浙江 20 days of 2016, 立法法 30 days from 2023.
#[test]
fn a_county_in_zhejiang_follows_the_newer_law_of_the_nation() {
    let window = |level, day| {
        days(
            "consultation.minimum_days",
            &["330102", "330100", "330000"],
            level,
            day,
        )
    };
    assert_eq!(window(Level::County, DAY), Period::Days(30));
    assert_eq!(window(Level::City, DAY), Period::Days(30));
    assert_eq!(window(Level::City, date(2020, 5, 1)), Period::Days(20));
}

#[test]
fn a_local_rule_gives_way_when_it_is_both_older_and_looser_than_a_checked_national_one() {
    let national = "value = 30\nvalid_from = \"2023-03-15\"";
    let local = |value: u32, from: &str| {
        format!("value = {value}\nvalid_from = \"{from}\"\nplace = \"990000\"\nlevel = [\"city\"]")
    };
    let told = |rules: &[&str]| ask(&book(rules).unwrap(), &["990100", "990000"], DAY).unwrap();
    let (older_looser, older_tighter) = (local(20, "2016-01-01"), local(45, "2016-01-01"));
    let younger_looser = local(20, "2024-01-01");
    assert_eq!(told(&[national, &older_looser]), Period::Days(30));
    assert_eq!(told(&[national, &older_tighter]), Period::Days(45));
    assert_eq!(told(&[national, &younger_looser]), Period::Days(20));
    let unchecked = format!("{national}\nverified = false");
    assert_eq!(told(&[&unchecked, &older_looser]), Period::Days(20));

    let warned = |rules: &[&str]| book(rules).unwrap().warnings();
    let older = &warned(&[national, &older_looser])[0];
    assert_eq!((older.file.as_str(), older.line), ("test.toml", 8));
    assert!(older.zh.contains("以全国规则为准"), "{older}");
    assert!(
        warned(&[national, &younger_looser])[0]
            .en
            .contains("check that it may be")
    );
    assert_eq!(warned(&[national, &older_tighter]), []);
    assert_eq!(warned(&[&unchecked, &older_looser]), []);
}

#[test]
fn levels_have_their_own_numbers() {
    let count = |level| {
        let rule = BUILT_IN.get("motion.cosigners.minimum", &[], level, DAY);
        rule.unwrap().count().unwrap()
    };
    assert_eq!(Level::ALL.map(count), [30, 10, 10, 10, 5]);
    let majority = |key| {
        let rule = BUILT_IN.get(key, &[], Level::City, DAY).unwrap();
        rule.majority().unwrap()
    };
    assert_eq!(majority("congress.pass").required(771), 386);
    assert_eq!(majority("congress.quorum").required(771), 514);
    let quorum = BUILT_IN
        .get("congress.quorum", &[], Level::City, DAY)
        .unwrap();
    assert_eq!(quorum.value.zh(), "三分之二以上");
    assert_eq!(quorum.value.en(), "at least 2/3");
}

/// 代表法 Art. 42 of 2015, Art. 51 since 2025: the number is the same, the article is not.
#[test]
fn a_past_matter_keeps_the_article_of_its_day() {
    let basis = |day| {
        let rule = BUILT_IN.get("suggestion.reply", &[], Level::City, day);
        rule.unwrap().basis.zh.clone()
    };
    assert_eq!(basis(date(2024, 1, 31)), "代表法（2015年修正）第四十二条");
    assert_eq!(basis(date(2025, 3, 11)), "代表法（2015年修正）第四十二条");
    assert_eq!(basis(date(2025, 3, 12)), "代表法第五十一条");
}

#[test]
fn a_new_law_leaves_past_dates_alone() {
    let old = "value = 20\nvalid_from = 2015-03-15\nvalid_to = \"2023-03-14\"";
    let new = "value = 30\nvalid_from = \"2023-03-15\"";
    let before = book(&["value = 20\nvalid_from = \"2015-03-15\""]).unwrap();
    let after = book(&[old, new]).unwrap();
    for day in [date(2015, 3, 15), date(2020, 1, 1), date(2023, 3, 14)] {
        assert_eq!(ask(&before, &[], day), ask(&after, &[], day));
    }
    assert_eq!(ask(&after, &[], date(2023, 3, 15)), Ok(Period::Days(30)));
    let too_early = RuleError::NotInForce {
        key: "least".into(),
        level: Level::City,
        date: date(2010, 1, 1),
    };
    assert_eq!(ask(&after, &[], date(2010, 1, 1)), Err(too_early));
}

#[test]
fn a_named_level_wins_over_all_levels() {
    let (all, city) = ("value = 1", "value = 3\nlevel = [\"city\"]");
    let both = book(&[all, city]).unwrap();
    let at = |level| {
        both.get("least", &[], level, DAY)
            .unwrap()
            .period()
            .unwrap()
    };
    assert_eq!(at(Level::City), Period::Days(3));
    assert_eq!(at(Level::County), Period::Days(1));
}

#[test]
fn the_operator_wins_in_the_same_place() {
    let own = rule("value = 7\nplace = \"110000\"\nlevel = [\"county\"]");
    let built_in = book(&["value = 1\nplace = \"110000\"\nlevel = [\"county\"]"]).unwrap();
    let both = built_in.with(&[("own.toml", &own)]).unwrap();
    let found = both
        .get("least", &["110101", "110000"], Level::County, DAY)
        .unwrap();
    assert_eq!(
        (found.period(), found.file.as_str()),
        (Ok(Period::Days(7)), "own.toml")
    );
    let wrong = RuleError::WrongKind {
        key: "least".into(),
        wanted: "count",
    };
    assert_eq!(found.count(), Err(wrong));
    let unknown = both.get("no.such", &[], Level::City, DAY);
    assert_eq!(
        unknown,
        Err(RuleError::UnknownKey {
            key: "no.such".into()
        })
    );
}

/// Each fault with what its words must hold, in both languages, and its line in the file.
#[test]
fn a_wrong_file_is_refused_with_its_line_in_words() {
    let local = "place = \"110000\"\nlevel = [\"city\"]";
    let faults: [(String, usize, &str, &str); 25] = [
        (
            "key = \"leest\"".into(),
            8,
            "是不是“least”",
            "did you mean least?",
        ),
        (
            "key = \"quite_other\"".into(),
            8,
            "没有叫“quite_other”的规则",
            "there is no rule quite_other",
        ),
        ("key = 1".into(), 8, "“key”应是文字", "key is a text"),
        (
            "unit = \"count\"".into(),
            8,
            "最短期限",
            "days, working_days",
        ),
        (
            "unit = \"day\"".into(),
            8,
            "是不是“days”",
            "did you mean days?",
        ),
        ("value = \"x\"".into(), 8, "1至100000的整数", "whole number"),
        ("value = 0".into(), 8, "1至100000的整数", "from 1 to"),
        ("value = -1".into(), 8, "整数", "whole number"),
        ("value = 1.5".into(), 8, "整数", "whole number"),
        ("value = 4000000000".into(), 8, "整数", "whole number"),
        (
            "unit = \"working_days\"\nvalue = 99999".into(),
            8,
            "最长十年",
            "ten years at most",
        ),
        (
            "key = \"part\"\nunit = \"at_least\"\nvalue = \"3/2\"".into(),
            8,
            "不大于一的分数",
            "not above one",
        ),
        (
            "key = \"part\"\nunit = \"at_least\"\nvalue = \"0/2\"".into(),
            8,
            "分数",
            "fraction",
        ),
        (
            "key = \"yes\"\nunit = \"flag\"\nvalue = 1".into(),
            8,
            "true或false",
            "true or false",
        ),
        (
            "valid_from = \"yesterday\"".into(),
            8,
            "写作2026-07-01",
            "written 2026-07-01",
        ),
        (
            "valid_from = 2020-01-01T00:00:00Z".into(),
            8,
            "应是日期",
            "is a date",
        ),
        (
            "valid_to = \"2019-12-31\"".into(),
            9,
            "失效日期早于生效日期",
            "ends before it begins",
        ),
        (
            "place = \"1\"\nlevel = [\"city\"]".into(),
            9,
            "六位或九位",
            "six or nine digits",
        ),
        (
            "place = 110000\nlevel = [\"city\"]".into(),
            9,
            "引号",
            "quotation marks",
        ),
        (
            "place = \"110000\"".into(),
            2,
            "写明适用的层级",
            "at which levels",
        ),
        (
            "level = [\"street\"]".into(),
            9,
            "national, province",
            "list of national",
        ),
        (
            "basis = { zh = \"某法第一条\", en = \" \" }".into(),
            8,
            "“en”应是文字",
            "en is a text",
        ),
        (
            "basis = { zh = \"某市的规定\", en = \"Rules of a City\" }".into(),
            8,
            "写明第几条",
            "names its article",
        ),
        (
            "colour = \"red\"".into(),
            9,
            "没有“colour”这一项",
            "no field colour",
        ),
        (
            format!("{local}\nvalid_form = \"2020-01-01\""),
            11,
            "是不是“valid_from”",
            "did you mean valid_from?",
        ),
    ];
    for (extra, line, zh, en) in faults {
        // A sound rule before it, so that the line says something.
        let own = format!("\n{}", rule(&extra));
        let refusal = book(&[]).unwrap().with(&[("own.toml", &own)]).unwrap_err();
        let [fault] = refusal.0.as_slice() else {
            panic!("{extra}: {refusal}");
        };
        assert_eq!(
            (fault.file.as_str(), fault.line),
            ("own.toml", line),
            "{extra}: {fault}"
        );
        assert!(
            fault.zh.contains(zh) && fault.en.contains(en),
            "{extra}: {fault}"
        );
    }
}

#[test]
fn a_file_that_is_something_else_is_refused_in_words() {
    let files = [
        ("[[rule]\n", "不是TOML格式", "this is not TOML"),
        (
            "\n[rules]\n",
            "没有“rules”这一节",
            "there is no section rules",
        ),
        ("rule = 3", "没有“rule”这一节", "rules stand under [[rule]]"),
        ("rule = [3]", "应是一组", "is a table"),
        (KEYS, "不能增加[keys]", "adds no [keys]"),
        ("[[rule]]\nkey = \"least\"", "缺少“unit”", "unit is missing"),
    ];
    for (text, zh, en) in files {
        let refusal = book(&[]).unwrap().with(&[("own.toml", text)]).unwrap_err();
        let said = refusal.to_string();
        assert!(
            said.starts_with("own.toml:") && said.contains(zh) && said.contains(en),
            "{said}"
        );
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_zero_is_an_answer_where_it_means_something() {
    let two = format!("{}{}", rule("value = 0"), rule("key = \"x\""));
    let refusal = book(&[]).unwrap().with(&[("own.toml", &two)]).unwrap_err();
    assert_eq!(refusal.0.len(), 2);
    let zero = book(&["key = \"between\"\nunit = \"count\"\nvalue = 0"]).unwrap();
    let found = zero.get("between", &[], Level::City, DAY).unwrap();
    assert_eq!(found.count(), Ok(0));
}

#[test]
fn two_rules_for_one_day_are_refused_with_both_places() {
    let one = "place = \"110000\"\nlevel = [\"city\", \"county\"]";
    let two = "place = \"110000\"\nlevel = [\"county\", \"township\"]\nvalid_from = \"2021-01-01\"";
    let refusal = book(&[one, two]).unwrap_err();
    let [fault] = refusal.0.as_slice() else {
        panic!("{refusal}");
    };
    assert_eq!((fault.file.as_str(), fault.line), ("test.toml", 10));
    assert_eq!(
        fault.zh,
        "“least”与test.toml:1重叠：110000，县级，自2021-01-01起"
    );
    assert_eq!(
        fault.en,
        "least overlaps test.toml:1: 110000, county, from 2021-01-01 on"
    );
    let all = book(&["value = 1", "value = 2"]).unwrap_err().to_string();
    assert!(
        all.contains("全国，各级") && all.contains("every level"),
        "{all}"
    );
    let after = "valid_from = \"2021-01-01\"";
    assert!(book(&["valid_to = \"2020-12-31\"", after]).is_ok());
}
