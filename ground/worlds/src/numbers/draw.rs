//! Random derivations: true at every step, and in general not solutions.

use nouns::{Example, Key, Random};

use super::LARGEST;
use super::derivation::Derivation;
use super::operation::Operation;
use super::puzzle::Puzzle;
use super::rational::Rational;
use super::rules::{Rules, Target};

/// How often a step may leave the whole numbers: often enough that the form is known, rarely enough to cost little.
const FRACTIONS: f64 = 0.02;

/// How often the prompt gives the first operation away: so a model made from nothing knows what a hint is.
const HINTS: f64 = 0.15;

/// Draws given up after this many puzzles that may not be used: only if nearly everything is held out.
const TRIES: u64 = 1_000;

/// One example of the game's language.
pub(crate) fn example(rules: &Rules, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    (0..TRIES).find_map(|index| try_example(rules, &mut key.at(index).random(), held_out))
}

/// A random puzzle in random order with a random derivation, unless the puzzle is held out or happens to be solved.
fn try_example(rules: &Rules, random: &mut Random, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    let puzzle = Puzzle { numbers: numbers(rules, random), target: target(rules, random) };
    if held_out(&puzzle.id(rules)) {
        return None;
    }
    let operations = operations(random, &puzzle.values(), FRACTIONS)?;
    let derivation = Derivation::of(&puzzle.values(), &operations)?;
    if derivation.claimed() == Some(puzzle.goal()) {
        return None;
    }
    let hint = (random.uniform() < HINTS).then(|| operations.first().copied()).flatten();
    Some(Example { prompt: puzzle.prompt(rules, hint), response: derivation.to_string() })
}

/// Numbers of a puzzle, in random order.
pub(crate) fn numbers(rules: &Rules, random: &mut Random) -> Vec<i64> {
    let count = rules.count.start() + random.below(rules.count.end() - rules.count.start() + 1);
    let span = (rules.numbers.end() - rules.numbers.start() + 1) as usize;
    (0..count).map(|_| rules.numbers.start() + random.below(span) as i64).collect()
}

fn target(rules: &Rules, random: &mut Random) -> i64 {
    match &rules.target {
        Target::Fixed(target) => *target,
        Target::Stated(targets) => {
            targets.start() + random.below((targets.end() - targets.start() + 1) as usize) as i64
        }
    }
}

/// Operations on two random numbers at a time until one is left, each chosen evenly among those whose result is a word.
/// Whole numbers stay whole, except with probability `fractions` a step. `None` if it got stuck.
pub(crate) fn operations(random: &mut Random, numbers: &[Rational], fractions: f64) -> Option<Vec<Operation>> {
    let mut left = numbers.to_vec();
    let mut operations = Vec::new();
    while left.len() > 1 {
        random.shuffle(&mut left);
        let (one, other) = (left.pop()?, left.pop()?);
        let fractions = !one.is_whole() || !other.is_whole() || random.uniform() < fractions;
        let ways = Operation::of_pair(one, other);
        let ways: Vec<_> = ways.filter(|(_, v)| v.is_sayable(LARGEST) && (fractions || v.is_whole())).collect();
        let (operation, value) = *random.pick(&ways)?;
        operations.push(operation);
        left.push(value);
    }
    Some(operations)
}
