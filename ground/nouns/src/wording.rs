use crate::{Cue, Task, Turn};

/// What models are asked beside a world's problems, and in which words: to think again, to follow a
/// cue, to say what they can solve. The defaults are plain English, for worlds whose problems are.
pub trait Wording: Send + Sync {
    /// What makes a model think again when it is put after an answer: what it then writes is an
    /// answer of its own.
    fn think_again(&self) -> &str {
        "\n\nWait! Maybe I made some mistakes! I need to rethink from scratch.\n\n"
    }

    /// How a cue is said.
    fn cue(&self, cue: Cue) -> &str {
        cue.words()
    }

    /// Asks a model whether it can solve a task, without solving it; none where there are no words
    /// for that.
    fn ask_ability(&self, task: &Task) -> Option<Vec<Turn>> {
        let question = "Can you solve this correctly? Answer yes or no.";
        Some(vec![task.question(format!("{}\n\n{question}", task.prompt_text()))])
    }

    /// What a reply to that says, if it says it.
    fn says_able(&self, reply: &str) -> Option<bool> {
        let word = reply.split_whitespace().next()?.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        match word.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    /// Asks a model for a task of its own that it can solve, or that it cannot. `like` shows what
    /// tasks look like.
    fn ask_for_task(&self, able: bool, like: &Task) -> Vec<Turn> {
        let wanted = if able { "are sure to solve correctly" } else { "would get wrong" };
        let shown = like.prompt_text();
        let request = format!("Here is a problem:\n{shown}\n\nWrite another problem of this kind that you {wanted}.");
        vec![Turn::user(format!("{request} Write the problem and nothing else."))]
    }
}

/// The wording of worlds whose problems are plain English.
pub struct PlainEnglish;

impl Wording for PlainEnglish {}
