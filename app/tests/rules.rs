//! The operator's rules and working days: looked at, listed, and refused at the start in words.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod program;

use program::{Folder, quancheng, said};

/// Twenty days, from a text older than the national law; one that stands.
const OWN: &str = "[[rule]]\nkey = \"consultation.minimum_days\"\nvalue = 20\nunit = \"days\"\n\
    level = [\"city\"]\nplace = \"990000\"\nvalid_from = 2016-05-01\n\
    basis = { zh = \"某省立法条例第四十条\", en = \"A Province's Regulation Art. 40\" }\nverified = true\n\n\
    [[rule]]\nkey = \"suggestion.assign\"\nvalue = 3\nunit = \"working_days\"\nlevel = [\"city\"]\n\
    place = \"990000\"\nvalid_from = 2024-01-01\n\
    basis = { zh = \"某省代表建议条例第五条\", en = \"A Province's Regulation Art. 5\" }\nverified = true\n";

#[test]
fn an_operator_looks_at_a_file_of_rules_before_using_it() {
    let folder = Folder::new();
    let own = folder.write("own.toml", OWN);
    let good = quancheng(&["rules", "check", &own]);
    let words = said(&good);
    assert!(
        good.status.success() && words.contains("2条规则可以使用"),
        "{words}"
    );
    assert!(
        words.contains("以全国规则为准") && words.contains(&format!("{own}:1")),
        "{words}"
    );

    let misspelt = folder.write("wrong.toml", OWN.replace("minimum_days", "minimal_days"));
    let refused = quancheng(&["rules", "check", &misspelt]);
    let words = said(&refused);
    assert!(!refused.status.success(), "{words}");
    assert!(words.contains(&format!("{misspelt}:2")), "{words}");
    assert!(
        words.contains("是不是“consultation.minimum_days”"),
        "{words}"
    );
    assert!(
        words.contains("did you mean consultation.minimum_days?"),
        "{words}"
    );
}

#[test]
fn the_rules_in_force_are_listed_with_their_articles() {
    let folder = Folder::new();
    let own = folder.write("own.toml", OWN);
    let config = folder.write("quancheng.toml", format!("[rules]\nfiles = [\"{own}\"]\n"));
    let listed = quancheng(&[
        "rules",
        "list",
        "--key",
        "suggestion.assign",
        "--place",
        "990000",
        "--config",
        &config,
    ]);
    let words = said(&listed);
    assert!(
        words.contains("3个工作日") && words.contains("某省代表建议条例第五条"),
        "{words}"
    );
    assert!(!words.contains("370200"), "{words}");
    let national = said(&quancheng(&[
        "rules",
        "list",
        "--key",
        "consultation.minimum_days",
    ]));
    assert!(
        national.contains("立法法第四十条、第八十七条") && national.contains("待核对"),
        "{national}"
    );
}

/// Nothing is opened or made by a program whose rules are wrong.
#[test]
fn wrong_files_stop_the_start_with_file_and_line_in_both_languages() {
    let folder = Folder::new();
    let data = folder.0.join("data").display().to_string();
    let serve = |section: &str, file: &str| {
        let config = format!("[data]\nfolder = \"{data}\"\n[{section}]\nfiles = [\"{file}\"]\n");
        let config = folder.write("quancheng.toml", config);
        let refused = quancheng(&["serve", "--config", &config]);
        assert!(!refused.status.success());
        said(&refused)
    };
    let zero = folder.write("zero.toml", OWN.replace("value = 20", "value = 0"));
    let words = serve("rules", &zero);
    assert!(words.contains(&format!("{zero}:3")), "{words}");
    assert!(
        words.contains("整数") && words.contains("whole number"),
        "{words}"
    );
    let words = serve("rules", "no-such-rules.toml");
    assert!(words.contains("无法读取 no-such-rules.toml"), "{words}");
    let year = "[[year]]\nyear = 2027\nnotice = \"n\"\nworked = []\nholidays = [{ zh = \"元旦\", en = \"New Year\", \
        from = \"2027-01-03\", to = \"2027-01-01\" }]\n";
    let backwards = folder.write("2027.toml", year);
    let words = serve("calendar", &backwards);
    assert!(
        words.contains(&backwards) && words.contains("早于首日"),
        "{words}"
    );
    assert!(!std::path::Path::new(&data).exists(), "the folder was made");
}
