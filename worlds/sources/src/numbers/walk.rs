//! Ways through a puzzle that lead to its target for a while: what models that value steps are
//! shown.

use nouns::Random;

use super::LARGEST;
use super::derivation::Derivation;
use super::operation::Operation;
use super::puzzle::Puzzle;
use super::rational::Rational;
use super::solve::{Through, solve};
use super::tries::NO;

/// At most this many draws that get stuck on results without words.
const DRAWS: usize = 100;

/// Retracted tries, at most: with the last one they all fit into an answer.
const OTHERS: usize = 3;

/// Operations on two numbers at a time until one is left. The first few (their number is drawn
/// uniformly) keep the target within reach where possible; the others are arbitrary.
pub(crate) fn drawn(random: &mut Random, puzzle: &Puzzle) -> Option<Derivation> {
    (0..DRAWS).find_map(|_| walk(random, puzzle))
}

/// The same after one to three retracted tries, which miss the target.
pub(crate) fn drawn_behind_others(random: &mut Random, puzzle: &Puzzle) -> Option<String> {
    let others = 1 + random.below(OTHERS);
    let misses = |random: &mut Random| {
        (0..DRAWS).find_map(|_| walk(random, puzzle).filter(|derivation| derivation.claimed() != Some(puzzle.goal())))
    };
    let mut tries: Vec<String> = (0..others).map(|_| Some(misses(random)?.to_string())).collect::<Option<_>>()?;
    tries.push(drawn(random, puzzle)?.to_string());
    Some(tries.join(&format!(" {NO} ")))
}

fn walk(random: &mut Random, puzzle: &Puzzle) -> Option<Derivation> {
    let mut left = puzzle.values();
    let kept = random.below(left.len());
    let mut operations = Vec::new();
    while left.len() > 1 {
        let mut ways = ways(&left);
        if operations.len() < kept {
            let hopeful =
                |(_, rest): &&(Operation, Vec<Rational>)| solve(rest, puzzle.goal(), Through::Anything).is_some();
            let those: Vec<_> = ways.iter().filter(hopeful).cloned().collect();
            ways = if those.is_empty() { ways } else { those };
        }
        let (operation, rest) = random.pick(&ways)?.clone();
        operations.push(operation);
        left = rest;
    }
    Derivation::of(&puzzle.values(), &operations)
}

/// Every operation on two of the numbers whose result has words, and what it leaves.
fn ways(numbers: &[Rational]) -> Vec<(Operation, Vec<Rational>)> {
    let pairs = (0..numbers.len()).flat_map(|i| (i + 1..numbers.len()).map(move |j| (i, j)));
    let of_pair = |(i, j): (usize, usize)| {
        let rest = |value| {
            let others = numbers.iter().enumerate().filter(|(place, _)| *place != i && *place != j);
            others.map(|(_, number)| *number).chain([value]).collect()
        };
        let ways = Operation::of_pair(numbers[i], numbers[j]).filter(|(_, value)| value.is_sayable(LARGEST));
        ways.map(|(operation, value)| (operation, rest(value))).collect::<Vec<_>>()
    };
    pairs.flat_map(of_pair).collect()
}
