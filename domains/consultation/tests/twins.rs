//! Everything a page does, a program can do: each page beside its operation.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::collections::BTreeSet;

use common::*;

/// Each thing that a page does, and the operation that does it for programs; or why there is none.
const TWINS: &[(&str, Result<&str, &str>)] = &[
    ("GET /", Ok("get /consultations")),
    ("GET /consultations", Ok("get /consultations")),
    ("GET /consultations.atom", Ok("get /consultations")),
    ("GET /consultations.ics", Ok("get /consultations")),
    (
        "GET /consultations/{id}/feed.atom",
        Ok("get /consultations/{id}"),
    ),
    ("GET /consultations/{id}", Ok("get /consultations/{id}")),
    (
        "GET /consultations/{id}",
        Ok("get /consultations/{id}/text"),
    ),
    (
        "GET /consultations/{id}/provisions/{provision}",
        Ok("get /consultations/{id}/opinions"),
    ),
    ("GET /consultations/{id}/opinions/new", Err("a form")),
    (
        "POST /consultations/{id}/opinions/new",
        Ok("post /consultations/{id}/opinions"),
    ),
    (
        "GET /consultations/{id}/opinions",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "GET /consultations/{id}/opinions",
        Ok("get /consultations/{id}/versions/{version}/opinions"),
    ),
    ("GET /opinions/{id}", Ok("get /opinions/{id}")),
    (
        "GET /consultations/{id}/compare",
        Ok("get /consultations/{id}/comparison"),
    ),
    (
        "GET /consultations/{id}/compare",
        Ok("get /consultations/{id}/versions"),
    ),
    (
        "GET /consultations/{id}/responses",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "GET /consultations/{id}/responses.csv",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "GET /consultations/{id}/figures",
        Ok("get /consultations/{id}/figures"),
    ),
    (
        "GET /consultations/{id}/data/opinions.csv",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "GET /consultations/{id}/data/figures.csv",
        Ok("get /consultations/{id}/figures"),
    ),
    (
        "GET /consultations/{id}/data/datapackage.json",
        Err("the dictionary of the files"),
    ),
    (
        "GET /consultations/{id}/visits",
        Ok("get /consultations/{id}/visits"),
    ),
    (
        "GET /consultations/{id}/visiting-deputies",
        Ok("get /consultations/{id}/visiting_deputies"),
    ),
    (
        "GET /consultations/{id}/visited-units",
        Ok("get /consultations/{id}/visited_units"),
    ),
    ("GET /receipts", Err("a form")),
    ("POST /receipts", Ok("get /receipts/{code}")),
    ("GET /receipts/{code}", Ok("get /receipts/{code}")),
    ("GET /receipts/{code}/file", Ok("get /receipts/{code}/file")),
    (
        "GET /receipts/{code}/qr.svg",
        Err("a picture of the address"),
    ),
    (
        "POST /receipts/{code}/ask-again",
        Ok("post /receipts/{code}/ask_again"),
    ),
    (
        "POST /receipts/{code}/withdraw",
        Ok("post /receipts/{code}/withdraw"),
    ),
    ("GET /desk", Ok("get /consultations")),
    ("GET /desk/consultations/new", Err("a form")),
    ("POST /desk/consultations/new", Ok("post /consultations")),
    (
        "GET /desk/consultations/{id}",
        Ok("get /consultations/{id}"),
    ),
    (
        "GET /desk/consultations/{id}/queue",
        Ok("get /consultations/{id}/opinions"),
    ),
    ("GET /desk/consultations/{id}/letter", Err("a form")),
    (
        "POST /desk/consultations/{id}/letter",
        Ok("post /consultations/{id}/letters"),
    ),
    (
        "GET /desk/consultations/{id}/alike",
        Ok("get /consultations/{id}/alike"),
    ),
    (
        "POST /desk/consultations/{id}/alike",
        Ok("post /consultations/{id}/alike"),
    ),
    (
        "GET /desk/consultations/{id}/alike/{first}",
        Ok("get /consultations/{id}/alike/{first}"),
    ),
    (
        "POST /desk/consultations/{id}/alike/{first}",
        Ok("post /consultations/{id}/alike/{first}/decision"),
    ),
    (
        "POST /desk/consultations/{id}/publish",
        Ok("post /consultations/{id}/versions"),
    ),
    ("GET /desk/consultations/{id}/{act}", Err("a form")),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("patch /consultations/{id}"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("put /consultations/{id}/text"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/open"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/extend"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/close"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/preview"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/report"),
    ),
    (
        "POST /desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/withdraw"),
    ),
    (
        "POST /desk/opinions/{id}/decide",
        Ok("post /opinions/{id}/decision"),
    ),
    (
        "POST /desk/opinions/{id}/hide",
        Ok("post /opinions/{id}/hide"),
    ),
    (
        "POST /desk/opinions/{id}/erase",
        Ok("post /opinions/{id}/erase"),
    ),
    (
        "POST /desk/opinions/{id}/show",
        Ok("post /opinions/{id}/show"),
    ),
    ("GET /visits/new", Err("a form")),
    ("POST /visits/new", Ok("post /consultations/{id}/visits")),
];

store::on_both! {
    [&migrations(), ledger()]

    async fn every_page_of_this_domain_has_its_operation(test: TestDb) {
        let (site, desk) = site(test);
        let path = |(page, _): &(&str, _)| page.split_once(' ').unwrap().1.to_owned();
        let listed: BTreeSet<String> = TWINS.iter().map(path).filter(|page| page != "/").collect();
        assert_eq!(webtest::paths(&consultation::module(desk).pages), listed);
        let described = site.get("/api/openapi.json").await.ok().json();
        for (page, twin) in TWINS {
            let Ok(twin) = twin else { continue };
            let (method, path) = twin.split_once(' ').unwrap();
            let operation = &described["paths"][format!("/api/v1{path}")][method];
            assert!(operation.is_object(), "{page} has no {twin}");
        }
        // And nothing that a page answers is left out: each method of each path.
        for path in &listed {
            let concrete = path.replace("{id}", "0197c5a0-0000-7000-8000-000000000001");
            let concrete = concrete.replace("{act}", "open").replace("{provision}", "art_3");
            let concrete = concrete.replace("{first}", "0197c5a0-0000-7000-8000-000000000002");
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = site.call(method, &concrete, "", &serde_json::Value::Null).await;
                let told = TWINS.iter().any(|(page, _)| *page == format!("{method} {path}"));
                assert_eq!(answer.status != 405, told, "{method} {path}: {}", answer.status);
            }
        }
    }
}
