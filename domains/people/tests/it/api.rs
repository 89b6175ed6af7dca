//! Everything a page does, a program does too.

use std::collections::BTreeSet;

use directory::sessions::SecondFactor;
use kernel::Role;
use serde_json::{Value, json};

use crate::common::{House, PASSWORD, house};

/// Each thing that a page does, and the operation that does it for programs. `None` says why there
/// is none.
const TWINS: &[(&str, Result<&str, &str>)] = &[
    ("GET /account", Ok("get /account")),
    ("GET /account", Ok("get /sessions")),
    ("GET /account", Ok("get /account/identities")),
    (
        "POST /account/sessions/{id}/end",
        Ok("delete /sessions/{id}"),
    ),
    ("GET /account/password", Err("a form")),
    ("POST /account/password", Ok("put /account/password")),
    (
        "GET /account/second-factor",
        Ok("post /account/second-factor"),
    ),
    (
        "POST /account/second-factor",
        Ok("post /account/second-factor/confirmation"),
    ),
    ("GET /account/proof", Err("a form")),
    ("POST /account/proof", Ok("post /account/proof")),
    ("GET /account/recovery-codes", Err("a form")),
    (
        "POST /account/recovery-codes",
        Ok("post /account/recovery-codes"),
    ),
    (
        "GET /account/identity",
        Err("the way to the provider needs a browser"),
    ),
    (
        "GET /account/identity/start",
        Err("the way to the provider needs a browser"),
    ),
    (
        "POST /account/identity/unbind",
        Ok("delete /account/identities"),
    ),
    ("GET /account/sign-ins", Ok("get /account/sign-ins")),
    ("GET /sign-in", Err("a form")),
    ("POST /sign-in", Ok("post /sessions")),
    ("GET /sign-in/code", Err("a form")),
    ("POST /sign-in/code", Ok("post /sessions/current/code")),
    (
        "GET /sign-in/oidc",
        Err("the way to the provider needs a browser"),
    ),
    (
        "GET /sign-in/oidc/back",
        Err("the way to the provider needs a browser"),
    ),
    ("POST /sign-out", Ok("delete /sessions/current")),
    ("GET /deputies", Ok("get /deputies")),
    ("GET /admin", Err("links to the other pages")),
    ("GET /admin/accounts", Ok("get /accounts")),
    ("POST /admin/accounts", Ok("post /accounts")),
    ("GET /admin/accounts/{id}", Ok("get /accounts/{id}")),
    (
        "GET /admin/accounts/{id}",
        Ok("get /accounts/{id}/sessions"),
    ),
    ("GET /admin/accounts/{id}", Ok("get /accounts/{id}/events")),
    (
        "GET /admin/accounts/{id}",
        Ok("get /accounts/{id}/identities"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("post /accounts/{id}/roles"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("delete /accounts/{id}/roles/{role}"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("post /accounts/{id}/first-password"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("delete /accounts/{id}/second-factor"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("post /accounts/{id}/close"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("delete /accounts/{id}/sessions/{session}"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("post /accounts/{id}/identities"),
    ),
    (
        "POST /admin/accounts/{id}/{act}",
        Ok("delete /accounts/{id}/identities"),
    ),
    ("GET /admin/people", Ok("get /people")),
    ("POST /admin/people", Ok("post /people")),
    ("GET /admin/people/{id}", Ok("get /people/{id}")),
    ("POST /admin/people/{id}/seats", Ok("post /deputies")),
    ("POST /admin/seats/{id}", Ok("patch /deputies/{id}")),
    ("GET /admin/organs", Ok("get /organs")),
    ("POST /admin/organs", Ok("post /organs")),
    ("GET /admin/congress", Ok("get /terms")),
    ("POST /admin/congress/terms", Ok("post /terms")),
    ("GET /admin/congresses", Ok("get /congresses")),
    ("POST /admin/congresses", Ok("post /congresses")),
    ("GET /admin/divisions", Ok("get /divisions")),
    ("GET /admin/import", Ok("get /imports")),
    ("POST /admin/import", Ok("post /imports")),
    ("GET /admin/import/template", Ok("get /imports/columns")),
    ("GET /admin/imports/{id}", Ok("get /imports/{id}")),
    (
        "POST /admin/imports/{id}/handover",
        Ok("post /imports/{id}/first-passwords"),
    ),
    ("GET /admin/lockouts", Ok("get /lockouts")),
    ("POST /admin/lockouts", Ok("delete /lockouts/{subject}")),
    ("GET /audit", Ok("get /audit")),
    ("POST /audit/file", Ok("get /audit")),
];

#[tokio::test]
async fn every_page_of_this_domain_has_its_operation() {
    let house = house(SecondFactor::WhenEnrolled).await;
    let module = people::module(house.gate.clone(), None, directory::audit::KEEP_DAYS_LEAST);
    let listed: BTreeSet<String> = TWINS
        .iter()
        .map(|(page, _)| page.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert_eq!(webtest::paths(&module.pages), listed);
    let described = house.site.get("/api/openapi.json").await.ok().json();
    for (page, twin) in TWINS {
        let Ok(twin) = twin else { continue };
        let (method, path) = twin.split_once(' ').unwrap();
        let operation = &described["paths"][format!("/api/v1{path}")][method];
        assert!(operation.is_object(), "{page} has no {twin}");
    }
    // And nothing that a page answers is left out: each method of each path.
    for path in &listed {
        let concrete = path.replace("{id}", "0197c5a0-0000-7000-8000-000000000001");
        let concrete = concrete.replace("{act}", "close");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = house.site.call(method, &concrete, "", &Value::Null).await;
            let there = answer.status != 405;
            let told = TWINS
                .iter()
                .any(|(page, _)| *page == format!("{method} {path}"));
            assert_eq!(there, told, "{method} {path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn nobody_comes_further_than_the_description_says() {
    let house = house(SecondFactor::WhenEnrolled).await;
    house.site.lets_nobody_in(&[], &["post /sessions"]).await;
}

async fn staffed() -> House {
    let house = house(SecondFactor::WhenEnrolled).await;
    for role in [Role::Clerk, Role::Admin, Role::Security, Role::Auditor] {
        house.account(role.as_str(), role).await;
    }
    house
}

fn id(answer: &webtest::Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_makes_an_account_and_gives_it_its_role() {
    let house = staffed().await;
    let (admin, security) = (house.token("admin").await, house.token("security").await);
    let clerk = house.token("clerk").await;
    let new = json!({ "name": "王芳", "reference": "QM-0007" });
    let person = house
        .call("POST", "/people", &clerk, new.clone())
        .await
        .is(201);
    let refused = house.call("POST", "/people", &clerk, new).await.is(422);
    assert_eq!(refused.json()["error"]["fields"][0]["field"], "reference");
    let person = id(&person);
    let new = json!({ "person": person, "login": "WangFang" });
    let _ = house
        .call("POST", "/accounts", &clerk, new.clone())
        .await
        .is(403);
    let _ = house
        .call("POST", "/accounts", "", new.clone())
        .await
        .is(401);
    let made = house.call("POST", "/accounts", &admin, new).await.is(201);
    assert_eq!(
        (&made.json()["login"], &made.json()["roles"]),
        (&json!("wangfang"), &json!([]))
    );
    let account = format!("/accounts/{}", id(&made));
    let role = json!({ "role": "clerk" });
    let roles = format!("{account}/roles");
    let _ = house
        .call("POST", &roles, &admin, role.clone())
        .await
        .is(403);
    let given = house.call("POST", &roles, &security, role).await.ok();
    assert_eq!(given.json()["roles"], json!(["clerk"]));
    let both = json!({ "role": "auditor" });
    let _ = house.call("POST", &roles, &security, both).await.is(422);
    let path = format!("{account}/first-password");
    let first = house.call("POST", &path, &admin, Value::Null).await.ok();
    let password = first.json()["password"].as_str().unwrap().to_owned();
    let typed = json!({ "login": "wangfang", "password": password });
    let opened = house.call("POST", "/sessions", "", typed).await.is(201);
    assert_eq!(opened.json()["stage"], "new_password");
    let half = opened.json()["token"].as_str().unwrap().to_owned();
    let own = house.call("GET", "/account", &half, Value::Null).await.ok();
    assert_eq!(
        own.json()["roles"],
        json!([]),
        "no work before a password of one's own"
    );
    let new = json!({ "old": password, "new": PASSWORD });
    let full = house
        .call("PUT", "/account/password", &half, new)
        .await
        .ok();
    assert_eq!(full.json()["stage"], "full");

    let place = format!("{account}/sessions");
    let _ = house.call("GET", &place, &admin, Value::Null).await.is(403);
    let running = house.call("GET", &place, &security, Value::Null).await.ok();
    let session = running.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = format!("{place}/{session}");
    let _ = house
        .call("DELETE", &place, &security, Value::Null)
        .await
        .is(204);
    let full = full.json()["token"].as_str().unwrap().to_owned();
    let _ = house
        .call("GET", "/account", &full, Value::Null)
        .await
        .is(401);
    let place = format!("{account}/close");
    let _ = house
        .call("POST", &place, &security, Value::Null)
        .await
        .is(403);
    let closed = house.call("POST", &place, &admin, Value::Null).await.ok();
    assert!(closed.json()["closed_at"].is_string());
    let _ = house
        .call("POST", &place, &admin, Value::Null)
        .await
        .is(404);
    let listed = house
        .call("GET", "/accounts?q=wang", &admin, Value::Null)
        .await
        .ok();
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_program_enrols_a_telephone_and_renews_its_codes_after_a_proof() {
    let house = staffed().await;
    let token = house.token("clerk").await;
    let started = house
        .call("POST", "/account/second-factor", &token, Value::Null)
        .await
        .ok();
    let secret = started.json()["secret"].as_str().unwrap().to_owned();
    let code = json!({ "code": house.code(&secret) });
    let place = "/account/second-factor/confirmation";
    let enrolled = house.call("POST", place, &token, code).await.ok().json();
    assert_eq!(enrolled["recovery_codes"].as_array().unwrap().len(), 10);
    let token = enrolled["token"].as_str().unwrap();
    for place in ["/account/second-factor", "/account/recovery-codes"] {
        let early = house.call("POST", place, token, Value::Null).await.is(409);
        assert_eq!(early.json()["error"]["code"], "unproved");
    }
    house.clock.advance_seconds(30);
    let proof = json!({ "password": PASSWORD, "code": house.code(&secret) });
    let _ = house
        .call("POST", "/account/proof", token, proof)
        .await
        .is(204);
    let renewed = house
        .call("POST", "/account/recovery-codes", token, Value::Null)
        .await
        .ok();
    assert_ne!(renewed.json()["recovery_codes"], enrolled["recovery_codes"]);
    let signed = house
        .call("GET", "/account/sign-ins", token, Value::Null)
        .await
        .ok();
    assert_eq!(signed.json()["items"][0]["act"], "signed_in");
}

#[tokio::test]
async fn a_program_keeps_seats_organs_and_terms() {
    let house = staffed().await;
    let (admin, clerk) = (house.token("admin").await, house.token("clerk").await);
    let organ = json!({ "name": "东城代表团", "kind": "delegation" });
    let _ = house
        .call("POST", "/organs", &clerk, organ.clone())
        .await
        .is(403);
    let organ = house.call("POST", "/organs", &admin, organ).await.is(201);
    let person = house.person("陈桂兰").await.to_string();
    let new = json!({ "person": person, "constituency": "第一选区", "number": "0001",
        "delegation": id(&organ), "since_on": "2023-01-15" });
    let seat = house
        .call("POST", "/deputies", &clerk, new.clone())
        .await
        .is(201);
    let _ = house.call("POST", "/deputies", &clerk, new).await.is(422);
    let place = format!("/deputies/{}", id(&seat));
    let change = |state| json!({ "state": state, "on": "2026-07-01" });
    let ended = house
        .call("PATCH", &place, &clerk, change("ended"))
        .await
        .ok();
    assert_eq!(ended.json()["until_on"], "2026-07-01");
    let _ = house
        .call("PATCH", &place, &clerk, change("seated"))
        .await
        .is(404);
    let person = house
        .call("GET", &format!("/people/{person}"), &clerk, Value::Null)
        .await
        .ok();
    assert_eq!(person.json()["seats"][0]["state"], "ended");
    let term = json!({ "ordinal": 17, "starts_on": "2026-06-30", "seats": 800 });
    let terms = house
        .call("POST", "/terms", &admin, term)
        .await
        .is(201)
        .json();
    assert_eq!(terms["items"][1]["ends_on"], "2026-06-29");
    let congress = json!({ "division": "110101", "name": "东城区人民代表大会" });
    let _ = house
        .call("POST", "/congresses", &admin, congress.clone())
        .await
        .is(201);
    let _ = house
        .call("POST", "/congresses", &admin, congress)
        .await
        .is(422);
    let first = house
        .call("GET", "/divisions?limit=2", "", Value::Null)
        .await
        .ok()
        .json();
    let next = first["next_cursor"].as_str().unwrap();
    let second = house
        .call("GET", &format!("/divisions?cursor={next}"), "", Value::Null)
        .await
        .ok();
    assert_ne!(second.json()["items"][0], first["items"][1]);
    let _ = house
        .call("GET", "/divisions?cursor=x", "", Value::Null)
        .await
        .is(400);
    for path in ["/deputies?q=a%00b", "/api/v1/deputies?q=a%00b"] {
        let _ = house.site.get(path).await.is(422);
    }
}

#[tokio::test]
async fn a_program_imports_checks_and_hands_over() {
    let house = staffed().await;
    let admin = house.token("admin").await;
    let send = async |query: &str, file: &'static str| {
        let path = format!("/api/v1/imports?{query}");
        let mut request = webtest::request("POST", &path, file.into());
        let bearer = format!("Bearer {admin}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        house.site.send(request).await
    };
    let file = "login,name,reference\nli,李强,QM-0002\n";
    let checked = send("kind=accounts&dry_run=true", file).await.ok().json();
    assert_eq!(
        (&checked["rows"], &checked["import"]),
        (&json!(1), &Value::Null)
    );
    let done = send("kind=accounts&file_name=a.csv", file)
        .await
        .is(201)
        .json();
    let again = send("kind=accounts", file).await.is(422).json();
    assert_eq!(again["error"]["fields"][0]["field"], "2.login");
    let _ = send("kind=roles", file).await.is(403);
    let run = format!("/imports/{}", done["import"].as_str().unwrap());
    let shown = house
        .call("GET", &run, &admin, Value::Null)
        .await
        .ok()
        .json();
    assert_eq!(
        (&shown["file_name"], &shown["unused_accounts"]),
        (&json!("a.csv"), &json!(1))
    );
    let place = format!("{run}/first-passwords");
    let given = house
        .call("POST", &place, &admin, Value::Null)
        .await
        .ok()
        .json();
    assert_eq!(given["items"][0]["login"], "li");
    let columns = house
        .call("GET", "/imports/columns?kind=roles", &admin, Value::Null)
        .await
        .ok();
    assert_eq!(columns.json()["items"][1]["name_zh"], "角色");
}

#[tokio::test]
async fn a_program_of_the_auditor_reads_the_trail_page_by_page() {
    let house = staffed().await;
    let (auditor, security) = (house.token("auditor").await, house.token("security").await);
    let _ = house
        .call("GET", "/audit", &security, Value::Null)
        .await
        .is(403);
    let (mut seen, mut path) = (Vec::new(), "/audit?limit=7".to_owned());
    loop {
        let page = house
            .call("GET", &path, &auditor, Value::Null)
            .await
            .ok()
            .json();
        let items = page["items"].as_array().unwrap().clone();
        seen.extend(items.iter().map(|event| event["seq"].as_i64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/audit?limit=7&cursor={next}");
    }
    assert!(
        seen.len() > 14 && seen.is_sorted_by(|one, next| *one == next + 1),
        "{seen:?}"
    );
    let given = house
        .call("GET", "/audit?act=role_given", &auditor, Value::Null)
        .await
        .ok();
    assert_eq!(given.json()["items"].as_array().unwrap().len(), 4);
    let _ = house
        .call("GET", "/audit?act=nothing", &auditor, Value::Null)
        .await
        .is(400);

    for _ in 0..5 {
        let typed = json!({ "login": "clerk", "password": "wrong" });
        let _ = house.call("POST", "/sessions", "", typed).await.is(401);
    }
    let typed = json!({ "login": "clerk", "password": PASSWORD });
    let wait = house
        .call("POST", "/sessions", "", typed.clone())
        .await
        .is(429);
    assert_eq!(wait.header("retry-after"), "60");
    let locked = house
        .call("GET", "/lockouts", &security, Value::Null)
        .await
        .ok()
        .json();
    let subject = locked["items"][0]["subject"].as_str().unwrap();
    let place = format!("/lockouts/{subject}");
    let _ = house
        .call("DELETE", &place, &security, Value::Null)
        .await
        .is(204);
    let _ = house.call("POST", "/sessions", "", typed).await.is(201);
}
