//! A run's model answers typed puzzles.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use models::device;
use nouns::{Completion, Key, Oracle, Policy, Request, Sampling, Silent, Task, Verdict, World};
use policy::LocalPolicy;
use serde::Serialize;
use store::RunFolder;

use crate::fault::RepeatFault;
use crate::model::{Model, open_model};
use crate::round::SLOTS;
use crate::run::written_down;
use crate::view::View;

/// The model of a run, ready to answer.
pub struct Answerer {
    world: Arc<dyn World>,
    oracle: Arc<dyn Oracle>,
    policy: LocalPolicy,
    seed: u64,
}

/// An answer, judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The problem in canonical form.
    pub task: String,
    /// What the model wrote.
    pub attempt: String,
    /// The same as an infix expression that any calculator can check.
    pub expression: Option<String>,
    /// Whether it is right; none if it could not be judged.
    pub correct: Option<bool>,
    /// The verdict in words.
    pub verdict: String,
    /// Answers drawn.
    pub samples: u32,
    /// How many of them give this answer.
    pub agreeing: u32,
    /// How likely the model finds it: the sum of its tokens' log-probabilities.
    pub log_likelihood: f64,
}

impl Answerer {
    /// Loads the model in force of a run.
    pub fn open(path: &Path) -> Outcome<Answerer> {
        let run = RunFolder::read_only(path)?;
        let (_, options) = written_down(&run)?;
        let world = options.world()?;
        let model = model_in_force(&run, &options)?;
        let (oracle, policy) = (world.oracle(), model.policy(SLOTS));
        Ok(Answerer { world, oracle, policy, seed: options.seed })
    }

    /// Answers puzzles as a person types them. One sample is greedy; of several the answer that the model's own vote
    /// prefers is given: see [`choose`].
    pub fn answer(&self, puzzles: &[String], samples: u32, temperature: f32) -> Outcome<Vec<Answer>> {
        let tasks = puzzles.iter().map(|puzzle| self.read(puzzle)).collect::<Outcome<Vec<Task>>>()?;
        let samples = samples.max(1);
        let sampling = Sampling {
            temperature: if samples == 1 { 0.0 } else { temperature },
            max_tokens: self.world.longest_answer(),
            ..Sampling::default()
        };
        let key = Key::root(self.seed).of("try");
        let mut requests = Vec::new();
        for task in &tasks {
            let (context, key) = (self.policy.encode(&task.prompt)?, key.of(&task.id));
            let request = |sample: u32| Request {
                context: context.clone(),
                sampling: sampling.clone(),
                key: key.at(u64::from(sample)),
            };
            requests.extend((0..samples).map(request));
        }
        let drawn = self.policy.sample(&requests, &Silent)?;
        Ok(tasks.iter().zip(drawn.chunks(samples as usize)).map(|(task, drawn)| self.best(task, drawn)).collect())
    }

    /// A typed puzzle, refused if the model does not know its words.
    fn read(&self, puzzle: &str) -> Outcome<Task> {
        let task = self.world.read(puzzle)?;
        self.policy.tokens().check_known(&task.prompt_text())?;
        Ok(task)
    }

    fn best(&self, task: &Task, drawn: &[Completion]) -> Answer {
        let texts: Vec<String> = drawn.iter().map(|done| self.policy.decode(&done.tokens)).collect();
        let (best, agreeing) = choose(self.world.as_ref(), task, &texts, drawn);
        let verdict = self.oracle.judge(task, &texts[best]);
        Answer {
            task: task.id.clone(),
            attempt: texts[best].clone(),
            expression: self.world.expression(task, &texts[best]),
            correct: verdict.is_right(),
            verdict: match &verdict {
                Verdict::Right => "right".into(),
                other => other.to_string(),
            },
            samples: drawn.len() as u32,
            agreeing,
            log_likelihood: likelihood(&drawn[best]),
        }
    }
}

fn likelihood(done: &Completion) -> f64 {
    done.log_probs.iter().map(|&p| f64::from(p)).sum()
}

/// The sample to give, and how many give the same text: the one the model finds likeliest. Uses no verifier.
fn choose(world: &dyn World, task: &Task, texts: &[String], drawn: &[Completion]) -> (usize, u32) {
    let best = (0..drawn.len()).max_by(|&a, &b| likelihood(&drawn[a]).total_cmp(&likelihood(&drawn[b]))).unwrap_or(0);
    let mut votes: BTreeMap<Option<String>, u32> = BTreeMap::new();
    for text in texts {
        *votes.entry(world.answer(task, text)).or_default() += 1;
    }
    let agreeing = votes.get(&world.answer(task, &texts[best])).copied().unwrap_or(1);
    (best, agreeing)
}

/// The newest whole model that the gate kept.
fn model_in_force(run: &RunFolder, options: &crate::options::Options) -> Outcome<Model> {
    let device = device(options.device)?;
    let view = View::open(run.path())?;
    let kept = |round: u32| {
        round == 0 || view.rounds.iter().any(|r| r.round == round && r.decision.as_ref().is_some_and(|d| d.promoted))
    };
    let newest = view.rounds.iter().map(|round| round.round).max().unwrap_or(0);
    let found = run.last_good_model(newest, kept);
    match (found.model, &options.model) {
        (Some(checkpoint), _) => open_model(&checkpoint.folder, &device),
        (None, Some(folder)) => open_model(folder, &device),
        (None, None) => Err(RepeatFault::NoModelYet { run: run.path().to_owned() }.into()),
    }
}
