//! The tasks of a world put to one model.

use std::sync::Arc;

use check::{CheckPart, Grants, Verify};
use faults::Outcome;
use folder::LoadedModel;
use nouns::{Key, Progress, Sampling, Score, Split, Stage, Task, World};

use crate::among::{Among, chosen};
use crate::answered::{Answered, Judging};
use crate::drawn::drawn;
use crate::fault::EvaluateFault;
use crate::figures::{Spent, counted, scored};

/// How tasks are put to models.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// How answers come about.
    pub by: By,
    /// The part of a world that is asked.
    pub split: Split,
    /// At most this many tasks, the first.
    pub limit: Option<usize>,
    /// Root of every draw: an answer depends on it, on the model, the task and the number of the
    /// sample alone.
    pub seed: u64,
}

/// How answers come about.
#[derive(Clone, Debug)]
pub enum By {
    /// They are drawn.
    Drawing {
        /// How tokens are drawn; without a bound on tokens, the world's is taken.
        sampling: Sampling,
        /// The bound on new tokens, if one is asked for.
        max_tokens: Option<u32>,
        /// Answers to each task.
        samples: u32,
    },
    /// The likeliest of the answers that there are.
    Likelihood(Among),
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The figures, item by item.
    pub scores: Vec<Score>,
    /// How many tasks were asked.
    pub tasks: usize,
    /// Answers that could not be judged, by why not.
    pub unsettled: Vec<(String, usize)>,
    /// What it took.
    pub spent: Spent,
}

/// Sequences in one call of the model: enough to keep it busy.
const BATCH: usize = 512;

impl Evaluation {
    /// The tasks that are asked.
    pub fn tasks(&self, world: &dyn World) -> Outcome<Vec<Task>> {
        let mut tasks = world.tasks(self.split)?;
        tasks.truncate(self.limit.unwrap_or(usize::MAX));
        if tasks.is_empty() {
            return Err(EvaluateFault::NoTasks { world: world.name().into(), part: self.split.word() }.into());
        }
        Ok(tasks)
    }

    /// Puts these tasks to a model. `keep` is given what was answered, task by task, in order, with
    /// how many tasks are done.
    pub fn of(
        &self,
        loaded: &LoadedModel,
        world: &Arc<dyn World>,
        tasks: &[Task],
        progress: &dyn Progress,
        keep: &mut dyn FnMut(usize, &Answered) -> Outcome<()>,
    ) -> Outcome<Evaluated> {
        self.refuse_unknown_words(loaded, world.as_ref(), tasks)?;
        let oracle = world.oracle();
        let checker = CheckPart::Verify(Verify {}).build(&Grants::new(world.clone(), Some(oracle.clone())))?;
        let judging = Judging { world: world.as_ref(), oracle, checker };
        let stage = Stage { round: 0, key: Key::root(self.seed).of("evaluate"), progress };
        let mut all = Vec::new();
        let mut scores: Vec<Score> = Vec::new();
        let mut spent = Spent::default();
        for some in tasks.chunks((BATCH / self.sequences(world.as_ref(), tasks)).max(1)) {
            let (answered, found, cost) = match &self.by {
                By::Drawing { sampling, max_tokens, samples } => {
                    let most = max_tokens.unwrap_or_else(|| world.longest_answer());
                    let sampling = Sampling { max_tokens: most, ..sampling.clone() };
                    drawn(&stage, loaded.policy(), &judging, some, (&sampling, *samples))?
                }
                By::Likelihood(among) => chosen(&stage, loaded.policy(), &judging, some, among)?,
            };
            spent += cost;
            scored(&mut scores, found);
            for one in answered {
                all.push(one);
                keep(all.len(), &all[all.len() - 1])?;
            }
        }
        scores.iter_mut().for_each(|score| *score = again(score));
        scores.extend(counted(world.name(), &all));
        Ok(Evaluated { scores, tasks: tasks.len(), unsettled: unsettled(&all), spent })
    }

    /// Sequences that a task takes.
    fn sequences(&self, world: &dyn World, tasks: &[Task]) -> usize {
        match &self.by {
            By::Drawing { samples, .. } => *samples as usize,
            By::Likelihood(Among::Given(texts)) => texts.len(),
            By::Likelihood(_) => tasks.first().map_or(1, |task| world.options(task).len()),
        }
        .max(1)
    }

    /// A model that does not know a world's words could only guess.
    fn refuse_unknown_words(&self, loaded: &LoadedModel, world: &dyn World, tasks: &[Task]) -> Outcome<()> {
        let asked = tasks.iter().filter(|_| world.language().is_some());
        asked.into_iter().try_for_each(|task| loaded.policy().tokens().check_known(&task.prompt_text()))
    }
}

/// The mean over all items, once all are there.
fn again(score: &Score) -> Score {
    let items = score.items.iter().cloned().zip(score.per_item.iter().copied()).collect();
    Score::new(score.metric.clone(), score.on.clone(), items)
}

/// How many answers could not be judged, and why.
fn unsettled(all: &[Answered]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for given in all.iter().flat_map(|answered| &answered.answers).filter(|given| given.correct.is_none()) {
        match found.iter_mut().find(|(why, _)| *why == given.verdict) {
            Some((_, count)) => *count += 1,
            None => found.push((given.verdict.clone(), 1)),
        }
    }
    found
}
