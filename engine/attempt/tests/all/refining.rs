//! Refinement chains.

use nouns::Role;

use crate::toy::{Counting, attempt, part, policy, tasks};

/// Short turns, so that several fit the toy's context.
const CHAIN: &str = r#"{"refine": {"rounds": 2, "max_tokens": 8, "critique": "x", "revise": "x", "keep_all": true}}"#;

#[test]
fn every_answer_is_given_in_view_of_the_last_and_of_what_was_wrong_with_it() {
    let counting = Counting::new();
    let (traces, _) = attempt(&part(CHAIN), &counting, &tasks(4));
    assert_eq!(traces.len(), 4 * 3, "two answers anew each: nothing says that it is done");
    let paid: u64 = traces.iter().map(|trace| trace.cost.generated_tokens).sum();
    assert_eq!(paid, *counting.tokens.lock().expect("done"), "critiques are paid too");
    for chain in traces.chunks(3) {
        assert_eq!([0, 1, 2].map(|at| chain[at].turn), [2, 1, 0], "the last answer comes first");
        assert!(chain.windows(2).all(|two| two[0].parent.as_deref() == Some(two[1].id.as_str())));
        for (newer, older) in chain.iter().zip(&chain[1..]) {
            let spoken: Vec<&str> = newer
                .generated_under
                .iter()
                .filter(|turn| turn.role == Role::Assistant)
                .map(|turn| {
                    let nouns::Part::Text(text) = &turn.content.0[0] else { panic!("{turn:?}") };
                    text.as_str()
                })
                .collect();
            assert_eq!(spoken[spoken.len() - 2], older.text(), "the answer, and behind it the critique");
            assert_eq!(newer.trained_under, older.trained_under, "the task alone");
        }
    }
}

#[test]
fn a_chain_ends_where_nothing_is_found_wrong_or_the_budget_is_spent() {
    let (policy, tasks) = (policy(), tasks(6));
    // Some word of the language that the toy says by chance.
    let satisfied = attempt(&part(&CHAIN.replace("\"rounds\"", "\"done\": \";\", \"rounds\"")), &policy, &tasks).0;
    let all = attempt(&part(CHAIN), &policy, &tasks).0;
    assert!(satisfied.len() < all.len() && satisfied.len() >= tasks.len());
    let bound = attempt(&part(&CHAIN.replace("\"rounds\"", "\"budget\": 1, \"rounds\"")), &policy, &tasks).0;
    assert_eq!(bound.len(), tasks.len(), "one answer each, and nothing more is begun");
}

#[test]
fn a_chain_does_not_depend_on_those_beside_it() {
    let (policy, tasks) = (policy(), tasks(5));
    let together = attempt(&part(CHAIN), &policy, &tasks).0;
    let alone = tasks.iter().flat_map(|task| attempt(&part(CHAIN), &policy, std::slice::from_ref(task)).0);
    assert_eq!(alone.collect::<Vec<_>>(), together);
}
