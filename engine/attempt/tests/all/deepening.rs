//! Thinking again.

use nouns::{Part, Policy};

use crate::toy::{Counting, attempt, part, policy, tasks, world};

#[test]
fn each_budget_is_larger_by_the_factor_and_the_last_answer_counts() {
    let search =
        part(r#"{"iterative_deepening": {"n": 3, "initial": 20, "growth": 2.0, "limit": 80, "temperature": 1.0}}"#);
    let policy = policy();
    let trigger = policy.encode_fragment(world().wording().think_again());
    for trace in attempt(&search, &policy, &tasks(6)).0 {
        let thought: Vec<u32> = match trace.generated_under.last().map(|turn| &turn.content.0[..]) {
            Some([Part::Tokens(tokens)]) => tokens.clone(),
            _ => Vec::new(),
        };
        // At most two triggers fit between 20 and 80 tokens, and retracted answers end with one.
        assert!(thought.is_empty() || thought.ends_with(&trigger));
        assert!(thought.len() <= 80, "{}", thought.len());
        assert_eq!(trace.text(), policy.decode_text(&trace.tokens));
        assert_eq!(trace.tokens.len(), trace.log_probs.len());
        let context = [policy.encode(&trace.trained_under).expect("tokens"), thought].concat();
        let scored = policy.score(&[(&context, &trace.tokens)], &nouns::Silent).expect("scores").remove(0);
        let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&scored), bits(&trace.log_probs), "the context is what the model saw");
    }
}

#[test]
fn thinking_again_is_paid_for_and_does_not_depend_on_company() {
    let search =
        part(r#"{"iterative_deepening": {"n": 4, "initial": 9, "growth": 1.7, "temperature": 1.0, "keep_all": true}}"#);
    let (tasks, counting) = (tasks(4), Counting::new());
    let (together, _) = attempt(&search, &counting, &tasks);
    let paid: u64 = together.iter().map(|trace| trace.cost.generated_tokens).sum();
    assert_eq!(paid, *counting.tokens.lock().expect("done"));
    let alone: Vec<_> =
        tasks.iter().flat_map(|task| attempt(&search, &counting, std::slice::from_ref(task)).0).collect();
    assert_eq!(alone, together);
}
