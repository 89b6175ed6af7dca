//! Signing in and out, and finding deputies.

use directory::sessions::SecondFactor;
use kernel::Role;
use serde_json::json;

use crate::common::{OTHER, PASSWORD, house};

#[tokio::test]
async fn a_wrong_password_keeps_the_name_and_says_so_in_both_languages() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    for (lang, words) in [
        ("zh-CN", "登录名或密码不对，请再试一次。"),
        ("en", "The name or the password is wrong. Please try again."),
    ] {
        house.site.set_cookie("lang", lang);
        for name in ["liming", "nobody"] {
            let page = house.sign_in(name, "not this one").await.is(422);
            assert_eq!(page.attr("#f-name", "value"), [name]);
            assert_eq!(page.attr("#f-password", "value"), [""]);
            assert_eq!(page.select("#f-password-error"), [words]);
        }
    }
}

#[tokio::test]
async fn a_whole_sign_in_shows_the_account_and_sign_out_ends_it() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    let away = house.site.get("/account").await.is(303);
    assert_eq!(away.location(), "/sign-in?back=/account");
    assert_eq!(
        house.sign_in("liming", PASSWORD).await.is(303).location(),
        "/account"
    );
    let page = house.site.get("/account").await.ok();
    assert_eq!(page.select("h1"), ["我的账号"]);
    assert_eq!(page.select("tbody tr").len(), 1);
    assert_eq!(page.select(".bar-user"), ["liming"]);
    assert_eq!(
        house.site.submit("/sign-out", &[]).await.is(303).location(),
        "/"
    );
    let _ = house.site.get("/account").await.is(303);
}

#[tokio::test]
async fn whoever_has_to_enrols_a_second_factor_first_and_is_asked_for_it_then() {
    let house = house(SecondFactor::Required).await;
    house.new_account("liming", Role::Clerk).await;
    let place = house.sign_in("liming", PASSWORD).await.is(303);
    assert_eq!(place.location(), "/account/second-factor?back=/account");
    // Half-way in is nobody: protected pages lead back to what is due.
    let _ = house.site.get("/account").await.is(303);
    let due = house.site.get("/sign-in?back=/account").await.is(303);
    assert_eq!(due.location(), place.location());
    let page = house.site.get(place.location()).await.ok();
    assert_eq!(page.select(".qr svg").len(), 1);
    let secret = page.select("#factor-secret").remove(0);
    let wrong = [("code", "000000"), ("back", "/account")];
    let early = house.code(&secret);
    let early = [("code", early.as_str()), ("back", "/account")];
    let answer = house.site.submit("/sign-in/code", &early).await.is(303);
    assert_eq!(answer.location(), place.location());
    let _ = house
        .site
        .submit("/account/second-factor", &wrong)
        .await
        .is(422);
    let code = house.code(&secret);
    let fields = [("code", code.as_str()), ("back", "/account")];
    let page = house
        .site
        .submit("/account/second-factor", &fields)
        .await
        .ok();
    assert_eq!(page.header("cache-control"), "no-store");
    let codes = page.select("#recovery-codes code");
    assert_eq!(codes.len(), directory::second_factor::RECOVERY_CODES);
    let next = page.attr("main a.btn.primary", "href").remove(0);
    assert_eq!(next, "/account/password?back=/account");
    let _ = house.site.get(&next).await.ok();
    let weak = [
        ("old", PASSWORD),
        ("new", "12345"),
        ("again", "12345"),
        ("back", "/account"),
    ];
    let page = house.site.submit("/account/password", &weak).await.is(422);
    assert!(page.select("#f-new-error").len() == 1);
    let good = [
        ("old", PASSWORD),
        ("new", OTHER),
        ("again", OTHER),
        ("back", "/account"),
    ];
    let done = house.site.submit("/account/password", &good).await.is(303);
    assert_eq!(done.location(), "/account");
    let _ = house.site.get("/account").await.ok();

    house.site.sign_out();
    let place = house.sign_in("liming", OTHER).await.is(303);
    assert_eq!(place.location(), "/sign-in/code?back=/account");
    let _ = house.site.get(place.location()).await.ok();
    let _ = house.site.submit("/sign-in/code", &wrong).await.is(422);
    let fields = [("code", codes[0].as_str()), ("back", "/account")];
    let done = house.site.submit("/sign-in/code", &fields).await.is(303);
    assert_eq!(done.location(), "/account");
    let _ = house.site.get("/account").await.ok();
}

#[tokio::test]
async fn too_many_failures_are_told_how_long_to_wait() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    for _ in 0..6 {
        let _ = house.sign_in("liming", "not this one").await.is(422);
    }
    let page = house.sign_in("liming", PASSWORD).await.is(422);
    assert_eq!(
        page.select("#errors li"),
        ["试错的次数太多了，请过 1 分钟再试。"]
    );
    house.clock.advance_seconds(120);
    let _ = house.sign_in("liming", PASSWORD).await.is(303);
}

#[tokio::test]
async fn one_session_is_ended_from_another_device() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    let _ = house.sign_in("liming", PASSWORD).await.is(303);
    house.site.sign_out();
    let _ = house.sign_in("liming", PASSWORD).await.is(303);
    let page = house.site.get("/account").await.ok();
    let act = page.attr("tbody form", "action");
    assert_eq!((page.select("tbody tr").len(), act.len()), (2, 1));
    let _ = house.site.submit(&act[0], &[]).await.is(303);
    let page = house.site.get("/account").await.ok();
    assert_eq!(page.select("tbody tr").len(), 1);
    let _ = house.site.submit(&act[0], &[]).await.is(404);
}

#[tokio::test]
async fn a_program_signs_in_and_out_with_a_token() {
    let house = house(SecondFactor::Required).await;
    house.account("liming", Role::Clerk).await;
    let call =
        async |method, path: &str, token: &str, body| house.call(method, path, token, body).await;
    let typed = |password| json!({ "login": "liming", "password": password });
    let wrong = call("POST", "/sessions", "", typed("wrong")).await.is(401);
    assert_eq!(wrong.json()["error"]["code"], "unauthorized");
    let opened = call("POST", "/sessions", "", typed(PASSWORD)).await.is(201);
    let half = opened.json();
    assert_eq!(half["stage"], "enrol");
    let half = half["token"].as_str().unwrap();
    let _ = call("GET", "/sessions", half, json!(null)).await.is(401);
    let session = house.session(half).await;
    let enrolment = directory::sign_in::start_enrolment(&house.gate, &session, "x").await;
    let secret = enrolment.unwrap().secret;
    let code = house.code(&secret);
    directory::sign_in::confirm_enrolment(&house.gate, &session, &code)
        .await
        .unwrap();

    house.clock.advance_seconds(60);
    let opened = call("POST", "/sessions", "", typed(PASSWORD)).await.is(201);
    let half = opened.json();
    assert_eq!(half["stage"], "second_factor");
    let half = half["token"].as_str().unwrap();
    let code = |code: &str| json!({ "code": code });
    let place = "/sessions/current/code";
    let _ = call("POST", place, half, code("000000")).await.is(401);
    let _ = call("POST", place, "", code("000000")).await.is(401);
    let right = house.code(&secret);
    let full = call("POST", place, half, code(&right)).await.ok().json();
    assert_eq!(full["stage"], "full");
    let full = full["token"].as_str().unwrap();
    let _ = call("GET", "/sessions", half, json!(null)).await.is(401);
    let running = call("GET", "/sessions", full, json!(null)).await.ok();
    let (own, running) = (running.json()["current"].clone(), running.json());
    let running = running["items"].as_array().unwrap().clone();
    assert_eq!(running.len(), 2);
    let other = running.iter().find(|one| one["id"] != own).unwrap();
    let other = format!("/sessions/{}", other["id"].as_str().unwrap());
    let _ = call("DELETE", &other, full, json!(null)).await.is(204);
    let _ = call("DELETE", &other, full, json!(null)).await.is(404);
    let gone = call("DELETE", "/sessions/current", full, json!(null)).await;
    let _ = gone.is(204);
    let _ = call("GET", "/sessions", full, json!(null)).await.is(401);
}

#[tokio::test]
async fn everybody_finds_deputies() {
    let house = house(SecondFactor::WhenEnrolled).await;
    let page = house.site.get("/deputies?q=%E5%BC%A0").await.ok();
    assert_eq!(page.select(".empty-title"), ["没有找到代表"]);
    assert_eq!(page.attr("#f-q", "value"), ["张"]);
    house.site.set_cookie("lang", "en");
    assert_eq!(
        house.site.get("/deputies").await.ok().select("h1"),
        ["Find a deputy"]
    );
}
