//! A site to test with, and people who sign in to it.

use std::sync::Arc;

use directory::{
    Gate, GateRules, SealKey,
    accounts::{self, NewAccount, Password},
    congresses::{self, NewTerm},
    divisions,
    lockout::Network,
    oidc::Oidc,
    passwords::Hasher,
    people::{self as persons, NewPerson},
    second_factor,
    sessions::SecondFactor,
    sign_in,
};
use kernel::{AccountId, Actor, CongressId, OsEntropy, PersonId, Role, TestClock};
use serde_json::Value;
use store::testing::TestDb;
use webtest::{Answer, TestSite};

/// Everybody's password.
pub const PASSWORD: &str = "每天晨跑三公里再吃一碗米粉";
/// Another good one.
pub const OTHER: &str = "周末带孩子去河边看白鹭飞起";
const DIVISIONS: &[u8] = include_bytes!("../../../../data/divisions/divisions.csv");

pub struct House {
    pub site: TestSite,
    pub gate: Gate,
    pub clock: Arc<TestClock>,
    pub congress: CongressId,
}

/// The congress of a division, with its sixteenth term.
pub async fn congress(gate: &Gate, code: &str, name: &str) -> CongressId {
    let mut tx = gate.db.begin(Actor::System).await.unwrap();
    let division = divisions::by_code(&mut tx, code).await.unwrap().unwrap();
    let made = congresses::create(gate, &mut tx, division.id, name).await;
    let congress = made.unwrap().id;
    let term = NewTerm {
        ordinal: 16,
        starts_on: jiff::civil::date(2023, 1, 15),
        seats: 771,
    };
    congresses::start_term(gate, &mut tx, congress, &term)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    congress
}

pub async fn house(second_factor: SecondFactor) -> House {
    house_with(second_factor, None).await
}

/// The same, with an identity provider.
pub async fn house_with(second_factor: SecondFactor, oidc: Option<Oidc>) -> House {
    let db = TestDb::sqlite(directory::MIGRATIONS, None).await;
    let clock = Arc::new(TestClock::default());
    let mut rules = GateRules::default();
    rules.sessions.second_factor = second_factor;
    let gate = Gate {
        db: db.db.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        hasher: Hasher::new(2, 64),
        seal: SealKey::new([9; 32]),
        rules,
        network: Network::local(),
    };
    let mut tx = gate.db.begin(Actor::System).await.unwrap();
    let lines = divisions::read(DIVISIONS).unwrap();
    divisions::import(&gate, &mut tx, &lines).await.unwrap();
    tx.commit().await.unwrap();
    let congress = congress(&gate, "110000", "启明市人民代表大会").await;
    let module = people::module(
        gate.clone(),
        oidc.map(Arc::new),
        directory::audit::KEEP_DAYS_LEAST,
    );
    let site = TestSite::adjusted(db, vec![module], |app| {
        app.sessions = Arc::new(people::DirectorySessions {
            gate: gate.clone(),
            site: congress,
        });
        app.clock = clock.clone();
        let mut site = (*app.site).clone();
        site.congress = congress;
        app.site = Arc::new(site);
    });
    House {
        site,
        gate,
        clock,
        congress,
    }
}

impl House {
    /// A person of the congress.
    pub async fn person(&self, name: &str) -> PersonId {
        let mut tx = self.gate.db.begin(Actor::System).await.unwrap();
        let new = NewPerson {
            name,
            ..NewPerson::default()
        };
        let person = persons::create(&self.gate, &mut tx, self.congress, &new).await;
        tx.commit().await.unwrap();
        person.unwrap()
    }

    /// An account whose password is somebody else's choice.
    pub async fn new_account(&self, login: &str, role: Role) -> AccountId {
        let hash = self.hash().await;
        self.make(login, role, Password::Initial(&hash)).await
    }

    /// An account with a password of its own.
    pub async fn account(&self, login: &str, role: Role) -> AccountId {
        let hash = self.hash().await;
        self.make(login, role, Password::Own(&hash)).await
    }

    async fn hash(&self) -> String {
        let gate = &self.gate;
        gate.hasher.hash(PASSWORD, &*gate.entropy).await.unwrap()
    }

    async fn make(&self, login: &str, role: Role, password: Password<'_>) -> AccountId {
        let person = self.person(login).await;
        let mut tx = self.gate.db.begin(Actor::System).await.unwrap();
        let new = NewAccount {
            congress: self.congress,
            person,
            login,
            password,
        };
        let id = accounts::create(&self.gate, &mut tx, &new).await.unwrap();
        accounts::give_role(&self.gate, &mut tx, id, role)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let fields = [("name", name), ("password", password), ("back", "/account")];
        self.site.submit("/sign-in", &fields).await
    }

    /// The browser is signed in as `name`, and as nobody else.
    pub async fn enter(&self, name: &str) {
        self.site.sign_out();
        let answer = self.sign_in(name, PASSWORD).await.is(303);
        assert_eq!(answer.location(), "/account");
    }

    /// What the app shows now.
    pub fn code(&self, secret: &str) -> String {
        let now = kernel::Clock::now(&*self.clock);
        second_factor::code_at(secret, now).unwrap()
    }

    /// Sends a request to the API as a program does.
    pub async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let path = format!("/api/v1{path}");
        self.site.call(method, &path, token, &body).await
    }

    /// The token of a program that has signed in as `login`.
    pub async fn token(&self, login: &str) -> String {
        let body = serde_json::json!({ "login": login, "password": PASSWORD });
        let opened = self.call("POST", "/sessions", "", body).await.is(201);
        opened.json()["token"].as_str().unwrap().to_owned()
    }

    /// The running session of a token.
    pub async fn session(&self, token: &str) -> directory::sessions::Session {
        let session = sign_in::session(&self.gate, self.congress, token).await;
        session.unwrap().unwrap()
    }
}
