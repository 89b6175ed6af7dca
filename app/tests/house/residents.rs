//! Residents who speak over HTTP at once, and what each of them is told.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

/// How many speak at once.
pub(crate) const CROWD: usize = 8;
/// How long the program waits for its database, and the limits out of the crowd's way.
pub(crate) const LIMITS: &str = "[limits]\npatience_seconds = 4\nrate_times = 1000000\n";
/// Longer than that once, and shorter than twice: nobody waits for one thing after another.
pub(crate) const LONGEST: Duration = Duration::from_millis(7_500);

/// What one sending of an opinion came to.
enum Heard {
    /// The receipt's code: the opinion is durable.
    Receipt(String),
    /// To come again later, in words.
    Later,
    /// No answer: the program was gone.
    Nothing,
    /// What nobody should ever hear.
    Wrong(String),
}

/// A crowd that speaks of one consultation, whatever befalls the program meanwhile. Whoever got no
/// receipt sends the same opinion again.
pub(crate) struct Crowd {
    path: String,
    next: Arc<AtomicU32>,
    speaking: Option<Speaking>,
    /// The receipt's code of each opinion.
    pub(crate) codes: BTreeMap<u32, String>,
    /// Opinions that were sent, without a receipt so far.
    unanswered: Vec<u32>,
}

struct Speaking {
    heard: Receiver<(u32, Heard)>,
    stop: Arc<AtomicBool>,
    residents: Vec<JoinHandle<Option<u32>>>,
}

impl Crowd {
    pub(crate) fn of(consultation: &str) -> Self {
        Self {
            path: format!("/api/v1/consultations/{consultation}/opinions"),
            next: Arc::default(),
            speaking: None,
            codes: BTreeMap::new(),
            unanswered: Vec::new(),
        }
    }

    /// Begins to speak to the program at `url`, first with what it has not answered.
    pub(crate) fn speak(&mut self, url: &str) {
        let (tell, heard) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let mut again = mem::take(&mut self.unanswered).into_iter();
        let residents = (0..CROWD).map(|_| {
            let resident = Resident {
                address: format!("{url}{}", self.path),
                next: Arc::clone(&self.next),
                stop: Arc::clone(&stop),
                tell: tell.clone(),
            };
            let again = again.next();
            thread::spawn(move || resident.speak(again))
        });
        let residents = residents.collect();
        assert!(again.next().is_none(), "each left one opinion at most");
        self.speaking = Some(Speaking {
            heard,
            stop,
            residents,
        });
    }

    /// Listens until `enough` more receipts are given.
    #[track_caller]
    pub(crate) fn until_receipts(&mut self, enough: usize) {
        let all = self.codes.len() + enough;
        while self.codes.len() < all {
            self.listen();
        }
    }

    /// Listens until `enough` sendings are refused in words.
    #[track_caller]
    pub(crate) fn until_refused(&mut self, enough: usize) {
        let mut refused = 0;
        while refused < enough {
            refused += usize::from(self.listen());
        }
    }

    /// Whether the next that is heard is a refusal.
    #[track_caller]
    fn listen(&mut self) -> bool {
        let speaking = self.speaking.as_ref().expect("the crowd speaks");
        let heard = speaking.heard.recv_timeout(LONGEST);
        let (opinion, heard) = heard.expect("somebody is answered in time");
        assert!(!matches!(heard, Heard::Nothing), "the program fell");
        self.note(opinion, heard)
    }

    #[track_caller]
    fn note(&mut self, opinion: u32, heard: Heard) -> bool {
        match heard {
            Heard::Receipt(code) => {
                let twice = self.codes.insert(opinion, code);
                assert!(twice.is_none(), "an opinion with two receipts");
                false
            }
            Heard::Later => true,
            Heard::Nothing => false,
            Heard::Wrong(said) => panic!("{said}"),
        }
    }

    /// Nobody speaks any more.
    #[track_caller]
    pub(crate) fn fall_silent(&mut self) {
        let speaking = self.speaking.take().expect("the crowd speaks");
        speaking.stop.store(true, Ordering::Relaxed);
        for resident in speaking.residents {
            self.unanswered.extend(resident.join().unwrap());
        }
        while let Ok((opinion, heard)) = speaking.heard.try_recv() {
            self.note(opinion, heard);
        }
    }

    /// Those without a receipt send their opinions once more, and get one.
    #[track_caller]
    pub(crate) fn send_the_rest(&mut self, url: &str) {
        let (agent, address) = (agent(), format!("{url}{}", self.path));
        for opinion in mem::take(&mut self.unanswered) {
            let heard = send(&agent, &address, opinion, true);
            assert!(matches!(heard, Heard::Receipt(_) | Heard::Wrong(_)));
            self.note(opinion, heard);
        }
    }

    /// Everybody who holds a receipt finds the opinion, and each opinion is kept once; so are `more`
    /// that were handed in besides.
    #[track_caller]
    pub(crate) fn nobody_is_forgotten(&self, url: &str, more: usize) {
        assert!(self.unanswered.is_empty());
        let agent = agent();
        let ask = |path: &str| {
            let mut answer = agent.get(format!("{url}{path}")).call().unwrap();
            let said = answer.body_mut().read_to_string().unwrap();
            assert_eq!(answer.status(), 200, "{path}: {said}");
            serde_json::from_str::<Value>(&said).unwrap()
        };
        for (opinion, code) in &self.codes {
            let found = ask(&format!("/api/v1/receipts/{code}"));
            assert_eq!(found["opinion"]["text"], text(*opinion), "{found}");
        }
        let figures = ask(&self.path.replace("/opinions", "/figures"));
        let mut figures = figures["figures"].as_array().unwrap().iter();
        let counted = figures.find(|figure| figure["key"] == "opinions").unwrap();
        assert_eq!(counted["value"], self.codes.len() + more);
    }

    /// The code that was given last.
    pub(crate) fn last_code(&self) -> &str {
        self.codes.values().next_back().unwrap()
    }
}

struct Resident {
    address: String,
    next: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    tell: Sender<(u32, Heard)>,
}

impl Resident {
    /// Speaks until it is over or the program is gone; the opinion that has no receipt then.
    fn speak(&self, mut again: Option<u32>) -> Option<u32> {
        let agent = agent();
        while !self.stop.load(Ordering::Relaxed) {
            let sent_before = again.is_some();
            let opinion = again.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
            let heard = send(&agent, &self.address, opinion, sent_before);
            again = (!matches!(heard, Heard::Receipt(_))).then_some(opinion);
            let over = matches!(heard, Heard::Nothing | Heard::Wrong(_));
            if self.tell.send((opinion, heard)).is_err() || over {
                break;
            }
        }
        again
    }
}

/// Takes every answer for an answer, and no hang.
pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(LONGEST));
    config.build().into()
}

fn text(opinion: u32) -> String {
    format!("第{opinion}位居民：请把灯留到半夜")
}

/// Sends the opinion; 200 is the answer to one that had arrived before.
fn send(agent: &ureq::Agent, address: &str, opinion: u32, sent_before: bool) -> Heard {
    let body = serde_json::json!({ "text": text(opinion), "provision": "art_1" });
    let request = agent
        .post(address)
        .content_type("application/json")
        .header("idempotency-key", format!("resident-{opinion:08}"));
    let mut answer = match request.send(body.to_string()) {
        Ok(answer) => answer,
        Err(ureq::Error::Timeout(_)) => return Heard::Wrong("no answer in time".to_owned()),
        Err(_) => return Heard::Nothing,
    };
    let (status, later) = (
        answer.status().as_u16(),
        answer.headers().contains_key("retry-after"),
    );
    let said = match answer.body_mut().read_to_string() {
        Ok(said) => said,
        Err(ureq::Error::Timeout(_)) => return Heard::Wrong("half an answer".to_owned()),
        Err(_) => return Heard::Nothing,
    };
    let json: Value = serde_json::from_str(&said).unwrap_or_default();
    let in_words = json["error"]["message"]
        .as_str()
        .is_some_and(|words| !words.is_empty());
    match (status, json["code"].as_str()) {
        (201, Some(code)) => Heard::Receipt(code.to_owned()),
        (200, Some(code)) if sent_before => Heard::Receipt(code.to_owned()),
        (503, None) if later && in_words => Heard::Later,
        _ => Heard::Wrong(format!("{status}: {said}")),
    }
}
