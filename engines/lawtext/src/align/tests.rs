//! Small texts and how they are paired.

use super::*;

fn kinds(old: &str, new: &str) -> Vec<(Option<String>, Option<String>, PairKind)> {
    let read = |text| crate::parse(text).document;
    let name = |id: Option<ProvisionId>| id.map(|id| id.to_string());
    align(&read(old), &read(new))
        .pairs
        .into_iter()
        .filter(|pair| pair.scope == Scope::Provision)
        .map(|pair| (name(pair.old), name(pair.new), pair.kind))
        .collect()
}

fn pair(old: &str, new: &str, kind: PairKind) -> (Option<String>, Option<String>, PairKind) {
    let name = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    (name(old), name(new), kind)
}

#[test]
fn one_inserted_article_renumbers_the_rest() {
    let old = "第一条 为了保护环境，制定本条例。\n第二条 市政府负责全市的垃圾管理工作。\n第三条 本条例自公布之日起施行。";
    let new = "第一条 为了保护环境，制定本条例。\n第二条 居民应当分类投放厨余和其他垃圾。\n第三条 市政府和区政府负责全市的垃圾管理工作。\n第四条 本条例自公布之日起施行。";
    assert_eq!(
        kinds(old, new),
        [
            pair("art_1", "art_1", PairKind::Unchanged),
            pair("", "art_2", PairKind::Added),
            pair("art_2", "art_3", PairKind::Changed),
            pair("art_3", "art_4", PairKind::Renumbered),
        ]
    );
}

#[test]
fn removed_ones_stay_in_their_old_place() {
    let old = "第一条 甲甲甲乙乙乙。\n第二条 丙丙丙丁丁丁。\n第三条 戊戊戊己己己。";
    let new = "第一条 甲甲甲乙乙乙。\n第二条 戊戊戊己己己。";
    assert_eq!(
        kinds(old, new),
        [
            pair("art_1", "art_1", PairKind::Unchanged),
            pair("art_2", "", PairKind::Removed),
            pair("art_3", "art_2", PairKind::Renumbered),
        ]
    );
}

#[test]
fn what_changed_places_has_moved() {
    let old = "第一条 甲乙丙丁。\n第二条 子丑寅卯。\n第三条 天地玄黄。\n第四条 宇宙洪荒。";
    let new = "第一条 子丑寅卯。\n第二条 天地玄黄。\n第三条 宇宙洪荒。\n第四条 甲乙丙丁。";
    let found = kinds(old, new);
    assert_eq!(found.last(), Some(&pair("art_1", "art_4", PairKind::Moved)));
    assert_eq!(
        found
            .iter()
            .filter(|(.., kind)| *kind == PairKind::Renumbered)
            .count(),
        3
    );
}

#[test]
fn amendments_are_aligned_by_their_points() {
    let text = "# 修正案\n<!-- INFO END -->\n一、将第一条修改为甲。\n二、将第二条修改为乙。";
    assert!(
        kinds(text, text)
            .iter()
            .all(|(.., kind)| *kind == PairKind::Unchanged)
    );
    assert_eq!(kinds(text, text).len(), 2);
}

#[test]
fn a_strong_pair_that_crosses_others_is_found() {
    let old = "第一条 市政府负责全市的公园管理工作。\n第二条 任何人不得损毁公园里的花木和座椅。\n第三条 公园应当每天早晨六点开放。\n第四条 本条例自公布之日起施行。";
    let new = "第一条 市政府负责全市的公园绿地管理工作。\n第二条 公园应当每天早晨五点开放。\n第三条 公园分为综合公园和社区公园。\n第四条 任何单位和个人不得损毁公园里的花木和座椅。\n第五条 本条例自2027年1月1日起施行。";
    assert_eq!(
        kinds(old, new),
        [
            pair("art_1", "art_1", PairKind::Changed),
            pair("art_3", "art_2", PairKind::Moved),
            pair("", "art_3", PairKind::Added),
            pair("art_2", "art_4", PairKind::Changed),
            pair("art_4", "art_5", PairKind::Changed),
        ]
    );
}

#[test]
fn a_split_and_a_merger_are_several_pairs() {
    let whole = "第一条 公园管理单位应当每月公开游客人数和开支。\n每季度听取一次居民对公园的意见和建议。\n第二条 公园内不得饲养家禽。\n第三条 公园内不得烧烤。";
    let parts = "第一条 公园管理单位应当每月公开游客人数和开支。\n第二条 公园管理单位应当每季度听取一次居民对公园的意见和建议。\n第三条 公园内不得饲养家禽，不得烧烤。";
    assert_eq!(
        kinds(whole, parts)[..2],
        [
            pair("art_1", "art_1", PairKind::Split),
            pair("art_1", "art_2", PairKind::Split),
        ]
    );
    assert_eq!(
        kinds(parts, whole)[..2],
        [
            pair("art_1", "art_1", PairKind::Merged),
            pair("art_2", "art_1", PairKind::Merged),
        ]
    );
}

#[test]
fn the_main_landing_comes_first() {
    let old = "第一条 公园管理单位应当每月公开游客人数和开支，并且每半年公布公园的维修计划。\n每季度听取一次居民对公园的意见和建议。";
    let new = "第一条 公园管理单位应当每季度听取一次居民对公园的意见和建议。\n第二条 公园管理单位应当每月公开游客人数和开支，并且每半年公布公园的维修计划。";
    let alignment = align(&crate::parse(old).document, &crate::parse(new).document);
    let names = |pairs: Vec<&Pair>| -> Vec<String> {
        pairs
            .into_iter()
            .filter_map(|pair| Some(pair.new.as_ref()?.to_string()))
            .collect()
    };
    let id = |text: &str| text.parse().unwrap();
    assert_eq!(names(alignment.landings(&id("art_1"))), ["art_2", "art_1"]);
    assert_eq!(names(alignment.origins(&id("art_2"))), ["art_2"]);
    assert_eq!(alignment.landings(&id("art_9")), Vec::<&Pair>::new());
}

#[test]
fn the_last_articles_are_paired_however_short() {
    let old = "第一条 甲乙丙丁。\n第二条 本法自1986年10月1日起施行。";
    let new = "第一条 甲乙丙丁。\n第二条 子丑寅卯。\n第三条 自2025年7月1日施行。";
    assert_eq!(
        kinds(old, new).last(),
        Some(&pair("art_2", "art_3", PairKind::Changed))
    );
}

/// What changes outside the articles is shown as well.
#[test]
fn every_change_outside_the_provisions_has_a_row() {
    let old = "# 启明市公园条例\n<!-- INFO END -->\n## 第一章 总则\n第一条 甲。\n## 第二章 公园管理\n第二条 乙。\n附件：公园名录\n东湖公园\n西湖公园\n";
    let new = "# 启明市公园绿地条例\n<!-- INFO END -->\n## 第一章 总则\n第一条 甲。\n## 第二章 规划\n## 第三章 公园管理\n第二条 乙。\n第百条 丙\n附件：公园名录\n东湖公园\n";
    let read = |text: &str| crate::parse(text).document;
    let (old, new) = (read(old), read(new));
    let rows: Vec<(String, String, PairKind)> = align(&old, &new)
        .pairs
        .iter()
        .filter(|pair| pair.scope == Scope::Line)
        .map(|pair| {
            let (old, new) = pair.words(&old, &new);
            (old, new, pair.kind)
        })
        .collect();
    let row = |old: &str, new: &str, kind| (old.to_owned(), new.to_owned(), kind);
    assert_eq!(
        rows,
        [
            row("启明市公园条例", "启明市公园绿地条例", PairKind::Changed),
            row("第一章　总则", "第一章　总则", PairKind::Unchanged),
            row("", "第二章　规划", PairKind::Added),
            row("第二章　公园管理", "第三章　公园管理", PairKind::Renumbered),
            row("", "第百条 丙", PairKind::Added),
            row("附件：公园名录", "附件：公园名录", PairKind::Unchanged),
            row("东湖公园", "东湖公园", PairKind::Unchanged),
            row("西湖公园", "", PairKind::Removed),
        ]
    );
}
