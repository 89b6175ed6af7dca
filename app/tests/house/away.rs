//! PostgreSQL goes away and comes back while a crowd speaks: people wait or are told to come again,
//! and everything works again by itself.

use std::{thread, time::Instant};

use super::{
    clerk::Clerk,
    common::{House, Server},
    postgres::{Cluster, Stop},
    program::Folder,
    residents::{CROWD, Crowd, LIMITS, LONGEST, agent},
};

/// A form that a resident has open.
struct OpenForm {
    address: String,
    body: String,
}

impl OpenForm {
    fn at(server: &Server, consultation: &str) -> Self {
        let path = format!("/consultations/{consultation}/opinions/new");
        let page = server.get(&path);
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        Self {
            address: format!("{}{path}", server.url),
            body: format!("token={token}&stance=amend&provision=art_1&text=keep+the+lights+on"),
        }
    }

    fn request(&self) -> ureq::http::Request<String> {
        ureq::http::Request::post(&self.address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept-language", "en")
            .body(self.body.clone())
            .unwrap()
    }

    /// Sends it; where the receipt is.
    fn send(&self) -> String {
        let answer = agent().run(self.request()).unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

fn page(server: &Server, path: &str, header: (&str, &str)) -> ureq::http::Request<String> {
    let request = ureq::http::Request::get(format!("{}{path}", server.url));
    let request = request.header(header.0, header.1);
    request.body(String::new()).unwrap()
}

/// Told to come again, within the time anybody is kept waiting, in a text that holds `words`.
fn is_refused(request: ureq::http::Request<String>, words: &[&str]) {
    let (asked, address) = (Instant::now(), request.uri().clone());
    let mut answer = agent().run(request).unwrap();
    assert!(asked.elapsed() < LONGEST, "{address}");
    let said = answer.body_mut().read_to_string().unwrap();
    assert_eq!(answer.status(), 503, "{address}: {said}");
    assert!(answer.headers().contains_key("retry-after"), "{address}");
    for words in words {
        assert!(said.contains(words), "{address}, {words}: {said}");
    }
}

/// What everybody but the crowd gets to see while the database is away, all at once.
fn everybody_is_told(server: &Server, consultation: &str, clerk: &Clerk, form: &OpenForm) {
    let here = format!("/consultations/{consultation}");
    let bearer = format!("Bearer {}", clerk.token);
    let cookie = format!("session={}", clerk.token);
    let asked = [
        (
            page(server, &here, ("accept-language", "zh-CN")),
            vec![
                "<html lang=\"zh",
                "<h1>这一步没有办成</h1>",
                "请稍等几秒再试",
            ],
        ),
        (
            page(server, &here, ("accept-language", "en")),
            vec!["<html lang=\"en", "<h1>This did not work</h1>", "try again"],
        ),
        (page(server, "/desk", ("cookie", &cookie)), vec!["<h1>"]),
        (
            page(server, "/api/v1/account", ("authorization", &bearer)),
            vec!["\"error\":{\"code\":\"unavailable\""],
        ),
        (form.request(), vec!["<h1>", "keep the lights on"]),
    ];
    thread::scope(|scope| {
        for (request, words) in asked {
            scope.spawn(move || is_refused(request, &words));
        }
    });
}

fn goes_away_and_comes_back(how: Stop) {
    let (cluster, folder) = (Cluster::start(), Folder::new());
    let more = format!("[database]\nurl = {:?}\n{LIMITS}", cluster.url());
    let house = House::new(&folder.0, &more);
    house.set_up();
    let server = house.serve();
    let clerk = Clerk::hired(&house, &server);
    let id = clerk.opens_a_consultation();
    let form = OpenForm::at(&server, &id);

    let mut crowd = Crowd::of(&id);
    crowd.speak(&server.url);
    crowd.until_receipts(5 * CROWD);
    cluster.stop(how);
    everybody_is_told(&server, &id, &clerk, &form);
    crowd.until_refused(CROWD);
    cluster.serve();
    crowd.until_receipts(5 * CROWD);
    // Gone and back before anybody's patience is over.
    cluster.stop(how);
    cluster.serve();
    crowd.until_receipts(5 * CROWD);

    crowd.fall_silent();
    crowd.send_the_rest(&server.url);
    assert_eq!(form.send(), form.send(), "one form is one opinion");
    crowd.nobody_is_forgotten(&server.url, 1);
    house.is_well();
}

#[test]
fn a_database_that_is_restarted_is_waited_for() {
    goes_away_and_comes_back(Stop::Fast);
}

#[test]
fn a_database_that_fell_is_waited_for() {
    goes_away_and_comes_back(Stop::Immediate);
}
