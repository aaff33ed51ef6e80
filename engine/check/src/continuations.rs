use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Digest, Finish, Oracle, Policy, Request, Sampling, Stage, Task, Trace, Unsettled, Verdict, World};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Grades a partial answer by the share of its completions that are right (Math-Shepherd). The
    /// policy completes it. A whole answer is worth 1 if it is right, and 0 if not.
    pub struct Continuations = "continuations", version 1 {
        /// Completions of each partial answer.
        pub n: u32 = 8, "Wang et al. 2023, arXiv 2312.08935, section 4: eight", 1..=100_000;
        /// Whether one right completion makes a partial answer worth 1; otherwise it is worth the
        /// share that is right.
        pub hard: bool = true, "Wang et al. 2023, arXiv 2312.08935, equations 3 and 4: as good, and simpler to learn";
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "ours", 0.0..=1000.0;
    }
}

impl CheckerSettings for Continuations {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        let (policy, oracle) = (grants.policy("continuations")?, grants.oracle("continuations")?);
        Ok(Box::new(Completer { part: self.clone(), policy, world: grants.world.clone(), oracle }))
    }

    fn needs_oracle(&self) -> bool {
        true
    }

    fn models(&self) -> Vec<&str> {
        vec!["policy"]
    }
}

/// [`Continuations`] with what it is granted.
pub(crate) struct Completer {
    pub(crate) part: Continuations,
    pub(crate) policy: Arc<dyn Policy>,
    pub(crate) world: Arc<dyn World>,
    pub(crate) oracle: Arc<dyn Oracle>,
}

impl Check for Completer {
    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let partial: Vec<&Trace> = traces.iter().filter(|trace| is_part(trace)).collect();
        let n = self.part.n.max(1) as usize;
        let mut requests = Vec::with_capacity(partial.len() * n);
        for trace in &partial {
            let context = [self.policy.encode(&trace.trained_under)?, trace.tokens.clone()].concat();
            let left = (self.world.longest_answer() as usize).saturating_sub(trace.tokens.len()).max(1);
            let room = self.policy.context_length().saturating_sub(context.len());
            let sampling = Sampling {
                temperature: self.part.temperature,
                max_tokens: left.min(room.max(1)) as u32,
                ..Sampling::default()
            };
            let key = stage.key.of("continuations").of(&trace.id);
            let request =
                |k: usize| Request { context: context.clone(), sampling: sampling.clone(), key: key.at(k as u64) };
            requests.extend((0..n).map(request));
        }
        let done = self.policy.sample(&requests, stage.progress)?;
        let mut completed = partial.iter().zip(done.chunks(n));
        let judge = |trace: &Trace, tokens: &[u32]| match by_id.get(trace.task.as_str()) {
            Some(task) => self.oracle.judge(task, &self.policy.decode_text(tokens)),
            None => Verdict::Unsettled(Unsettled::NoReference),
        };
        let verdict = |trace: &Trace| match is_part(trace) {
            false => as_value(&[judge(trace, &trace.tokens)], false),
            true => {
                let completions = completed.next().map_or(&[][..], |(_, completions)| completions);
                let whole = |tokens: &Vec<u32>| judge(trace, &[trace.tokens.as_slice(), tokens].concat());
                let verdicts: Vec<Verdict> = completions.iter().map(|done| whole(&done.tokens)).collect();
                as_value(&verdicts, self.part.hard)
            }
        };
        Ok(traces.iter().map(verdict).collect())
    }
}

/// Whether it is a part of an answer that someone cut: an answer that the limit of tokens cut off
/// is whole in its way.
fn is_part(trace: &Trace) -> bool {
    trace.finish == Finish::Length && trace.parent.is_some()
}

/// The share of the settled verdicts that is right, or whether any is; unsettled if all are.
fn as_value(verdicts: &[Verdict], hard: bool) -> Verdict {
    let rights: Vec<bool> = verdicts.iter().filter_map(Verdict::is_right).collect();
    let right = rights.iter().filter(|&&right| right).count();
    match (rights.is_empty(), hard) {
        (true, _) => verdicts.first().cloned().unwrap_or(Verdict::Unsettled(Unsettled::NoReference)),
        (false, true) => Verdict::Graded(f64::from(u8::from(right > 0))),
        (false, false) => Verdict::Graded(right as f64 / rights.len() as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_that_cannot_be_judged_say_nothing() {
        let (right, wrong) = (Verdict::Right, Verdict::Wrong("no".into()));
        let lost = Verdict::Unsettled(Unsettled::NoReference);
        assert_eq!(as_value(&[right.clone(), wrong.clone(), lost.clone()], false), Verdict::Graded(0.5));
        assert_eq!(as_value(&[right, wrong.clone(), lost.clone()], true), Verdict::Graded(1.0));
        assert_eq!(as_value(&[wrong], true), Verdict::Graded(0.0));
        assert_eq!(as_value(std::slice::from_ref(&lost), true), lost);
    }
}
