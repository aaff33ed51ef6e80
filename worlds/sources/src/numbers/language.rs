//! The language of the games: what a model made from nothing is shown, and what models are asked in
//! its words.

use nouns::{Cue, Example, Key, Language, Task, Turn, Vocabulary, Wording};

use super::operation::Op;
use super::rules::Target;
use super::tries::NO;
use super::{LARGEST, NumberGame, draw, read, walk};

impl Language for NumberGame {
    fn vocabulary(&self) -> Vocabulary {
        let numbers = (0..=LARGEST).map(|number| number.to_string());
        let target = matches!(self.rules.target, Target::Stated(_)).then_some("to");
        let operations = Op::ALL.map(Op::word).into_iter();
        let words = operations.chain(["=", "left", ";", "over", NO, "hint", ":"]).chain(target);
        Vocabulary { words: numbers.chain(words.map(str::to_owned)).collect() }
    }

    fn example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        draw::example(self.rules, key, held_out)
    }

    /// One try, true at every step, which keeps the target within reach for as long as a draw says.
    /// In another way: after retracted tries.
    fn drawn_answer(&self, key: &Key, task: &Task, other_way: bool) -> Option<String> {
        let (puzzle, mut random) = (read::puzzle(self.rules, &task.id).ok()?, key.random());
        match other_way {
            true => walk::drawn_behind_others(&mut random, &puzzle),
            false => Some(walk::drawn(&mut random, &puzzle)?.to_string()),
        }
    }
}

impl Wording for NumberGame {
    /// What stands before every answer.
    fn think_again(&self) -> &str {
        " :"
    }

    fn cue(&self, _: Cue) -> &str {
        self.think_again()
    }

    /// Its language has no words for that.
    fn ask_ability(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}
