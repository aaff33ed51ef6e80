use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Policy, Stage, Task, Trace, Turn, Unsettled, Verdict};
use serde::{Deserialize, Serialize};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Asks the policy itself what it thinks of an answer. The grade is read off the probabilities
    /// of what it could say, without drawing. From 0 to 1.
    pub struct Judge = "judge", version 1 {
        /// What is read.
        pub by: Said = Said::Yes, "Kadavath et al. 2022, arXiv 2207.05221, section 3: the probability of being right";
        /// The question; `{question}` and `{answer}` stand for the task and the answer. Empty takes
        /// one of ours.
        pub prompt: String = String::new(), "ours";
    }
}

/// What a judge's grade is read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// The probability of `Yes` beside that of `No`.
    Yes,
    /// The expected digit from 0 to 9, over 9 (Liu et al. 2023, arXiv 2303.16634, equation 1).
    Digit,
}

impl Said {
    /// What the judge could say, and what each is worth.
    fn words(self) -> Vec<(String, f64)> {
        match self {
            Said::Yes => vec![("No".into(), 0.0), ("Yes".into(), 1.0)],
            Said::Digit => (0..10).map(|digit| (digit.to_string(), f64::from(digit) / 9.0)).collect(),
        }
    }

    fn question(self) -> &'static str {
        match self {
            Said::Yes => "Question:\n{question}\n\nAnswer:\n{answer}\n\nIs the answer right? Say Yes or No.",
            Said::Digit => {
                "Question:\n{question}\n\nAnswer:\n{answer}\n\nHow good is the answer, from 0 (useless) to 9 (perfect)? Say one digit."
            }
        }
    }
}

impl CheckerSettings for Judge {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(Asker { part: self.clone(), policy: grants.policy("judge")? }))
    }
}

/// [`Judge`] with the policy that is asked.
pub(crate) struct Asker {
    pub(crate) part: Judge,
    pub(crate) policy: Arc<dyn Policy>,
}

impl Check for Asker {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let words: Vec<(Vec<u32>, f64)> =
            self.part.by.words().into_iter().map(|(word, worth)| (self.policy.encode_fragment(&word), worth)).collect();
        let known: Vec<Option<Vec<u32>>> =
            traces.iter().map(|trace| self.asked(by_id.get(trace.task.as_str()), trace)).collect::<Outcome<_>>()?;
        let items = known
            .iter()
            .flatten()
            .flat_map(|context| words.iter().map(|(word, _)| (context.as_slice(), word.as_slice())));
        let scores = self.policy.score(&items.collect::<Vec<_>>(), stage.progress)?;
        let mut grades = scores.chunks(words.len()).map(|scores| expected(&words, scores));
        let unknown = || Verdict::Unsettled(Unsettled::NoReference);
        let verdict = |asked: &Option<Vec<u32>>| asked.as_ref().and_then(|_| grades.next()).unwrap_or_else(unknown);
        Ok(known.iter().map(verdict).collect())
    }
}

impl Asker {
    /// The question about an answer as the policy reads it; none about a task that is not there.
    fn asked(&self, task: Option<&&Task>, trace: &Trace) -> Outcome<Option<Vec<u32>>> {
        let Some(task) = task else { return Ok(None) };
        let prompt = if self.part.prompt.is_empty() { self.part.by.question() } else { &self.part.prompt };
        // The answer comes last: what it says cannot be taken for a place of the prompt.
        let (before, behind) = prompt.split_once("{answer}").unwrap_or((prompt, ""));
        let fill = |text: &str| text.replace("{question}", &task.prompt_text());
        let text = format!("{}{}{}", fill(before), trace.text(), fill(behind));
        self.policy.encode(&[Turn::user(text)]).map(Some)
    }
}

/// What is said on average, among what could be said.
fn expected(words: &[(Vec<u32>, f64)], scores: &[Vec<f32>]) -> Verdict {
    let logs: Vec<f64> = scores.iter().map(|tokens| tokens.iter().map(|&p| f64::from(p)).sum()).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logs.iter().map(|log| (log - top).exp()).collect();
    let grade =
        shares.iter().zip(words).map(|(share, (_, worth))| share * worth).sum::<f64>() / shares.iter().sum::<f64>();
    match grade.is_finite() {
        true => Verdict::Graded(grade),
        false => Verdict::Unsettled(Unsettled::CheckerFailed("the judge could say none of the words".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(by: Said, shares: &[f32]) -> f64 {
        let words: Vec<(Vec<u32>, f64)> = by.words().into_iter().map(|(_, worth)| (vec![1], worth)).collect();
        let scores: Vec<Vec<f32>> = shares.iter().map(|share| vec![share.ln()]).collect();
        match expected(&words, &scores) {
            Verdict::Graded(grade) => grade,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_grade_is_what_is_said_on_average_whatever_else_could_be_said() {
        assert!((graded(Said::Yes, &[0.1, 0.3]) - 0.75).abs() < 1e-6, "0.6 went elsewhere");
        let mut digits = [0.0f32; 10];
        (digits[3], digits[9]) = (0.2, 0.2);
        assert!((graded(Said::Digit, &digits) - 6.0 / 9.0).abs() < 1e-6);
    }

    #[test]
    fn a_judge_that_can_say_nothing_settles_nothing() {
        let words = [(vec![1], 0.0), (vec![2], 1.0)];
        let lost = expected(&words, &[vec![f32::NEG_INFINITY], vec![f32::NEG_INFINITY]]);
        assert!(lost.is_unsettled(), "a broken judge never scores 0");
    }
}
