//! What stages count.

use std::collections::{HashMap, HashSet};

use events::{Facts, SOLVED, TASKS};
use nouns::{Cost, Task, Trace, Verdict};
use serde_json::{Value, json};

pub(crate) fn attempt_facts(traces: &[Trace]) -> Facts {
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    let distinct: HashSet<(&str, &str)> = traces.iter().map(|t| (t.task.as_str(), t.response.as_str())).collect();
    facts([
        ("attempts", json!(traces.len())),
        ("distinct_attempts", json!(distinct.len())),
        ("generated_tokens", json!(cost.generated_tokens)),
        ("value_calls", json!(cost.value_calls)),
    ])
}

/// What answering in the recipe's own way cost: of the last set of tasks that was measured, the reported one.
pub(crate) fn answer_facts(tasks: &[Task], traces: &[Trace]) -> Facts {
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    facts([
        ("answered_tasks", json!(tasks.len())),
        ("answer_tokens", json!(cost.generated_tokens)),
        ("answer_value_calls", json!(cost.value_calls)),
    ])
}

pub(crate) fn check_facts(traces: &[Trace], verdicts: &[Verdict]) -> Facts {
    let mut solved: HashMap<&str, bool> = HashMap::new();
    for (trace, verdict) in traces.iter().zip(verdicts) {
        *solved.entry(&trace.task).or_default() |= verdict.is_right() == Some(true);
    }
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    facts([
        ("right", json!(count(|verdict| verdict.is_right() == Some(true)))),
        ("wrong", json!(count(|verdict| verdict.is_right() == Some(false)))),
        ("unsettled", json!(count(Verdict::is_unsettled))),
        ("frac_reward_zero_std", json!(even_share(traces, verdicts))),
        ("length_of_right", json!(mean_length(traces, verdicts, true))),
        ("length_of_wrong", json!(mean_length(traces, verdicts, false))),
        (SOLVED, json!(solved.values().filter(|&&solved| solved).count())),
        (TASKS, json!(solved.len())),
    ])
}

/// The share of the questions whose settled attempts are all worth the same: they say nothing about what to do.
fn even_share(traces: &[Trace], verdicts: &[Verdict]) -> Option<f64> {
    let mut questions: HashMap<(&str, String), (f64, bool)> = HashMap::new();
    for (trace, verdict) in traces.iter().zip(verdicts) {
        let Some(reward) = verdict.reward() else { continue };
        let shown = trace.trained_under.iter().map(|turn| turn.content.as_text()).collect();
        let (first, even) = questions.entry((&trace.task, shown)).or_insert((reward, true));
        *even &= *first == reward;
    }
    let even = questions.values().filter(|(_, even)| *even).count();
    (!questions.is_empty()).then(|| even as f64 / questions.len() as f64)
}

/// Tokens of the right, or of the wrong attempts: a reward that is won by length shows here.
fn mean_length(traces: &[Trace], verdicts: &[Verdict], right: bool) -> Option<f64> {
    let of_kind = traces.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_right() == Some(right));
    let lengths: Vec<usize> = of_kind.map(|(trace, _)| trace.tokens.len()).collect();
    (!lengths.is_empty()).then(|| lengths.iter().sum::<usize>() as f64 / lengths.len() as f64)
}

pub(crate) fn facts<const N: usize>(facts: [(&str, Value); N]) -> Facts {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
