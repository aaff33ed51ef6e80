//! Checks every step of a derivation exactly.

use super::derivation::{Derivation, Step, spaced};
use super::rational::Rational;
use super::solve::{Through, solve};
use super::tries::{NO, Tries, placed};

/// The values that the tries of an answer derive from the numbers, in order, and whether the last
/// one counts; or why not every step of every try is true. Says nothing about a target.
pub(crate) fn derived(numbers: &[Rational], text: &str) -> Result<(Vec<Rational>, bool), String> {
    let tries = Tries::parse(text)?;
    let all: Vec<&Derivation> = tries.retracted.iter().chain(&tries.last).collect();
    let alone = all.len() == 1;
    let value = |(index, derivation)| value(numbers, derivation).map_err(|why| placed(index, alone, &why));
    let values = all.into_iter().enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
    Ok((values, tries.last.is_some()))
}

/// The value that one derivation reaches, if every step is true.
fn value(numbers: &[Rational], derivation: &Derivation) -> Result<Rational, String> {
    let mut left = numbers.to_vec();
    for (index, step) in derivation.steps.iter().enumerate() {
        left = after(left, step).map_err(|why| format!("step {}: {why}", index + 1))?;
    }
    match left[..] {
        [value] => Ok(value),
        _ => Err(format!("stops while {} are still to be combined", spaced(&left))),
    }
}

/// Why the text does not derive the target from the numbers; `Ok` if every step of every try is
/// true, no try that it retracts reaches the target, and the last one does.
pub(crate) fn solves(numbers: &[Rational], target: Rational, text: &str) -> Result<(), String> {
    let (values, stands) = derived(numbers, text)?;
    let (last, retracted) = match values.split_last() {
        Some((last, retracted)) if stands => (*last, retracted),
        _ => return Err(format!("gives up after {} tries", values.len())),
    };
    if let Some(index) = retracted.iter().position(|&value| value == target) {
        return Err(format!("try {} reaches {target} and is given up", index + 1));
    }
    if last == target { Ok(()) } else { Err(format!("ends with {last}, not {target}")) }
}

/// Whether an answer that was written so far can still become right: every step of it is true, no
/// try that it retracts reaches the target, and from the numbers that its last try leaves the
/// target can be reached.
pub(crate) fn can_still_solve(numbers: &[Rational], target: Rational, partial: &str) -> bool {
    let tries = tries_of(partial);
    let Some((last, retracted)) = tries.split_last() else { return false };
    let missed = |text: &String| {
        Derivation::parse(text).and_then(|derivation| value(numbers, &derivation)).is_ok_and(|value| value != target)
    };
    retracted.iter().all(missed)
        && left_by(numbers, last).is_some_and(|left| solve(&left, target, Through::Anything).is_some())
}

/// Steps that the last try of an answer written so far still takes, if every step of it is true.
pub(crate) fn steps_to_go(numbers: &[Rational], partial: &str) -> Option<u32> {
    let left = left_by(numbers, tries_of(partial).last()?)?;
    Some(left.len().saturating_sub(1) as u32)
}

/// The tries of an answer written so far.
fn tries_of(partial: &str) -> Vec<String> {
    let words: Vec<&str> = partial.split_whitespace().collect();
    words.split(|&word| word == NO).map(|words| words.join(" ")).collect()
}

/// The numbers that whole steps leave, if every one of them is true.
fn left_by(numbers: &[Rational], text: &str) -> Option<Vec<Rational>> {
    let steps = text.trim().trim_end_matches(';').trim_end();
    if steps.is_empty() {
        return Some(numbers.to_vec());
    }
    let derivation = Derivation::parse(steps).ok()?;
    derivation.steps.iter().try_fold(numbers.to_vec(), |left, step| after(left, step).ok())
}

/// The numbers left after a step, if everything the step says is true.
fn after(mut left: Vec<Rational>, step: &Step) -> Result<Vec<Rational>, String> {
    take(&mut left, step.operation.left)?;
    take(&mut left, step.operation.right)?;
    left.push(result(step)?);
    left.sort_unstable();
    check_rest(&left, &step.rest)?;
    Ok(left)
}

/// Uses up one number.
fn take(left: &mut Vec<Rational>, operand: Rational) -> Result<(), String> {
    let Some(at) = left.iter().position(|&number| number == operand) else {
        return Err(match left.len() {
            0 => format!("there is no number left to be {operand}"),
            _ => format!("{operand} is not among the numbers to use ({})", spaced(left)),
        });
    };
    left.remove(at);
    Ok(())
}

/// The step's result, if it is the one claimed.
fn result(step: &Step) -> Result<Rational, String> {
    let operation = step.operation;
    let Some(value) = operation.value() else {
        return Err(format!("{operation} has no value, or one too large to check"));
    };
    if value.is_negative() {
        return Err(format!("{operation} is below zero: the larger number comes first"));
    }
    if value == step.result { Ok(value) } else { Err(format!("{operation} is {value}, not {}", step.result)) }
}

/// Whether the list of numbers left is the true one, in any order; the last step has none.
fn check_rest(left: &[Rational], claimed: &[Rational]) -> Result<(), String> {
    let mut claimed = claimed.to_vec();
    claimed.sort_unstable();
    match (left, &claimed[..]) {
        ([_], []) => Ok(()),
        ([_], _) => Err("something follows the last result".to_owned()),
        (_, []) => Err(format!("does not say what is left ({})", spaced(left))),
        (left, claimed) if left == claimed => Ok(()),
        (left, claimed) => Err(format!("{} are left, not {}", spaced(left), spaced(claimed))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        let numbers = [4, 7, 8, 8].map(Rational::whole);
        solves(&numbers, Rational::whole(24), text).expect_err("wrong")
    }

    #[test]
    fn a_solution_is_right() {
        let numbers = [4, 7, 8, 8].map(Rational::whole);
        let text = "7 - 4 = 3 left 3 8 8 ; 8 * 3 = 24 left 8 24 ; 24 - 8 = 16";
        assert_eq!(derived(&numbers, text), Ok((vec![Rational::whole(16)], true)));
        let text = "8 - 4 = 4 left 4 7 8 ; 4 * 7 = 28 left 28 8 ; 28 - 8 = 20";
        assert_eq!(derived(&numbers, text), Ok((vec![Rational::whole(20)], true)));
        let numbers = [3, 3, 8, 8].map(Rational::whole);
        let text = "8 / 3 = 8 over 3 left 8 over 3 3 8 ; 3 - 8 over 3 = 1 over 3 left 1 over 3 8 ; 8 / 1 over 3 = 24";
        assert_eq!(solves(&numbers, Rational::whole(24), text), Ok(()));
    }

    #[test]
    fn tries_that_are_given_up_must_be_true_and_miss() {
        let numbers = [3, 8].map(Rational::whole);
        let why = |text| solves(&numbers, Rational::whole(24), text);
        assert_eq!(why("3 + 8 = 11 no 8 * 3 = 24"), Ok(()));
        assert_eq!(why("3 + 8 = 12 no 8 * 3 = 24"), Err("try 1, step 1: 3 + 8 is 11, not 12".into()));
        assert_eq!(why("8 * 3 = 24 no 8 * 3 = 24"), Err("try 1 reaches 24 and is given up".into()));
        assert_eq!(why("3 + 8 = 11 no 8 - 3 = 5 no"), Err("gives up after 2 tries".into()));
        assert_eq!(why("3 + 8 = 11 no 8 - 3 = 5"), Err("ends with 5, not 24".into()));
    }

    #[test]
    fn what_is_written_so_far_is_worth_what_it_can_still_become() {
        let can = |text| can_still_solve(&[4, 7, 8, 8].map(Rational::whole), Rational::whole(24), text);
        assert!(can("") && !can("8 / 8 ="), "half a step is no step");
        assert!(can("8 / 8 = 1 left 1 4 7 ;") && can("8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ;"));
        assert!(can("8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 4 * 6 = 24"));
        assert!(!can("8 / 8 = 2 left 2 4 7 ;"), "it is false");
        assert!(!can("8 - 8 = 0 left 0 4 7 ; 0 * 7 = 0 left 0 4 ;"), "it is hopeless");
        assert!(can("8 - 8 = 0 left 0 4 7 ; 0 * 7 = 0 left 0 4 ; 0 + 4 = 4 no"), "it begins anew");
        assert!(!can("8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 4 * 6 = 24 no"), "it gave up the target");
        let left = |text| steps_to_go(&[4, 7, 8, 8].map(Rational::whole), text);
        assert_eq!(
            (left(""), left("8 / 8 = 1 left 1 4 7 ;"), left("8 / 8 = 2 left 2 4 7 ;")),
            (Some(3), Some(2), None)
        );
        assert_eq!(left("8 - 8 = 0 left 0 4 7 ; 0 * 7 = 0 left 0 4 ; 0 + 4 = 4 no"), Some(3), "it begins anew");
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(why("8 - 7 = 2 left 2 4 8"), "step 1: 8 - 7 is 1, not 2");
        assert_eq!(why("8 - 7 = 1 left 1 4"), "step 1: 1 4 8 are left, not 1 4");
        assert_eq!(why("8 - 7 = 1"), "step 1: does not say what is left (1 4 8)");
        assert_eq!(why("9 - 7 = 2 left 2 4 8"), "step 1: 9 is not among the numbers to use (4 7 8 8)");
        assert_eq!(why("7 - 8 = 1 left 1 4 8"), "step 1: 7 - 8 is below zero: the larger number comes first");
        assert_eq!(why("8 - 7 = 1 left 1 4 8"), "stops while 1 4 8 are still to be combined");
        assert_eq!(why("8 - = 1"), "step 1: `=` stands where a number should");
        assert_eq!(why("8 - 07"), "step 1: `07` stands where a number should");
        assert_eq!(why(""), "step 1: ends where a number should follow");
        assert_eq!(why("8 / 0 over 0 = 1"), "step 1: 0 over 0 is no number");
        let solved = "8 - 8 = 0 left 0 4 7 ; 7 * 0 = 0 left 0 4 ; 4 + 0 = 4";
        assert_eq!(why(solved), "ends with 4, not 24");
        assert_eq!(why(&format!("{solved} left 4")), "step 3: something follows the last result");
        assert_eq!(why(&format!("{solved} ;")), "step 4: ends where a number should follow");
        assert_eq!(
            why("8 - 8 = 0 left 0 4 7 ; 7 / 0 = 0 left 0 4"),
            "step 2: 7 / 0 has no value, or one too large to check"
        );
    }
}
