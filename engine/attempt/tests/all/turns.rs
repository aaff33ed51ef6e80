//! Answering again, and answering under a hint.

use std::collections::HashMap;

use nouns::{Check, Part, Policy, Role, Stage, Task, Trace, Turn, Verdict};

use crate::toy::{attempt, attempt_behind, part, policy, tasks, world};

const TWO_EACH: &str = r#"{"sample": {"per_task": 2, "max_tokens": 20}}"#;

/// Says of every second task's attempts that one is right, and of all others that they are wrong.
struct EverySecond(Vec<String>);

impl Check for EverySecond {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> faults::Outcome<Vec<Verdict>> {
        let right = |trace: &Trace| self.0.iter().step_by(2).any(|id| *id == trace.task) && trace.sample == 0;
        let verdict = |trace: &Trace| if right(trace) { Verdict::Right } else { Verdict::Wrong("no".into()) };
        Ok(traces.iter().map(verdict).collect())
    }
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Log-probabilities of an answer under a context, to the bit.
fn scored(policy: &dyn Policy, under: &[Turn], trace: &Trace) -> Vec<u32> {
    let context = policy.encode(under).expect("tokens");
    bits(&policy.score(&[(&context, &trace.tokens)], &nouns::Silent).expect("scores")[0])
}

#[test]
fn a_second_answer_follows_the_first_as_it_was_drawn() {
    let (policy, tasks) = (policy(), tasks(5));
    let (first, _) = attempt(&part(TWO_EACH), &policy, &tasks);
    let retry = part(r#"{"retry": {"max_tokens": 20}}"#);
    let (both, _) = attempt_behind(&retry, &policy, &EverySecond(Vec::new()), &tasks, first.clone());
    assert_eq!(both.len(), 20);
    for (before, pair) in first.iter().zip(both.chunks(2)) {
        let [same, next] = pair else { panic!("{pair:?}") };
        assert_eq!((same, next.turn, next.parent.as_ref()), (before, 1, Some(&before.id)));
        let [.., answer, said] = &next.trained_under[..] else { panic!("{next:?}") };
        let [Part::Tokens(tokens)] = &answer.content.0[..] else { panic!("{answer:?}") };
        assert!(answer.role == Role::Assistant && before.tokens.starts_with(tokens) && !tokens.contains(&2));
        assert_eq!(said, &Turn::user(" retry :"));
        assert_eq!(next.trained_under, next.generated_under);
        assert_eq!(scored(&policy, &next.trained_under, next), bits(&next.log_probs), "nothing is encoded again");
    }
    // A third answer follows the second, and nothing else.
    let (three, _) = attempt_behind(&retry, &policy, &EverySecond(Vec::new()), &tasks[..1], both[..4].to_vec());
    assert_eq!(three.iter().map(|trace| trace.turn).collect::<Vec<_>>(), [0, 1, 2, 0, 1, 2]);
}

#[test]
fn hints_come_where_all_fail_and_never_stand_in_what_is_trained_under() {
    let (policy, tasks) = (policy(), tasks(6));
    let (first, _) = attempt(&part(TWO_EACH), &policy, &tasks);
    let judge = EverySecond(tasks.iter().map(|task| task.id.clone()).collect());
    let way = r#"{"hint": {"gives": "way", "per_task": 3, "temperature": 1.0, "max_tokens": 20}}"#;
    let (all, _) = attempt_behind(&part(way), &policy, &judge, &tasks, first.clone());
    let (hinted, plain): (Vec<Trace>, Vec<Trace>) =
        all.into_iter().partition(|trace| trace.generated_under != trace.trained_under);
    assert_eq!(plain, first);
    let oracle = world().oracle();
    let mut per_task: HashMap<&str, usize> = HashMap::new();
    for trace in &hinted {
        *per_task.entry(&trace.task).or_default() += 1;
        let task = tasks.iter().find(|task| task.id == trace.task).expect("a task");
        assert_eq!(trace.trained_under, task.prompt);
        assert_eq!(Some(&trace.generated_under), oracle.guided(task).as_ref());
        assert!(!trace.trained_under[0].content.as_text().contains("hint"));
        // The denominator of the importance ratio is the probability under the hint.
        assert_eq!(scored(&policy, &trace.generated_under, trace), bits(&trace.log_probs));
        assert_ne!(scored(&policy, &trace.trained_under, trace), bits(&trace.log_probs));
    }
    let failed: HashMap<&str, usize> = tasks.iter().skip(1).step_by(2).map(|task| (task.id.as_str(), 3)).collect();
    assert_eq!(per_task, failed);
    let ids: std::collections::HashSet<&str> = hinted.iter().map(|trace| trace.id.as_str()).collect();
    assert_eq!(ids.len(), hinted.len());
    let always = part(r#"{"hint": {"gives": "way", "at_most": 1.0, "max_tokens": 20}}"#);
    assert_eq!(attempt_behind(&always, &policy, &judge, &tasks, first).0.len(), 18, "one more for each");
}
