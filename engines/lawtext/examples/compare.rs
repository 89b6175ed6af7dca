//! Two versions of a text, article by article, with the changed characters marked:
//! `cargo run -p lawtext --example compare OLD NEW`.

use std::{env, error::Error, fs};

use lawtext::{Change, PairKind, ProvisionId, align, decode, mark, parse};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<_> = env::args_os().skip(1).collect();
    let [old, new] = files.as_slice() else {
        return Err("two files are needed: the old version and the new one".into());
    };
    let (old, new) = (decode(&fs::read(old)?)?, decode(&fs::read(new)?)?);
    let (old, new) = (parse(&old.text).document, parse(&new.text).document);
    for pair in align(&old, &new).pairs {
        if pair.kind == PairKind::Unchanged {
            continue;
        }
        let name =
            |id: &Option<ProvisionId>| id.as_ref().map_or("–".to_owned(), ProvisionId::label);
        println!(
            "{} → {} ({:?})",
            name(&pair.old),
            name(&pair.new),
            pair.kind
        );
        let (before, after) = pair.words(&old, &new);
        println!(
            "{}\n",
            mark(&before, &after).iter().map(shown).collect::<String>()
        );
    }
    Ok(())
}

fn shown(change: &Change) -> String {
    let wrapped = |sign: char, text: &str| match text {
        "" => String::new(),
        _ => format!("[{sign}{text}{sign}]"),
    };
    match change {
        Change::Same { text } => text.clone(),
        Change::Edited {
            deleted, inserted, ..
        } => wrapped('-', deleted) + &wrapped('+', inserted),
    }
}
