//! The language of the world: what a model made from nothing is shown, and what models are asked in
//! its words.

use nouns::{Cue, Example, Key, Language, Random, Task, Turn, Vocabulary, Wording};

use super::addition::DIGITS;
use super::{Arithmetic, addition};
use crate::ability;

/// The share of examples of each length, from one digit to five.
const SHARES: [f64; DIGITS] = [0.35, 0.35, 0.2, 0.08, 0.02];

/// How often an example's prompt gives the sum away: so a model made from nothing knows what a hint
/// is.
const HINTS: f64 = 0.15;

/// Digits of the longest numbers that are thought to be within reach by someone who guesses.
const SHORT: usize = 3;

/// At most this many draws of problems that may not be used.
const TRIES: u64 = 1_000;

impl Language for Arithmetic {
    fn vocabulary(&self) -> Vocabulary {
        let digits = (0..10).map(|digit| digit.to_string());
        let words = ["+", "=", ";", "hint", ":", "answer"].map(str::to_owned);
        Vocabulary { words: digits.chain(words).collect() }
    }

    fn example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        (0..TRIES).find_map(|index| example(&mut key.at(index).random(), held_out))
    }

    /// Where the number would stand, nothing does.
    fn abstention(&self) -> Option<&str> {
        Some("answer")
    }

    /// Numbers of at most three digits are thought to be within reach.
    fn ability_example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        (0..TRIES).find_map(|index| {
            let mut random = key.at(index).random();
            let digits = 1 + random.below(DIGITS);
            let task = addition(&mut random, digits).task();
            let written = task.prompt_text().trim_end_matches([' ', ':']).to_owned();
            let example = ability::example(&mut random, &task, written, digits <= SHORT);
            (!held_out(&task.id)).then_some(example)
        })
    }
}

impl Wording for Arithmetic {
    /// What stands before every answer.
    fn think_again(&self) -> &str {
        " :"
    }

    fn cue(&self, _: Cue) -> &str {
        self.think_again()
    }

    fn ask_ability(&self, task: &Task) -> Option<Vec<Turn>> {
        Some(ability::question(task))
    }

    fn says_able(&self, reply: &str) -> Option<bool> {
        ability::said(reply)
    }

    fn ask_for_task(&self, able: bool, _: &Task) -> Vec<Turn> {
        ability::request(able)
    }
}

/// A random addition and its derivation, unless it is held out.
fn example(random: &mut Random, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    let digits = length(random);
    let addition = addition(random, digits);
    if held_out(&addition.id()) {
        return None;
    }
    let hint = (random.uniform() < HINTS).then(|| addition.sum());
    Some(Example { prompt: addition.prompt(hint), response: addition.derivation() })
}

/// How many digits an example's numbers have.
fn length(random: &mut Random) -> usize {
    let mut mark = random.uniform();
    let shorter = SHARES.iter().take_while(|&&share| {
        mark -= share;
        mark >= 0.0
    });
    DIGITS.min(1 + shorter.count())
}
