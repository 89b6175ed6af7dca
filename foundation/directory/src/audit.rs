//! The audit trail (审计记录): who did what to whom, kept as long as the law asks and longer.
//!
//! Each event holds the hash of the one before it, so that changing, leaving out or inserting one
//! shows ([`check`]). Events are written in the transaction of what they record: one without the
//! other never happens. Names typed at the sign-in that nobody has are not kept, because people
//! type passwords there.

use std::collections::{HashMap, HashSet};

use kernel::{AccountId, Actor, CongressId, Id, Timestamp};
use store::{Db, Tx, sql};
use uuid::Uuid;

use crate::{
    Action, Gate, Page, Result, accounts::Account, authorize, codes::sha256, import::look_up,
    paging,
};

macro_rules! acts {
    ($($name:ident = $word:literal;)*) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the word it is stored as, and pages have a sentence for it")]
        pub enum Act {
            $($name),*
        }

        impl Act {
            /// Every act.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in the table, in URLs and in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),*
                }
            }

            /// Reads [`Act::as_str`] back.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.as_str() == word)
            }
        }
    };
}

acts! {
    SignedIn = "signed_in";
    SignInFailed = "sign_in_failed";
    CodeFailed = "code_failed";
    LockedOut = "locked_out";
    Unlocked = "unlocked";
    SignedOut = "signed_out";
    SessionEnded = "session_ended";
    AccountMade = "account_made";
    AccountClosed = "account_closed";
    PasswordChanged = "password_changed";
    PasswordIssued = "password_issued";
    FactorEnrolled = "factor_enrolled";
    FactorRemoved = "factor_removed";
    RecoveryCodeUsed = "recovery_code_used";
    RecoveryCodesRenewed = "recovery_codes_renewed";
    RoleGiven = "role_given";
    RoleTaken = "role_taken";
    IdentityBound = "identity_bound";
    IdentityUnbound = "identity_unbound";
    PersonAdded = "person_added";
    SeatFilled = "seat_filled";
    SeatSuspended = "seat_suspended";
    SeatRestored = "seat_restored";
    SeatEnded = "seat_ended";
    OrganSetUp = "organ_set_up";
    TermStarted = "term_started";
    CongressSetUp = "congress_set_up";
    DivisionsImported = "divisions_imported";
    Imported = "imported";
    PasswordsHandedOver = "passwords_handed_over";
    AuditExported = "audit_exported";
    AuditPurged = "audit_purged";
}

/// What an act was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    congress: Option<CongressId>,
    kind: &'static str,
    id: Option<Uuid>,
    /// Who acts, where the actor does not say: somebody half-way in.
    by: Option<AccountId>,
}

impl Object {
    /// A thing of a congress; of none when it belongs to the whole deployment.
    pub fn new<I: Id>(congress: Option<CongressId>, id: I) -> Self {
        Self {
            congress,
            kind: I::KIND,
            id: Some(id.into()),
            by: None,
        }
    }

    /// An account.
    #[must_use]
    pub fn account(account: &Account) -> Self {
        Self::new(Some(account.congress_id), account.id)
    }

    /// What somebody does with their own account, perhaps before they are all the way in.
    #[must_use]
    pub fn own(congress: CongressId, account: AccountId) -> Self {
        Self {
            by: Some(account),
            ..Self::new(Some(congress), account)
        }
    }

    /// Nothing that has an id.
    #[must_use]
    pub const fn none(congress: Option<CongressId>) -> Self {
        Self {
            congress,
            kind: "",
            id: None,
            by: None,
        }
    }
}

/// An event, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// In which congress; none for what concerns the whole deployment.
    pub congress_id: Option<CongressId>,
    /// Who did it; none for the system and for somebody unknown.
    pub account_id: Option<AccountId>,
    /// In what roles, separated by spaces.
    pub role: String,
    /// From which network; `local` at the command line.
    pub network: String,
    /// An [`Act`]'s word.
    pub act: String,
    /// The kind of what it was done to; empty for nothing.
    pub object_kind: String,
    /// Its id.
    pub object_id: Option<Uuid>,
    /// What else there is to say: a role's word, a name, a number of rows.
    pub detail: String,
    /// The hash of the event before.
    pub prev_hash: Vec<u8>,
    /// The hash of that and of everything above.
    pub hash: Vec<u8>,
}

impl Event {
    /// SHA-256 of the hash before and the fields, each with its length in front, so that no two
    /// events read alike.
    fn digest(&self) -> [u8; 32] {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let fields = [
            self.seq.to_string(),
            self.at.micros().to_string(),
            id(self.congress_id.map(Uuid::from)),
            id(self.account_id.map(Uuid::from)),
            self.role.clone(),
            self.network.clone(),
            self.act.clone(),
            self.object_kind.clone(),
            id(self.object_id),
            self.detail.clone(),
        ];
        let mut bytes = self.prev_hash.clone();
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        sha256(bytes)
    }
}

macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT e.seq, e.at, e.congress_id, e.account_id, e.role, e.network, e.act, e.object_kind, e.object_id, \
             e.detail, e.prev_hash, e.hash FROM audit_event e ",
            $rest
        )
    };
}

store::statements! {
    NEXT = "INSERT INTO audit_head (id, seq, hash) VALUES (1, 1, $1) \
        ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, hash";
    ADD = "INSERT INTO audit_event (seq, at, congress_id, account_id, role, network, act, object_kind, object_id, \
        detail, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    KEEP_HEAD = "UPDATE audit_head SET hash = $1 WHERE id = 1";
    HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1";
    FROM = events!("WHERE e.seq > $1 AND e.seq <= $2 ORDER BY e.seq LIMIT $3");
    LIST = events!("WHERE e.congress_id = $1 AND e.seq < $2");
    OF_OBJECT = events!("WHERE e.object_id = $1 AND e.seq < $2 ORDER BY e.seq DESC LIMIT $3");
    SIGN_INS = events!("WHERE e.object_id = $1 AND e.seq < $2 AND e.act IN \
        ('signed_in', 'sign_in_failed', 'code_failed', 'locked_out', 'recovery_code_used') ORDER BY e.seq DESC LIMIT $3");
    BEFORE = "SELECT seq FROM audit_event WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1";
    PURGE = "DELETE FROM audit_event WHERE seq <= $1";
}

/// What an event says that the transaction does not know by itself: no longer than this, in
/// characters.
const DETAIL_MOST: usize = 300;

/// Adds an event to the trail, in the transaction of what it records.
///
/// # Errors
/// What the database says.
pub async fn note(gate: &Gate, tx: &mut Tx, act: Act, object: Object, detail: &str) -> Result<()> {
    let (seq, prev_hash): (i64, Vec<u8>) = sql(NEXT).bind([0; 32]).one(&mut *tx).await?;
    let (account, role) = who(tx.actor());
    let mut event = Event {
        seq,
        at: gate.clock.now(),
        congress_id: object.congress,
        account_id: account.or(object.by),
        role,
        network: gate.network.as_str().to_owned(),
        act: act.as_str().to_owned(),
        object_kind: object.kind.to_owned(),
        object_id: object.id,
        detail: detail.chars().take(DETAIL_MOST).collect(),
        prev_hash,
        hash: Vec::new(),
    };
    let hash = event.digest();
    event.hash = hash.to_vec();
    add(tx, event).await?;
    sql(KEEP_HEAD).bind(hash).execute(tx).await?;
    Ok(())
}

async fn add(tx: &mut Tx, event: Event) -> Result<()> {
    let query = sql(ADD)
        .bind(event.seq)
        .bind(event.at)
        .bind(event.congress_id)
        .bind(event.account_id)
        .bind(event.role)
        .bind(event.network)
        .bind(event.act)
        .bind(event.object_kind)
        .bind(event.object_id)
        .bind(event.detail);
    query
        .bind(event.prev_hash)
        .bind(event.hash)
        .execute(tx)
        .await?;
    Ok(())
}

fn who(actor: &Actor) -> (Option<AccountId>, String) {
    match actor {
        Actor::System => (None, "system".to_owned()),
        Actor::Resident => (None, "resident".to_owned()),
        Actor::Account(who) => {
            let roles: Vec<&str> = who.roles.iter().map(|role| role.as_str()).collect();
            (Some(who.account), roles.join(" "))
        }
    }
}

/// Which events are looked for. What is left out does not narrow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub act: Option<Act>,
    /// Done by this account.
    pub by: Option<AccountId>,
    /// Done to this object.
    pub to: Option<Uuid>,
    /// At or after this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
}

/// The events of a congress, the latest first; `after` is the number of the last one seen.
///
/// # Errors
/// [`crate::DirectoryError::Refused`]; what the database says.
pub async fn list(
    db: &Db,
    actor: &Actor,
    congress: CongressId,
    filter: &Filter,
    after: Option<i64>,
    size: u32,
) -> Result<Page<Event, i64>> {
    authorize(actor, Action::SeeAudit, congress)?;
    let before = match filter.before {
        Some(before) => before_instant(db, before).await? + 1,
        None => i64::MAX,
    };
    let mut query = sql(LIST)
        .bind(congress)
        .bind(after.unwrap_or(i64::MAX).min(before));
    if let Some(from) = filter.from {
        let last_outside = before_instant(db, from).await?;
        query = query.push(" AND e.seq > ").push_bind(last_outside);
    }
    if let Some(act) = filter.act {
        query = query.push(" AND e.act = ").push_bind(act.as_str());
    }
    if let Some(by) = filter.by {
        query = query.push(" AND e.account_id = ").push_bind(by);
    }
    if let Some(to) = filter.to {
        query = query.push(" AND e.object_id = ").push_bind(to);
    }
    let query = query
        .push(" ORDER BY e.seq DESC LIMIT ")
        .push_bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Event| row.seq))
}

/// The number of the last event before an instant; 0 when there is none.
async fn before_instant(db: &Db, at: Timestamp) -> Result<i64> {
    let row: Option<(i64,)> = sql(BEFORE).bind(at).optional(db).await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// What happened to one account, the latest first, for who keeps the accounts of its congress.
///
/// # Errors
/// [`crate::DirectoryError::Refused`]; what the database says.
pub async fn of_account(
    db: &Db,
    actor: &Actor,
    account: &Account,
    after: Option<i64>,
    size: u32,
) -> Result<Page<Event, i64>> {
    authorize(actor, Action::SeeAccounts, account.congress_id)?;
    page_of(db, OF_OBJECT, account.id, after, size).await
}

/// One's own sign-ins and what failed, the latest first.
///
/// # Errors
/// What the database says.
pub async fn sign_ins(
    db: &Db,
    session: &crate::sessions::Session,
    after: Option<i64>,
    size: u32,
) -> Result<Page<Event, i64>> {
    page_of(db, SIGN_INS, session.account, after, size).await
}

async fn page_of(
    db: &Db,
    statement: &'static str,
    account: AccountId,
    after: Option<i64>,
    size: u32,
) -> Result<Page<Event, i64>> {
    let query = sql(statement)
        .bind(account)
        .bind(after.unwrap_or(i64::MAX))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Event| row.seq))
}

/// The sign-in names of the accounts that events name, for whoever may read the events.
///
/// # Errors
/// What the database says.
pub async fn names(db: &Db, events: &[Event]) -> Result<HashMap<Uuid, String>> {
    let by = events
        .iter()
        .filter_map(|event| event.account_id.map(Uuid::from));
    let to = events
        .iter()
        .filter(|event| event.object_kind == AccountId::KIND)
        .filter_map(|event| event.object_id);
    let ids: HashSet<Uuid> = by.chain(to).collect();
    let ids = ids.into_iter().map(Into::into).collect();
    let rows: Vec<(Uuid, String)> = look_up(db, LOGINS, None, ids).await?;
    Ok(rows.into_iter().collect())
}

const LOGINS: &str = "SELECT id, login FROM account WHERE id IN (VALUES ";

/// Why the trail cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An event was changed, or the one before it was.
    #[error("audit event {0} is not what was written")]
    Changed(i64),
    /// An event is not there.
    #[error("audit event {0} is missing")]
    Missing(i64),
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Store(String),
}

impl From<store::StoreError> for Broken {
    fn from(error: store::StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

/// The chain is whole.
pub const CHECK: store::Check = store::Check {
    name: "audit",
    says: "审计记录前后一致 · the audit trail is whole",
    look: |db| {
        Box::pin(async move {
            let broken = check(db).await.err();
            Ok(broken.iter().map(ToString::to_string).collect())
        })
    },
    mend: None,
};

/// Events read at once.
const AT_ONCE: i64 = 4_096;

/// Computes the chain anew, for `quancheng doctor`. The number of events that are there.
///
/// # Errors
/// [`Broken`] at the first event that is wrong.
pub async fn check(db: &Db) -> Result<u64, Broken> {
    let head: Option<(i64, Vec<u8>)> = sql(HEAD).optional(db).await?;
    let (head_seq, head_hash) = head.unwrap_or((0, vec![0; 32]));
    let mut last: Option<Event> = None;
    let (mut there, mut first, mut purged) = (0, 1, 0);
    loop {
        let after = last.as_ref().map_or(0, |event| event.seq);
        let query = sql(FROM).bind(after).bind(head_seq).bind(AT_ONCE);
        let events: Vec<Event> = query.all(db).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            match &last {
                None => first = event.seq,
                Some(before) => follows(before, &event)?,
            }
            if event.digest().as_slice() != event.hash {
                return Err(Broken::Changed(event.seq));
            }
            if event.act == Act::AuditPurged.as_str() {
                purged = event.detail.parse().unwrap_or(0).max(purged);
            }
            there += 1;
            last = Some(event);
        }
    }
    let (last_seq, last_hash) = last.map_or((0, vec![0; 32]), |event| (event.seq, event.hash));
    // Only what a purge says it took may be gone at the beginning, and nothing at the end.
    if first != 1 && first != purged + 1 {
        return Err(Broken::Missing(first - 1));
    }
    if last_seq != head_seq {
        return Err(Broken::Missing(last_seq + 1));
    }
    if last_hash != head_hash {
        return Err(Broken::Changed(last_seq));
    }
    Ok(there)
}

fn follows(before: &Event, event: &Event) -> Result<(), Broken> {
    if event.seq != before.seq + 1 {
        return Err(Broken::Missing(before.seq + 1));
    }
    if event.prev_hash != before.hash {
        return Err(Broken::Changed(event.seq));
    }
    Ok(())
}

/// Fewer days may not be set: six months, which are up to 184 days (网络安全法 23; GB/T
/// 22239-2019).
pub const KEEP_DAYS_LEAST: u32 = 184;

/// Removes events older than `keep_days`, and says so in the trail. How many numbers went.
///
/// # Errors
/// What the database says.
pub async fn purge(gate: &Gate, tx: &mut Tx, keep_days: u32) -> Result<u64> {
    let days = i64::from(keep_days.max(KEEP_DAYS_LEAST));
    let old = gate.clock.now().plus_seconds(-days * 86_400);
    let row: Option<(i64,)> = sql(BEFORE).bind(old).optional(&mut *tx).await?;
    let Some((seq,)) = row else { return Ok(0) };
    let gone = sql(PURGE).bind(seq).execute(&mut *tx).await?;
    note(
        gate,
        tx,
        Act::AuditPurged,
        Object::none(None),
        &seq.to_string(),
    )
    .await?;
    Ok(gone)
}
