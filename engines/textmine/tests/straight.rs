//! The quick way finds what the straight way finds.

use proptest::prelude::*;
use textmine::{Likeness, Member, gather, likeness};

/// Compares each text with the first of every group.
fn straight(texts: &[String], least: Likeness) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let firsts = members.iter().filter(|member| member.likeness.is_none());
        let firsts: Vec<usize> = firsts.map(|member| member.first).collect();
        let compared = firsts.into_iter().rev();
        let compared = compared.map(|first| (likeness(&texts[first], text), first));
        let best = compared.max_by_key(|(likeness, _)| *likeness);
        let best = best.filter(|(likeness, _)| *likeness >= least);
        members.push(Member {
            first: best.map_or(place, |(_, first)| first),
            likeness: best.map(|(likeness, _)| likeness),
        });
    }
    members
}

/// Texts of few characters, so that many are alike.
fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[楼道灯太暗，]{0,12}", 0..40)
}

proptest! {
    #[test]
    fn as_the_straight_way(texts in texts(), least in 1u16..=1000) {
        let least = Likeness::new(least).expect("from 1 to 1000");
        let quick = gather(texts.iter().map(String::as_str), least);
        prop_assert_eq!(quick, straight(&texts, least));
    }
}

#[test]
fn what_many_copied_is_one_group() {
    let copied = [
        "楼道的灯晚上十点就灭了，下夜班的人看不见路，请改到十二点。",
        "养犬要拴绳。",
        "您好！楼道的灯晚上十点就灭了，下夜班的人看不见路，请改到十二点！谢谢",
        "楼道的灯晚上十点就灭了，上夜班的人看不见路，请改到一点。",
        "！",
        "！",
    ];
    let members = gather(copied, Likeness::new(600).expect("from 1 to 1000"));
    let firsts: Vec<usize> = members.iter().map(|member| member.first).collect();
    assert_eq!(firsts, [0, 1, 0, 0, 4, 5]);
    assert!(members[2].likeness > members[3].likeness, "{members:?}");
}
