//! Decoding from the cache, on the checkpoints of every family that `golden/families.py` made: the
//! tokens and log-probabilities of transformers, and the bits of scoring.

use std::path::{Path, PathBuf};

use networks::{DeviceKind, device};
use nouns::{Generate, Key, Policy, Request, Sampling, Silent, Vocabulary};
use policy::LocalPolicy;
use serde_json::Value;
use tokens::Tokens;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/tests/families");
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(root).expect("fixtures").map(|e| e.expect("an entry").path()).collect();
    all.sort();
    assert!(all.len() > 10, "{all:?}");
    all
}

/// A policy whose tokenizer is of the right size; it ends answers at a token of its own.
fn policy(folder: &Path) -> LocalPolicy {
    let device = device(DeviceKind::Cpu).expect("the processor");
    let decoder = networks::from_folder(folder, &device).expect("a model");
    let words = (4..decoder.config.vocab_size).map(|word| format!("w{word}")).collect();
    LocalPolicy::new(decoder, Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer"), device, 5)
}

fn golden(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("golden.json")).expect("numbers");
    serde_json::from_str(&text).expect("JSON")
}

fn ids(json: &Value) -> Vec<u32> {
    json.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect()
}

/// An adapter stays beside the weights, so what it makes of a sampled token's log-probability is
/// what scoring and training make.
#[test]
fn with_an_adapter_scoring_has_the_bits_of_sampling() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/tests");
    let device = device(DeviceKind::Cpu).expect("the processor");
    for entry in std::fs::read_dir(root.join("adapters")).expect("fixtures") {
        let adapter = entry.expect("an entry").path();
        let base = root.join("families").join(golden(&adapter)["base"].as_str().expect("a name"));
        let plain = policy(&base);
        let decoder = plain.decoder().clone().with_adapter(&adapter, &device).expect("an adapter");
        let adapted = LocalPolicy::new(decoder, plain.tokens().clone(), device.clone(), 5);
        assert_ne!(plain.digest(), adapted.digest());
        let requests = requests(&[1, 9, 5], 12);
        let completions = adapted.sample(&requests, &Silent).expect("completions");
        let items: Vec<(&[u32], &[u32])> =
            requests.iter().zip(&completions).map(|(asked, got)| (&asked.context[..], &got.tokens[..])).collect();
        let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        let (ours, theirs) = (adapted.score(&items, &Silent), plain.score(&items, &Silent));
        for (scored, completion) in ours.expect("scores").iter().zip(&completions) {
            assert_eq!(bits(scored), bits(&completion.log_probs), "{}", adapter.display());
        }
        assert_ne!(theirs.expect("scores")[0], completions[0].log_probs, "the adapter does something");
    }
}

/// The recorded prompt among others of other lengths, some sampled, so that sequences come and go
/// beside it.
fn requests(prompt: &[u32], length: usize) -> Vec<Request> {
    let request = |n: usize| {
        let context = if n.is_multiple_of(3) { prompt.to_vec() } else { vec![1; 1 + n % 4] };
        let temperature = if n.is_multiple_of(3) { 0.0 } else { 1.0 };
        let max_tokens = if n.is_multiple_of(3) { length } else { 5 + n % 3 } as u32;
        let sampling = Sampling { temperature, max_tokens, ..Sampling::default() };
        Request { context, sampling, key: Key::root(n as u64) }
    };
    (0..8).map(request).collect()
}

#[test]
fn greedy_answers_are_those_of_transformers_and_scoring_has_their_bits() {
    let mut long = 0;
    for folder in folders() {
        let (policy, golden) = (policy(&folder), golden(&folder));
        if golden["prompt"].is_null() {
            continue;
        }
        let (prompt, wanted) = (ids(&golden["prompt"]), ids(&golden["continuation"]));
        let requests = requests(&prompt, wanted.len());
        let completions = policy.sample(&requests, &Silent).expect("completions");
        let greedy = &completions[3];
        assert_eq!(greedy.tokens, wanted[..greedy.tokens.len()], "{}", folder.display());
        long += usize::from(greedy.tokens.len() == wanted.len());
        let recorded = golden["prompt_log_probs"].as_array().expect("numbers");
        for (found, wanted) in greedy.log_probs.iter().zip(recorded) {
            let difference = (f64::from(*found) - wanted.as_f64().expect("a number")).abs();
            assert!(difference < 1e-4, "{}: {difference}", folder.display());
        }
        let items: Vec<(&[u32], &[u32])> =
            requests.iter().zip(&completions).map(|(asked, got)| (&asked.context[..], &got.tokens[..])).collect();
        let scored = policy.score(&items, &Silent).expect("scores");
        for (scored, completion) in scored.iter().zip(&completions) {
            let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(scored), bits(&completion.log_probs), "{}", folder.display());
        }
    }
    // the tokenizer's end is a token like others here, and ends some
    assert!(long >= 10, "{long} continuations go to their end, three windows away");
}
