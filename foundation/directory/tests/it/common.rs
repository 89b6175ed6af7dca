//! Congresses to test with, and people in them.

use std::sync::Arc;

use directory::{
    Gate, GateRules, SealKey,
    accounts::{self, NewAccount, Password},
    congresses::{self, Congress, NewTerm},
    divisions,
    lockout::Network,
    passwords::Hasher,
    people::{self, NewPerson},
    second_factor,
    sessions::{SecondFactor, Session},
    sign_in::{self, Origin},
};
use jiff::civil::date;
use kernel::{
    AccountId, Actor, Clock as _, CongressId, OsEntropy, PersonId, Role, TermId, TestClock,
    actor::SignedIn,
};
use store::{Db, Tx};

/// The divisions that come with the house.
pub const DIVISIONS: &[u8] = include_bytes!("../../../../data/divisions/divisions.csv");
/// A password that breaks no rule.
pub const PASSWORD: &str = "每天晨跑三公里再吃一碗米粉";

/// A city's congress with a running term; it keeps the deployment.
pub struct House {
    pub gate: Gate,
    pub clock: Arc<TestClock>,
    pub congress: Congress,
    pub term: TermId,
}

pub async fn system(db: &Db) -> Tx {
    db.begin(Actor::System).await.unwrap()
}

pub fn network() -> Network {
    Network::of("192.0.2.7".parse().unwrap())
}

/// The divisions, a city's congress and its sixteenth term.
pub async fn house(db: &Db) -> House {
    let clock = Arc::new(TestClock::default());
    let mut gate = Gate {
        db: db.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        hasher: Hasher::new(2, 64),
        seal: SealKey::new([9; 32]),
        rules: GateRules::default(),
        network: network(),
    };
    gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
    let mut tx = system(db).await;
    let lines = divisions::read(DIVISIONS).unwrap();
    divisions::import(&gate, &mut tx, &lines).await.unwrap();
    tx.commit().await.unwrap();
    let (congress, term) = congress(&gate, "110000", "启明市人民代表大会").await;
    House {
        gate,
        clock,
        congress,
        term,
    }
}

/// A congress of the division with this code, with its sixteenth term.
pub async fn congress(gate: &Gate, code: &str, name: &str) -> (Congress, TermId) {
    let mut tx = system(&gate.db).await;
    let division = divisions::by_code(&mut tx, code).await.unwrap().unwrap();
    let congress = congresses::create(gate, &mut tx, division.id, name)
        .await
        .unwrap();
    let term = NewTerm {
        ordinal: 16,
        starts_on: date(2023, 1, 15),
        seats: 771,
    };
    let term = congresses::start_term(gate, &mut tx, congress.id, &term)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (congress, term)
}

/// A person whom the congress knows by no number.
pub async fn person(gate: &Gate, congress: CongressId, name: &str) -> PersonId {
    let mut tx = system(&gate.db).await;
    let new = NewPerson {
        name,
        ..NewPerson::default()
    };
    let person = people::create(gate, &mut tx, congress, &new).await.unwrap();
    tx.commit().await.unwrap();
    person
}

/// An account with [`PASSWORD`] for a new person, with these roles.
pub async fn account(gate: &Gate, congress: CongressId, login: &str, roles: &[Role]) -> AccountId {
    let person = person(gate, congress, login).await;
    let hash = gate.hasher.hash(PASSWORD, &*gate.entropy).await.unwrap();
    let mut tx = system(&gate.db).await;
    let new = NewAccount {
        congress,
        person,
        login,
        password: Password::Own(&hash),
    };
    let id = accounts::create(gate, &mut tx, &new).await.unwrap();
    for role in roles {
        accounts::give_role(gate, &mut tx, id, *role).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}

impl House {
    /// An account of the city's congress, and whoever is signed in with it.
    pub async fn account(&self, login: &str, roles: &[Role]) -> (AccountId, Actor) {
        let id = account(&self.gate, self.congress.id, login, roles).await;
        (id, actor(&self.gate, id, self.congress.id, roles).await)
    }

    /// At the sign-in of the city's site.
    pub fn origin(&self) -> Origin<'static> {
        Origin {
            site: self.congress.id,
            device: "Firefox",
            mark: "",
        }
    }

    /// Signs in by the password alone.
    pub async fn sign_in(&self, login: &str) -> Session {
        let token = sign_in::sign_in(&self.gate, login, PASSWORD, &self.origin()).await;
        self.session(token.unwrap().secret()).await.unwrap()
    }

    /// The running session of a token.
    pub async fn session(&self, token: &str) -> Option<Session> {
        sign_in::session(&self.gate, self.congress.id, token)
            .await
            .unwrap()
    }

    /// Enrols a second factor; its secret, the recovery codes, and the session now.
    pub async fn enrol(&self, session: &Session) -> (String, Vec<String>, Session) {
        let enrolment = sign_in::start_enrolment(&self.gate, session, "启明市人大").await;
        let secret = enrolment.unwrap().secret;
        let code = self.code(&secret);
        let enrolled = sign_in::confirm_enrolment(&self.gate, session, &code).await;
        let enrolled = enrolled.unwrap();
        let session = self.session(enrolled.token.secret()).await.unwrap();
        (secret, enrolled.recovery_codes, session)
    }

    /// What the app shows now.
    pub fn code(&self, secret: &str) -> String {
        second_factor::code_at(secret, self.clock.now()).unwrap()
    }
}

/// Somebody signed in with these roles.
pub async fn actor(gate: &Gate, account: AccountId, congress: CongressId, roles: &[Role]) -> Actor {
    let found = accounts::see(&gate.db, &Actor::System, congress, account)
        .await
        .unwrap();
    Actor::Account(SignedIn {
        account,
        person: found.person_id,
        congress,
        deputy: None,
        name: found.name,
        roles: roles.to_vec(),
    })
}
