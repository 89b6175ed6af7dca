//! A congress to test with.

use std::sync::Arc;

use directory::{
    Gate, GateRules, SealKey,
    accounts::{self, Grant, NewAccount, PasswordState},
    congresses::{self, Congress, NewTerm},
    divisions,
    lockout::Network,
    passwords::Hasher,
    people::{self, NewPerson},
    sign_in::Origin,
};
use jiff::civil::date;
use kernel::{
    AccountId, Actor, CongressId, OsEntropy, Role, SeededEntropy, TermId, TestClock,
    actor::SignedIn,
};
use store::{Db, Tx};

/// The divisions that come with the house.
pub const DIVISIONS: &[u8] = include_bytes!("../../../../data/divisions/divisions.csv");
/// A password that breaks no rule.
pub const PASSWORD: &str = "每天晨跑三公里再吃一碗米粉";

/// A congress with a running term.
pub struct House {
    pub clock: TestClock,
    pub entropy: SeededEntropy,
    pub congress: Congress,
    pub term: TermId,
}

pub async fn system(db: &Db) -> Tx {
    db.begin(Actor::System).await.unwrap()
}

/// The divisions, a city's congress and its sixteenth term.
pub async fn congress(db: &Db) -> House {
    let (clock, entropy) = (TestClock::default(), SeededEntropy::new(5));
    let mut tx = system(db).await;
    let lines = divisions::read(DIVISIONS).unwrap();
    divisions::import(&mut tx, &lines, &clock, &entropy)
        .await
        .unwrap();
    let division = divisions::by_code(&mut tx, "110000")
        .await
        .unwrap()
        .unwrap();
    let congress = congresses::create(&mut tx, division.id, "启明市人民代表大会", &clock, &entropy)
        .await
        .unwrap();
    let term = NewTerm {
        ordinal: 16,
        starts_on: date(2023, 1, 15),
        seats: 771,
    };
    let term = congresses::start_term(&mut tx, congress.id, &term, &clock, &entropy)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    House {
        clock,
        entropy,
        congress,
        term,
    }
}

/// A gate whose clock the test moves.
pub fn gate(db: &Db) -> (Gate, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let gate = Gate {
        db: db.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        hasher: Hasher::new(2, 64),
        seal: SealKey::new([9; 32]),
        rules: GateRules::default(),
    };
    (gate, clock)
}

pub fn network() -> Network {
    Network::of("192.0.2.7".parse().unwrap())
}

pub fn origin(network: &Network) -> Origin<'_> {
    Origin {
        network,
        device: "Firefox",
    }
}

/// An account with [`PASSWORD`] and these roles.
pub async fn account(gate: &Gate, congress: CongressId, login: &str, roles: &[Role]) -> AccountId {
    let hash = gate.hasher.hash(PASSWORD, &*gate.entropy).await.unwrap();
    let grants: Vec<Grant> = roles
        .iter()
        .map(|role| Grant {
            congress,
            role: *role,
        })
        .collect();
    let mut tx = system(&gate.db).await;
    let new = NewPerson {
        name: login,
        ..NewPerson::default()
    };
    let person = people::create(&mut tx, &new, &*gate.clock, &*gate.entropy)
        .await
        .unwrap();
    let new = NewAccount {
        person,
        login,
        password_hash: Some(&hash),
        password: PasswordState::Own,
        grants: &grants,
    };
    let id = accounts::create(gate, &mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Somebody signed in with these roles.
pub async fn actor(gate: &Gate, account: AccountId, congress: CongressId, roles: &[Role]) -> Actor {
    let found = accounts::find(&gate.db, account).await.unwrap();
    Actor::Account(SignedIn {
        account,
        person: found.person_id,
        congress,
        deputy: None,
        name: found.name,
        roles: roles.to_vec(),
    })
}
