//! Signing in by the city's identity provider, as a browser does it.

use directory::{oidc::Oidc, sessions::SecondFactor};
use kernel::{Clock as _, Role, TestClock};

use crate::{
    common::{House, PASSWORD, house_with},
    provider::Idp,
};

async fn with_provider() -> (House, std::sync::Arc<Idp>) {
    let now = TestClock::default().now().micros() / 1_000_000;
    let idp = Idp::start(now).await;
    let oidc = Oidc::new(idp.provider()).unwrap();
    (house_with(SecondFactor::Required, Some(oidc)).await, idp)
}

/// Follows the way to the provider and back.
async fn round_trip(house: &House, idp: &Idp, start: &str) -> webtest::Answer {
    let sent = house.site.get(start).await.is(303);
    let cookie = sent.header("set-cookie").to_owned();
    assert!(
        cookie.contains("Max-Age=600") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let asked = idp.visit(sent.location());
    let back = format!("/sign-in/oidc/back?code=good&state={}", asked["state"]);
    house.site.get(&back).await
}

#[tokio::test]
async fn a_clerk_binds_their_account_and_comes_in_by_the_provider() {
    let (house, idp) = with_provider().await;
    house.account("liming", Role::Clerk).await;
    let page = house.site.get("/sign-in?back=/desk").await.ok();
    let way = page.attr("main .acts a", "href");
    assert_eq!(way, ["/sign-in/oidc?back=/desk"]);
    let unknown = round_trip(&house, &idp, &way[0]).await.is(403);
    assert!(unknown.text().contains("person-7"), "who is to be bound");

    // In by the password, a telephone enrolled, and the proof shown.
    let due = house.sign_in("liming", PASSWORD).await.is(303);
    let page = house.site.get(due.location()).await.ok();
    let secret = page.select("#factor-secret").remove(0);
    let code = house.code(&secret);
    let fields = [("code", code.as_str()), ("back", "/account")];
    let enrolled = house.site.submit("/account/second-factor", &fields).await;
    let _ = enrolled.ok();
    let away = house.site.get("/account/identity").await.is(303);
    assert_eq!(away.location(), "/account/proof?next=identity");
    let away = house.site.get("/account/identity/start").await.is(303);
    assert_eq!(away.location(), "/account/proof?next=identity");
    house.clock.advance_seconds(30);
    let code = house.code(&secret);
    let proof = [
        ("next", "identity"),
        ("password", PASSWORD),
        ("code", &*code),
    ];
    let on = house.site.submit("/account/proof", &proof).await.is(303);
    let page = house.site.get(on.location()).await.ok();
    let start = page.attr("main .acts a.primary", "href").remove(0);
    let bound = round_trip(&house, &idp, &start).await.is(303);
    assert_eq!(bound.location(), "/account");
    let page = house.site.get("/account").await.ok();
    assert_eq!(page.select("#identities code"), ["person-7"]);

    // Next time by the provider: our own second factor is asked for, because it says of none.
    let _ = house.site.submit("/sign-out", &[]).await.is(303);
    let half = round_trip(&house, &idp, &way[0]).await.is(303);
    assert_eq!(half.location(), "/sign-in/code?back=/desk");
    let _ = house.site.submit("/sign-out", &[]).await.is(303);
    *idp.amr.lock().unwrap() = vec!["mfa"];
    let full = round_trip(&house, &idp, &way[0]).await.is(303);
    assert_eq!(full.location(), "/desk");
    let page = house.site.get("/account").await.ok();
    let fields = ["issuer", "subject"].map(|name| {
        (
            name,
            page.attr(&format!("#identities [name={name}]"), "value"),
        )
    });
    let fields = fields.map(|(name, value)| (name, value[0].clone()));
    let fields = fields.each_ref().map(|(name, value)| (*name, &**value));
    let unbound = house.site.submit("/account/identity/unbind", &fields).await;
    assert_eq!(unbound.is(303).location(), "/account");
    let _ = house.site.submit("/sign-out", &[]).await.is(303);
    let _ = round_trip(&house, &idp, &way[0]).await.is(403);
}

#[tokio::test]
async fn a_strangers_link_signs_nobody_in_and_a_refusal_is_told() {
    let (house, idp) = with_provider().await;
    let sent = house.site.get("/sign-in/oidc").await.is(303);
    let asked = idp.visit(sent.location());
    house.site.sign_out();
    let back = format!("/sign-in/oidc/back?code=good&state={}", asked["state"]);
    let stale = house.site.get(&back).await.is(400);
    assert!(stale.text().contains("不是从这里开始的"));
    let declined = house.site.get("/sign-in/oidc/back?error=access_denied");
    assert_eq!(declined.await.is(303).location(), "/sign-in");
    idp.asked_what.lock().unwrap().1 = false;
    house.clock.advance_seconds(3_600);
    let down = house.site.get("/sign-in/oidc").await.is(503);
    assert!(down.text().contains("连不上统一身份认证"));
}

#[tokio::test]
async fn the_administrator_binds_an_account_that_has_no_password() {
    let (house, idp) = with_provider().await;
    *idp.amr.lock().unwrap() = vec!["mfa"];
    let admin = house.account("admin", Role::Admin).await;
    let mut tx = house.gate.db.begin(kernel::Actor::System).await.unwrap();
    directory::oidc::bind(&house.gate, &mut tx, admin, &idp.issuer, "person-7")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let _ = round_trip(&house, &idp, "/sign-in/oidc").await.is(303);
    let person = house.person("陈桂兰").await.to_string();
    let fields = [("person", &*person), ("login", "chen")];
    let made = house.site.submit("/admin/accounts", &fields).await.is(303);
    let account = made.location().to_owned();
    let taken = [("subject", "person-7")];
    let bind = format!("{account}/bind");
    let page = house.site.submit(&bind, &taken).await.is(422);
    assert_eq!(page.select("#errors li"), ["这个编号已经和一个账号绑定"]);
    let _ = house
        .site
        .submit(&bind, &[("subject", "person-8")])
        .await
        .is(303);
    let page = house.site.get(&account).await.ok();
    assert_eq!(page.select("#identities code"), ["person-8"]);
    let _ = house
        .site
        .submit(&format!("{account}/unbind"), &[("subject", "person-8")])
        .await
        .is(303);
}

#[tokio::test]
async fn a_city_without_a_provider_shows_none() {
    let house = house_with(SecondFactor::WhenEnrolled, None).await;
    let page = house.site.get("/sign-in").await.ok();
    assert!(page.attr("main .acts a", "href").is_empty());
    for path in ["/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y"] {
        let _ = house.site.get(path).await.is(404);
    }
}
