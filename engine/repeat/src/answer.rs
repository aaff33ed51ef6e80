//! A run's model answers typed puzzles.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use check::Grants;
use episodes::{By, Start, play};
use faults::Outcome;
use nouns::{
    AttemptContext, Completion, Cost, Critics, EpisodeTurn, Key, Oracle, Policy, Progress, Request, Sampling, Silent,
    Stage, Task, Trace, Unkept, ValueModel, Verdict, World,
};
use policy::LocalPolicy;
use serde::Serialize;
use store::RunFolder;

use crate::fault::RepeatFault;
use crate::recipe::Recipe;
use crate::roles::critic;
use crate::round::{SLOTS, VALUE};
use crate::run::written_down;
use crate::scene::All;
use crate::view::View;
use checkpoint::{Model, open_merged, open_model};

/// The model of a run, ready to answer.
pub struct Answerer {
    world: Arc<dyn World>,
    oracle: Arc<dyn Oracle>,
    policy: Arc<LocalPolicy>,
    /// The models beside it, as the run left them.
    critics: Critics,
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
    /// What it took, failed tries and other samples included.
    pub generated_tokens: u64,
    /// Calls of a judge or value model.
    pub value_calls: u64,
    /// What was done and seen, turn by turn, where the world answers back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<AnswerTurn>,
}

/// A turn of an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerTurn {
    /// What the model said.
    pub action: String,
    /// What it saw then.
    pub observation: String,
    /// What the environment gave for it, if it gave anything.
    pub reward: Option<f64>,
}

impl AnswerTurn {
    /// The turns of a trace that was made in an environment; none of others.
    pub fn of(trace: &Trace) -> Vec<AnswerTurn> {
        let turn = |turn: &EpisodeTurn| AnswerTurn {
            action: turn.action.to_string(),
            observation: turn.observation.iter().map(|seen| seen.content.to_string()).collect::<Vec<_>>().join("\n"),
            reward: turn.reward,
        };
        trace.episode.iter().flat_map(|episode| &episode.turns).map(turn).collect()
    }
}

impl Answerer {
    /// Loads the model in force of a run.
    pub fn open(path: &Path) -> Outcome<Answerer> {
        let run = RunFolder::read_only(path)?;
        let (recipe, options) = written_down(&run)?;
        let world = options.world()?;
        let model = model_in_force(&run, &options)?;
        let (oracle, policy) = (world.oracle(), Arc::new(model.policy(SLOTS)));
        Ok(Answerer { world, oracle, policy, critics: critics(&run, &recipe, &options)?, seed: options.seed })
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
        if let Some(played) = self.play(&tasks, samples, &sampling, &key)? {
            let of_task = |(task, traces): (&Task, &[Trace])| self.best_played(task, traces);
            return Ok(tasks.iter().zip(played.chunks(samples as usize)).map(of_task).collect());
        }
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

    /// Episodes, if the world answers back: so many of each task.
    fn play(&self, tasks: &[Task], samples: u32, sampling: &Sampling, key: &Key) -> Outcome<Option<Vec<Trace>>> {
        let starts = tasks.iter().flat_map(|task| (0..samples).map(move |sample| (task, sample)));
        let named = |(task, sample): (_, u32)| named(task, sample, key);
        let by = By { world: self.world.as_ref(), oracle: Some(self.oracle.as_ref()), sampling };
        let stage = Stage { round: 0, key: key.clone(), progress: &Silent };
        play(&stage, self.policy.as_ref(), by, starts.map(named).collect())
    }

    /// The episode that the model finds likeliest; the others vote.
    fn best_played(&self, task: &Task, traces: &[Trace]) -> Answer {
        let texts: Vec<String> = traces.iter().map(|trace| trace.text().into_owned()).collect();
        let likelihoods: Vec<f64> = traces.iter().map(Trace::log_likelihood).collect();
        let (best, agreeing) = choose(self.world.as_ref(), task, &texts, &likelihoods);
        let broken = traces[best].episode.as_ref().and_then(|episode| episode.unsettled.as_ref());
        let answer = Answer {
            samples: traces.len() as u32,
            agreeing,
            log_likelihood: likelihoods[best],
            generated_tokens: traces.iter().map(|trace| trace.cost.generated_tokens).sum(),
            turns: AnswerTurn::of(&traces[best]),
            ..self.judged(task, &texts[best])
        };
        match broken {
            Some(why) => Answer { correct: None, verdict: format!("unsettled: {why}"), ..answer },
            None => answer,
        }
    }

    /// Answers puzzles in the way of a recipe's `attempt`: a search, a vote. The recipe is handed the right answers only if
    /// its attempts say that they need them.
    pub fn answer_by(&self, recipe: &Recipe, puzzles: &[String], progress: &dyn Progress) -> Outcome<Vec<Answer>> {
        let tasks = puzzles.iter().map(|puzzle| self.read(puzzle)).collect::<Outcome<Vec<Task>>>()?;
        let oracle = |needed: bool| needed.then(|| self.oracle.clone());
        let grants = Grants {
            policy: Some(self.policy.clone() as Arc<dyn Policy>),
            critics: self.critics.clone(),
            ..Grants::new(self.world.clone(), oracle(recipe.needs_oracle()))
        };
        let hints = oracle(recipe.attempts_need_oracle());
        let cx = AttemptContext {
            policy: self.policy.as_ref(),
            checker: &All::of(&recipe.check, &grants)?,
            world: self.world.as_ref(),
            oracle: hints.as_deref(),
            value: self.critics.get(VALUE).map(|model| model.as_ref()),
            trees: &Unkept,
            held_out: &|_| false,
        };
        let stage = Stage { round: 0, key: Key::root(self.seed).of("try"), progress };
        // The same puzzle asked twice is answered once: its keys are the same.
        let mut seen = HashSet::new();
        let asked: Vec<Task> = tasks.iter().filter(|task| seen.insert(task.id.as_str())).cloned().collect();
        let mut parts = recipe.attempt.iter();
        let traces = parts.try_fold(Vec::new(), |made, part| part.attempt(&stage, &cx, &asked, made))?;
        let mut groups: HashMap<&str, Vec<&Trace>> = HashMap::new();
        traces.iter().for_each(|trace| groups.entry(&trace.task).or_default().push(trace));
        let answer = |task: &Task| Some(self.found(task, groups.get(task.id.as_str())?));
        Ok(tasks.iter().filter_map(answer).collect())
    }

    /// The first of a task's traces that is whole is its answer; what all of them cost is what it took.
    fn found(&self, task: &Task, traces: &[&Trace]) -> Answer {
        let cut = |trace: &Trace| traces.iter().any(|whole| trace.is_cut_from(whole));
        let trace = traces.iter().copied().find(|trace| !cut(trace)).unwrap_or(traces[0]);
        let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
        Answer {
            log_likelihood: trace.log_likelihood(),
            generated_tokens: cost.generated_tokens,
            value_calls: cost.value_calls,
            turns: AnswerTurn::of(trace),
            ..self.judged(task, &trace.text())
        }
    }

    /// An answer of one sample.
    fn judged(&self, task: &Task, text: &str) -> Answer {
        let verdict = self.oracle.judge(task, text);
        Answer {
            task: task.id.clone(),
            attempt: text.to_owned(),
            expression: self.world.expression(task, text),
            correct: verdict.is_right(),
            verdict: match &verdict {
                Verdict::Right => "right".into(),
                other => other.to_string(),
            },
            samples: 1,
            agreeing: 1,
            log_likelihood: 0.0,
            generated_tokens: 0,
            value_calls: 0,
            turns: Vec::new(),
        }
    }

    /// A typed puzzle, refused if the model does not know its words.
    fn read(&self, puzzle: &str) -> Outcome<Task> {
        let task = self.world.read(puzzle)?;
        self.policy.tokens().check_known(&task.prompt_text())?;
        Ok(task)
    }

    fn best(&self, task: &Task, drawn: &[Completion]) -> Answer {
        let texts: Vec<String> = drawn.iter().map(|done| self.policy.decode_text(&done.tokens)).collect();
        let likelihoods: Vec<f64> = drawn.iter().map(likelihood).collect();
        let (best, agreeing) = choose(self.world.as_ref(), task, &texts, &likelihoods);
        Answer {
            samples: drawn.len() as u32,
            agreeing,
            log_likelihood: likelihoods[best],
            generated_tokens: drawn.iter().map(|done| done.cost.generated_tokens).sum(),
            ..self.judged(task, &texts[best])
        }
    }
}

fn named<'a>(task: &'a Task, sample: u32, key: &Key) -> Start<'a> {
    Start { task, sample, id: sample.to_string(), key: key.of(&task.id) }
}

fn likelihood(done: &Completion) -> f64 {
    done.log_probs.iter().map(|&p| f64::from(p)).sum()
}

/// The sample to give, and how many give the same text: the one the model finds likeliest. Uses no verifier.
fn choose(world: &dyn World, task: &Task, texts: &[String], likelihoods: &[f64]) -> (usize, u32) {
    let best = (0..texts.len()).max_by(|&a, &b| likelihoods[a].total_cmp(&likelihoods[b])).unwrap_or(0);
    let mut votes: BTreeMap<Option<String>, u32> = BTreeMap::new();
    for text in texts {
        *votes.entry(world.answer(task, text)).or_default() += 1;
    }
    let agreeing = votes.get(&world.answer(task, &texts[best])).copied().unwrap_or(1);
    (best, agreeing)
}

/// The models beside the policy that the run taught, each as it was taught last.
fn critics(run: &RunFolder, recipe: &Recipe, options: &crate::options::Options) -> Outcome<Critics> {
    let mut critics = Critics::new();
    let rounds = run.rounds()?;
    for (name, role) in &recipe.roles {
        let taught = |round: &u32| run.stage(*round, &format!("learned-{name}")).manifest().is_ok();
        if let Some(&round) = rounds.iter().rev().find(|round| taught(round)) {
            let folder = run.stage(round, &format!("learned-{name}")).folder();
            let model = open_model(&folder, options.device)?;
            critics.insert(name.clone(), critic(role, &model) as Arc<dyn ValueModel>);
        }
    }
    Ok(critics)
}

/// The newest whole model that the gate kept.
fn model_in_force(run: &RunFolder, options: &crate::options::Options) -> Outcome<Model> {
    let view = View::open(run.path())?;
    let kept = |round: u32| {
        round == 0 || view.rounds.iter().any(|r| r.round == round && r.decision.as_ref().is_some_and(|d| d.promoted))
    };
    let newest = view.rounds.iter().map(|round| round.round).max().unwrap_or(0);
    let found = run.last_good_model(newest, kept);
    match (found.model, &options.model) {
        (Some(checkpoint), _) => open_model(&checkpoint.folder, options.device),
        (None, Some(folder)) => open_merged(folder, options.adapter.as_deref(), options.device),
        (None, None) => Err(RepeatFault::NoModelYet { run: run.path().to_owned() }.into()),
    }
}
