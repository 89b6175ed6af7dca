//! The second factor: time-based one-time codes (TOTP, RFC 6238) and recovery codes.
//!
//! A code is good for its 30 seconds and one step before and after, and only once. The secret is
//! sealed at rest; recovery codes are kept as hashes and shown once.

use kernel::{AccountId, Timestamp};
use store::{Target, Tx, sql};
use totp_rs::{Builder, Secret, Totp};

use crate::{
    DirectoryError, Gate, Result,
    codes::{self, percent, random_code, read_code, sha256},
    sessions::Session,
};

/// Recovery codes given at enrolment.
pub const RECOVERY_CODES: usize = 10;
/// Seconds of one step.
pub const STEP_SECONDS: u64 = 30;
const SECRET_BYTES: usize = 20;

/// What the person needs to add this account to an authenticator app.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret in base32, to be typed where no camera is at hand.
    pub secret: String,
    /// The `otpauth://` address.
    pub uri: String,
    /// That address as a QR code in SVG.
    pub qr_svg: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

store::statements! {
    FIND = "SELECT secret, last_step FROM account_totp WHERE account_id = $1";
    IS_CONFIRMED = "SELECT confirmed_at FROM account_totp WHERE account_id = $1";
    PENDING = "SELECT pending_secret FROM session WHERE id = $1";
    START = "UPDATE session SET pending_secret = $2 WHERE id = $1 AND pending_secret IS NULL";
    DROP_PENDING = "UPDATE session SET pending_secret = NULL WHERE id = $1";
    CONFIRM = "INSERT INTO account_totp (account_id, secret, confirmed_at, last_step) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, confirmed_at = excluded.confirmed_at, \
        last_step = excluded.last_step";
    USE_STEP = "UPDATE account_totp SET last_step = $2 WHERE account_id = $1 AND last_step < $2";
    REMOVE = "DELETE FROM account_totp WHERE account_id = $1";
    REMOVE_CODES = "DELETE FROM recovery_code WHERE account_id = $1";
    ADD_CODE = "INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)";
    USE_CODE = "UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND hash = $2 AND used_at IS NULL";
    CODES_LEFT = "SELECT COUNT(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";
}

#[derive(sqlx::FromRow)]
struct Row {
    secret: Vec<u8>,
    last_step: i64,
}

/// Starts the enrolment of a session, or shows the one that it has started: a page loaded twice
/// gives one secret. Another session of the same account gets another secret, so whoever only
/// holds the password never sees what the owner confirms.
pub(crate) async fn start(
    gate: &Gate,
    tx: &mut Tx,
    session: &Session,
    issuer: &str,
) -> Result<Enrolment> {
    let mut fresh = [0u8; SECRET_BYTES];
    gate.entropy.fill(&mut fresh);
    let sealed = seal(gate, session.account, &fresh);
    let query = sql(START).bind(session.id).bind(sealed);
    query.execute(&mut *tx).await?;
    let secret = pending(gate, tx, session).await?;
    let secret = secret.ok_or(DirectoryError::Missing("session"))?;
    Ok(enrolment(&secret, issuer, &session.login))
}

async fn pending(
    gate: &Gate,
    tx: &mut Tx,
    session: &Session,
) -> Result<Option<[u8; SECRET_BYTES]>> {
    let row: Option<(Option<Vec<u8>>,)> = sql(PENDING).bind(session.id).optional(tx).await?;
    let sealed = row.and_then(|(sealed,)| sealed);
    sealed
        .map(|sealed| unseal(gate, session.account, &sealed))
        .transpose()
}

fn enrolment(secret: &[u8; SECRET_BYTES], issuer: &str, login: &str) -> Enrolment {
    let secret = codes::base32(secret, codes::RFC_4648);
    let (issuer, login) = (percent(issuer), percent(login));
    let uri = format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}");
    let qr_svg = qrcode::QrCode::new(&uri).map_or_else(|_| String::new(), |code| draw(&code));
    Enrolment {
        secret,
        uri,
        qr_svg,
    }
}

fn draw(code: &qrcode::QrCode) -> String {
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    // The page wants an element, not a document.
    svg.split_once("?>")
        .map_or(svg.clone(), |(_, element)| element.to_owned())
}

/// Confirms the enrolment that the session has started, with a first code; it takes the place of the
/// one before. Gives new recovery codes, to be shown once.
pub(crate) async fn confirm(
    gate: &Gate,
    tx: &mut Tx,
    session: &Session,
    code: &str,
) -> Result<Option<Vec<String>>> {
    let Some(secret) = pending(gate, tx, session).await? else {
        return Ok(None);
    };
    let now = gate.clock.now();
    let Some(step) = matching_step(&secret, code, now) else {
        return Ok(None);
    };
    let query = sql(CONFIRM)
        .bind(session.account)
        .bind(seal(gate, session.account, &secret))
        .bind(now)
        .bind(step);
    query.execute(&mut *tx).await?;
    let query = sql(DROP_PENDING).bind(session.id);
    query.execute(&mut *tx).await?;
    renew_codes(gate, tx, session.account).await.map(Some)
}

/// New recovery codes, to be shown once; the old ones are good no more.
pub(crate) async fn renew_codes(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
) -> Result<Vec<String>> {
    sql(REMOVE_CODES).bind(account).execute(&mut *tx).await?;
    let fresh: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| random_code(&*gate.entropy))
        .collect();
    for code in &fresh {
        let query = sql(ADD_CODE).bind(account).bind(sha256(read_code(code)));
        query.execute(&mut *tx).await?;
    }
    Ok(fresh)
}

/// Whether the account has a confirmed second factor.
///
/// # Errors
/// What the database says.
pub async fn is_confirmed(on: impl Target, account: AccountId) -> Result<bool> {
    let row: Option<(i64,)> = sql(IS_CONFIRMED).bind(account).optional(on).await?;
    Ok(row.is_some())
}

/// Recovery codes not used yet.
///
/// # Errors
/// What the database says.
pub async fn recovery_codes_left(on: impl Target, account: AccountId) -> Result<i64> {
    let (left,): (i64,) = sql(CODES_LEFT).bind(account).one(on).await?;
    Ok(left)
}

/// Whether what was typed is meant as a recovery code.
pub(crate) fn is_recovery_code(code: &str) -> bool {
    read_code(code).len() != 6
}

/// Uses a code of the app, or a recovery code; each is good once.
pub(crate) async fn use_code(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
    code: &str,
) -> Result<bool> {
    if !is_recovery_code(code) {
        return use_totp(gate, tx, account, code).await;
    }
    let used = sql(USE_CODE)
        .bind(account)
        .bind(sha256(read_code(code)))
        .bind(gate.clock.now());
    Ok(used.execute(tx).await? == 1)
}

async fn use_totp(gate: &Gate, tx: &mut Tx, account: AccountId, code: &str) -> Result<bool> {
    let Some(row) = sql(FIND).bind(account).optional::<Row>(&mut *tx).await? else {
        return Ok(false);
    };
    let secret = unseal(gate, account, &row.secret)?;
    let Some(step) = matching_step(&secret, code, gate.clock.now()) else {
        return Ok(false);
    };
    if step <= row.last_step {
        return Ok(false);
    }
    Ok(sql(USE_STEP).bind(account).bind(step).execute(tx).await? == 1)
}

/// The step this code belongs to, within one of now.
fn matching_step(secret: &[u8; SECRET_BYTES], code: &str, now: Timestamp) -> Option<i64> {
    let step = totp(secret).check(&read_code(code), now.unix_millis() / 1_000)?;
    i64::try_from(step).ok()
}

fn totp(secret: &[u8; SECRET_BYTES]) -> Totp {
    let builder = Builder::new()
        .with_secret(Secret::new_stack(*secret))
        .with_step_duration(STEP_SECONDS)
        .with_skew(1);
    builder
        .build()
        .expect("twenty bytes and six digits are within RFC 6238")
}

/// What an app shows at `now` for a base32 `secret`; for tests and the demo's print-out.
#[must_use]
pub fn code_at(secret: &str, now: Timestamp) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for letter in secret.bytes() {
        let value = codes::RFC_4648.iter().position(|known| *known == letter)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
        }
    }
    let bytes: [u8; SECRET_BYTES] = bytes.try_into().ok()?;
    Some(totp(&bytes).generate(now.unix_millis() / 1_000).to_string())
}

/// Takes the second factor and its recovery codes away, so that a new one can be enrolled.
pub(crate) async fn remove(tx: &mut Tx, account: AccountId) -> Result<()> {
    sql(REMOVE_CODES).bind(account).execute(&mut *tx).await?;
    sql(REMOVE).bind(account).execute(tx).await?;
    Ok(())
}

fn seal(gate: &Gate, account: AccountId, secret: &[u8; SECRET_BYTES]) -> Vec<u8> {
    gate.seal
        .seal(&*gate.entropy, owner(account).as_bytes(), secret)
}

fn unseal(gate: &Gate, account: AccountId, sealed: &[u8]) -> Result<[u8; SECRET_BYTES]> {
    let opened = gate.seal.open(owner(account).as_bytes(), sealed);
    let bytes = opened.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        let why = "a second-factor secret does not open with the configured key";
        DirectoryError::Store(store::StoreError::Inconsistent(why.into()))
    })
}

fn owner(account: AccountId) -> String {
    format!("totp:{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, cut to six digits.
    #[test]
    fn codes_agree_with_the_vectors_of_the_standard() {
        let secret = codes::base32(b"12345678901234567890", codes::RFC_4648);
        let at =
            |seconds: i64| code_at(&secret, Timestamp::from_micros(seconds * 1_000_000)).unwrap();
        assert_eq!(at(59), "287082");
        assert_eq!(at(1_111_111_109), "081804");
        assert_eq!(at(2_000_000_000), "279037");
    }

    #[test]
    fn a_code_is_good_one_step_before_and_after_and_no_more() {
        let now = Timestamp::from_micros(1_999_999_990 * 1_000_000);
        let matches = |seconds: i64| {
            matching_step(b"12345678901234567890", "279037", now.plus_seconds(seconds))
        };
        assert!(matches(0).is_some() && matches(-30).is_some() && matches(30).is_some());
        assert_eq!(matches(60), None);
        assert_eq!(matches(-60), None);
    }

    #[test]
    fn the_address_and_its_picture_can_be_read_by_an_app() {
        let enrolment = enrolment(b"12345678901234567890", "启明市人大", "zhang.wei");
        assert!(
            enrolment.uri.starts_with("otpauth://totp/%E5%90%AF"),
            "{}",
            enrolment.uri
        );
        assert!(
            enrolment
                .uri
                .contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        );
        assert!(
            enrolment.qr_svg.starts_with("<svg"),
            "{}",
            &enrolment.qr_svg[..60]
        );
    }
}
