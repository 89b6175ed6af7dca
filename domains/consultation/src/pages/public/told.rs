//! What people are told before they speak: who keeps what, for what, for how long, and how they take
//! it back (个人信息保护法 17、35). Short, beside the form, and dated: whoever kept a copy can tell whether
//! it still says the same.

use jiff::civil::{Date, date};
use web::{Arg, Lang, Page};

use crate::ops::Desk;

/// The day from which the wording holds. A change of the wording changes it.
const SINCE: Date = date(2026, 11, 25);

/// The notice, ready to show.
pub(super) struct Told {
    /// Its day, with the year: it is what tells two notices apart.
    pub since: String,
    /// What is told, in order.
    pub lines: Vec<String>,
}

/// The notice of this congress today; the law's numbers and articles come from the Rulebook.
pub(super) fn told(page: &Page, desk: &Desk) -> Told {
    let zh = page.lang == Lang::Zh;
    let rule = |key| {
        let place: Vec<&str> = desk.place.iter().map(String::as_str).collect();
        let found = desk.rulebook.get(key, &place, desk.level, desk.today());
        found.map_or_else(
            |_| (String::new(), String::new()),
            |rule| match zh {
                true => (rule.value.zh(), rule.basis.zh.clone()),
                false => (rule.value.en(), rule.basis.en.clone()),
            },
        )
    };
    let (_, asked_by) = rule("consultation.minimum_days");
    let (_, told_by) = rule("data.tell_the_person");
    let (_, deleted_by) = rule("data.delete_on_request");
    let (kept, kept_by) = rule("data.log_retention");
    let line = |key: &str, args: &[(&str, Arg)]| page.t.with(key, args);
    let contact = page.site.contact.as_str();
    let contact = (!contact.is_empty()).then(|| page.t.one("told-contact", "contact", contact));
    let mut lines = vec![
        line(
            "told-who",
            &[
                ("congress", page.congress().into()),
                ("basis", asked_by.into()),
            ],
        ),
        page.t.get("told-what"),
        page.t.get("told-why"),
        line(
            "told-how-long",
            &[("period", kept.into()), ("basis", kept_by.into())],
        ),
        line("told-withdraw", &[("basis", deleted_by.into())]),
    ];
    lines.extend(contact);
    lines.push(line("told-law", &[("basis", told_by.into())]));
    Told {
        since: SINCE.to_string(),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// Whoever changes a word of the notice changes its day, and these two lines.
    #[test]
    fn a_changed_notice_has_another_day() {
        let catalogues = [
            include_str!("../../../locales/zh-CN.ftl"),
            include_str!("../../../locales/en.ftl"),
        ];
        let words: String = catalogues
            .iter()
            .flat_map(|catalogue| catalogue.lines())
            .filter(|line| line.starts_with("told-"))
            .collect();
        let digest: String = Sha256::digest(words)
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!((SINCE, digest.as_str()), (date(2026, 11, 25), "28eb8b26"));
    }
}
