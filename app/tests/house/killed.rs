//! `kill -9` at any moment loses no receipt, leaves no half move, and the log goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use kernel::{Entropy as _, SeededEntropy};

use super::{
    clerk::Clerk,
    common::{House, Server, quancheng},
    program::Folder,
    residents::{Crowd, LIMITS, agent},
};

/// How often the program is killed on each database.
const KILLS: u8 = 6;

/// Reads the log's checkpoint until the program is gone: the sizes it was told.
fn witness(url: &str) -> Vec<u64> {
    let (agent, address) = (agent(), format!("{url}/log/checkpoint"));
    let mut sizes = Vec::new();
    while let Ok(mut answer) = agent.get(&address).call() {
        let Ok(note) = answer.body_mut().read_to_string() else {
            break;
        };
        let size = note.lines().nth(1).and_then(|size| size.parse().ok());
        sizes.push(size.unwrap_or_else(|| panic!("no checkpoint: {note}")));
    }
    sizes
}

/// Keeps the file of a receipt.
fn keep(folder: &Path, server: &Server, code: &str) -> PathBuf {
    let file = folder.join(format!("{code}.json"));
    fs::write(&file, server.get(&format!("/receipts/{code}/file"))).unwrap();
    file
}

/// Somebody proves a receipt against the log as it is served now.
fn proves(server: &Server, file: &Path) {
    let file = file.display().to_string();
    quancheng(&["log", "verify", "--url", &server.url, "--receipt", &file]).done();
}

/// One life of the program, from its start to its sudden end: the receipt somebody took home, and
/// the sizes of the log that a witness saw.
fn live(house: &House, crowd: &mut Crowd, chance: u8) -> (PathBuf, Vec<u64>) {
    let mut server = house.serve();
    crowd.speak(&server.url);
    let url = server.url.clone();
    let witness = thread::spawn(move || witness(&url));
    crowd.until_receipts(10 + usize::from(chance % 32));
    let folder = house.config.parent().unwrap();
    let taken_home = keep(folder, &server, crowd.last_code());
    crowd.until_receipts(10 + usize::from(chance / 2));
    server.kill();
    crowd.fall_silent();
    house.is_well();
    (taken_home, witness.join().unwrap())
}

store::on_both! {
    [&[], None]

    async fn killed_again_and_again_it_forgets_nobody(test: TestDb) {
        let folder = Folder::new();
        let house = House::new(&folder.0, &format!("[database]\nurl = {:?}\n{LIMITS}", test.url));
        house.set_up();
        let server = house.serve();
        let mut crowd = Crowd::of(&Clerk::hired(&house, &server).opens_a_consultation());
        drop(server);

        let (mut files, mut sizes, mut last) = (Vec::new(), Vec::new(), Vec::new());
        let chances = SeededEntropy::new(29);
        for _ in 0..KILLS {
            let mut chance = [0];
            chances.fill(&mut chance);
            let (file, seen) = live(&house, &mut crowd, chance[0]);
            files.push(file);
            sizes.extend(seen);
            last.push(crowd.last_code().to_owned());
        }

        let server = house.serve();
        crowd.send_the_rest(&server.url);
        crowd.nobody_is_forgotten(&server.url, 0);
        files.extend(last.iter().map(|code| keep(&folder.0, &server, code)));
        for file in &files {
            proves(&server, file);
        }
        assert!(sizes.is_sorted() && sizes.len() > KILLS.into(), "the log went back: {sizes:?}");
        house.is_well();
    }
}
