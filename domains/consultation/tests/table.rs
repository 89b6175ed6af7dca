//! The procedures as golden tables, and every state × move × role walked.

use consultation::model::{CONSULTATION, OPINION};
use kernel::{Actor, Role, actor::SignedIn};
use procedure::{Asked, Diagram, Procedure, Refusal, Word, matrix};
use uuid::Uuid;

fn actor(role: Role) -> Actor {
    match role {
        Role::Resident => Actor::Resident,
        Role::System => Actor::System,
        role => Actor::Account(SignedIn {
            account: Uuid::nil().into(),
            person: Uuid::nil().into(),
            congress: Uuid::nil().into(),
            deputy: None,
            name: String::new(),
            roles: vec![role],
        }),
    }
}

/// Tries every move in every state as every role: what happens is what the table says, and never
/// anything else.
fn walk<S: Word, M: Word>(procedure: &Procedure<S, M>) -> usize {
    let mut tried = 0;
    for state in S::ALL {
        for made in M::ALL {
            for role in Role::ALL {
                let actor = actor(role);
                let rule = procedure.rule(Some(*state), *made);
                let said = Asked {
                    reason: Some("reason"),
                    ..Asked::default()
                };
                let outcome = procedure.check(Some(*state), *made, &actor, said);
                let mine = rule.is_some_and(|rule| rule.by.iter().any(|by| actor.is(*by)));
                match outcome {
                    Ok(allowed) => {
                        assert!(mine && rule.is_some_and(|rule| rule.by.contains(&allowed.role)))
                    }
                    Err(Refusal::NotNow { .. }) => assert!(rule.is_none()),
                    Err(Refusal::NotYou { .. }) => assert!(rule.is_some() && !mine),
                    Err(other) => panic!("{state:?} {made:?} {role:?}: {other}"),
                }
                let unsaid = procedure.check(Some(*state), *made, &actor, Asked::default());
                let needs_reason = mine && rule.is_some_and(|rule| rule.because);
                assert_eq!(
                    matches!(unsaid, Err(Refusal::NoReason { .. })),
                    needs_reason
                );
                tried += 1;
            }
        }
    }
    tried
}

#[test]
fn every_move_in_every_state_as_every_role() {
    assert_eq!(walk(&CONSULTATION), 5 * 7 * 7);
    assert_eq!(walk(&OPINION), 4 * 8 * 7);
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
