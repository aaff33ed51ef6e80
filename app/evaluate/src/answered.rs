//! What was answered, and what judges it.

use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Count, Finish, Oracle, Policy, Task, Verdict, World};
use serde::Serialize;

/// A task with what was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answered {
    /// The task's canonical form.
    pub task: String,
    /// What the model was shown, as text.
    pub prompt: String,
    /// Its answers.
    pub answers: Vec<Given>,
    /// What it chose among, in the order of the task, where it answered by likelihood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Scored>,
}

/// An answer that could be chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// Its text.
    pub text: String,
    /// Its tokens.
    pub tokens: usize,
    /// Sum of their log-probabilities, in nats.
    pub log_likelihood: f64,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Given {
    /// Its text, up to where it was to stop; of an answer by likelihood, what is judged of it.
    pub text: String,
    /// Whether it is right, from 0 to 1; none if it could not be judged.
    pub correct: Option<f64>,
    /// The verdict in words.
    pub verdict: String,
    /// The final answer that votes compare, if it gives one.
    pub answer: Option<String>,
    /// Tokens that were drawn, or scored.
    pub tokens: u64,
    /// Sum of its tokens' log-probabilities.
    pub log_likelihood: f64,
    /// Why it ended; none of an answer by likelihood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// What is counted of it beside the verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<Count>,
}

/// What judges answers: the world's right ones.
pub(crate) struct Judging<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) oracle: Arc<dyn Oracle>,
    pub(crate) checker: Box<dyn Check>,
}

/// A verdict in words.
pub(crate) fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Right => "right".to_owned(),
        other => other.to_string(),
    }
}

/// The prompt as a person reads it.
pub(crate) fn shown(task: &Task) -> String {
    match &task.prompt[..] {
        [only] => only.content.to_string(),
        turns => turns.iter().map(|turn| format!("{:?}: {}\n", turn.role, turn.content)).collect(),
    }
}

/// The tokens of a task's prompt.
pub(crate) fn context(policy: &dyn Policy, task: &Task) -> Outcome<Vec<u32>> {
    policy.encode(&task.prompt)
}
