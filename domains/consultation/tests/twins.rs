//! Everything a page does, a program can do: each page beside its operation.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;

/// Each thing that a page does, and the operation that does it for programs; or why there is none.
const TWINS: &[(&str, Result<&str, &str>)] = &[
    ("/", Ok("get /consultations")),
    ("/consultations", Ok("get /consultations")),
    ("/consultations/{id}", Ok("get /consultations/{id}")),
    ("/consultations/{id}", Ok("get /consultations/{id}/text")),
    (
        "/consultations/{id}/provisions/{provision}",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "/consultations/{id}/opinions/new",
        Ok("post /consultations/{id}/opinions"),
    ),
    (
        "/consultations/{id}/opinions",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "/consultations/{id}/opinions",
        Ok("get /consultations/{id}/versions/{version}/opinions"),
    ),
    ("/opinions/{id}", Ok("get /opinions/{id}")),
    (
        "/consultations/{id}/compare",
        Ok("get /consultations/{id}/comparison"),
    ),
    (
        "/consultations/{id}/compare",
        Ok("get /consultations/{id}/versions"),
    ),
    (
        "/consultations/{id}/responses",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "/consultations/{id}/responses.csv",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "/consultations/{id}/figures",
        Ok("get /consultations/{id}/figures"),
    ),
    (
        "/consultations/{id}/visits",
        Ok("get /consultations/{id}/visits"),
    ),
    (
        "/consultations/{id}/visiting-deputies",
        Ok("get /consultations/{id}/visiting_deputies"),
    ),
    (
        "/consultations/{id}/visited-units",
        Ok("get /consultations/{id}/visited_units"),
    ),
    ("/receipts", Ok("get /receipts/{code}")),
    ("/receipts/{code}", Ok("get /receipts/{code}")),
    ("/receipts/{code}/file", Ok("get /receipts/{code}/file")),
    ("/receipts/{code}/qr.svg", Err("a picture of the address")),
    (
        "/receipts/{code}/ask-again",
        Ok("post /receipts/{code}/ask_again"),
    ),
    (
        "/receipts/{code}/withdraw",
        Ok("post /receipts/{code}/withdraw"),
    ),
    ("/desk", Ok("get /consultations")),
    ("/desk/consultations/new", Ok("post /consultations")),
    ("/desk/consultations/{id}", Ok("get /consultations/{id}")),
    (
        "/desk/consultations/{id}/queue",
        Ok("get /consultations/{id}/opinions"),
    ),
    (
        "/desk/consultations/{id}/letter",
        Ok("post /consultations/{id}/letters"),
    ),
    (
        "/desk/consultations/{id}/publish",
        Ok("post /consultations/{id}/versions"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("patch /consultations/{id}"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("put /consultations/{id}/text"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/open"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/extend"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/close"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/preview"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/report"),
    ),
    (
        "/desk/consultations/{id}/{act}",
        Ok("post /consultations/{id}/withdraw"),
    ),
    (
        "/desk/opinions/{id}/decide",
        Ok("post /opinions/{id}/decision"),
    ),
    ("/desk/opinions/{id}/hide", Ok("post /opinions/{id}/hide")),
    ("/desk/opinions/{id}/show", Ok("post /opinions/{id}/show")),
    ("/visits/new", Ok("post /consultations/{id}/visits")),
];

store::on_both! {
    [&migrations(), ledger()]

    async fn every_page_of_this_domain_has_its_operation(test: TestDb) {
        let (site, desk) = site(test);
        let pages = TWINS.iter().map(|(page, _)| (*page).to_owned());
        let listed = pages.filter(|page| page != "/").collect();
        assert_eq!(webtest::paths(&consultation::module(desk).pages), listed);
        let described = site.get("/api/openapi.json").await.ok().json();
        for (page, twin) in TWINS {
            let Ok(twin) = twin else { continue };
            let (method, path) = twin.split_once(' ').unwrap();
            let operation = &described["paths"][format!("/api/v1{path}")][method];
            assert!(operation.is_object(), "{page} has no {twin}");
        }
    }
}
