//! The procedures as golden tables, and every state × move × role walked on both databases.

mod common;

use common::ledger;
use consultation::model::{CONSULTATION, OPINION};
use procedure::{
    Diagram as _, Word as _, matrix,
    testing::{Walked, walk},
};

store::on_both! {
    [procedure::MIGRATIONS, ledger()]

    async fn every_move_of_a_consultation_in_every_state_as_every_role(test: TestDb) {
        let Walked { tried, made, .. } = walk(&test.db, &CONSULTATION).await;
        assert_eq!((tried, made), (6 * 7 * 8, 21));
    }

    async fn every_move_of_an_opinion_in_every_state_as_every_role(test: TestDb) {
        let Walked { tried, made, .. } = walk(&test.db, &OPINION).await;
        assert_eq!((tried, made), (5 * 9 * 8, 53));
    }
}

#[test]
fn who_may_do_what_with_a_consultation() {
    insta::assert_snapshot!(matrix(&CONSULTATION));
}

#[test]
fn who_may_do_what_with_an_opinion() {
    insta::assert_snapshot!(matrix(&OPINION));
}

#[test]
fn the_diagrams_show_every_move() {
    let drawn = OPINION.mermaid(&|key| key.to_owned());
    assert!(drawn.starts_with("stateDiagram-v2") && drawn.contains("[*] --> received"));
    assert!(
        consultation::model::OpinionMove::ALL
            .iter()
            .all(|made| drawn.contains(made.word()))
    );
}
