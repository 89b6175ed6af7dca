//! The colours of `app.css`: text can be read on every ground it stands on, in both themes.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../assets/app.css");

/// Text and ground, and the least contrast they must have (WCAG 2.2: 4.5 for text, 3 for edges).
const PAIRS: &[(&str, &[&str], f64)] = &[
    (
        "ink",
        &[
            "paper",
            "sheet",
            "wash",
            "blue-wash",
            "teal-wash",
            "gold-wash",
            "red-wash",
        ],
        7.0,
    ),
    (
        "ink-2",
        &["paper", "sheet", "wash", "teal-wash", "gold-wash"],
        4.5,
    ),
    ("ink-3", &["paper", "sheet"], 4.5),
    ("red", &["paper", "sheet", "red-wash"], 4.5),
    ("on-red", &["red", "red-deep"], 4.5),
    ("teal", &["paper", "sheet", "teal-wash"], 4.5),
    ("gold", &["paper", "sheet", "gold-wash"], 4.5),
    ("blue", &["paper", "sheet", "blue-wash"], 4.5),
    ("edge", &["paper", "sheet"], 3.0),
];

fn tokens(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let declarations = block
        .split(';')
        .filter_map(|line| line.trim().split_once(':'));
    declarations
        .filter_map(|(name, value)| {
            let hex = value.trim().strip_prefix('#')?;
            let part = |at: usize| {
                u8::from_str_radix(hex.get(at..at + 2)?, 16)
                    .ok()
                    .map(f64::from)
            };
            Some((
                name.trim().strip_prefix("--")?,
                [part(0)?, part(2)?, part(4)?],
            ))
        })
        .collect()
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|part| {
        let part = part / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The declarations inside the braces after `selector`.
fn block(selector: &str) -> &'static str {
    let (_, rest) = CSS
        .split_once(selector)
        .expect("the selector is in app.css");
    let rest = rest.trim_start_matches([' ', '{']);
    rest.split('}').next().unwrap_or_default()
}

#[test]
fn text_can_be_read_in_both_themes() {
    for theme in [":root {", ":root[data-theme=\"dark\"]"] {
        let tokens = tokens(block(theme));
        for (text, grounds, least) in PAIRS {
            for ground in *grounds {
                let found = contrast(tokens[text], tokens[ground]);
                assert!(
                    found >= *least,
                    "{theme} {text} on {ground}: {found:.2} < {least}"
                );
            }
        }
    }
}

#[test]
fn the_device_and_the_visitor_choose_the_same_dark() {
    assert_eq!(
        tokens(block(":root:not([data-theme=\"light\"])")),
        tokens(block(":root[data-theme=\"dark\"]"))
    );
}
