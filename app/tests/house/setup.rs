//! From an empty folder to a house, and from its backup to another.

use std::{fs, path::Path};

use super::{common::House, program::Folder};

#[test]
fn a_new_house_is_set_up_from_the_command_line() {
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    house.run(&["migrate"]).done();
    house.run(&["serve"]).refused("congress create");
    house.set_up();
    let account = ["account", "create", "--login", "first", "--name", "管理员"];
    house.run(&account).refused("login");
    let reset = ["account", "reset", "--login", "first", "--second-factor"];
    assert!(house.run(&reset).done().contains("first password"));
    assert!(!house.run(&["doctor"]).done().contains('✗'));
    let listed = house.run(&["keys", "list"]).done();
    assert_eq!(listed.matches("the right one").count(), 3, "{listed}");
}

#[test]
fn a_backup_on_a_new_machine_needs_the_old_keys() {
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    house.set_up();
    let saved = folder.0.join("saved.zip").display().to_string();
    house.run(&["backup", &saved]).done();
    house.run(&["restore", &saved]).refused("not empty");

    let other = House::new(&folder.0.join("other"), "");
    let told = other.run(&["restore", &saved]).done();
    for file in ["site.secret", "seal.key", "log.key", "log.signed"] {
        assert!(told.contains(file), "{told}");
    }
    other.run(&["doctor"]).refused("seal.key");
    let refused = other.run(&["serve"]).refused("bring it back");
    assert!(refused.contains("log.key"), "{refused}");
    for file in ["site.secret", "seal.key", "log.key", "log.signed"] {
        assert!(!other.data.join(file).exists(), "{file} was made anew");
        fs::copy(house.data.join(file), other.data.join(file)).unwrap();
    }
    other.run(&["doctor"]).done();
    let (old, new) = (house.serve().get("/log/key"), other.serve().get("/log/key"));
    assert_eq!(old, new);
}

#[test]
fn what_cannot_be_there_is_not_made() {
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    let saved = folder.0.join("saved.zip");
    house.run(&["doctor"]).refused("cannot be opened");
    house
        .run(&["backup", &saved.display().to_string()])
        .refused("cannot be opened");
    house.run(&["keys", "list"]).refused("cannot be opened");
    assert!(!house.data.exists() && !saved.exists());
}

#[test]
fn a_copied_data_folder_does_not_sign_as_well() {
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    house.set_up();
    let tried = house.copied("tried");
    tried.run(&["serve"]).refused("keys moved");
    // To try things with: a log of its own, which says so.
    tried
        .run(&["keys", "new-log", "--because", " "])
        .refused("--because");
    let made = tried
        .run(&["keys", "new-log", "--because", "试用的副本"])
        .done();
    assert!(made.contains("127.0.0.1:8080/log/2+"), "{made}");
    let server = tried.serve();
    let page = server.get("/log");
    assert!(
        page.contains("试用的副本") && page.contains("127.0.0.1:8080/log+"),
        "{page}"
    );
    assert!(
        server
            .get("/log/checkpoint")
            .starts_with("127.0.0.1:8080/log/2\n")
    );
    drop(server);
    tried.run(&["doctor"]).done();

    let moved = house.copied("moved");
    moved.run(&["keys", "moved"]).done();
    assert!(
        moved
            .serve()
            .get("/log/checkpoint")
            .starts_with("127.0.0.1:8080/log\n")
    );
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    house.set_up();
    let saved = folder.0.join("saved.zip");
    house.run(&["backup", &saved.display().to_string()]).done();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&house.data), mode(&saved)), (0o700, 0o600));
    let server = house.serve();
    for file in fs::read_dir(&house.data).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    drop(server);
}

#[tokio::test]
async fn a_dead_job_is_named_retried_and_dropped() {
    let folder = Folder::new();
    let house = House::new(&folder.0, "");
    house.set_up();
    assert!(house.run(&["jobs", "list"]).done().contains("0 dead"));
    let url = format!("sqlite:{}", house.data.join("quancheng.db").display());
    let db = store::Db::open(&store::Options::new(url)).await.unwrap();
    let mut tx = store::testing::begin(&db).await;
    let id = kernel::JobId::new(kernel::TestClock::START, &kernel::OsEntropy);
    let dead = "INSERT INTO job (id, kind, payload, state, run_at, attempts, last_error)
        VALUES ($1, 'mail.send', 'null', 'dead', 1, 12, 'the post is on strike')";
    store::sql(dead).bind(id).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let id = id.to_string();
    house
        .run(&["jobs", "list"])
        .refused("the post is on strike");
    let told = house.run(&["doctor"]).refused("mail.send");
    assert!(told.contains(&id), "{told}");
    house.run(&["jobs", "retry", &id]).done();
    assert!(house.run(&["jobs", "list"]).done().contains("again at"));
    house.run(&["jobs", "drop", &id]).refused("no dead job");
}
