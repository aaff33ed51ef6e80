use faults::Outcome;
use nouns::effect::{Seen, best_threshold, grid, is_right};
use nouns::{Attempt, AttemptContext, Cost, Stage, Task, Trace, Verdict};
use serde::{Deserialize, Serialize};

use crate::sample::Sample;

recipe::part! {
    /// Draws answers at a temperature that is chosen anew in every round. Some of the tasks are
    /// answered at every temperature of a grid, the recipe's checkers judge that, and the
    /// temperature with the best figure answers all tasks. Graded rewards above one half are those
    /// of right answers. What the trials generate is charged to the first answer. A stage of many
    /// parts chooses for each of them.
    pub struct Tuned = "tuned", version 1 {
        /// Answers per task.
        pub per_task: u32 = 16, "ours", 1..=100_000;
        /// The least temperature that is tried.
        pub lowest: f64 = 0.5, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// The greatest.
        pub highest: f64 = 1.2, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// The step between them.
        pub step: f64 = 0.1, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// By which figure of the trial answers it is chosen.
        pub by: By = By::Effect, "Zeng et al. 2024, arXiv 2412.17256, equation 2";
        /// Tasks of a trial, drawn from those of the round.
        pub tasks: usize = 600, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// For `effect`: this many different right answers to a question are enough.
        pub target: f64 = 6.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.1";
        /// The least threshold on the reward that is tried with every temperature, for `effect`;
        /// with the greatest equal to it the only one.
        pub lowest_threshold: f64 = -1.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// The greatest threshold, in steps of a tenth.
        pub highest_threshold: f64 = 1.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// How many of the best-graded answers may hold the right one, for `top`.
        pub best: usize = 2, "Liu et al. 2024, arXiv 2412.17451, section 5: two";
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
    }
}

/// What a temperature is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The greatest query effect over the thresholds.
    Effect,
    /// The share of tasks with a right answer among the best, which are ranked by their reward less
    /// what being right adds to it.
    Top,
}

/// Thresholds are tried a tenth apart.
const THRESHOLD_STEP: f64 = 0.1;

impl Attempt for Tuned {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let (temperature, spent) = self.temperature(stage, cx, tasks)?;
        let mut traces = self.sample(temperature).attempt(stage, cx, tasks, Vec::new())?;
        if let Some(first) = traces.first_mut() {
            first.cost += spent;
        }
        Ok(traces)
    }

    fn answers_per_task(&self) -> usize {
        self.per_task as usize
    }
}

impl Tuned {
    /// Temperatures that are tried.
    pub(crate) fn temperatures(&self) -> Vec<f64> {
        grid(self.lowest, self.highest, self.step)
    }

    fn sample(&self, temperature: f64) -> Sample {
        let (per_task, max_tokens) = (self.per_task, self.max_tokens);
        Sample { per_task, temperature: temperature as f32, max_tokens, ..Sample::default() }
    }

    /// The temperature with the best figure, the lowest of equals, and what finding it cost. A grid
    /// of one is not tried.
    fn temperature(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task]) -> Outcome<(f64, Cost)> {
        let grid = self.temperatures();
        if grid.len() == 1 {
            return Ok((grid[0], Cost::default()));
        }
        let stage = Stage { key: stage.key.of("trial"), ..stage.clone() };
        let trial = self.trial(&stage, tasks);
        let (mut best, mut spent) = ((self.lowest, f64::NEG_INFINITY), Cost::default());
        for temperature in grid {
            let traces = self.sample(temperature).attempt(&stage, cx, &trial, Vec::new())?;
            let verdicts = cx.checker.check(&stage, &trial, &traces)?;
            spent += traces.iter().map(|trace| trace.cost).sum();
            let figure = self.figure(&traces, &verdicts);
            if figure > best.1 {
                best = (temperature, figure);
            }
        }
        Ok((best.0, spent))
    }

    /// Tasks of the trial, in the order of the round's.
    fn trial(&self, stage: &Stage, tasks: &[Task]) -> Vec<Task> {
        let mut places: Vec<usize> = (0..tasks.len()).collect();
        stage.key.of("tasks").random().shuffle(&mut places);
        places.truncate(self.tasks);
        places.sort_unstable();
        places.into_iter().map(|place| tasks[place].clone()).collect()
    }

    /// What answers, grouped by task, come to.
    fn figure(&self, traces: &[Trace], verdicts: &[Verdict]) -> f64 {
        let per_task = self.per_task.max(1) as usize;
        let questions = traces.chunks(per_task).zip(verdicts.chunks(per_task));
        let questions: Vec<Vec<Seen>> = questions.map(|(traces, verdicts)| seen(traces, verdicts)).collect();
        match self.by {
            By::Effect => {
                let thresholds = grid(self.lowest_threshold, self.highest_threshold, THRESHOLD_STEP);
                best_threshold(&questions, &thresholds, self.target).map_or(0.0, |(_, effect)| effect)
            }
            By::Top => {
                let rights = questions.iter().filter(|question| right_among_best(question, self.best)).count();
                rights as f64 / questions.len().max(1) as f64
            }
        }
    }
}

/// The settled answers to a question.
fn seen<'a>(traces: &'a [Trace], verdicts: &[Verdict]) -> Vec<Seen<'a>> {
    let settled = |(trace, verdict): (&'a Trace, &Verdict)| Some((verdict.reward()?, trace.answer.identity()));
    traces.iter().zip(verdicts).filter_map(settled).collect()
}

/// Whether one of the best answers is right, by what their rewards say beside that. The first of
/// equals are the best.
fn right_among_best(question: &[Seen], best: usize) -> bool {
    let beside = |(reward, _): &Seen| reward - f64::from(u8::from(is_right(*reward)));
    let mut ranked: Vec<&Seen> = question.iter().collect();
    ranked.sort_by(|one, other| beside(other).total_cmp(&beside(one)));
    ranked.into_iter().take(best).any(|(reward, _)| is_right(*reward))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_ranked_by_their_steps_alone() {
        let question =
            [(1.05, "right, steps fair"), (0.2, "wrong, steps good"), (0.1, "wrong"), (0.85, "right, steps bad")]
                .map(|(reward, said)| (reward, said.into()));
        assert!(!right_among_best(&question, 1), "the one with the best steps is wrong");
        assert!(!right_among_best(&question, 2) && right_among_best(&question, 3));
        assert!(!right_among_best(&[], 2));
    }
}
