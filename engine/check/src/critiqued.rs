use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Digest, Oracle, Stage, Task, Trace, Unsettled, Verdict};
use serde::{Deserialize, Serialize};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Judges answers and their critiques (attempts of `critique`). By the right answers, a
    /// critique is right if what it says of its answer is true (the hard filter) and, where the
    /// answer is wrong, if enough of the answers rewritten in view of it are right (the soft
    /// filter). By critiques, an answer is what its own critique says, no label is read, and
    /// nothing is said of critiques.
    pub struct Critiqued = "critiqued", version 1 {
        /// What decides: right `answers`, or the `critiques`.
        pub by: By = By::Answers, "Xi et al. 2024, arXiv 2411.16579: the known label";
        /// The share of rewritten answers that must be right is above this; below 0 there is no
        /// soft filter.
        pub helps: f64 = 0.0, "ours: one is enough; Xi et al. 2024, arXiv 2411.16579, have a threshold", -1.0..=1.0;
    }
}

/// What answers and critiques are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Right answers.
    Answers,
    /// What critiques say.
    Critiques,
}

impl CheckerSettings for Critiqued {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(match self.by {
            By::Answers => Box::new(ByAnswers { helps: self.helps, oracle: grants.oracle("critiqued")? }),
            By::Critiques => Box::new(ByCritiques),
        })
    }

    fn needs_oracle(&self) -> bool {
        self.by == By::Answers
    }
}

/// Whether the critique says that its answer is right, if it says it.
fn says_right(critique: &Trace) -> Option<bool> {
    prompts::says_yes(&critique.text())
}

/// The places of the traces that follow each, by its name.
fn followers(traces: &[Trace]) -> HashMap<&str, Vec<usize>> {
    let mut after: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, trace) in traces.iter().enumerate() {
        after.entry(trace.parent.as_deref().unwrap_or_default()).or_default().push(place);
    }
    after
}

struct ByAnswers {
    helps: f64,
    oracle: Arc<dyn Oracle>,
}

impl Check for ByAnswers {
    fn check(&self, _: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let answers = self.answers(tasks, traces);
        let places: HashMap<&str, usize> =
            traces.iter().enumerate().map(|(place, trace)| (trace.id.as_str(), place)).collect();
        let after = followers(traces);
        let verdict = |(place, trace): (usize, &Trace)| {
            if !trace.is_critique() {
                return answers[place].clone();
            }
            let answer = trace.parent.as_deref().and_then(|parent| places.get(parent));
            let rewritten = after.get(trace.id.as_str()).into_iter().flatten().map(|&place| &answers[place]);
            match answer.and_then(|&answer| answers[answer].is_right()) {
                Some(is_right) => self.critique(trace, is_right, rewritten),
                None => Verdict::Unsettled(Unsettled::NoReference),
            }
        };
        Ok(traces.iter().enumerate().map(verdict).collect())
    }

    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn metric(&self) -> &'static str {
        "reward"
    }
}

impl ByAnswers {
    /// What the answers are; critiques have no verdict of their own yet.
    fn answers(&self, tasks: &[Task], traces: &[Trace]) -> Vec<Verdict> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let mut verdicts = vec![Verdict::Unsettled(Unsettled::NoReference); traces.len()];
        let answers = traces.iter().enumerate().filter(|(_, trace)| !trace.is_critique());
        let known: Vec<(usize, &Task, String)> = answers
            .filter_map(|(place, trace)| Some((place, *by_id.get(trace.task.as_str())?, trace.text().into_owned())))
            .collect();
        let items: Vec<(&Task, &str)> = known.iter().map(|(_, task, text)| (*task, text.as_str())).collect();
        for ((place, ..), verdict) in known.iter().zip(self.oracle.judge_all(&items)) {
            verdicts[*place] = verdict;
        }
        verdicts
    }

    fn critique<'a>(&self, critique: &Trace, is_right: bool, rewritten: impl Iterator<Item = &'a Verdict>) -> Verdict {
        match says_right(critique) {
            None => Verdict::Wrong("it does not say whether the answer is right".into()),
            Some(true) if !is_right => Verdict::Wrong("it finds a wrong answer right".into()),
            Some(false) if is_right => Verdict::Wrong("it finds a right answer wrong".into()),
            Some(true) => Verdict::Right,
            Some(false) => self.usefulness(rewritten),
        }
    }

    /// Whether a critique that rightly finds an answer wrong helps to mend it.
    fn usefulness<'a>(&self, rewritten: impl Iterator<Item = &'a Verdict>) -> Verdict {
        if self.helps < 0.0 {
            return Verdict::Right;
        }
        let settled: Vec<bool> = rewritten.filter_map(Verdict::is_right).collect();
        let right = settled.iter().filter(|right| **right).count();
        match settled.len() {
            0 => Verdict::Unsettled(Unsettled::NoReference),
            of if right as f64 > self.helps * of as f64 => Verdict::Right,
            of => Verdict::Wrong(format!("of {of} answers rewritten in view of it {right} are right")),
        }
    }
}

struct ByCritiques;

impl Check for ByCritiques {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let after = followers(traces);
        let verdict = |trace: &Trace| {
            let mut followers = after.get(trace.id.as_str()).into_iter().flatten().map(|&place| &traces[place]);
            let critique = followers.rfind(|next| next.is_critique() && !trace.is_critique());
            match critique.and_then(says_right) {
                Some(true) => Verdict::Right,
                Some(false) => Verdict::Wrong("its critique finds it wrong".into()),
                None => Verdict::Unsettled(Unsettled::NoReference),
            }
        };
        Ok(traces.iter().map(verdict).collect())
    }

    fn metric(&self) -> &'static str {
        "reward"
    }
}

#[cfg(test)]
mod tests;
