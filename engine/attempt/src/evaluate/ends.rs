//! When an answer is whole: what a search grows no further.

use faults::Outcome;
use nouns::{AttemptContext, Cost, Sampling, Stage};
use serde::{Deserialize, Serialize};

use super::Partial;
use super::prompted::{asked, cost};

/// What ends an answer, besides the end token and a lack of room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// Nothing.
    Token,
    /// That the world finds a final answer in it.
    Answer,
    /// That the policy, asked whether it is complete, says so: the self-critic.
    Critic,
}

impl Ends {
    /// Of each partial answer whether it is whole, and what it cost to say so. Those that have
    /// ended already are not asked about.
    pub(crate) fn of(self, stage: &Stage, cx: &AttemptContext, partials: &[Partial]) -> Outcome<Vec<(bool, Cost)>> {
        let free = |whole| (whole, Cost::default());
        match self {
            Ends::Token => Ok(partials.iter().map(|partial| free(partial.ended)).collect()),
            Ends::Answer => {
                let found = |partial: &Partial| cx.world.answer(partial.task, partial.text).is_some();
                Ok(partials.iter().map(|partial| free(partial.ended || found(partial))).collect())
            }
            Ends::Critic => critic(stage, cx, partials),
        }
    }
}

fn critic(stage: &Stage, cx: &AttemptContext, partials: &[Partial]) -> Outcome<Vec<(bool, Cost)>> {
    let open: Vec<usize> = (0..partials.len()).filter(|&place| !partials[place].ended).collect();
    let greedy = Sampling { temperature: 0.0, ..Sampling::default() };
    let mut requests = Vec::new();
    for partial in open.iter().map(|&place| &partials[place]) {
        let question = format!(
            "{}\n\nAn answer, as far as it is written:\n{}\n\nIs it complete? Say one word: end, or continue.",
            partial.task.prompt_text(),
            partial.text
        );
        requests.extend(asked(cx.policy, partial.task.question(question), &partial.key.of("end"), &greedy, 1)?);
    }
    let said = cx.policy.sample(&requests, stage.progress)?;
    let mut whole: Vec<(bool, Cost)> = partials.iter().map(|partial| (partial.ended, Cost::default())).collect();
    for (place, done) in open.into_iter().zip(said) {
        whole[place] = (says_end(&cx.policy.decode_text(&done.tokens)), cost(std::slice::from_ref(&done)));
    }
    Ok(whole)
}

/// Whether the last of the two words that is said is `end`.
fn says_end(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
    words.rfind(|word| word == "end" || word == "continue").is_some_and(|word| word == "end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_the_two_words_counts() {
        assert!(says_end("<end>") && says_end("Continue? No: END."));
        assert!(!says_end("continue") && !says_end("the weekend") && !says_end("end, or rather continue"));
    }
}
