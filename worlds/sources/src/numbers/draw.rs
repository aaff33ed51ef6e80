//! The language of a game: random tries, true at every step, and in general not solutions.

use nouns::{Example, Key, Random};

use super::LARGEST;
use super::derivation::Derivation;
use super::operation::Operation;
use super::puzzle::Puzzle;
use super::rational::Rational;
use super::rules::{Rules, Target};
use super::tries::{LONGEST, NO, TRIES};

/// How often a step may leave the whole numbers: often enough that the form is known, rarely enough
/// to cost little.
const FRACTIONS: f64 = 0.02;

/// How often the prompt gives the first operation away: so a model made from nothing knows what a
/// hint is.
const HINTS: f64 = 0.07;

/// How often an example is an exercise with fewer numbers than any puzzle has.
const EXERCISES: f64 = 0.25;

/// The largest first number of an exercise: what is left after a step is often larger than a
/// puzzle's numbers.
const LARGE: usize = 48;

/// At most this many draws: of a puzzle, which only runs out if nearly everything is held out; of a
/// try that differs from those before it, where a few numbers have no more ways.
const DRAWS: u64 = 1_000;
const OTHER_TRIES: usize = 20;

/// One example of the game's language: tries at random, each unlike those before it, each retracted
/// by `no`.
///
/// Of a whole puzzle no try ever reaches the target: an example is not a solution. What stopping
/// looks like is shown by exercises with fewer numbers alone: where one of their tries happens to
/// reach the target, the answer ends with it.
pub(crate) fn example(rules: &Rules, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    (0..DRAWS).find_map(|index| {
        let random = &mut key.at(index).random();
        let puzzle = if random.uniform() < EXERCISES { exercise(rules, random) } else { puzzle(rules, random) };
        if held_out(&puzzle.id(rules)) { None } else { tries(rules, random, &puzzle) }
    })
}

/// A random puzzle, its numbers in rising order as in its task.
fn puzzle(rules: &Rules, random: &mut Random) -> Puzzle {
    let mut numbers = numbers(rules, random);
    numbers.sort_unstable();
    Puzzle { numbers, target: target(rules, random) }
}

/// A problem with fewer numbers than any puzzle has: the end of a puzzle.
fn exercise(rules: &Rules, random: &mut Random) -> Puzzle {
    let fewer = rules.count.start() - 1;
    let count = 2 + random.below(fewer - 1);
    let mut numbers: Vec<i64> = numbers(rules, random).into_iter().take(count).collect();
    if random.uniform() < 0.5 {
        numbers[0] = 1 + random.below(LARGE) as i64;
    }
    numbers.sort_unstable();
    Puzzle { target: reachable_target(rules, random, &numbers), numbers }
}

/// A target for an exercise: where the game states targets, every other time one that some way of
/// combining reaches.
fn reachable_target(rules: &Rules, random: &mut Random, numbers: &[i64]) -> i64 {
    let drawn = target(rules, random);
    let Target::Stated(targets) = &rules.target else { return drawn };
    let numbers: Vec<Rational> = numbers.iter().map(|&number| Rational::whole(number)).collect();
    let reached = operations(random, &numbers, None, 0.0).and_then(|way| Derivation::of(&numbers, &way)?.claimed());
    let reached = reached.and_then(Rational::as_whole).filter(|value| targets.contains(value));
    if random.uniform() < 0.5 { reached.unwrap_or(drawn) } else { drawn }
}

/// The example of a puzzle; `None` if the tries got stuck, or say more than an answer has room for.
fn tries(rules: &Rules, random: &mut Random, puzzle: &Puzzle) -> Option<Example> {
    let is_exercise = puzzle.numbers.len() < *rules.count.start();
    let mut tries: Vec<Derivation> = Vec::new();
    let hint = hint(random, puzzle);
    while tries.len() < TRIES {
        let Some(derivation) = another_try(random, puzzle, hint, &tries, is_exercise) else { break };
        tries.push(derivation);
        if tries.last()?.claimed() == Some(puzzle.goal()) {
            break;
        }
    }
    let solved = tries.last()?.claimed() == Some(puzzle.goal());
    let words: Vec<String> = tries.iter().map(Derivation::to_string).collect();
    let end = if solved { String::new() } else { format!(" {NO}") };
    let response = words.join(&format!(" {NO} ")) + &end;
    let fits = response.split(' ').count() <= LONGEST;
    fits.then(|| Example { prompt: puzzle.prompt(rules, hint), response })
}

/// Now and then, the operation that every try will begin with.
fn hint(random: &mut Random, puzzle: &Puzzle) -> Option<Operation> {
    let hinted = random.uniform() < HINTS;
    hinted.then(|| operations(random, &puzzle.values(), None, 0.0)?.first().copied()).flatten()
}

/// A try unlike those before it, which reaches the target only where that is allowed.
fn another_try(
    random: &mut Random,
    puzzle: &Puzzle,
    hint: Option<Operation>,
    before: &[Derivation],
    may_solve: bool,
) -> Option<Derivation> {
    (0..OTHER_TRIES).find_map(|_| {
        let operations = operations(random, &puzzle.values(), hint, FRACTIONS)?;
        let derivation = Derivation::of(&puzzle.values(), &operations)?;
        let solves = derivation.claimed() == Some(puzzle.goal());
        (!before.contains(&derivation) && (may_solve || !solves)).then_some(derivation)
    })
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

/// Operations on two random numbers at a time until one is left, each chosen evenly among those
/// whose result is a word; the first may be given. Whole numbers stay whole, except with
/// probability `fractions` a step. `None` if it got stuck.
pub(crate) fn operations(
    random: &mut Random,
    numbers: &[Rational],
    first: Option<Operation>,
    fractions: f64,
) -> Option<Vec<Operation>> {
    let mut left = numbers.to_vec();
    let mut operations = Vec::new();
    if let Some(first) = first {
        for operand in [first.left, first.right] {
            left.remove(left.iter().position(|&number| number == operand)?);
        }
        left.push(first.value()?);
        operations.push(first);
    }
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
