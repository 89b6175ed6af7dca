//! Texts and their versions on both databases, and what may become one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{io::Write as _, sync::Arc};

use corpus::{ImportRefusal, Library, MIGRATIONS, NewVersion, import};
use kernel::{CongressId, SeededEntropy, TestClock, TextId, Timestamp, VersionId};
use store::{Db, StoreError, sql, testing::begin};

const FIRST: &str = "第一条　为了清静，制定本规定。\n";
const SECOND: &str = "第一条　为了清静和睡眠，制定本规定。\n";

fn now() -> Timestamp {
    TestClock::START
}

struct Shelf {
    entropy: SeededEntropy,
    text: TextId,
}

impl Shelf {
    async fn new(db: &Db, seed: u64) -> Self {
        let entropy = SeededEntropy::new(seed);
        let (text, congress) = (
            TextId::new(now(), &entropy),
            CongressId::new(now(), &entropy),
        );
        let mut tx = begin(db).await;
        corpus::create(&mut tx, text, congress, now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self { entropy, text }
    }

    async fn add(&self, db: &Db, label: &str, source: &str) -> VersionId {
        let id = VersionId::new(now(), &self.entropy);
        let mut tx = begin(db).await;
        let new = NewVersion {
            id,
            text: self.text,
            label,
            source,
        };
        corpus::add(&mut tx, new, now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

async fn replace(db: &Db, id: VersionId, source: &str) -> store::Result<()> {
    let mut tx = begin(db).await;
    let done = corpus::replace(&mut tx, id, "草案", source).await;
    match done {
        Ok(()) => tx.commit().await.map(drop),
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

async fn publish(db: &Db, id: VersionId) -> store::Result<()> {
    let mut tx = begin(db).await;
    let done = corpus::publish(&mut tx, id, now()).await;
    match done {
        Ok(()) => tx.commit().await.map(drop),
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

/// Changes a version's words as nobody may.
async fn tamper(db: &Db, id: VersionId) {
    let mut tx = begin(db).await;
    sql("UPDATE text_version SET source = source || $2 WHERE id = $1")
        .bind(id)
        .bind("第二条　罚款加倍。\n")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

store::on_both! {
    [MIGRATIONS, None]

    async fn versions_are_numbered_in_the_order_they_came(test: TestDb) {
        let (one, other) = (Shelf::new(&test.db, 1).await, Shelf::new(&test.db, 2).await);
        let first = one.add(&test.db, "草案", FIRST).await;
        other.add(&test.db, "草案", FIRST).await;
        let second = one.add(&test.db, "二次审议稿", SECOND).await;
        let heads = corpus::heads(&test.db, one.text).await.unwrap();
        let told = heads.iter().map(|head| (head.id, head.seq, head.label.as_str()));
        assert_eq!(Vec::from_iter(told), [(first, 1, "草案"), (second, 2, "二次审议稿")]);
        let version = corpus::load(&test.db, second).await.unwrap();
        assert_eq!((version.source.as_str(), version.published_at), (SECOND, None));
    }

    async fn a_published_version_never_changes(test: TestDb) {
        let shelf = Shelf::new(&test.db, 1).await;
        let id = shelf.add(&test.db, "草案", FIRST).await;
        replace(&test.db, id, SECOND).await.unwrap();
        assert_eq!(corpus::load(&test.db, id).await.unwrap().source, SECOND);
        publish(&test.db, id).await.unwrap();
        assert!(matches!(replace(&test.db, id, FIRST).await, Err(StoreError::Missing)));
        assert!(matches!(publish(&test.db, id).await, Err(StoreError::Missing)));
        let version = corpus::load(&test.db, id).await.unwrap();
        assert_eq!((version.source.as_str(), version.published_at), (SECOND, Some(now())));
    }

    async fn words_changed_behind_our_back_are_not_read(test: TestDb) {
        let shelf = Shelf::new(&test.db, 1).await;
        let id = shelf.add(&test.db, "草案", FIRST).await;
        tamper(&test.db, id).await;
        let error = corpus::load(&test.db, id).await.unwrap_err();
        assert!(matches!(error, StoreError::Inconsistent(ref what) if what.contains(&id.to_string())), "{error}");
        let nobody = VersionId::new(now(), &shelf.entropy);
        assert!(matches!(corpus::load(&test.db, nobody).await, Err(StoreError::Missing)));
    }

    async fn only_what_can_no_longer_change_is_remembered(test: TestDb) {
        let shelf = Shelf::new(&test.db, 1).await;
        let library = Library::default();
        let id = shelf.add(&test.db, "草案", FIRST).await;
        assert_eq!(library.read(&test.db, id).await.unwrap().version.source, FIRST);
        replace(&test.db, id, SECOND).await.unwrap();
        assert_eq!(library.read(&test.db, id).await.unwrap().version.source, SECOND);
        publish(&test.db, id).await.unwrap();
        let read = library.read(&test.db, id).await.unwrap();
        assert_eq!(read.document.articles().count(), 1);
        // Taken from the shelf: the same tree, and the database is not asked.
        tamper(&test.db, id).await;
        let again = library.read(&test.db, id).await.unwrap();
        assert!(Arc::ptr_eq(&read, &again));
    }
}

/// A Word file with these words.
fn docx(words: &str) -> Vec<u8> {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>"
    );
    file.start_file("word/document.xml", plain).unwrap();
    file.write_all(document.as_bytes()).unwrap();
    file.finish().unwrap().into_inner()
}

#[test]
fn a_draft_comes_in_as_it_is() {
    for (name, bytes) in [
        ("草案.md", FIRST.as_bytes().to_vec()),
        ("草案.TXT", format!("\u{FEFF}{FIRST}").into_bytes()),
        ("草案.docx", docx(FIRST.trim_end())),
    ] {
        let imported = import(name, &bytes).unwrap();
        assert!(
            imported.source.as_str().contains(FIRST.trim_end()),
            "{name}"
        );
        assert_eq!(imported.notices, [], "{name}");
    }
    let kept = format!("\u{FEFF}{FIRST}");
    assert_eq!(
        import("a.md", kept.as_bytes()).unwrap().source.as_str(),
        kept
    );
}

#[test]
fn what_is_no_draft_is_refused_in_words() {
    let refused = |name: &str, bytes: &[u8]| import(name, bytes).unwrap_err();
    assert!(matches!(refused("a.md", b""), ImportRefusal::Empty));
    assert!(matches!(refused("a.pdf", b"%PDF"), ImportRefusal::Kind(name) if name == "a.pdf"));
    assert!(matches!(refused("docx", b"x"), ImportRefusal::Kind(_)));
    assert!(matches!(
        refused("a.txt", b"caf\xe9"),
        ImportRefusal::Text(_)
    ));
    assert!(matches!(refused("a.docx", b"PK"), ImportRefusal::Docx(_)));
    let long = "第一条　甲。\n".repeat(lawtext::Limits::default().articles + 1);
    assert!(matches!(
        refused("a.txt", long.as_bytes()),
        ImportRefusal::TooMuch(_)
    ));
    assert!(matches!(
        refused("a.md", "通知\n各位居民：".as_bytes()),
        ImportRefusal::NoArticles
    ));
    assert!(matches!(
        refused("a.docx", &docx("通知")),
        ImportRefusal::NoArticles
    ));
}

/// Windows saves texts in GB18030: they are taken, and whoever sends one is told to look at it.
#[test]
fn a_text_in_another_encoding_is_taken_and_said() {
    let (bytes, ..) = encoding_rs::GB18030.encode(FIRST);
    let imported = import("a.txt", &bytes).unwrap();
    assert_eq!(imported.source.as_str(), FIRST);
    assert!(imported.notices[0].0.contains("GB18030"));
}

/// What turns its neighbours round would show a law in another order than it is stored and signed.
#[test]
fn a_law_that_would_show_otherwise_than_it_is_stored_is_refused_with_the_place() {
    for hidden in ['\u{202E}', '\u{2066}', '\u{8}', '\u{9B}'] {
        let text = format!("{FIRST}第二条　罚款{hidden}二百元。\n");
        let refusal = import("a.md", text.as_bytes()).unwrap_err();
        let ImportRefusal::Unshowable { code, line, column } = refusal else {
            panic!("{hidden:?}: {refusal}");
        };
        assert_eq!((code, line, column), (u32::from(hidden), 2, 7));
        assert!(refusal.to_string().contains("第2行第7个字符"));
    }
    let inside = docx("第一条　罚款\u{202E}二百元。");
    assert!(matches!(
        import("a.docx", &inside),
        Err(ImportRefusal::Unshowable { .. })
    ));
    let uyghur = "第一条　ئاپتونوم\u{200F} رايون。";
    assert!(import("a.md", uyghur.as_bytes()).is_ok());
}
