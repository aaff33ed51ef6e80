//! The same numbers as transformers, on checkpoints that it made: see `golden/llama.py`.

use std::path::{Path, PathBuf};

use models::{Decoder, Device, DeviceKind, Packed, device};

fn variants() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).expect("fixtures").map(|e| e.expect("an entry").path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn cpu() -> Device {
    device(DeviceKind::Cpu).expect("a processor")
}

#[test]
fn a_checkpoint_comes_back_byte_for_byte_in_meaning() {
    for folder in variants() {
        let decoder = models::from_folder(&folder, &cpu()).expect("a model");
        let bytes = models::to_safetensors(&decoder).expect("weights");
        let again = models::from_safetensors(decoder.config.clone(), &bytes, &folder, &cpu()).expect("a model");
        assert_eq!(models::digest(&decoder), models::digest(&again), "{}", folder.display());
    }
}

#[test]
fn a_truncated_or_garbled_file_is_a_fault_and_never_a_panic() {
    let folder = &variants()[0];
    let decoder = models::from_folder(folder, &cpu()).expect("a model");
    let bytes = models::to_safetensors(&decoder).expect("weights");
    for length in [0, 4, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            models::from_safetensors(decoder.config.clone(), &bytes[..length], folder, &cpu()).is_err(),
            "{length}"
        );
    }
    let mut huge = bytes.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(models::from_safetensors(decoder.config.clone(), &huge, folder, &cpu()).is_err());
}

/// Log-probability of every token after the first, in each sequence.
fn log_probs(decoder: &Decoder, sequences: &[Vec<u32>]) -> Vec<Vec<f32>> {
    let packed = Packed::of(sequences.iter().cloned());
    let rows = models::values(&packed.log_probs(decoder));
    packed.segments.iter().map(|segment| rows[segment.start..segment.start + segment.len - 1].to_vec()).collect()
}

fn recorded(folder: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join("golden.json")).expect("numbers");
    serde_json::from_str(&text).expect("JSON")
}

fn ids(json: &serde_json::Value) -> Vec<u32> {
    json.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect()
}

fn numbers(json: &serde_json::Value) -> Vec<f64> {
    json.as_array().expect("numbers").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn close(found: &[f32], wanted: &[f64], what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let worst = found.iter().zip(wanted).map(|(f, w)| (f64::from(*f) - w).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-4, "{what}: {worst}");
}

#[test]
fn log_probabilities_are_those_of_transformers() {
    for folder in variants() {
        let (decoder, golden) = (models::from_folder(&folder, &cpu()).expect("a model"), recorded(&folder));
        let sequences: Vec<Vec<u32>> = golden["input_ids"].as_array().expect("sequences").iter().map(ids).collect();
        let found = log_probs(&decoder, &sequences);
        for (found, wanted) in found.iter().zip(golden["log_probs"].as_array().expect("sequences")) {
            close(found, &numbers(wanted), &folder.display().to_string());
        }
    }
}

/// The logits of transformers, as log-softmax: the whole distribution after each prefix of the first sequence.
#[test]
fn distributions_are_those_of_transformers() {
    for folder in variants() {
        let (decoder, golden) = (models::from_folder(&folder, &cpu()).expect("a model"), recorded(&folder));
        let sequence = ids(&golden["input_ids"][0]);
        for (place, logits) in golden["logits"][0].as_array().expect("rows").iter().enumerate() {
            let logits = numbers(logits);
            let top = logits.iter().copied().fold(f64::MIN, f64::max);
            let sum = top + logits.iter().map(|logit| (logit - top).exp()).sum::<f64>().ln();
            let wanted: Vec<f64> = logits.iter().map(|logit| logit - sum).collect();
            close(&after(&decoder, &sequence[..=place]), &wanted, &folder.display().to_string());
        }
    }
}

/// Log-probability of every token of the vocabulary after a prefix.
fn after(decoder: &Decoder, prefix: &[u32]) -> Vec<f32> {
    let candidates = (0..decoder.config.vocab_size as u32).map(|token| [prefix, &[token]].concat());
    let scored = log_probs(decoder, &candidates.collect::<Vec<_>>());
    scored.into_iter().map(|tokens| tokens[prefix.len() - 1]).collect()
}

#[test]
fn greedy_continuations_are_those_of_transformers() {
    for folder in variants() {
        let (decoder, golden) = (models::from_folder(&folder, &cpu()).expect("a model"), recorded(&folder));
        let mut sequence = ids(&golden["prompt"]);
        for wanted in ids(&golden["continuation"]) {
            let scores = after(&decoder, &sequence);
            let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).expect("a vocabulary");
            assert_eq!(best as u32, wanted, "{}: after {sequence:?}", folder.display());
            sequence.push(wanted);
        }
    }
}
