use std::sync::Arc;

use faults::Outcome;
use nouns::{Language, Oracle, Split, Task, Turn, Unsettled, Verdict, Wording, World};

use super::expression::Expression;
use super::puzzle::Puzzle;
use super::rules::Rules;
use super::solve::{Through, solve};
use super::tries::{LONGEST, NO, Tries};
use super::{LARGEST, read, tries, verify};
use crate::fault::WorldFault;
use crate::split::tasks_of;

/// A game of numbers as a world.
pub(crate) struct NumberGame {
    pub(super) rules: &'static Rules,
    tasks: Vec<Task>,
}

impl NumberGame {
    /// The game with these puzzles.
    pub(crate) fn new(rules: &'static Rules, puzzles: Vec<Puzzle>) -> Self {
        let mut tasks: Vec<Task> = puzzles.into_iter().map(|puzzle| puzzle.task(rules)).collect();
        tasks.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        tasks.dedup_by(|a, b| a.id == b.id);
        NumberGame { rules, tasks }
    }

    /// The puzzle of a task and the tries of a response, if both can be read.
    fn parts(&self, task: &Task, response: &str) -> Option<(Puzzle, Tries)> {
        Some((read::puzzle(self.rules, &task.id).ok()?, Tries::parse(response).ok()?))
    }
}

impl World for NumberGame {
    fn name(&self) -> &str {
        self.rules.name
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(tasks_of(split, &self.tasks))
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let puzzle = read::puzzle(self.rules, line);
        let puzzle =
            puzzle.map_err(|problem| WorldFault::bad_task(self.rules.name, line, problem, self.rules.typed))?;
        Ok(puzzle.task(self.rules))
    }

    /// The expression, up to the order of sums and products. A response that does not even claim to
    /// reach the target gives no answer; nor does one whose operands are not there. Its arithmetic
    /// is not looked at.
    fn answer(&self, task: &Task, response: &str) -> Option<String> {
        let (puzzle, tries) = self.parts(task, response)?;
        let derivation = tries.last?;
        let claims_target = derivation.claimed() == Some(puzzle.goal());
        let expression = Expression::of(&puzzle.values(), &derivation)?;
        claims_target.then(|| expression.canonical())
    }

    /// Of the try that counts, or of the last that the response retracted.
    fn expression(&self, task: &Task, response: &str) -> Option<String> {
        let (puzzle, mut tries) = self.parts(task, response)?;
        let derivation = tries.last.or_else(|| tries.retracted.pop())?;
        Some(Expression::of(&puzzle.values(), &derivation)?.to_string())
    }

    /// Its words and the end token.
    fn longest_answer(&self) -> u32 {
        LONGEST as u32 + 1
    }

    fn last_try(&self, response: &str) -> usize {
        tries::last_try(response)
    }

    fn step_ends(&self) -> Vec<String> {
        vec![";".into(), NO.into()]
    }

    fn wording(&self) -> &dyn Wording {
        self
    }

    fn language(&self) -> Option<&dyn Language> {
        Some(self)
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(NumberOracle { rules: self.rules })
    }
}

/// Knows what follows from numbers, and how to reach the target.
struct NumberOracle {
    rules: &'static Rules,
}

impl Oracle for NumberOracle {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        match read::puzzle(self.rules, &task.id) {
            Err(problem) => Verdict::Unsettled(Unsettled::CheckerFailed(problem)),
            Ok(puzzle) => match verify::solves(&puzzle.values(), puzzle.goal(), response) {
                Ok(()) => Verdict::Right,
                Err(why) => Verdict::Wrong(why),
            },
        }
    }

    /// Whether the target can be reached from the numbers that are left, if every step so far is
    /// true.
    fn promise(&self, task: &Task, partial: &str) -> Option<f64> {
        let puzzle = read::puzzle(self.rules, &task.id).ok()?;
        Some(f64::from(verify::can_still_solve(&puzzle.values(), puzzle.goal(), partial)))
    }

    /// One fewer than the numbers that the last try leaves.
    fn steps_to_go(&self, task: &Task, partial: &str) -> Option<u32> {
        let puzzle = read::puzzle(self.rules, &task.id).ok()?;
        verify::steps_to_go(&puzzle.values(), partial)
    }

    /// The first operation of a solution, through whole numbers where there is one. None for an
    /// unsolvable puzzle.
    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let puzzle = read::puzzle(self.rules, &task.id).ok()?;
        let solve = |through| solve(&puzzle.values(), puzzle.goal(), through);
        let solution = solve(Through::Whole(LARGEST)).or_else(|| solve(Through::Anything))?;
        Some(puzzle.prompt(self.rules, solution.first().copied()))
    }

    /// The same: it says where to begin, and neither what comes of it nor what follows.
    fn guided(&self, task: &Task) -> Option<Vec<Turn>> {
        self.hinted(task)
    }
}

#[cfg(test)]
mod tests;
