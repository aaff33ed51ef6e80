//! Countdown: reach a target from 10 to 99 with three or four numbers from 1 to 20, each used once.
//!
//! The tasks are 4,000 puzzles that have a solution through whole numbers that are words: each is
//! made by carrying out random operations and taking what comes out as the target. The form of
//! prompts and answers is in [`crate::numbers`].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use nouns::Key;

use crate::numbers::{NumberGame, Puzzle, Rules, Target, draw_numbers, draw_operations};

/// What may be asked for.
const TARGETS: RangeInclusive<i64> = 10..=99;

/// The rules.
static RULES: Rules = Rules {
    name: "countdown",
    count: 3..=4,
    numbers: 1..=20,
    target: Target::Stated(TARGETS),
    typed: "3 5 7 20 to 24",
};

/// How many puzzles there are.
const PUZZLES: usize = 4_000;

/// The world.
pub(crate) fn world() -> NumberGame {
    let key = Key::root(0).of("countdown");
    let mut puzzles = BTreeMap::new();
    for puzzle in (0..).filter_map(|index| puzzle(&key.at(index))) {
        puzzles.insert(puzzle.id(&RULES), puzzle);
        if puzzles.len() == PUZZLES {
            break;
        }
    }
    NumberGame::new(&RULES, puzzles.into_values().collect())
}

/// A puzzle that is solvable by construction, if its target is one of the game's.
fn puzzle(key: &Key) -> Option<Puzzle> {
    let mut random = key.random();
    let mut puzzle = Puzzle { numbers: draw_numbers(&RULES, &mut random), target: 0 };
    let value = draw_operations(&mut random, &puzzle.values(), None, 0.0)?.last()?.value()?;
    puzzle.target = value.as_whole().filter(|value| TARGETS.contains(value))?;
    Some(puzzle)
}
