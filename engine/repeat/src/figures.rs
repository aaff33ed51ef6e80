//! What stages count.

use std::collections::{HashMap, HashSet};

use events::{Facts, SOLVED, TASKS};
use nouns::{Cost, Trace, Verdict};
use serde_json::{Value, json};

pub(crate) fn attempt_facts(traces: &[Trace]) -> Facts {
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    let distinct: HashSet<(&str, &str)> = traces.iter().map(|t| (t.task.as_str(), t.response.as_str())).collect();
    facts([
        ("attempts", json!(traces.len())),
        ("distinct_attempts", json!(distinct.len())),
        ("generated_tokens", json!(cost.generated_tokens)),
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
        (SOLVED, json!(solved.values().filter(|&&solved| solved).count())),
        (TASKS, json!(solved.len())),
    ])
}

pub(crate) fn facts<const N: usize>(facts: [(&str, Value); N]) -> Facts {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
