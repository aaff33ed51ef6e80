//! A small random policy that speaks a world's language, and what attempts are given.

use std::sync::{Arc, Mutex};

use attempt::AttemptPart;
use networks::{Config, Decoder, DeviceKind, device};
use nouns::{
    Answerers, AttemptContext, Check, Completion, Content, Digest, Generate, KeepTrees, Key, Node, Policy, Progress,
    Prompt, Reply, Request, Silent, Split, Stage, Task, Trace, Turn, Verdict, World, generate_by_tokens,
};
use policy::LocalPolicy;
use tokens::Tokens;

/// The world that searches are tried on.
pub(crate) fn world() -> Arc<dyn World> {
    sources::find("chain", &sources::Options::default()).expect("a world")
}

/// Some of its tasks.
pub(crate) fn tasks(count: usize) -> Vec<Task> {
    world().tasks(Split::Train).expect("tasks").into_iter().take(count).collect()
}

/// A random model. It ends a step by chance about once in twenty tokens.
pub(crate) fn policy() -> LocalPolicy {
    let tokens = Tokens::of_vocabulary(&world().language().expect("a language").vocabulary()).expect("a tokenizer");
    let config = format!(
        r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": {},
            "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 160, "rms_norm_eps": 1e-6,
            "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2}}"#,
        tokens.vocabulary_size()
    );
    let device = device(DeviceKind::Cpu).expect("the processor");
    let decoder = Decoder::random(Config::from_json(&config).expect("a config"), &Key::root(5), &device);
    LocalPolicy::new(decoder, tokens, device, 64)
}

/// Gathers trees.
#[derive(Default)]
pub(crate) struct Forest(pub(crate) Mutex<Vec<Vec<Node>>>);

impl KeepTrees for Forest {
    fn keep(&self, tree: Vec<Node>) {
        self.0.lock().expect("one writer").push(tree);
    }
}

/// Judges nothing.
pub(crate) struct NoCheck;

impl Check for NoCheck {
    fn check(&self, _: &Stage, _: &[Task], _: &[Trace]) -> faults::Outcome<Vec<Verdict>> {
        Ok(Vec::new())
    }
}

/// Counts what a policy is asked to generate.
pub(crate) struct Counting {
    inner: LocalPolicy,
    /// Tokens generated.
    pub(crate) tokens: Mutex<u64>,
    /// Sequences of every call.
    pub(crate) calls: Mutex<Vec<usize>>,
}

impl Counting {
    pub(crate) fn new() -> Counting {
        Counting { inner: policy(), tokens: Mutex::new(0), calls: Mutex::new(Vec::new()) }
    }
}

impl Generate for Counting {
    fn digest(&self) -> Digest {
        self.inner.digest()
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> faults::Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for Counting {
    fn encode(&self, context: &[Turn]) -> faults::Outcome<Vec<u32>> {
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

    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> faults::Outcome<Vec<Completion>> {
        let done = self.inner.sample(requests, progress)?;
        self.calls.lock().expect("one caller").push(requests.len());
        *self.tokens.lock().expect("one caller") += done.iter().map(|one| one.tokens.len() as u64).sum::<u64>();
        Ok(done)
    }

    fn score(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> faults::Outcome<Vec<Vec<f32>>> {
        self.inner.score(items, progress)
    }
}

/// The part of this form in a recipe.
pub(crate) fn part(json: &str) -> AttemptPart {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Attempts at these tasks, and the trees they grew.
pub(crate) fn attempt(part: &AttemptPart, policy: &dyn Policy, tasks: &[Task]) -> (Vec<Trace>, Vec<Vec<Node>>) {
    attempt_behind(part, policy, &NoCheck, tasks, Vec::new())
}

/// The same after earlier attempts, with a judge.
pub(crate) fn attempt_behind(
    part: &AttemptPart,
    policy: &dyn Policy,
    checker: &dyn Check,
    tasks: &[Task],
    earlier: Vec<Trace>,
) -> (Vec<Trace>, Vec<Vec<Node>>) {
    attempt_among(part, policy, &Answerers::new(), checker, tasks, earlier).expect("traces")
}

/// The same with models beside the policy.
pub(crate) fn attempt_among(
    part: &AttemptPart,
    policy: &dyn Policy,
    models: &Answerers,
    checker: &dyn Check,
    tasks: &[Task],
    earlier: Vec<Trace>,
) -> faults::Outcome<(Vec<Trace>, Vec<Vec<Node>>)> {
    let (world, forest) = (world(), Forest::default());
    let oracle = world.oracle();
    let cx = AttemptContext {
        policy,
        models,
        checker,
        world: world.as_ref(),
        oracle: part.needs_oracle().then_some(oracle.as_ref()),
        value: None,
        trees: &forest,
        held_out: &|_| false,
    };
    let stage = Stage { round: 1, key: Key::root(3), progress: &Silent };
    let traces = part.attempt(&stage, &cx, tasks, earlier)?;
    Ok((traces, forest.0.into_inner().expect("one writer")))
}
