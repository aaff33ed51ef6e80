use serde::{Deserialize, Serialize};

use crate::{Content, Cue, Role, Task, Turn, Wording};

/// A task that grew out of attempts: a problem, perhaps an answer to continue from, and its
/// learnability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// The problem.
    pub task: Task,
    /// The answer to go on from; none where the problem itself is the task.
    pub answer: Option<String>,
    /// How many answers came before it.
    pub depth: u32,
    /// Learnability: the variance of the grades in one group of answers to it, or, until it has
    /// been asked, its parent's.
    pub learnability: f64,
}

impl Grown {
    /// What is asked: the problem, the answer, and what is said after it. Only the latest answer
    /// is shown.
    pub fn asked(&self, wording: &dyn Wording, cue: Cue) -> Task {
        let Some(answer) = &self.answer else { return self.task.clone() };
        let mut prompt = self.task.prompt.clone();
        prompt.extend([Turn { role: Role::Assistant, content: Content::text(answer) }, Turn::user(wording.cue(cue))]);
        Task { prompt, ..self.task.clone() }
    }
}

/// The question and the reply of a prompt that ends in a reply: the question is to be asked again.
pub fn claimed(prompt: &[Turn]) -> Option<(&[Turn], String)> {
    let [question @ .., reply] = prompt else { return None };
    (reply.role == Role::Assistant).then(|| (question, reply.content.as_text().into_owned()))
}

/// The answer that a prompt asks to go on from, if it ends with one and a cue, and how many turns
/// come before it.
pub fn previous_answer(wording: &dyn Wording, prompt: &[Turn]) -> Option<(usize, String)> {
    let [before @ .., answer, said] = prompt else { return None };
    let said = said.content.as_text();
    let is_cue = [Cue::Retry, Cue::Differ].iter().any(|&cue| wording.cue(cue) == said);
    (answer.role == Role::Assistant && is_cue).then(|| (before.len(), answer.content.as_text().into_owned()))
}
