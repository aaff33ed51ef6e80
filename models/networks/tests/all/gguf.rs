//! GGUF files of every architecture (golden/gguf_models.py): the configuration that transformers
//! wrote, and the logits that it computed.

use std::path::{Path, PathBuf};

use networks::{Config, Decoder};
use serde_json::{Map, Value};

use crate::fixtures::{after, close, cpu};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gguf");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "gguf"));
    files.sort();
    assert_eq!(files.len(), 11);
    files
}

fn golden(file: &Path) -> Value {
    let text = std::fs::read_to_string(file.with_extension("json")).expect("numbers");
    serde_json::from_str(&text).expect("JSON")
}

fn decoder(file: &Path) -> Decoder {
    networks::from_folder(file, &cpu()).expect("a model")
}

#[test]
fn a_file_has_the_configuration_that_its_folder_had() {
    for file in files() {
        let wanted = Config::from_json(&golden(&file)["config"].to_string()).expect("a configuration");
        let found = networks::read_config(&file).expect("a configuration");
        let shape = |config: &Config| Config { source: Map::new(), ..config.clone() };
        assert_eq!(shape(&found), shape(&wanted), "{}", file.display());
        assert_eq!(found.parameters(), networks::formats(&file).expect("formats").values().sum::<u64>());
    }
}

#[test]
fn logits_are_those_of_transformers() {
    for file in files() {
        let (golden, decoder) = (golden(&file), decoder(&file));
        let ids: Vec<u32> = crate::fixtures::ids(&golden["input_ids"]);
        for (back, row) in golden["logits"].as_array().expect("rows").iter().rev().enumerate() {
            let logits: Vec<f64> =
                row.as_array().expect("logits").iter().map(|x| x.as_f64().expect("a number")).collect();
            let norm = logits.iter().map(|x| x.exp()).sum::<f64>().ln();
            let wanted: Vec<f64> = logits.iter().map(|x| x - norm).collect();
            close(&after(&decoder, &ids[..ids.len() - back]), &wanted, &format!("{} {back} back", file.display()));
        }
    }
}

fn bits(decoder: &Decoder) -> Vec<u32> {
    let mut bits: Vec<u32> = Vec::new();
    decoder.visit(&mut |_, weight| {
        let values = match weight {
            networks::Weight::Vector(vector) => networks::values(vector),
            networks::Weight::Matrix(matrix) | networks::Weight::Table(matrix) => networks::values(matrix),
        };
        bits.extend(values.iter().map(|x| x.to_bits()));
    });
    bits
}

/// A tokenizer of three tokens.
const TOKENIZER: &str = r#"{"added_tokens": [], "normalizer": null, "post_processor": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}}"#;

/// Written as GGUF and read again: the same model to the bit in F32, and in Q8_0 too, because the
/// matrices were of whole blocks of it. Norms of Gemma take the way over their 1.
#[test]
fn a_file_goes_out_as_it_came_in() {
    let texts = [("tokenizer.json".to_owned(), TOKENIZER.as_bytes().to_vec())];
    for file in files() {
        let first = decoder(&file);
        for kind in [gguf::Kind::F32, gguf::Kind::Q8_0] {
            let bytes = networks::to_gguf(&first, kind, &texts).expect("a file");
            let again = gguf::Gguf::of_bytes(&bytes, &file).expect("a file");
            let again = networks::from_gguf(again, &cpu()).expect("a model");
            let shape = |config: &Config| Config { source: Map::new(), ..config.clone() };
            assert_eq!(shape(&first.config), shape(&again.config), "{}", file.display());
            assert!(bits(&first) == bits(&again), "{} as {}", file.display(), kind.word());
        }
    }
}

#[test]
fn what_llama_cpp_would_compute_otherwise_is_not_written() {
    let texts = [("tokenizer.json".to_owned(), TOKENIZER.as_bytes().to_vec())];
    let refused = |name: &str, wanted: &str| {
        let decoder = crate::fixtures::decoder(&crate::fixtures::folder(name));
        let fault = networks::to_gguf(&decoder, gguf::Kind::F32, &texts).expect_err("a fault").to_string();
        assert!(fault.contains(wanted), "{name}: {fault}");
    };
    refused("gpt2", "GPT2LMHeadModel");
    refused("mistral", "MistralForCausalLM");
    refused("qwen2", "sliding window");
    refused("llama-dynamic", "dynamic");
    refused("gemma2", "query_pre_attn_scalar");
}

/// Mixtral is `llama` with experts; the newer ones have names of their own.
#[test]
fn a_mixture_of_experts_is_refused_as_one() {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let (string, number) = (8u32.to_le_bytes(), 4u32.to_le_bytes());
    for name in ["llama", "qwen3moe", "llama4"] {
        let mut bytes = [b"GGUF".to_vec(), 3u32.to_le_bytes().to_vec(), 0u64.to_le_bytes().to_vec()].concat();
        bytes.extend([&2u64.to_le_bytes()[..], &text("general.architecture"), &string, &text(name)].concat());
        bytes.extend([&text(&format!("{name}.expert_count"))[..], &number, &8u32.to_le_bytes()].concat());
        let fault = gguf::Gguf::of_bytes(&bytes, Path::new("a.gguf")).err().expect("a fault");
        assert_eq!(fault.to_string(), format!("a.gguf: `{name}` with a mixture of experts is not supported"));
        assert!(faults::Fault::hint(&fault).is_some_and(|hint| hint.contains("dense")));
    }
}

/// What is saved in f32 is the file's model to the bit.
#[test]
fn what_is_saved_is_the_same_model() {
    for file in files() {
        let first = decoder(&file);
        let files = networks::to_files(&first, networks::NumberFormat::F32).expect("files");
        let named = |name: &str| &files.iter().find(|(own, _)| own == name).expect("a file").1;
        let config = Config::from_json(&String::from_utf8_lossy(named("config.json"))).expect("a configuration");
        let again = networks::from_safetensors(config, named("model.safetensors"), &file, &cpu()).expect("a model");
        assert!(bits(&first) == bits(&again), "{}", file.display());
    }
}
