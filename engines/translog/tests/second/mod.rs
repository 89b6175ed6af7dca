//! A second verifier, written from the specifications alone: trees by the recursive definitions of RFC 6962 §2.1
//! (MTH, PATH, PROOF), proofs checked by running those definitions backwards; notes, paths, tiles, entries and receipts
//! by the README's description. Nothing in here names the crate, and it shares no code with it.
#![allow(dead_code, reason = "each test file uses its part")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt};

pub type H = [u8; 32];

pub fn sha(parts: &[&[u8]]) -> H {
    Sha256::digest(parts.concat()).into()
}

fn node(left: &H, right: &H) -> H {
    sha(&[&[1], left, right])
}

/// The k of RFC 6962: the largest power of two smaller than n.
fn k(n: u64) -> u64 {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// Trees over leaf hashes, each MTH remembered by its range.
pub struct Tree {
    pub leaves: Vec<H>,
    memory: HashMap<(u64, u64), H>,
}

impl Tree {
    pub fn new(leaves: Vec<H>) -> Self {
        Self {
            leaves,
            memory: HashMap::new(),
        }
    }

    /// MTH(D[from:to]).
    pub fn mth(&mut self, from: u64, to: u64) -> H {
        match to - from {
            0 => return sha(&[]),
            1 => return self.leaves[from as usize],
            _ => {}
        }
        if let Some(known) = self.memory.get(&(from, to)) {
            return *known;
        }
        let middle = from + k(to - from);
        let hash = node(&self.mth(from, middle), &self.mth(middle, to));
        self.memory.insert((from, to), hash);
        hash
    }

    /// PATH(m, D[from:to]), m counted from `from`.
    pub fn path(&mut self, m: u64, from: u64, to: u64) -> Vec<H> {
        if to - from == 1 {
            return vec![];
        }
        let k = k(to - from);
        let (mut path, sibling) = if m < k {
            (self.path(m, from, from + k), self.mth(from + k, to))
        } else {
            (self.path(m - k, from + k, to), self.mth(from, from + k))
        };
        path.push(sibling);
        path
    }

    /// SUBPROOF(m, D[from:to], b); PROOF(m, D[n]) is SUBPROOF(m, D[0:n], true).
    pub fn subproof(&mut self, m: u64, from: u64, to: u64, b: bool) -> Vec<H> {
        if m == to - from {
            return if b { vec![] } else { vec![self.mth(from, to)] };
        }
        let k = k(to - from);
        let (mut proof, sibling) = if m <= k {
            (self.subproof(m, from, from + k, b), self.mth(from + k, to))
        } else {
            (
                self.subproof(m - k, from + k, to, false),
                self.mth(from, from + k),
            )
        };
        proof.push(sibling);
        proof
    }
}

/// The root to which PATH(m, D[n]) leads from this leaf; none when the proof has another length.
pub fn root_of_path(leaf: H, m: u64, n: u64, proof: &[H]) -> Option<H> {
    if m >= n {
        return None;
    }
    if n == 1 {
        return proof.is_empty().then_some(leaf);
    }
    let (last, rest) = proof.split_last()?;
    let k = k(n);
    if m < k {
        Some(node(&root_of_path(leaf, m, k, rest)?, last))
    } else {
        Some(node(last, &root_of_path(leaf, m - k, n - k, rest)?))
    }
}

/// The roots of the first m and of all n leaves to which SUBPROOF(m, D[n], b) leads.
fn roots_of_subproof(m: u64, n: u64, b: bool, old_root: H, proof: &[H]) -> Option<(H, H)> {
    if m == n {
        return match (b, proof) {
            (true, []) => Some((old_root, old_root)),
            (false, [only]) => Some((*only, *only)),
            _ => None,
        };
    }
    let (last, rest) = proof.split_last()?;
    let k = k(n);
    if m <= k {
        let (old, new) = roots_of_subproof(m, k, b, old_root, rest)?;
        Some((old, node(&new, last)))
    } else {
        let (old, new) = roots_of_subproof(m - k, n - k, false, old_root, rest)?;
        Some((node(last, &old), node(last, &new)))
    }
}

pub fn consistent(m: u64, old_root: H, n: u64, new_root: H, proof: &[H]) -> bool {
    if m == 0 || m > n {
        return m == 0 && proof.is_empty() && old_root == sha(&[]);
    }
    roots_of_subproof(m, n, true, old_root, proof) == Some((old_root, new_root))
}

/// Opens a checkpoint; gives origin, size and root.
pub fn checkpoint(note: &str, key: &str) -> Option<(String, u64, H)> {
    let parts: Vec<&str> = key.splitn(3, '+').collect();
    let [name, id, data] = parts[..] else {
        return None;
    };
    let data = STANDARD.decode(data).ok()?;
    let expected = sha(&[name.as_bytes(), b"\n", &data]);
    if data.first() != Some(&1) || hex::encode(&expected[..4]) != id {
        return None;
    }
    let public = VerifyingKey::from_bytes(data[1..].try_into().ok()?).ok()?;
    let at = note.rfind("\n\n")?;
    let (text, lines) = (&note[..=at], note[at + 2..].strip_suffix('\n')?);
    let mut good = !note.chars().any(|c| c < ' ' && c != '\n');
    let mut signed = false;
    for line in lines.split('\n') {
        let (signer, blob) = line.strip_prefix("— ")?.split_once(' ')?;
        let blob = STANDARD.decode(blob).ok()?;
        good &= blob.len() > 4 && !signer.is_empty();
        good &= !signer.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
        if signer == name && blob.get(..4)? == &expected[..4] {
            public
                .verify_strict(text.as_bytes(), &Signature::from_slice(&blob[4..]).ok()?)
                .ok()?;
            signed = true;
        }
    }
    let body: Vec<&str> = text.lines().collect();
    let size: u64 = body.get(1)?.parse().ok()?;
    let root: H = STANDARD.decode(body.get(2)?).ok()?.try_into().ok()?;
    good &= signed && body[0] == name && body[1] == size.to_string() && !body.contains(&"");
    good.then_some((body[0].to_owned(), size, root))
}

/// A published file: a tile of some level, or (no level) a bundle of entries; its place; its width.
pub type Piece = (Option<u8>, u64, u64);

/// The path of a published file: `tile/<L>/<N>[.p/<W>]`, `<L>` being a level or `entries`.
pub fn path((level, n, width): Piece) -> String {
    let digits = n.to_string();
    let digits = "0".repeat((3 - digits.len() % 3) % 3) + &digits;
    let mut path = match level {
        Some(level) => format!("tile/{level}/"),
        None => "tile/entries/".to_owned(),
    };
    for at in (0..digits.len()).step_by(3) {
        let group = &digits[at..at + 3];
        path += &if at + 3 < digits.len() {
            format!("x{group}/")
        } else {
            group.to_owned()
        };
    }
    if width < 256 {
        path += &format!(".p/{width}");
    }
    path
}

/// What a path names; there is one spelling for each file.
pub fn read_path(text: &str) -> Option<Piece> {
    let (level, place) = text.strip_prefix("tile/")?.split_once('/')?;
    let (place, width) = match place.split_once(".p/") {
        Some((place, width)) => (place, width.parse().ok()?),
        None => (place, 256),
    };
    let n: u64 = place.replace(['x', '/'], "").parse().ok()?;
    let level: Option<u8> = match level {
        "entries" => None,
        level => Some(level.parse().ok().filter(|level| *level < 64)?),
    };
    let piece = (level, n, width);
    let good = (1..=256).contains(&width) && n < 1 << 62 && path(piece) == text;
    good.then_some(piece)
}

/// Reads a whole log as it is published and checks it from the entries up; gives the entries.
pub fn log(note: &str, key: &str, read: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let (_, size, root) = checkpoint(note, key)?;
    let mut entries = Vec::new();
    for n in 0..size.div_ceil(256) {
        let width = (size - n * 256).min(256);
        entries.extend(bundle(&read(&path((None, n, width)))?, width)?);
    }
    let leaves = entries.iter().map(|entry| sha(&[&[0], entry]));
    let mut tree = Tree::new(leaves.collect());
    for level in 0..8_u8 {
        let span = 256_u64.saturating_pow(level.into());
        let count = size / span;
        for n in 0..count.div_ceil(256) {
            let (first, width) = (n * 256, (count - n * 256).min(256));
            let hashes = (first..first + width).flat_map(|i| tree.mth(i * span, (i + 1) * span));
            let expected: Vec<u8> = hashes.collect();
            if read(&path((Some(level), n, width)))? != expected {
                return None;
            }
        }
    }
    (tree.mth(0, size) == root).then_some(entries)
}

/// Each entry after its length in two big-endian bytes, nothing left over.
fn bundle(mut rest: &[u8], width: u64) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..width {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        let (entry, tail) = tail.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry.to_vec());
        rest = tail;
    }
    rest.is_empty().then_some(entries)
}

/// Reads an entry, which has one form.
pub fn entry(bytes: &[u8]) -> Option<Map<String, Value>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let keys = ["matter", "kind", "step", "move", "role", "at", "commitment"];
    let fields = keys.map(|key| format!(",\"{key}\":{}", value[key]));
    let same = format!("{{\"v\":1{}}}", fields.concat()).as_bytes() == bytes;
    let word = |key: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
        let text = value[key].as_str().unwrap_or_default();
        (1..=64).contains(&text.len()) && text.chars().all(plain)
    };
    hash(&value["commitment"])?;
    let step = value["step"].as_u64()?;
    let good = same
        && bytes.len() <= 2048
        && (1..1 << 32).contains(&step)
        && ["kind", "move", "role"].into_iter().all(word)
        && uuid(value["matter"].as_str()?)
        && instant(value["at"].as_str()?);
    good.then(|| value.as_object().cloned())?
}

fn uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &&str| {
        part.chars()
            .all(|c| c.is_ascii_hexdigit() && !c.is_uppercase())
    };
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
}

/// `YYYY-MM-DDThh:mm:ss`, up to nine digits of fraction, `Z` or `±hh:mm`.
fn instant(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else {
        return false;
    };
    let zone = rest.trim_start_matches(['.', '0']);
    let zone = if zone.is_empty() { rest } else { zone };
    let fraction = &rest[..rest.len() - zone.len()];
    let digits = fraction.strip_prefix('.').unwrap_or("0");
    let good_fraction = (1..=9).contains(&digits.len()) && !digits.contains('.');
    let plain = fraction.is_empty() || fraction.starts_with('.');
    plain && good_fraction && ["Z", "+00:00", "-00:00"].contains(&zone)
}

/// JSON in which no object has a key twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadOnce).map(Self)
    }
}

struct ReadOnce;

impl<'de> Visitor<'de> for ReadOnce {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which no object has a key twice")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Once(item))) = items.next_entry::<String, Once>()? {
            if map.insert(key, item).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(map.into())
    }
}

/// Checks a receipt's file.
pub fn receipt(json: &str, key: &str) -> bool {
    let file: Option<Once> = serde_json::from_str(json).ok();
    json.len() <= 4 << 20 && file.and_then(|Once(file)| check(&file, key)).is_some()
}

fn check(file: &Value, key: &str) -> Option<()> {
    let must = [
        "format",
        "origin",
        "code",
        "matter",
        "steps",
        "checkpoint",
        "log_key",
    ];
    object(file, &must, &[])?;
    object(&file["matter"], &["kind"], &["number", "title"])?;
    let texts = [&file["code"], &file["matter"]["kind"]];
    let optional = [&file["matter"]["number"], &file["matter"]["title"]];
    let (origin, size, root) = checkpoint(file["checkpoint"].as_str()?, key)?;
    let steps = file["steps"].as_array()?;
    let mut good = file["format"] == "quancheng-receipt/1"
        && file["log_key"] == key
        && file["origin"] == origin
        && texts.iter().all(|text| text.is_string())
        && optional
            .iter()
            .all(|text| text.is_null() || text.is_string())
        && (1..=1000).contains(&steps.len());
    let (mut matter, mut before) = (None, None);
    for (number, step) in steps.iter().enumerate() {
        let must = ["at", "move", "role", "entry", "index", "inclusion"];
        object(step, &must, &["content"])?;
        let bytes = STANDARD.decode(step["entry"].as_str()?).ok()?;
        let entry = entry(&bytes)?;
        let index = step["index"].as_u64()?;
        let proof: Option<Vec<H>> = step["inclusion"].as_array()?.iter().map(hash).collect();
        good &= root_of_path(sha(&[&[0], &bytes]), index, size, &proof?) == Some(root);
        good &= entry["step"] == number + 1 && entry["kind"] == file["matter"]["kind"];
        good &= ["at", "move", "role"]
            .iter()
            .all(|field| entry[*field] == step[field]);
        good &= *matter.get_or_insert(entry["matter"].clone()) == entry["matter"];
        good &= before.replace(index).is_none_or(|before| before < index);
        if !step["content"].is_null() {
            good &= open(&step["content"])? == hash(&entry["commitment"])?;
        }
    }
    good.then_some(())
}

/// An object with all of the keys `must`, perhaps some of `may`, and no others.
fn object(value: &Value, must: &[&str], may: &[&str]) -> Option<()> {
    let map = value.as_object()?;
    let known = |key: &String| must.contains(&key.as_str()) || may.contains(&key.as_str());
    let good = map.keys().all(known) && must.iter().all(|key| map.contains_key(*key));
    good.then_some(())
}

fn hash(value: &Value) -> Option<H> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

fn open(opening: &Value) -> Option<H> {
    object(opening, &["text", "salt"], &[])?;
    let salt = opening["salt"].as_str()?;
    let lower = !salt.contains(|c: char| c.is_ascii_uppercase());
    let salt = hex::decode(salt).ok()?;
    let text = opening["text"].as_str()?.as_bytes();
    let length = (text.len() as u64).to_be_bytes();
    let good = lower && salt.len() == 32;
    good.then(|| sha(&[b"quancheng-commitment/1\n", &salt, &length, text]))
}
