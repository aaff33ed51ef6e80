//! What stages count.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use events::{Facts, SOLVED, TASKS};
use nouns::{Cost, Judgement, Task, Trace, Verdict};
use serde_json::{Value, json};

pub(crate) fn attempt_facts(traces: &[Trace]) -> Facts {
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    let distinct: HashSet<(&str, Cow<str>)> = traces.iter().map(|t| (t.task.as_str(), t.answer.identity())).collect();
    facts([
        ("attempts", json!(traces.len())),
        ("distinct_attempts", json!(distinct.len())),
        ("generated_tokens", json!(cost.generated_tokens)),
        ("value_calls", json!(cost.value_calls)),
        ("temperature", json!(mean_temperature(traces))),
    ])
}

/// At which temperature attempts were drawn: the mean, where parts of the recipe differ in it.
fn mean_temperature(traces: &[Trace]) -> Option<f64> {
    let sum: f64 = traces.iter().map(|trace| f64::from(trace.sampling.temperature)).sum();
    (!traces.is_empty()).then(|| sum / traces.len() as f64)
}

/// What answering in the recipe's own way cost: of the last set of tasks that was measured, the
/// reported one.
pub(crate) fn answer_facts(tasks: &[Task], traces: &[Trace]) -> Facts {
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    facts([
        ("answered_tasks", json!(tasks.len())),
        ("answer_tokens", json!(cost.generated_tokens)),
        ("answer_value_calls", json!(cost.value_calls)),
    ])
}

/// What the attempts were worth. `before` are the tasks that some round before has solved: a
/// sampler that finds nothing new there explores no more.
pub(crate) fn check_facts(traces: &[Trace], verdicts: &[Verdict], before: &HashSet<String>) -> Facts {
    let mut solved: HashMap<&str, bool> = HashMap::new();
    for (trace, verdict) in traces.iter().zip(verdicts) {
        *solved.entry(&trace.task).or_default() |= solves(trace, verdict);
    }
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    facts([
        ("right", json!(count(|verdict| verdict.is_right() == Some(true)))),
        ("wrong", json!(count(|verdict| verdict.is_right() == Some(false)))),
        ("unsettled", json!(count(Verdict::is_unsettled))),
        ("frac_reward_zero_std", json!(even_share(traces, verdicts))),
        ("length_of_right", json!(mean_length(traces, verdicts, true))),
        ("length_of_wrong", json!(mean_length(traces, verdicts, false))),
        ("newly_solved", json!(solved.iter().filter(|(task, solved)| **solved && !before.contains(**task)).count())),
        ("reward", json!(reward_mean(verdicts).map(|(mean, _)| mean))),
        ("reward_std", json!(reward_mean(verdicts).map(|(_, deviation)| deviation))),
        (SOLVED, json!(solved.values().filter(|&&solved| solved).count())),
        (TASKS, json!(solved.len())),
    ])
}

/// The mean reward of each component, where several checkers spoke together.
pub(crate) fn component_facts(judged: &[Judgement]) -> Facts {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for component in judged.iter().flat_map(|judgement| &judgement.components) {
        let Some(reward) = component.verdict.reward() else { continue };
        let (sum, count) = sums.entry(&component.name).or_default();
        (*sum, *count) = (*sum + reward, *count + 1.0);
    }
    sums.into_iter().map(|(name, (sum, count))| (format!("reward of {name}"), json!(sum / count))).collect()
}

/// Mean and standard deviation of the rewards.
fn reward_mean(verdicts: &[Verdict]) -> Option<(f64, f64)> {
    let rewards: Vec<f64> = verdicts.iter().filter_map(Verdict::reward).collect();
    let count = rewards.len() as f64;
    let mean = rewards.iter().sum::<f64>() / count;
    let variance = rewards.iter().map(|reward| (reward - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    (!rewards.is_empty()).then_some((mean, variance.sqrt()))
}

/// Tasks that these attempts solved.
pub(crate) fn solved<'a>(traces: &'a [Trace], verdicts: &'a [Verdict]) -> impl Iterator<Item = &'a str> {
    let right = traces.iter().zip(verdicts).filter(|(trace, verdict)| solves(trace, verdict));
    right.map(|(trace, _)| trace.task.as_str())
}

/// A critique that is right does not solve the task whose answer it is about.
fn solves(trace: &Trace, verdict: &Verdict) -> bool {
    !trace.is_critique() && verdict.is_right() == Some(true)
}

/// How often an attempt that the oracle calls right was rewarded more than one that it calls wrong,
/// equal rewards counting half: at one half the reward does not tell them apart any more. None
/// without both.
pub(crate) fn reward_auroc(verdicts: &[Verdict], truth: &[Verdict]) -> Option<f64> {
    let pairs = verdicts.iter().zip(truth).filter_map(|(verdict, truth)| Some((verdict.reward()?, truth.is_right()?)));
    let mut pairs: Vec<(f64, bool)> = pairs.collect();
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let rights = pairs.iter().filter(|(_, right)| *right).count() as f64;
    let (mut below, mut wins) = (0.0, 0.0);
    for equal in pairs.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let own = equal.iter().filter(|(_, right)| *right).count() as f64;
        let wrong = equal.len() as f64 - own;
        wins += own * (below + 0.5 * wrong);
        below += wrong;
    }
    (rights > 0.0 && below > 0.0).then(|| wins / (rights * below))
}

/// The share of the questions whose settled attempts are all worth the same: they say nothing about
/// what to do.
fn even_share(traces: &[Trace], verdicts: &[Verdict]) -> Option<f64> {
    let mut questions: HashMap<(&str, String), (f64, bool)> = HashMap::new();
    for (trace, verdict) in traces.iter().zip(verdicts) {
        let Some(reward) = verdict.reward() else { continue };
        let shown = trace.trained_under.iter().map(|turn| turn.content.identity()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reward_that_tells_nothing_is_worth_one_half() {
        let truth = [Verdict::Right, Verdict::Wrong("no".into()), Verdict::Right, Verdict::Wrong("no".into())];
        let graded = |grades: [f64; 4]| grades.map(Verdict::Graded);
        assert_eq!(reward_auroc(&graded([0.5; 4]), &truth), Some(0.5));
        assert_eq!(reward_auroc(&graded([0.9, 0.1, 0.8, 0.2]), &truth), Some(1.0));
        assert_eq!(reward_auroc(&graded([0.9, 0.1, 0.0, 0.2]), &truth), Some(0.5));
        assert_eq!(reward_auroc(&graded([0.9, 0.1, 0.8, 0.2])[..1], &truth[..1]), None);
    }
}
