//! How an answer strays from its program: with true results, of a step left out, taken twice, or taken for another.

use nouns::Random;

use super::MODULUS;
use super::program::{Op, Program};

/// Steps of the longest program.
const LONGEST: usize = 6;
/// Draws given up after so many that came to the right result after all.
const DRAWS: usize = 20;

/// The program that is computed instead, whose result is another.
pub(super) fn stray(random: &mut Random, program: &Program) -> Option<Program> {
    (0..DRAWS).map(|_| strayed(random, program)).find(|other| other.result() != program.result())
}

fn strayed(random: &mut Random, program: &Program) -> Program {
    let mut other = program.clone();
    let (step, count) = (random.below(program.steps.len()), program.steps.len());
    match random.below(3) {
        0 if count > 1 => {
            other.steps.remove(step);
        }
        1 if count < LONGEST => other.steps.insert(step, program.steps[step]),
        _ => other.steps[step] = (Op::ALL[random.below(Op::ALL.len())], random.below(MODULUS as usize) as i64),
    }
    other
}

#[cfg(test)]
mod tests {
    use nouns::Key;

    use super::*;

    #[test]
    fn it_comes_to_something_else_by_one_step() {
        let program = Program::read("7 + 5 - 3 * 2").expect("a program");
        let mut lengths = std::collections::BTreeSet::new();
        for number in 0..100 {
            let other = stray(&mut Key::root(number).random(), &program).expect("another");
            assert!(other.result() != program.result());
            let same = program.steps.iter().zip(&other.steps).take_while(|(one, other)| one == other).count();
            let behind = program.steps.iter().rev().zip(other.steps.iter().rev()).take_while(|(a, b)| a == b).count();
            assert!(same + behind + 1 >= program.steps.len(), "{other:?}");
            lengths.insert(other.steps.len());
        }
        assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [2, 3, 4]);
    }
}
