//! The language of the world: what a model made from nothing is shown, and what models are asked in
//! its words.

use nouns::{Cue, Example, Key, Language, Random, Task, Turn, Vocabulary, Wording};

use super::entries;
use super::program::{Op, Program};
use super::{Chain, MODULUS, cues, length};
use crate::ability;

/// How often an example's prompt gives the answer away: so a model made from nothing knows what a
/// hint is.
const HINTS: f64 = 0.15;

/// How often a drawn answer has a wrong step.
const SLIPS: f64 = 0.6;

/// Steps of the longest program that is thought to be solvable by someone who guesses.
const SHORT: usize = 4;

/// At most this many draws of programs that may not be used.
const TRIES: u64 = 1_000;

impl Language for Chain {
    fn vocabulary(&self) -> Vocabulary {
        let numbers = (0..=MODULUS).map(|number| number.to_string());
        let words = Op::ALL.map(Op::word).into_iter().chain(["=", ";", "x", "mod", "hint", ":", "answer"]);
        Vocabulary { words: numbers.chain(words.map(str::to_owned)).collect() }
    }

    fn example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        (0..TRIES).find_map(|index| example(&mut key.at(index).random(), held_out))
    }

    /// Steps that may change places without changing the result, in a drawn order.
    fn other_way(&self, key: &Key, example: &Example) -> Option<String> {
        let prompt = example.prompt.first()?.content.as_text();
        let program = Program::read(prompt.split(" mod ").next()?).ok()?;
        Some(program.reordered(&mut key.random()).derivation(None))
    }

    /// Where the number would stand, nothing does.
    fn abstention(&self) -> Option<&str> {
        Some("answer")
    }

    /// About a program like those of the tasks; one of at most four steps is thought to be
    /// solvable.
    fn ability_example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        (0..TRIES).find_map(|index| {
            let mut random = key.at(index).random();
            let length = length(&mut random);
            let program = entries::even_program(&mut random, length);
            let example = ability::example(&mut random, &program.task(), program.id(), length <= SHORT);
            (!held_out(&program.id())).then_some(example)
        })
    }

    fn cue_words(&self) -> Vec<String> {
        cues::WORDS.map(str::to_owned).into()
    }

    fn cued_example(&self, cue: Cue, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        (0..TRIES).find_map(|index| cues::example(cue, &mut key.of("cue").at(index).random(), held_out))
    }

    /// The derivation, more often than not with a wrong result at some step, from which it goes on.
    /// In another way: with steps that may change places in a drawn order.
    fn drawn_answer(&self, key: &Key, task: &Task, other_way: bool) -> Option<String> {
        let program = Program::read(&task.id).ok()?;
        let program = if other_way { program.reordered(&mut key.of("way").random()) } else { program };
        let mut random = key.random();
        let slip = (random.uniform() < SLIPS).then(|| cues::slip(&mut random, &program));
        Some(program.derivation(slip))
    }
}

impl Wording for Chain {
    /// What stands before every answer.
    fn think_again(&self) -> &str {
        " :"
    }

    fn cue(&self, cue: Cue) -> &str {
        cues::said(cue)
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

/// A random program and its derivation, unless it is held out.
fn example(random: &mut Random, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    let length = length(random);
    let program = entries::skewed_program(random, length)?;
    if held_out(&program.id()) {
        return None;
    }
    let hint = (random.uniform() < HINTS).then(|| program.result().to_string());
    Some(Example { prompt: program.prompt(hint.as_deref()), response: program.derivation(None) })
}
