//! The frame of the site, driven in process.

use axum::{
    Router,
    body::Body,
    http::header,
    routing::{get, post},
};
use kernel::{
    AccountId, Actor, CongressId, PersonId, Role, SeededEntropy, TestClock, actor::SignedIn,
};
use store::testing::TestDb;
use web::{App, FieldErrors, Form, Json, Lang, Module, NavItem, Page, Problem, RateLimits, limits};
use webtest::{TestSite, request};

fn module() -> Module {
    let pages = Router::<App>::new()
        .route(
            "/panic",
            get(async || -> &'static str { panic!("on purpose") }),
        )
        .route(
            "/desk",
            get(async |page: Page| page.require(&[Role::Clerk]).map(|_| "desk")),
        )
        .route(
            "/limited",
            get(async |page: Page| page.limit(&limits::EXPORT).map(|()| "in")),
        )
        .route(
            "/refused",
            post(async |form: Form| -> Problem {
                Problem::from(FieldErrors::one("text", "vocab-text-wrong")).keeping(&form.fields)
            }),
        )
        .route("/busy", get(async || Problem::unavailable()));
    let nav = vec![
        NavItem {
            key: "vocab-form",
            href: "/refused",
            order: 1,
            roles: &[],
        },
        NavItem {
            key: "vocab-table",
            href: "/desk",
            order: 2,
            roles: &[Role::Clerk],
        },
    ];
    let api = utoipa_axum::router::OpenApiRouter::new()
        .route(
            "/echo",
            post(async |Json(value): Json<serde_json::Value>| axum::Json(value)),
        )
        .route(
            "/refused",
            get(async || Problem::from(FieldErrors::one("text", "vocab-text-wrong"))),
        );
    Module {
        pages,
        nav,
        api,
        ..Module::new("test")
    }
}

async fn site() -> TestSite {
    TestSite::sqlite(vec![module()]).await
}

fn clerk() -> Actor {
    let (now, entropy) = (TestClock::START, SeededEntropy::new(3));
    Actor::Account(SignedIn {
        account: AccountId::new(now, &entropy),
        person: PersonId::new(now, &entropy),
        congress: CongressId::new(now, &entropy),
        deputy: None,
        name: "陈立".to_owned(),
        roles: vec![Role::Clerk],
    })
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let site = site().await;
    for path in [
        "/components",
        "/nothing",
        "/api/v1/nothing",
        "/healthz",
        "/panic",
    ] {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
    assert!(
        site.get("/components")
            .await
            .header("vary")
            .contains("HX-Request")
    );
}

#[tokio::test]
async fn pages_hold_nothing_inline_and_nothing_from_elsewhere() {
    let site = site().await;
    for path in ["/components?lang=zh", "/components?lang=en", "/nothing"] {
        let page = site.get(path).await;
        assert_eq!(
            page.select("script:not([src]), style, [style], [onclick], iframe"),
            Vec::<String>::new()
        );
        for address in page
            .attr("[src]", "src")
            .into_iter()
            .chain(page.attr("link", "href"))
        {
            assert!(address.starts_with("/assets/"), "{address}");
            let asset = site.get(&address).await.ok();
            assert!(asset.header("cache-control").contains("immutable"));
        }
    }
    let old = site.get("/assets/000000000000/app.css").await.is(307);
    assert!(
        old.location().ends_with("/app.css") && !old.header("cache-control").contains("immutable")
    );
    let _ = site.get("/assets/000000000000/passwd").await.is(404);
}

#[tokio::test]
async fn every_form_on_a_page_is_labelled_and_ids_are_unique() {
    let site = site().await;
    let token = site.token().await;
    for lang in ["zh", "en"] {
        let path = format!("/components?lang={lang}");
        for page in [
            site.get(&path).await,
            site.post(&path, &[("token", &token)]).await,
        ] {
            let ids = page.attr("[id]", "id");
            let unique: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), unique.len(), "{ids:?}");
            for name in page.attr("main input[id], main textarea, main select", "id") {
                assert_eq!(
                    page.select(&format!("label[for='{name}']")).len(),
                    1,
                    "{name}"
                );
            }
            for described in page.attr("[aria-describedby]", "aria-describedby") {
                assert!(
                    described
                        .split(' ')
                        .all(|id| ids.iter().any(|known| known == id)),
                    "{described}"
                );
            }
            for link in page.attr(".errors a", "href") {
                assert!(ids.iter().any(|id| format!("#{id}") == link), "{link}");
            }
        }
    }
}

#[tokio::test]
async fn every_class_a_page_uses_is_in_the_style_sheet() {
    let site = site().await;
    let css = include_str!("../assets/app.css");
    let mut classes = Vec::new();
    for page in [
        site.get("/components").await,
        site.submit("/components", &[]).await,
        site.get("/nothing").await,
    ] {
        classes.extend(page.attr("[class]", "class"));
    }
    let words = classes.iter().flat_map(|class| class.split_whitespace());
    // Named for scripts, tests and modifiers without a look of their own.
    const BARE: [&str; 4] = ["primary", "info", "done", "art-text"];
    for word in words.filter(|word| !BARE.contains(word)) {
        assert!(
            css.contains(&format!(".{word}")),
            "the class {word} is not in app.css"
        );
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let site = site().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let mut post = request("POST", "/components", Body::empty());
        post.headers_mut().insert(name, value.parse().unwrap());
        let answer = site.send(post).await.is(403);
        assert!(answer.select(".lead")[0].contains("别的网站"));
    }
    let mut own = request("POST", "/components", Body::from("text=x"));
    own.headers_mut()
        .insert("sec-fetch-site", "same-origin".parse().unwrap());
    own.headers_mut().insert(
        header::CONTENT_TYPE,
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    let _ = site.send(own).await.is(422);
}

#[tokio::test]
async fn refusals_keep_what_was_typed_in_both_languages() {
    let site = site().await;
    for (lang, words) in [
        ("zh", "请写下您的意见"),
        ("en", "Please write your opinion"),
    ] {
        let path = format!("/components?lang={lang}");
        let page = site
            .submit(
                &path,
                &[("name", "<王>"), ("text", " "), ("outcome", "adopted")],
            )
            .await
            .is(422);
        assert_eq!(page.select(".errors a"), [words]);
        assert_eq!(page.attr("#f-name", "value"), ["<王>"]);
        assert_eq!(
            page.attr("input[checked][type=radio]", "value"),
            ["adopted"]
        );
        assert_eq!(page.attr("#f-text", "aria-invalid"), ["true"]);
        let path = format!("/refused?lang={lang}");
        let page = site
            .submit(&path, &[("text", "夜里没地方扔")])
            .await
            .is(422);
        assert_eq!(page.select(".typed"), ["夜里没地方扔"]);
    }
    let page = site
        .submit("/components", &[("text", "好"), ("outcome", "adopted")])
        .await
        .is(303);
    assert_eq!(page.location(), "/components");
    assert_eq!(
        site.get("/components").await.select(".wrap-notice").len(),
        1
    );
    assert_eq!(
        site.get("/components").await.select(".wrap-notice").len(),
        0
    );
}

#[tokio::test]
async fn an_expired_form_comes_back_with_what_was_typed() {
    let site = site().await;
    let token = site.token().await;
    site.clock.advance_seconds(12 * 3600 + 1);
    let fields = [
        ("token", token.as_str()),
        ("text", "保留"),
        ("outcome", "adopted"),
    ];
    let page = site.post("/components", &fields).await.is(422);
    assert!(page.select(".errors li")[0].contains("过期"));
    assert_eq!(page.select("#f-text"), ["保留"]);
    let fresh = page.attr("main input[name=token]", "value").remove(0);
    let fields = [
        ("token", fresh.as_str()),
        ("text", "保留"),
        ("outcome", "adopted"),
    ];
    let _ = site.post("/components", &fields).await.is(303);
    let _ = site
        .post("/components", &[("text", "x"), ("outcome", "adopted")])
        .await
        .is(422);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_words() {
    let site = site().await;
    let page = site.post_raw("/components", "text=%FF%FE").await.is(400);
    assert!(page.select(".lead")[0].contains("UTF-8"));
    let page = site
        .post_raw("/components", vec![b'a'; web::BODY_BYTES_MAX + 1])
        .await
        .is(413);
    assert!(page.select(".lead")[0].contains("12 MB"));
    let _ = site
        .post_raw("/components", vec![b'a'; web::BODY_BYTES_MAX])
        .await
        .is(422);
    let _ = site
        .post_json("/components", &serde_json::json!({}))
        .await
        .is(415);
    let answer = site
        .post_json("/api/v1/echo", &serde_json::json!({"text": "a\0b"}))
        .await
        .is(422);
    assert_eq!(answer.json()["error"]["code"], "refused");
    let answer = site
        .post_json(
            "/api/v1/echo",
            &serde_json::json!({"text": "a\\u0000b 🙂 \u{202e}"}),
        )
        .await
        .ok();
    assert_eq!(answer.json()["text"], "a\\u0000b 🙂 \u{202e}");
}

#[tokio::test]
async fn the_api_has_one_form_of_errors() {
    let site = site().await;
    for (answer, status, code) in [
        (site.get("/api/v1/nothing").await, 404, "not_found"),
        (site.get("/api/v1/echo").await, 405, "method_not_allowed"),
        (
            site.post("/api/v1/echo", &[]).await,
            415,
            "unsupported_media",
        ),
        (site.get("/api/v1/refused").await, 422, "refused"),
    ] {
        let answer = answer.is(status);
        assert_eq!(answer.json()["error"]["code"], code);
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json")
        );
        assert!(!answer.header("ratelimit-limit").is_empty());
    }
    site.set_cookie("lang", "en");
    let answer = site.get("/api/v1/refused").await;
    assert_eq!(
        answer.json()["error"]["fields"][0]["message"],
        "Please write your opinion"
    );
    assert_eq!(
        site.get("/api/openapi.json").await.ok().json()["openapi"],
        "3.1.0"
    );
}

/// Whoever writes a program reads beforehand how much it may ask, and what it hears when that is used up.
#[tokio::test]
async fn the_description_names_the_limits_and_the_schemes() {
    let site = site().await;
    let described = site.get("/api/openapi.json").await.ok().json();
    let told = described["info"]["description"].as_str().unwrap();
    for rule in limits::RULES {
        let line = format!(
            "* `{}`, {}: {} at once, all of them again after {} seconds",
            rule.name, rule.of, rule.burst, rule.seconds
        );
        assert!(told.contains(&line), "{line}");
    }
    let parts = &described["components"];
    let wait = &parts["responses"]["TooMany"]["headers"]["Retry-After"];
    assert_eq!(wait["schema"]["type"], "integer");
    assert_eq!(parts["securitySchemes"]["session"]["scheme"], "bearer");
    assert_eq!(parts["securitySchemes"]["cookie"]["name"], "session");
    let https = TestSite::adjusted(TestDb::sqlite(&[], None).await, vec![module()], |app| {
        let site = web::Site {
            secure: true,
            ..(*app.site).clone()
        };
        app.site = std::sync::Arc::new(site);
    });
    let described = https.get("/api/openapi.json").await.ok().json();
    let cookie = &described["components"]["securitySchemes"]["cookie"];
    assert_eq!(cookie["name"], "__Host-session");
}

#[tokio::test]
async fn failures_show_a_number_and_no_cause() {
    let site = site().await;
    let page = site.get("/panic").await.is(500);
    assert_eq!(page.select("main code"), [page.header("x-request-id")]);
    assert!(!page.text().contains("on purpose"));
    let page = site.get("/busy").await.is(503);
    assert_eq!(page.header("retry-after"), "5");
    let page = site.get("/busy?lang=en").await;
    assert_eq!(page.select("h1"), ["This did not work"]);
    assert_eq!(
        site.get("/nothing").await.is(404).select("h1"),
        ["没有找到"]
    );
}

#[tokio::test]
async fn one_request_too_many_is_told_when_to_come_back() {
    let site = site().await;
    for left in (0..limits::EXPORT.burst).rev() {
        assert_eq!(
            site.get("/limited")
                .await
                .ok()
                .header("ratelimit-remaining"),
            left.to_string()
        );
    }
    let refused = site.get("/limited").await.is(429);
    assert_eq!(refused.header("retry-after"), "6");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    site.clock.advance_seconds(6);
    let _ = site.get("/limited").await.ok();
    let wide = TestSite::adjusted(TestDb::sqlite(&[], None).await, vec![module()], |app| {
        app.limits = std::sync::Arc::new(RateLimits::times(100));
    });
    assert_eq!(wide.get("/limited").await.header("ratelimit-limit"), "1000");
}

#[tokio::test]
async fn language_theme_and_type_are_links_that_lead_back() {
    let site = site().await;
    assert_eq!(
        site.get("/components").await.attr("html", "lang"),
        ["zh-CN"]
    );
    assert_eq!(
        site.get("/components?lang=en").await.attr("html", "lang"),
        ["en"]
    );
    let link = site
        .get("/components?lang=zh&x=1")
        .await
        .attr(".bar-end a[hreflang]", "href")
        .remove(0);
    let answer = site.get(&link).await.is(303);
    assert_eq!(answer.location(), "/components?x=1");
    let page = site.get("/components").await;
    assert_eq!(page.attr("html", "lang"), ["en"]);
    let _ = site
        .get("/prefs?type=big&theme=dark&back=/components")
        .await
        .is(303);
    let page = site.get("/components").await;
    assert_eq!(
        (
            page.attr("html", "data-type"),
            page.attr("html", "data-theme")
        ),
        (vec!["big".to_owned()], vec!["dark".to_owned()])
    );
    for bad in [
        "//evil.example",
        "https://evil.example",
        "/%5Cevil.example",
        "/%0d%0ax:y",
    ] {
        let answer = site
            .get(&format!("/prefs?theme=light&back={bad}"))
            .await
            .is(303);
        assert_eq!(answer.location(), "/", "{bad}");
    }
}

#[tokio::test]
async fn a_clerk_sees_the_desk_and_a_resident_is_led_to_sign_in() {
    let site = site().await;
    assert_eq!(
        site.get("/desk?x=1").await.is(303).location(),
        "/sign-in?back=/desk%3Fx%3D1"
    );
    assert_eq!(site.get("/components").await.select(".bar-nav a"), ["表单"]);
    site.sign_in(clerk());
    assert_eq!(site.get("/desk").await.ok().text(), "desk");
    let page = site.get("/components").await;
    assert_eq!(page.select(".bar-nav a"), ["表单", "表格"]);
    assert_eq!(page.select(".bar-user"), ["陈立"]);
    let Actor::Account(mut other) = clerk() else {
        unreachable!()
    };
    other.roles = vec![Role::Auditor];
    site.sign_in(Actor::Account(other));
    let _ = site.get("/desk").await.is(403);
}

#[tokio::test]
async fn both_catalogues_have_the_same_keys() {
    let site = site().await;
    assert_eq!(site.app.texts.lonely_keys(), vec![]);
    assert!(site.app.texts.keys(Lang::En).len() > 100);
}
