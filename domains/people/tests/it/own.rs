//! What a person does with their own account.

use directory::{sessions::SecondFactor, sign_in};
use kernel::Role;

use crate::common::{PASSWORD, house};

#[tokio::test]
async fn a_new_telephone_is_enrolled_after_a_proof() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    house.enter("liming").await;
    let page = house
        .site
        .get("/account/second-factor?back=/account")
        .await
        .ok();
    assert_eq!(page.header("cache-control"), "no-store");
    let old = page.select("#factor-secret").remove(0);
    let code = house.code(&old);
    let fields = [("code", code.as_str()), ("back", "/account")];
    let enrolled = house.site.submit("/account/second-factor", &fields).await;
    let first = enrolled.ok().select("#recovery-codes code");

    // Now a telephone is enrolled: a session left open shows and changes nothing.
    for (page, next) in [
        ("/account/second-factor", "factor"),
        ("/account/recovery-codes", "codes"),
    ] {
        let away = house.site.get(page).await.is(303);
        assert_eq!(away.location(), format!("/account/proof?next={next}"));
    }
    let away = house.site.submit("/account/recovery-codes", &[]).await;
    assert_eq!(away.is(303).location(), "/account/proof?next=codes");
    let page = house.site.get("/account/proof?next=codes").await.ok();
    assert_eq!(page.select("h1"), ["再次确认是您本人"]);
    house.clock.advance_seconds(60);
    let code = house.code(&old);
    let wrong = [("next", "codes"), ("password", "wrong"), ("code", &code)];
    let page = house.site.submit("/account/proof", &wrong).await.is(422);
    assert_eq!(page.select("#f-password-error").len(), 1);
    let wrong = [("next", "codes"), ("password", PASSWORD), ("code", "1")];
    let page = house.site.submit("/account/proof", &wrong).await.is(422);
    assert_eq!(page.select("#f-code-error").len(), 1);
    let right = [("next", "codes"), ("password", PASSWORD), ("code", &code)];
    let on = house.site.submit("/account/proof", &right).await.is(303);
    assert_eq!(on.location(), "/account/recovery-codes");
    let _ = house.site.get(on.location()).await.ok();
    let page = house.site.submit("/account/recovery-codes", &[]).await.ok();
    let renewed = page.select("#recovery-codes code");
    assert_ne!(renewed, first);
    let page = house.site.get("/account/second-factor").await.ok();
    assert_ne!(page.select("#factor-secret"), [old]);
}

#[tokio::test]
async fn one_sees_ones_own_sign_ins_and_what_failed() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.account("liming", Role::Clerk).await;
    house.account("wangfang", Role::Clerk).await;
    let _ = house.sign_in("liming", "wrong").await.is(422);
    house.enter("wangfang").await;
    house.enter("liming").await;
    let page = house.site.get("/account/sign-ins").await.ok();
    let rows = page.select("tbody td:nth-child(2)");
    assert_eq!(rows, ["登录", "密码不对"]);
    house.site.set_cookie("lang", "en");
    let page = house.site.get("/account/sign-ins").await.ok();
    assert_eq!(
        page.select("tbody td:nth-child(2)"),
        ["Signed in", "Wrong password"]
    );
}

#[tokio::test]
async fn a_known_browser_is_not_kept_waiting_by_strangers() {
    let mut house = house(SecondFactor::WhenEnrolled).await;
    house.gate.rules.name.free = 3;
    house.account("liming", Role::Clerk).await;
    house.enter("liming").await;
    let _ = house.site.submit("/sign-out", &[]).await.is(303);
    let origin = sign_in::Origin {
        site: house.congress,
        device: "",
        mark: "",
    };
    for guess in 1..=5 {
        let network = format!("203.0.113.{guess}").parse().unwrap();
        let stranger = house.gate.at(directory::lockout::Network::of(network));
        let _ = sign_in::sign_in(&stranger, "liming", "wrong", &origin).await;
    }
    let elsewhere = sign_in::sign_in(&house.gate, "liming", PASSWORD, &origin).await;
    assert!(elsewhere.is_err(), "the name is locked everywhere else");
    let _ = house.sign_in("liming", PASSWORD).await.is(303);
}
