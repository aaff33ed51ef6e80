//! The policy itself as the judge of partial answers, by asking it: Tree of Thoughts, section 3
//! (arXiv 2305.10601).

use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Completion, Cost, Policy, Progress, Request, Sampling, Turn};

use super::{Evaluate, Partial, Valued};

/// What the words of the value prompt are worth, as in the authors' code for the Game of 24, scaled
/// to 1 for `sure`.
const WORDS: [(&str, f64); 3] = [("sure", 1.0), ("likely", 0.05), ("impossible", 0.00005)];

/// New tokens of a judgement at most.
const JUDGEMENT: u32 = 16;

/// Every partial answer is judged by itself, several times; its value is the mean.
pub(super) struct ValuePrompt<'a> {
    pub(super) policy: &'a dyn Policy,
    pub(super) progress: &'a dyn Progress,
    pub(super) samples: u32,
}

impl Evaluate for ValuePrompt<'_> {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let mut requests = Vec::new();
        for partial in partials {
            let question = format!(
                "{}\n\nAn answer, as far as it is written:\n{}\n\nCan it still become right? Say one word: sure, likely, \
                 or impossible.",
                partial.task.prompt_text(),
                partial.text
            );
            requests.extend(asked(self.policy, partial.task.question(question), &partial.key, &warm(), self.samples)?);
        }
        let said = self.policy.sample(&requests, self.progress)?;
        let value = |said: &[Completion]| {
            let sum: f64 = said.iter().map(|one| worth(&self.policy.decode_text(&one.tokens))).sum();
            Valued { value: sum / said.len().max(1) as f64, cost: cost(said) }
        };
        Ok(said.chunks(self.samples.max(1) as usize).map(value).collect())
    }
}

/// The worth of the last of the words that is said; none of them is worth nothing.
fn worth(text: &str) -> f64 {
    let text = text.to_lowercase();
    let found = WORDS.iter().filter_map(|&(word, worth)| Some((text.rfind(word)?, worth)));
    found.max_by_key(|&(at, _)| at).map_or(0.0, |(_, worth)| worth)
}

/// The partial answers of one tree are put side by side and voted on; a value is a share of the
/// votes.
pub(super) struct VotePrompt<'a> {
    pub(super) policy: &'a dyn Policy,
    pub(super) progress: &'a dyn Progress,
    pub(super) samples: u32,
}

impl Evaluate for VotePrompt<'_> {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let mut ballots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, partial) in partials.iter().enumerate() {
            ballots.entry(partial.tree).or_default().push(place);
        }
        let mut requests = Vec::new();
        for places in ballots.values() {
            let first = &partials[places[0]];
            requests.extend(asked(
                self.policy,
                first.task.question(ballot(partials, places)),
                &first.key,
                &warm(),
                self.samples,
            )?);
        }
        let said = self.policy.sample(&requests, self.progress)?;
        let mut valued: Vec<Valued> = partials.iter().map(|_| Valued { value: 0.0, cost: Cost::default() }).collect();
        for (places, said) in ballots.values().zip(said.chunks(self.samples.max(1) as usize)) {
            valued[places[0]].cost = cost(said);
            for one in said {
                if let Some(choice) = choice(&self.policy.decode_text(&one.tokens), places.len()) {
                    valued[places[choice]].value += 1.0 / said.len() as f64;
                }
            }
        }
        Ok(valued)
    }
}

fn ballot(partials: &[Partial], places: &[usize]) -> String {
    let choices = places.iter().enumerate();
    let choices: Vec<String> =
        choices.map(|(number, &place)| format!("Choice {}:\n{}", number + 1, partials[place].text)).collect();
    format!(
        "{}\n\nAnswers, as far as they are written:\n\n{}\n\nWhich one is the most promising? Say its number alone.",
        partials[places[0]].task.prompt_text(),
        choices.join("\n\n")
    )
}

/// The first number that is said, if there is such a choice; from 0.
fn choice(text: &str, choices: usize) -> Option<usize> {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).find(|digits| !digits.is_empty())?;
    digits.parse::<usize>().ok()?.checked_sub(1).filter(|&choice| choice < choices)
}

/// How judgements are drawn that are asked for several times.
fn warm() -> Sampling {
    Sampling { temperature: 0.7, ..Sampling::default() }
}

/// The same question several times.
pub(super) fn asked(
    policy: &dyn Policy,
    question: Turn,
    key: &nouns::Key,
    sampling: &Sampling,
    samples: u32,
) -> Outcome<Vec<Request>> {
    let mut context = policy.encode(&[question])?;
    // A question that is too long loses its beginning rather than the end that says what is asked.
    let room = policy.context_length().saturating_sub(JUDGEMENT as usize).max(1);
    context.drain(..context.len().saturating_sub(room));
    let sampling = Sampling { max_tokens: JUDGEMENT, ..sampling.clone() };
    let request =
        |sample: u32| Request { context: context.clone(), sampling: sampling.clone(), key: key.at(u64::from(sample)) };
    Ok((0..samples.max(1)).map(request).collect())
}

/// What was generated, and one value call a judgement.
pub(super) fn cost(said: &[Completion]) -> Cost {
    let mut cost: Cost = said.iter().map(|one| one.cost).sum();
    cost.value_calls = said.len() as u64;
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_and_silence_is_worth_nothing() {
        assert_eq!(worth("It is likely. No: Sure."), 1.0);
        assert_eq!(worth("sure? impossible"), 0.00005);
        assert_eq!(worth("I cannot say"), 0.0);
    }

    #[test]
    fn a_vote_names_one_of_the_choices() {
        assert_eq!(choice("The best choice is 2.", 3), Some(1));
        assert_eq!(choice("0", 3), None);
        assert_eq!(choice("17", 3), None);
        assert_eq!(choice("none", 3), None);
    }
}
