//! The committed checkpoints and what transformers computes with them: see `golden/llama.py` and
//! `golden/families.py`.

use std::path::{Path, PathBuf};

use networks::{Decoder, Device, DeviceKind, Packed, device};
use serde_json::Value;

pub(crate) fn cpu() -> Device {
    device(DeviceKind::Cpu).expect("a processor")
}

/// Every folder, of Llama and of the families.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for group in ["tests/golden", "tests/families"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(group);
        all.extend(std::fs::read_dir(root).expect("fixtures").map(|entry| entry.expect("an entry").path()));
    }
    all.retain(|path| path.is_dir());
    all.sort();
    assert!(all.len() > 10, "{all:?}");
    all
}

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/families").join(name)
}

pub(crate) fn recorded(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("golden.json")).expect("numbers");
    serde_json::from_str(&text).expect("JSON")
}

/// The decoder of a folder; for its whole context where the numbers were recorded so.
pub(crate) fn decoder(folder: &Path) -> Decoder {
    if recorded(folder)["context"].is_null() {
        return networks::from_folder(folder, &cpu()).expect("a model");
    }
    let config = networks::read_config(folder).expect("a configuration").stretched();
    let bytes = std::fs::read(folder.join("model.safetensors")).expect("weights");
    networks::from_safetensors(config, &bytes, folder, &cpu()).expect("a model")
}

pub(crate) fn ids(json: &Value) -> Vec<u32> {
    json.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect()
}

pub(crate) fn numbers(json: &Value) -> Vec<f64> {
    json.as_array().expect("numbers").iter().map(|number| number.as_f64().expect("a number")).collect()
}

pub(crate) fn close(found: &[f32], wanted: &[f64], what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let worst = found.iter().zip(wanted).map(|(f, w)| (f64::from(*f) - w).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-4, "{what}: {worst}");
}

/// Log-probability of every token after the first, in each sequence.
pub(crate) fn log_probs(decoder: &Decoder, sequences: &[Vec<u32>]) -> Vec<Vec<f32>> {
    let packed = Packed::of(sequences.iter().cloned());
    let rows = networks::values(&packed.log_probs(decoder));
    packed.sequences.iter().map(|segment| rows[segment.start..segment.start + segment.len - 1].to_vec()).collect()
}

/// Log-probability of every token of the vocabulary after a prefix.
pub(crate) fn after(decoder: &Decoder, prefix: &[u32]) -> Vec<f32> {
    let candidates = (0..decoder.config.vocab_size as u32).map(|token| [prefix, &[token]].concat());
    let scored = log_probs(decoder, &candidates.collect::<Vec<_>>());
    scored.into_iter().map(|tokens| tokens[prefix.len() - 1]).collect()
}
