//! Game of 24: combine four numbers from 1 to 13 with `+ - * /` so that 24 comes out, each number
//! once.
//!
//! The tasks are all 1,362 multisets that can be solved, found by the exact solver. The form of
//! prompts and answers is in [`crate::numbers`].

use crate::numbers::{NumberGame, Puzzle, Rational, Rules, Target, Through, solve};

/// The rules.
static RULES: Rules =
    Rules { name: "game24", count: 4..=4, numbers: 1..=13, target: Target::Fixed(24), typed: "4 7 8 8" };

/// The world.
pub(crate) fn world() -> NumberGame {
    NumberGame::new(&RULES, multisets().into_iter().filter_map(solvable).collect())
}

/// Every multiset of four numbers, in rising order: 1,820 of them.
fn multisets() -> Vec<[i64; 4]> {
    let mut all = Vec::new();
    for a in RULES.numbers.clone() {
        for b in a..=*RULES.numbers.end() {
            for c in b..=*RULES.numbers.end() {
                all.extend((c..=*RULES.numbers.end()).map(|d| [a, b, c, d]));
            }
        }
    }
    all
}

/// The puzzle of these numbers, if it has a solution.
fn solvable(numbers: [i64; 4]) -> Option<Puzzle> {
    let target = Rational::whole(24);
    solve(&numbers.map(Rational::whole), target, Through::Anything)?;
    Some(Puzzle { numbers: numbers.to_vec(), target: 24 })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use nouns::{Split, World};

    use super::*;

    #[test]
    fn there_are_1362_games_and_they_are_found_quickly() {
        let started = Instant::now();
        let world = world();
        let seconds = started.elapsed().as_secs_f64();
        let count: usize = Split::ALL.iter().map(|&split| world.tasks(split).expect("tasks").len()).sum();
        assert_eq!((multisets().len(), count), (1820, 1362));
        assert!(seconds < 2.0, "{seconds} s: it should be 0.05 s in a release build");
    }

    #[test]
    fn sixteen_games_need_fractions_and_the_others_stay_within_the_vocabulary() {
        let whole = |numbers: &[i64; 4], largest| {
            let numbers = numbers.map(Rational::whole);
            solve(&numbers, Rational::whole(24), Through::Whole(largest)).is_some()
        };
        let games: Vec<_> = multisets().into_iter().filter(|&numbers| solvable(numbers).is_some()).collect();
        let counts = [24, 36, 99, crate::numbers::LARGEST, i64::MAX];
        let counts = counts.map(|largest| games.iter().filter(|game| whole(game, largest)).count());
        assert_eq!(counts, [1215, 1305, 1334, 1346, 1346]);
    }
}
