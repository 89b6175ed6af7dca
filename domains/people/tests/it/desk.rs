//! The desk: accounts, people, organs, divisions, imports, lock-outs, the audit trail.

use directory::sessions::SecondFactor;
use kernel::Role;

use crate::common::{House, PASSWORD, congress, house};

/// A house with one of each.
async fn staffed() -> House {
    let house = house(SecondFactor::WhenEnrolled).await;
    for role in [
        Role::Clerk,
        Role::Chair,
        Role::Admin,
        Role::Security,
        Role::Auditor,
    ] {
        house.account(role.as_str(), role).await;
    }
    house
}

#[tokio::test]
async fn everybody_at_the_desk_sees_only_their_places() {
    let house = staffed().await;
    for (login, places) in [
        (
            "clerk",
            vec!["人员和代表", "批量导入", "机构", "本级人大", "行政区划"],
        ),
        (
            "admin",
            vec![
                "人员和代表",
                "账号",
                "批量导入",
                "机构",
                "本级人大",
                "行政区划",
            ],
        ),
        (
            "security",
            vec![
                "人员和代表",
                "账号",
                "批量导入",
                "机构",
                "本级人大",
                "行政区划",
                "登录锁定",
            ],
        ),
        (
            "auditor",
            vec![
                "人员和代表",
                "账号",
                "批量导入",
                "机构",
                "本级人大",
                "行政区划",
                "审计记录",
            ],
        ),
    ] {
        house.enter(login).await;
        let page = house.site.get("/admin").await.ok();
        assert_eq!(page.select("main dt"), places, "{login}");
        for href in page.attr("main dt a", "href") {
            for lang in ["zh-CN", "en"] {
                house.site.set_cookie("lang", lang);
                let _ = house.site.get(&href).await.ok();
            }
        }
        house.site.set_cookie("lang", "zh-CN");
    }
    house.enter("chair").await;
    let _ = house.site.get("/admin").await.is(403);
    house.site.sign_out();
    let _ = house.site.get("/admin").await.is(303);
}

#[tokio::test]
async fn an_account_is_made_for_a_person_handed_over_and_given_its_role() {
    let house = staffed().await;
    house.enter("admin").await;
    let fields = [("name", "王芳"), ("reference", "QM-0007"), ("post", "")];
    let added = house.site.submit("/admin/people", &fields).await.is(303);
    let person = added.location().to_owned();
    let again = house.site.submit("/admin/people", &fields).await.is(422);
    assert_eq!(again.select("#f-reference-error"), ["这个人员编号已经有了"]);
    assert_eq!(again.attr("#f-name", "value"), ["王芳"], "nothing is lost");
    let found = house.site.get("/admin/people?q=0007").await.ok();
    assert_eq!(found.attr("tbody a", "href"), std::slice::from_ref(&person));

    let id = person.rsplit('/').next().unwrap();
    let taken = [("person", id), ("login", "admin")];
    let page = house.site.submit("/admin/accounts", &taken).await.is(422);
    assert_eq!(page.select("#f-login-error"), ["这个登录名已经有人用了"]);
    assert_eq!(page.attr("#f-login", "value"), ["admin"]);
    let token = house.site.token().await;
    let fields = [("person", id), ("login", "wangfang"), ("token", &token)];
    let made = house.site.post("/admin/accounts", &fields).await.is(303);
    let account = made.location().to_owned();
    let twice = house.site.post("/admin/accounts", &fields).await.is(303);
    assert_eq!(
        twice.location(),
        account,
        "a double click makes one account"
    );
    let give = [("role", "clerk")];
    let refused = house
        .site
        .submit(&format!("{account}/give-role"), &give)
        .await;
    let _ = refused.is(403);

    let token = house.site.token().await;
    let fields = [("token", &*token)];
    let path = format!("{account}/password");
    let page = house.site.post(&path, &fields).await.ok();
    assert_eq!(page.header("cache-control"), "no-store");
    let first = page.select("#first-password").remove(0);
    let again = house.site.post(&path, &fields).await.ok();
    assert_eq!(
        again.select("#first-password"),
        std::slice::from_ref(&first),
        "a lost answer is sent again"
    );

    house.enter("security").await;
    let both = [("role", "auditor")];
    let _ = house
        .site
        .submit(&format!("{account}/give-role"), &give)
        .await
        .is(303);
    let page = house
        .site
        .submit(&format!("{account}/give-role"), &both)
        .await
        .is(422);
    assert_eq!(page.select("#f-role-error").len(), 1);
    assert_eq!(page.select("#roles li").len(), 1);
    let _ = house.site.submit(&path, &[]).await.is(403);

    house.site.sign_out();
    let due = house.sign_in("wangfang", &first).await.is(303);
    assert_eq!(due.location(), "/account/password?back=/account");
}

#[tokio::test]
async fn a_deputy_is_entered_suspended_and_ended() {
    let house = staffed().await;
    house.enter("clerk").await;
    let person = house.person("陈桂兰").await;
    let place = format!("/admin/people/{person}");
    let page = house.site.get(&place).await.ok();
    assert!(page.select("form[action='/admin/accounts']").is_empty());
    let seats = format!("{place}/seats");
    let early = [("constituency", "第一选区"), ("since", "2020-01-01")];
    let page = house.site.submit(&seats, &early).await.is(422);
    assert_eq!(page.attr("#f-constituency", "value"), ["第一选区"]);
    let fields = [
        ("constituency", "第一选区"),
        ("since", "2023-01-15"),
        ("number", "0001"),
    ];
    let _ = house.site.submit(&seats, &fields).await.is(303);
    let public = house.site.get("/deputies").await.ok();
    assert_eq!(public.select("tbody th"), ["陈桂兰"]);
    let page = house.site.get(&place).await.ok();
    let seat = page.attr("tbody form", "action").remove(0);
    let change = async |state: &str| {
        let fields = [("state", state), ("on", "2026-07-01")];
        house.site.submit(&seat, &fields).await
    };
    let _ = change("suspended").await.is(303);
    let public = house.site.get("/deputies").await.ok();
    assert_eq!(public.select(".chip"), ["暂停执行职务"]);
    let _ = change("ended").await.is(303);
    let _ = change("seated").await.is(404);
    let public = house.site.get("/deputies").await.ok();
    assert!(public.select("tbody th").is_empty());
}

#[tokio::test]
async fn the_administrator_sets_up_organs_terms_and_congresses() {
    let house = staffed().await;
    house.enter("clerk").await;
    for place in [
        "/admin/organs",
        "/admin/congress/terms",
        "/admin/congresses",
    ] {
        let _ = house.site.submit(place, &[]).await.is(403);
    }
    house.enter("admin").await;
    let organ = [("name", "城建环保委员会"), ("kind", "special_committee")];
    let _ = house.site.submit("/admin/organs", &organ).await.is(303);
    let page = house.site.submit("/admin/organs", &organ).await.is(422);
    assert_eq!(page.select("#f-name-error"), ["已经有这个名称的机构"]);
    assert_eq!(page.select("tbody th"), ["城建环保委员会"]);

    let term = [
        ("ordinal", "17"),
        ("starts_on", "2022-01-01"),
        ("seats", "800"),
    ];
    let page = house
        .site
        .submit("/admin/congress/terms", &term)
        .await
        .is(422);
    assert_eq!(page.select("#f-starts_on-error"), ["要晚于正在进行的一届"]);
    let term = [
        ("ordinal", "17"),
        ("starts_on", "2026-06-30"),
        ("seats", "800"),
    ];
    let _ = house
        .site
        .submit("/admin/congress/terms", &term)
        .await
        .is(303);
    let page = house.site.get("/admin/congress").await.ok();
    assert_eq!(page.select("tbody th"), ["第 17 届", "第 16 届"]);

    house.clock.advance_seconds(1);
    let page = house
        .site
        .submit("/admin/congresses", &[("code", "110101001")])
        .await
        .is(422);
    assert_eq!(page.select("#errors li"), ["这种行政区划没有人大"]);
    let _ = house
        .site
        .submit("/admin/congresses", &[("code", "110101")])
        .await
        .is(303);
    let page = house.site.get("/admin/congresses").await.ok();
    assert_eq!(
        page.select("tbody th"),
        ["启明市人民代表大会 管理本系统", "东城区人民代表大会"]
    );
    let page = house.site.get("/admin/divisions?parent=110101").await.ok();
    assert_eq!(page.select(".crumbs li"), ["全国", "北京市", "东城区"]);
    assert!(page.select("tbody tr").len() > 10);
}

#[tokio::test]
async fn an_import_is_checked_and_a_faulty_one_changes_nothing() {
    let house = staffed().await;
    house.enter("admin").await;
    let head = "姓名,人员编号,选区或选举单位\n";
    let good = format!("{head}张伟,QM-0001,明远区第一选区\n");
    let bad = format!("{head}张伟,,明远区第一选区\n");
    let send = async |kind: &str, act: &str, file: &[u8]| {
        let fields = [("kind", kind), ("act", act)];
        let files = [("file", "a.csv", file)];
        house.site.upload("/admin/import", &fields, &files).await
    };
    let page = send("deputies", "run", bad.as_bytes()).await.is(422);
    assert_eq!(
        page.select("main table:first-of-type tbody tr td")[..3],
        ["2", "人员编号", "没有填写"]
    );
    house.site.set_cookie("lang", "en");
    let page = send("deputies", "run", bad.as_bytes()).await.is(422);
    assert_eq!(
        page.select("main table:first-of-type tbody tr td")[..3],
        ["2", "reference", "Must be filled"]
    );
    house.site.set_cookie("lang", "zh-CN");
    let file = send("deputies", "faults", bad.as_bytes()).await.ok().text();
    assert!(file.contains("2,人员编号,没有填写,张伟"), "{file}");
    for (bytes, said) in [
        (&b"\xD0\xCF\x11\xE0"[..], "旧版"),
        (b"", "没有数据"),
        (
            "姓名\n张伟\n".as_bytes(),
            "缺少列：人员编号 | 选区或选举单位",
        ),
    ] {
        let page = send("deputies", "run", bytes).await.is(422);
        assert!(page.select("#f-file-error")[0].contains(said), "{said}");
    }
    let _ = send("deputies", "check", good.as_bytes()).await.is(303);
    let found = async || house.site.get("/deputies").await.ok().select("tbody th");
    assert_eq!(found().await, Vec::<String>::new());
    let _ = send("deputies", "run", good.as_bytes()).await.is(303);
    assert_eq!(found().await, ["张伟"]);
    let _ = send("roles", "run", good.as_bytes()).await.is(403);

    let file = "登录名,姓名,人员编号\nzhangwei,张伟,QM-0001\nli,李强,QM-0002\n";
    let done = send("accounts", "run", file.as_bytes()).await.is(303);
    let run = done.location().to_owned();
    let page = house.site.get(&run).await.ok();
    assert!(page.text().contains("2 个账号还没有人登录过"));
    let file = house
        .site
        .submit(&format!("{run}/handover"), &[])
        .await
        .ok();
    assert_eq!(file.header("cache-control"), "no-store");
    let file = file.text();
    let line = file.lines().find(|line| line.contains("zhangwei")).unwrap();
    let password = line.trim().rsplit(',').next().unwrap();
    house.enter("clerk").await;
    let _ = house
        .site
        .submit(&format!("{run}/handover"), &[])
        .await
        .is(403);
    house.site.sign_out();
    let due = house.sign_in("zhangwei", password).await.is(303);
    assert_eq!(due.location(), "/account/password?back=/account");

    house.enter("security").await;
    let roles = "登录名,角色\nzhangwei,代表\n";
    let _ = send("roles", "run", roles.as_bytes()).await.is(303);
    let page = house.site.get("/admin/import").await.ok();
    assert_eq!(page.select("tbody tr").len(), 3);
    let empty = house
        .site
        .get("/admin/import/template?kind=roles")
        .await
        .ok();
    assert_eq!(empty.text(), "\u{feff}登录名*,角色*\r\n");
}

#[tokio::test]
async fn the_security_administrator_ends_sessions_and_lifts_lock_outs() {
    let house = staffed().await;
    house.enter("clerk").await;
    for _ in 0..5 {
        house.site.sign_out();
        let _ = house.sign_in("chair", "wrong").await.is(422);
    }
    house.enter("admin").await;
    let _ = house.site.get("/admin/lockouts").await.is(403);
    house.enter("security").await;
    let page = house.site.get("/admin/lockouts").await.ok();
    assert_eq!(page.select("tbody th"), ["chair · chair"]);
    let subject = page.attr("tbody input[name=subject]", "value").remove(0);
    let _ = house
        .site
        .submit("/admin/lockouts", &[("subject", &subject)])
        .await
        .is(303);
    let page = house.site.get("/admin/lockouts").await.ok();
    assert!(page.select("tbody th").is_empty());

    let page = house.site.get("/admin/accounts?q=clerk").await.ok();
    let place = page.attr("tbody a", "href").remove(0);
    let page = house.site.get(&place).await.ok();
    let session = page.attr("tbody input[name=session]", "value").remove(0);
    let fields = [("session", &*session)];
    let path = format!("{place}/end-session");
    let _ = house.site.submit(&path, &fields).await.is(303);
    let _ = house.site.submit(&path, &fields).await.is(404);
    house.site.sign_out();
    let _ = house.sign_in("chair", PASSWORD).await.is(303);
}

#[tokio::test]
async fn the_auditor_reads_the_trail_and_takes_it_away() {
    let house = staffed().await;
    house.site.sign_out();
    let _ = house.sign_in("clerk", "wrong").await.is(422);
    for nobody in ["clerk", "admin", "security"] {
        house.enter(nobody).await;
        let _ = house.site.get("/audit").await.is(403);
        let _ = house.site.submit("/audit/file", &[]).await.is(403);
    }
    house.enter("auditor").await;
    let page = house.site.get("/audit").await.ok();
    assert_eq!(
        page.select("tbody tr:first-child td")[2..4],
        ["auditor", "登录"]
    );
    let page = house
        .site
        .get("/audit?act=sign_in_failed&to=clerk")
        .await
        .ok();
    assert_eq!(
        page.select("tbody tr td")[2..5],
        ["（未登录）", "密码不对", "clerk"]
    );
    let page = house
        .site
        .get("/audit?by=nobody&from=2026-13-01")
        .await
        .is(422);
    assert_eq!(page.select("#errors li").len(), 2);
    let none = house.site.get("/audit?until=2026-01-01").await.ok();
    assert!(none.select("tbody tr").is_empty());

    // A page holds fifty; the next one goes on from its last.
    for _ in 0..60 {
        house.person("甲").await;
    }
    let page = house.site.get("/audit?act=person_added").await.ok();
    assert_eq!(page.select("tbody tr").len(), 50);
    let next = page.attr("a[rel=next]", "href").remove(0);
    let rest = house.site.get(&next).await.ok();
    assert_eq!(
        rest.select("tbody tr").len(),
        15,
        "sixty and the five of the staff"
    );

    for _ in 0..150 {
        house.person("乙").await;
    }
    let file = house.site.submit("/audit/file", &[]).await.ok();
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = file.text();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    assert!(lines.next().unwrap().starts_with("seq,time,who,what,whom,"));
    let rows: Vec<i64> = lines
        .map(|line| line.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert!(
        rows.len() > 200,
        "{}: more than is read at once",
        rows.len()
    );
    assert!(rows.is_sorted_by(|one, next| *one == next + 1), "each once");
    let page = house.site.get("/audit?act=audit_exported").await.ok();
    assert_eq!(page.select("tbody tr").len(), 1);
}

#[tokio::test]
async fn another_congress_has_no_hand_in_this_one() {
    let house = staffed().await;
    let district = congress(&house.gate, "110101", "东城区人民代表大会").await;
    house.enter("admin").await;
    let here = house.site.get("/admin/accounts").await.ok();
    let places = here.attr("tbody a", "href");
    let foreign = House {
        congress: district,
        ..house
    };
    let account = foreign.account("foreign", Role::Admin).await;
    // On this congress's site, theirs is nobody: not even their sign-in is known.
    foreign.site.sign_out();
    let _ = foreign.sign_in("foreign", PASSWORD).await.is(422);
    foreign.enter("admin").await;
    let _ = foreign
        .site
        .get(&format!("/admin/accounts/{account}"))
        .await
        .is(404);
    let _ = foreign
        .site
        .submit(&format!("/admin/accounts/{account}/close"), &[])
        .await
        .is(404);
    let here = foreign.site.get("/admin/accounts").await.ok();
    assert_eq!(here.attr("tbody a", "href"), places);
}
