//! Residents who speak over HTTP at once, and what each was answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// How many speak at once.
const RESIDENTS: u32 = 6;
/// An answer that takes longer than this has hung.
const LONGEST: Duration = Duration::from_secs(15);

/// What one request came to.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A receipt's code: the opinion is durable.
    Receipt(String),
    /// 503 in words, with when to come again.
    Refused,
    /// No answer: the program was gone.
    Nothing,
    /// Anything else, which nobody should hear.
    Wrong(String),
}

/// A crowd at work.
pub(crate) struct Crowd {
    heard: mpsc::Receiver<Heard>,
    stop: Arc<AtomicBool>,
    residents: Vec<JoinHandle<()>>,
    /// All codes so far.
    codes: Vec<String>,
    /// How many were not answered so far.
    pub(crate) dropped: usize,
}

impl Crowd {
    /// Begins to speak at `path` of `url`; a resident goes home when the program is gone.
    pub(crate) fn gather(url: &str, path: &str) -> Self {
        let (tell, heard) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let next = Arc::new(AtomicU32::new(0));
        let residents = (0..RESIDENTS).map(|_| {
            let (tell, stop, next) = (tell.clone(), Arc::clone(&stop), Arc::clone(&next));
            let address = format!("{url}{path}");
            std::thread::spawn(move || {
                let agent = agent();
                while !stop.load(Ordering::Relaxed) {
                    let answer = speak(&agent, &address, next.fetch_add(1, Ordering::Relaxed));
                    let gone = matches!(answer, Heard::Nothing);
                    if tell.send(answer).is_err() || gone {
                        return;
                    }
                }
            })
        });
        let residents = residents.collect();
        Self {
            heard,
            stop,
            residents,
            codes: Vec::new(),
            dropped: 0,
        }
    }

    /// Listens until `enough` more receipts were given.
    #[track_caller]
    pub(crate) fn until_receipts(&mut self, enough: usize) {
        let all = self.codes.len() + enough;
        while self.codes.len() < all {
            self.listen();
        }
    }

    /// Listens until `enough` were refused in words.
    #[track_caller]
    pub(crate) fn until_refusals(&mut self, enough: usize) {
        let mut refused = 0;
        while refused < enough {
            refused += usize::from(matches!(self.listen(), Heard::Refused));
        }
    }

    #[track_caller]
    fn listen(&mut self) -> Heard {
        let heard = self
            .heard
            .recv_timeout(LONGEST * 2)
            .expect("somebody is answered");
        match &heard {
            Heard::Receipt(code) => self.codes.push(code.clone()),
            Heard::Wrong(told) => panic!("{told}"),
            Heard::Refused => {}
            Heard::Nothing => self.dropped += 1,
        }
        heard
    }

    /// Ends it; every code that was given.
    #[track_caller]
    pub(crate) fn go_home(mut self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        for resident in std::mem::take(&mut self.residents) {
            resident.join().unwrap();
        }
        while let Ok(heard) = self.heard.try_recv() {
            match heard {
                Heard::Receipt(code) => self.codes.push(code),
                Heard::Wrong(told) => panic!("{told}"),
                Heard::Refused | Heard::Nothing => {}
            }
        }
        self.codes
    }
}

/// Asks without taking a refusal for an error.
pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.timeout_global(Some(LONGEST)).build().into()
}

fn speak(agent: &ureq::Agent, address: &str, n: u32) -> Heard {
    let body = format!(r#"{{"text":"第{n}个人：请把灯留到半夜","provision":"art_1"}}"#);
    let asked = Instant::now();
    let request = agent.post(address).content_type("application/json");
    let mut answer = match request.send(&body) {
        Ok(answer) => answer,
        Err(_) if asked.elapsed() >= LONGEST => return Heard::Wrong("no answer in time".into()),
        Err(_) => return Heard::Nothing,
    };
    let status = answer.status().as_u16();
    let later = answer.headers().contains_key("retry-after");
    let Ok(said) = answer.body_mut().read_to_string() else {
        return Heard::Nothing;
    };
    let json: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
    match (
        status,
        json["code"].as_str(),
        json["error"]["message"].as_str(),
    ) {
        (201, Some(code), _) => Heard::Receipt(code.to_owned()),
        (503, _, Some(_)) if later => Heard::Refused,
        _ => Heard::Wrong(format!("{status}: {said}")),
    }
}
