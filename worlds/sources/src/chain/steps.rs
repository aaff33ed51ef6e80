use nouns::{Task, Unsettled};

use super::program::{Op, Program};
use crate::numbers::number;

/// The step oracle: per step of the program, whether the response takes it rightly, and if not,
/// why.
///
/// A step is judged by itself: it must take the value that the response reached before (right or
/// wrong), do what the program says, and write down the right result of that. So one wrong step
/// does not make the following ones wrong.
pub fn check_steps(task: &Task, response: &str) -> Result<Vec<Result<(), String>>, Unsettled> {
    let program = Program::read(&task.id).map_err(Unsettled::CheckerFailed)?;
    Ok(check(&program, response))
}

/// The same for a program.
pub(crate) fn check(program: &Program, response: &str) -> Vec<Result<(), String>> {
    let lines: Vec<&str> = response.split(';').map(str::trim).collect();
    let mut value = program.start;
    let mut verdicts = Vec::new();
    for (index, &(op, operand)) in program.steps.iter().enumerate() {
        let asked = format!("{value} {} {operand}", op.word());
        let line = lines.get(index).copied().unwrap_or_default();
        verdicts.push(step(&asked, op.apply(value, operand), line));
        value = claimed(line).unwrap_or_else(|| op.apply(value, operand));
    }
    verdicts
}

/// Whether what is written so far is how a right answer begins, in whole steps; those that commute
/// may come in any order. The answer may be left out.
pub(crate) fn are_right(program: &Program, partial: &str) -> bool {
    let (steps, answer) = parts(partial);
    let right = goes_on_from(program, steps).is_some();
    let ended = |answer: &str| count(steps) == program.steps.len() && answer == program.result().to_string();
    right && answer.is_none_or(ended)
}

/// The value that these steps come to, if each of them is true and one of those that may come next.
fn goes_on_from(program: &Program, steps: &str) -> Option<i64> {
    let mut runs: Vec<Vec<(Op, i64)>> = program.runs().map(<[_]>::to_vec).collect();
    let lines = steps.split(';').map(str::trim).filter(|_| !steps.is_empty());
    lines.into_iter().try_fold(program.start, |value, line| {
        let run = runs.iter_mut().find(|run| !run.is_empty())?;
        let done = |(op, operand): &(Op, i64)| {
            line == format!("{value} {} {operand} = {}", op.word(), op.apply(value, *operand))
        };
        let place = run.iter().position(done)?;
        let (op, operand) = run.remove(place);
        Some(op.apply(value, operand))
    })
}

/// Steps that are left of the program after what is written so far, and one for the answer.
pub(crate) fn to_go(program: &Program, partial: &str) -> u32 {
    match parts(partial) {
        (_, Some(_)) => 0,
        (steps, None) => (program.steps.len().saturating_sub(count(steps)) + 1) as u32,
    }
}

/// The steps of what is written so far, and the answer after them if it is given.
fn parts(partial: &str) -> (&str, Option<&str>) {
    let bare = |text: &'_ str| -> usize { text.trim_end().trim_end_matches(';').trim_end().len() };
    let said = partial.trim_start();
    match said.split_once("answer") {
        Some((steps, answer)) => (&steps[..bare(steps)], Some(answer.trim())),
        None => (&said[..bare(said)], None),
    }
}

fn count(steps: &str) -> usize {
    if steps.is_empty() { 0 } else { steps.split(';').count() }
}

/// Whether a line does what is asked and comes to the right result.
fn step(asked: &str, result: i64, line: &str) -> Result<(), String> {
    match line.split_once(" = ") {
        Some((done, _)) if done != asked => Err(format!("`{done}` where `{asked}` should follow")),
        Some((_, claimed)) if claimed != result.to_string() => Err(format!("{asked} is {result}, not {claimed}")),
        Some(_) => Ok(()),
        None => Err(format!("`{line}` where `{asked} = {result}` should follow")),
    }
}

/// The result that a line claims.
fn claimed(line: &str) -> Option<i64> {
    number(line.split_once(" = ")?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_so_far_is_right_or_not() {
        let program = Program::read("7 + 5 * 3").expect("a program");
        let right = |text| are_right(&program, text);
        assert!(right("") && right("7 + 5 = 1 ;") && right("7 + 5 = 1 ; 1 * 3 = 3"));
        assert!(right("7 + 5 = 1 ; 1 * 3 = 3 ; answer 3"));
        assert!(!right("7 + 5 = 2 ;") && !right("7 + 5 = 2 ; 2 * 3 = 6 ;"));
        assert!(!right("7 + 5 = 1 ; 1 * 3 = 3 ; answer 4") && !right("answer 3"));
        assert!(!right("7 + 5 = 1 ; 1 * 3 = 3 ; 3 + 1 = 4 ;"), "the program has two steps");
        let sums = Program::read("7 + 5 - 3 * 2").expect("a program");
        assert!(are_right(&sums, "7 - 3 = 4 ; 4 + 5 = 9 ; 9 * 2 = 7 ; answer 7"), "sums may change places");
        assert!(!are_right(&sums, "7 * 2 = 3 ;") && !are_right(&sums, "7 - 3 = 4 ; 4 - 3 = 1 ;"));
        let left = |text| to_go(&program, text);
        assert_eq!([left(""), left("7 + 5 = 1 ;"), left("7 + 5 = 1 ; 1 * 3 = 3 ;")], [3, 2, 1]);
        assert_eq!(left("7 + 5 = 1 ; 1 * 3 = 3 ; answer 3"), 0);
    }
}
