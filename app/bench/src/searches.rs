//! How fast searches grow their trees: all trees together against one sequence at a time, and
//! against the token floor.

use std::sync::Mutex;
use std::time::Instant;

use attempt::{AttemptPart, By, IterativeDeepening, MonteCarloSearch, Ranked, TreeSearch};
use faults::Outcome;
use learn::{LearnPart, Student};
use networks::{Decoder, DeviceKind, ScoreHead, device};
use nouns::{
    AttemptContext, Check, Completion, Content, Digest, Generate, KeepTrees, Key, Learn, Node, Policy, Progress,
    Prompt, Reply, Request, Silent, Split, Stage, Task, Trace, Turn, ValueModel, Verdict, generate_by_tokens,
};
use policy::{LocalCritic, LocalPolicy};
use serde::Serialize;
use std::sync::PoisonError;

use repeat::Base;
use repeat::SLOTS;
use repeat::shape_of_nothing;

/// The world that is searched in, how many of its tasks, and examples from which the model learns
/// to speak at all.
const WORLD: &str = "chain";
const TASKS: usize = 64;
const EXAMPLES: u64 = 4_000;

/// What one search came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchSpeed {
    /// The search.
    pub search: &'static str,
    /// Nodes of all trees, those only looked ahead to among them; of a search without trees the
    /// answers.
    pub nodes: u64,
    /// Tokens generated.
    pub tokens: u64,
    /// Sequences that are in a decoding step, on average.
    pub batch: f64,
    /// Nodes per second, all trees stepped together.
    pub nodes_per_second: f64,
    /// Nodes per second of the same search, in which every sequence is drawn and valued by itself.
    pub alone: f64,
    /// The share of the time in which plain answers of as many tokens would be decoded in full
    /// batches: 1 is the floor.
    pub of_floor: f64,
}

/// Measures every search: medians of `repeats`.
pub fn searches(repeats: usize) -> Outcome<Vec<SearchSpeed>> {
    let ground = Ground::new()?;
    let floor = ground.floor(repeats)?;
    let measured = |(name, part): (&'static str, AttemptPart)| ground.measure(name, &part, repeats, floor);
    kinds().into_iter().map(measured).collect()
}

fn kinds() -> Vec<(&'static str, AttemptPart)> {
    let tree = TreeSearch { branch: 3, keep: 3, value: By::Model, ..TreeSearch::default() };
    let monte_carlo = MonteCarloSearch { iterations: 8, roll_forward: 1, ..MonteCarloSearch::default() };
    vec![
        ("best of 16", AttemptPart::Ranked(Ranked { value: By::Model, ..Ranked::default() })),
        ("tree, breadth first", AttemptPart::TreeSearch(tree)),
        ("Monte-Carlo tree", AttemptPart::MonteCarlo(monte_carlo)),
        ("iterative deepening", AttemptPart::IterativeDeepening(IterativeDeepening::default())),
    ]
}

/// What searches are measured on: a small model that speaks the world's language, and one that
/// values.
struct Ground {
    world: std::sync::Arc<dyn nouns::World>,
    tasks: Vec<Task>,
    policy: LocalPolicy,
    value: LocalCritic,
}

impl Ground {
    fn new() -> Outcome<Ground> {
        let world = sources::find(WORLD, &sources::Options::default())?;
        let base = Base { examples: EXAMPLES, ..Base::default() };
        let (config, tokens) = shape_of_nothing(&base, world.as_ref())?;
        let device = device(DeviceKind::Cpu)?;
        let key = Key::root(0);
        let lessons = base.lessons(EXAMPLES, &key, world.as_ref(), &tokens, &|_| false)?;
        let student = Student::new(Decoder::random(config, &key, &device), device.clone());
        let mut learner = LearnPart::Imitate(base.learn.clone()).build(student);
        learner.learn(&Stage { round: 0, key, progress: &Silent }, &lessons)?;
        let decoder = learner.into_student().decoder;
        let valuing = decoder.clone().with_scores(ScoreHead::per_token(1), &device)?;
        let value = LocalCritic::new(valuing, networks::digest(&decoder), false);
        let tasks = world.tasks(Split::Train)?.into_iter().take(TASKS).collect();
        Ok(Ground { world, tasks, policy: LocalPolicy::new(decoder, tokens, device, SLOTS), value })
    }

    /// Tokens per second of plain answers, as many at a time as there are places.
    fn floor(&self, repeats: usize) -> Outcome<f64> {
        let part = AttemptPart::Ranked(Ranked { n: (4 * SLOTS / TASKS) as u32, ..Ranked::default() });
        let mut rates = Vec::new();
        for _ in 0..repeats.max(1) {
            let began = Instant::now();
            let tokens = self.attempt(&part, &self.policy, &self.value)?.1;
            rates.push(tokens as f64 / began.elapsed().as_secs_f64());
        }
        Ok(median(rates))
    }

    fn measure(&self, search: &'static str, part: &AttemptPart, repeats: usize, floor: f64) -> Outcome<SearchSpeed> {
        let mut seconds = Vec::new();
        let counting = Counting { inner: &self.policy, steps: Mutex::default() };
        let (nodes, tokens) = self.attempt(part, &counting, &self.value)?;
        for _ in 0..repeats.max(1) {
            let began = Instant::now();
            self.attempt(part, &self.policy, &self.value)?;
            seconds.push(began.elapsed().as_secs_f64());
        }
        let began = Instant::now();
        self.attempt(part, &OneByOne(&self.policy), &OneByOne(&self.value))?;
        let alone = began.elapsed().as_secs_f64();
        let (seconds, steps) = (median(seconds), *counting.steps.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(SearchSpeed {
            search,
            nodes,
            tokens,
            batch: tokens as f64 / steps.max(1) as f64,
            nodes_per_second: nodes as f64 / seconds,
            alone: nodes as f64 / alone,
            of_floor: tokens as f64 / floor / seconds,
        })
    }

    /// Nodes grown, or answers where no tree grows, and tokens generated.
    fn attempt(&self, part: &AttemptPart, policy: &dyn Policy, value: &dyn ValueModel) -> Outcome<(u64, u64)> {
        let grown = Grown::default();
        let cx = AttemptContext {
            policy,
            models: &Default::default(),
            checker: &Unjudged,
            world: self.world.as_ref(),
            oracle: None,
            value: Some(value),
            trees: &grown,
            held_out: &|_| false,
        };
        let stage = Stage { round: 1, key: Key::root(1), progress: &Silent };
        let traces = part.attempt(&stage, &cx, &self.tasks, Vec::new())?;
        let tokens = traces.iter().map(|trace| trace.cost.generated_tokens).sum();
        let nodes = *grown.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((if nodes == 0 { traces.len() as u64 } else { nodes }, tokens))
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Counts nodes, roots aside.
#[derive(Default)]
struct Grown(Mutex<u64>);

impl KeepTrees for Grown {
    fn keep(&self, tree: Vec<Node>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += tree.len() as u64 - 1;
    }
}

/// Nobody judges.
struct Unjudged;

impl Check for Unjudged {
    fn check(&self, _: &Stage, _: &[Task], _: &[Trace]) -> Outcome<Vec<Verdict>> {
        Ok(Vec::new())
    }
}

/// Counts the decoding steps of a policy: a call takes as many as its longest sequence has tokens,
/// or as its places need for all.
struct Counting<'a> {
    inner: &'a LocalPolicy,
    steps: Mutex<u64>,
}

/// Does one thing at a time: the same results, without any batch.
struct OneByOne<'a, T: ?Sized>(&'a T);

impl ValueModel for OneByOne<'_, LocalCritic> {
    fn digest(&self) -> Digest {
        self.0.digest()
    }

    fn values(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<f64>> {
        let each = items.iter().map(|&item| self.0.values(&[item], progress));
        Ok(each.collect::<Outcome<Vec<_>>>()?.concat())
    }
}

impl Generate for Counting<'_> {
    fn digest(&self) -> Digest {
        self.inner.digest()
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for Counting<'_> {
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        self.inner.encode(context)
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.inner.encode_fragment(text)
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        self.inner.decode(tokens)
    }

    fn context_length(&self) -> usize {
        self.inner.context_length()
    }

    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> Outcome<Vec<Completion>> {
        let done = self.inner.sample(requests, progress)?;
        let lengths = || done.iter().map(|one| one.tokens.len() as u64);
        let needed = lengths().sum::<u64>().div_ceil(SLOTS as u64);
        *self.steps.lock().unwrap_or_else(PoisonError::into_inner) += lengths().max().unwrap_or(0).max(needed);
        Ok(done)
    }

    fn score(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        self.inner.score(items, progress)
    }
}

impl Generate for OneByOne<'_, LocalPolicy> {
    fn digest(&self) -> Digest {
        self.0.digest()
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for OneByOne<'_, LocalPolicy> {
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        self.0.encode(context)
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.0.encode_fragment(text)
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        self.0.decode(tokens)
    }

    fn context_length(&self) -> usize {
        self.0.context_length()
    }

    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> Outcome<Vec<Completion>> {
        let each = requests.iter().map(|request| self.0.sample(std::slice::from_ref(request), progress));
        Ok(each.collect::<Outcome<Vec<_>>>()?.concat())
    }

    fn score(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        self.0.score(items, progress)
    }
}
