//! Folders that nobody should have made: each is a fault that says what is wrong, and none takes
//! more memory than its files.

use std::path::Path;

use faults::Fault;
use networks::{Config, Decoder, ModelFault};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::{cpu, decoder, folder, recorded};

/// A copy of a fixture that a test may damage.
fn copy(name: &str) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(folder(name)).expect("a fixture") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.path().join(path.file_name().expect("a name"))).expect("a copy");
    }
    to
}

fn fault(folder: &Path) -> String {
    let fault = networks::from_folder(folder, &cpu()).expect_err("a fault");
    assert!(fault.hint().is_some(), "{fault}");
    fault.to_string()
}

/// What is said of a fixture whose configuration was changed.
fn with_config(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let copy = copy(name);
    let path = copy.path().join("config.json");
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
    change(&mut json);
    std::fs::write(&path, json.to_string()).expect("written");
    fault(copy.path())
}

/// What is said of weights with this header before these bytes.
fn with_header(header: &str, body: &[u8]) -> String {
    let copy = copy("qwen3");
    let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), body].concat();
    std::fs::write(copy.path().join("model.safetensors"), bytes).expect("written");
    fault(copy.path())
}

fn contains(found: &str, wanted: &str) {
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn headers_that_lie_are_refused() {
    let tensor =
        |shape: &str, from: u64, to: u64| format!(r#"{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}"#);
    let two = |a: String, b: String| format!(r#"{{"a":{a},"b":{b}}}"#);
    let overlapping = two(tensor("[2]", 0, 8), tensor("[2]", 4, 12));
    contains(&with_header(&overlapping, &[0; 12]), "invalid offset");
    let gap = two(tensor("[2]", 0, 8), tensor("[2]", 12, 20));
    contains(&with_header(&gap, &[0; 20]), "invalid offset");
    let backwards = two(tensor("[2]", 0, 8), tensor("[2]", 8, 0));
    contains(&with_header(&backwards, &[0; 8]), "invalid offset");
    let huge = format!(r#"{{"a":{}}}"#, tensor("[4611686018427387904]", 0, u64::MAX));
    with_header(&huge, &[0; 8]);
    let overflowing = format!(r#"{{"a":{}}}"#, tensor("[4294967296,4294967296,4]", 0, 0));
    with_header(&overflowing, &[]);
    let wrong_size = format!(r#"{{"a":{}}}"#, tensor("[3]", 0, 8));
    with_header(&wrong_size, &[0; 8]);
    let beyond_the_file = format!(r#"{{"a":{}}}"#, tensor("[268435456]", 0, 1 << 30));
    contains(&with_header(&beyond_the_file, &[0; 8]), "1073741824");
    contains(&with_header("[1, 2", &[]), "model.safetensors");
    contains(&with_header("{}", &[]), "model.embed_tokens.weight");
    contains(&with_header(&format!(r#"{{"a":{}"#, "[".repeat(100_000)), &[]), "model.safetensors");
}

#[test]
fn lengths_of_headers_that_lie_are_refused() {
    for claimed in [u64::MAX, 1 << 62, 1 << 40, 33 << 20, 1000] {
        let copy = copy("qwen3");
        let bytes = [&claimed.to_le_bytes()[..], b"{}"].concat();
        std::fs::write(copy.path().join("model.safetensors"), bytes).expect("written");
        contains(&fault(copy.path()), &claimed.to_string());
    }
}

#[test]
fn cut_off_files_are_refused_at_every_length() {
    let copy = copy("llama-yarn");
    let path = copy.path().join("model.safetensors");
    let bytes = std::fs::read(&path).expect("a file");
    for length in [0, 1, 7, 8, 100, 1500, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).expect("written");
        fault(copy.path());
    }
    std::fs::write(&path, [&bytes[..], &[0]].concat()).expect("written");
    contains(&fault(copy.path()), "header claims");
}

#[test]
fn a_cut_off_or_absent_shard_is_named() {
    let shard = "model-00002-of-00003.safetensors";
    let copy = copy("mistral");
    let path = copy.path().join(shard);
    let bytes = std::fs::read(&path).expect("a file");
    std::fs::write(&path, &bytes[..bytes.len() - 3]).expect("written");
    contains(&fault(copy.path()), shard);
    std::fs::remove_file(&path).expect("removed");
    contains(&fault(copy.path()), shard);
}

/// What is said of an index whose map was changed.
fn with_index(change: impl FnOnce(&mut Value)) -> String {
    let copy = copy("mistral");
    let path = copy.path().join("model.safetensors.index.json");
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
    change(&mut json["weight_map"]);
    std::fs::write(&path, json.to_string()).expect("written");
    fault(copy.path())
}

#[test]
fn an_index_does_not_lead_out_of_its_folder() {
    for path in ["../model.safetensors", "/etc/passwd", "a/b.safetensors", "..", ".", "", "a\\b", "a\0b"] {
        contains(
            &with_index(|map| map["model.norm.weight"] = json!(path)),
            "is not the name of a file beside the index",
        );
    }
    contains(&with_index(|map| map["model.norm.weight"] = json!(7)), "model.norm.weight");
    contains(&with_index(|map| *map = json!([])), "weight_map");
    contains(&with_index(|map| map["invented"] = json!("model-00001-of-00003.safetensors")), "invented");
}

#[test]
fn absurd_sizes_are_refused_by_their_figures() {
    let trillion = json!(1_000_000_000_000u64);
    for key in
        ["hidden_size", "vocab_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "head_dim"]
    {
        let found = with_config("llama-yarn", |json| json[key] = trillion.clone());
        contains(&found, key);
        contains(&found, "1000000000000");
        contains(&with_config("llama-yarn", |json| json[key] = json!(0)), &format!("{key} is 0"));
        contains(&with_config("llama-yarn", |json| json[key] = json!(-4)), &format!("{key} is -4"));
        contains(&with_config("llama-yarn", |json| json[key] = json!("many")), &format!("{key} is \"many\""));
    }
    // within what a field may hold, but not what the file holds: shapes are compared before anything is set aside
    for (key, size) in [("hidden_size", 1 << 26), ("vocab_size", 1 << 28), ("intermediate_size", 1 << 28)] {
        contains(&with_config("llama-yarn", |json| json[key] = json!(size)), &size.to_string());
    }
    contains(&with_config("llama-yarn", |json| json["num_hidden_layers"] = json!(4096)), "model.layers.2.");
    contains(&with_config("gpt2", |json| json["n_layer"] = trillion.clone()), "n_layer");
    contains(&with_config("gpt2", |json| json["n_head"] = json!(64)), "head_dim is 0");
    contains(&with_config("gpt2", |json| json["n_positions"] = json!(1 << 28)), "wpe");
    contains(&with_config("llama-yarn", |json| json["num_key_value_heads"] = json!(3)), "num_key_value_heads 3");
    contains(&with_config("llama-yarn", |json| json["head_dim"] = json!(7)), "head_dim 7");
}

/// A context of a hundred million tokens costs nothing until somebody asks for them.
#[test]
fn a_long_context_costs_nothing_by_itself() {
    let config = networks::read_config(&folder("qwen3")).expect("a configuration");
    let config = Config { max_position_embeddings: 1 << 28, ..config };
    let bytes = std::fs::read(folder("qwen3").join("model.safetensors")).expect("weights");
    let long = networks::from_safetensors(config, &bytes, Path::new("long"), &cpu()).expect("a model");
    let short = decoder(&folder("qwen3"));
    let sequence = vec![1, 5, 9, 4];
    let both = [&long, &short].map(|decoder| crate::fixtures::log_probs(decoder, std::slice::from_ref(&sequence)));
    assert_eq!(both[0], both[1]);
}

#[test]
fn what_is_not_supported_is_named_with_what_is() {
    for name in ["MambaForCausalLM", "Gemma3ForConditionalGeneration"] {
        let copy = copy("qwen3");
        std::fs::write(copy.path().join("config.json"), json!({ "architectures": [name] }).to_string())
            .expect("written");
        let fault = networks::from_folder(copy.path(), &cpu()).expect_err("a fault");
        contains(&fault.to_string(), name);
        contains(&fault.hint().expect("a hint"), "Qwen3ForCausalLM, SmolLM3ForCausalLM");
    }
    let rope = |kind: &str| json!({ "rope_type": kind, "rope_theta": 1e4, "factor": 2.0 });
    let found = with_config("llama-yarn", |json| json["rope_parameters"] = rope("spiral"));
    contains(&found, "`spiral` is not supported; supported are default, linear, dynamic, llama3, yarn, longrope");
    contains(&with_config("llama-yarn", |json| json["rope_parameters"] = rope("llama3")), "low_freq_factor is null");
    contains(&with_config("phi3", |json| json["rope_scaling"]["long_factor"] = json!([1.0])), "list of 3");
    contains(&with_config("llama-yarn", |json| json["hidden_act"] = json!("relu6")), "`relu6`; supported are silu");
    contains(&with_config("qwen3", |json| json["layer_types"] = json!(["full_attention"])), "1 entries for 2 layers");
    contains(&with_config("qwen3", |json| json["layer_types"][0] = json!("linear_attention")), "linear_attention");
    contains(&with_config("gpt2", |json| json["scale_attn_by_inverse_layer_idx"] = json!(true)), "only false");
    contains(&with_config("gemma3", |json| json["use_bidirectional_attention"] = json!(true)), "only false");
    contains(&with_config("qwen3", |json| json["quantization_config"] = json!({ "bits": 4 })), "quantization_config");
    contains(&with_config("qwen3", |json| *json = json!([])), "config.json");
}

#[test]
fn a_refused_family_is_named_with_what_its_layers_need() {
    let refused = |config: serde_json::Value, wanted: &str| {
        let copy = copy("qwen3");
        std::fs::write(copy.path().join("config.json"), config.to_string()).expect("written");
        let fault = networks::from_folder(copy.path(), &cpu()).expect_err("a fault");
        contains(&fault.to_string(), &format!("is not supported: {wanted}"));
        contains(&fault.hint().expect("a hint"), "dense decoders with softmax attention");
    };
    let named = |name: &str| json!({ "architectures": [name] });
    for name in ["Mixtral", "Qwen2Moe", "Qwen3Moe", "Llama4", "Olmoe", "GptOss", "DeepseekV3"] {
        refused(named(&format!("{name}ForCausalLM")), "its feed-forward layers are mixtures of experts");
    }
    refused(named("Qwen3_5ForCausalLM"), "it has layers of linear attention");
    refused(named("Qwen3_5ForConditionalGeneration"), "it has layers of linear attention");
    refused(named("Qwen3_5MoeForCausalLM"), "its feed-forward layers are mixtures of experts, and it has layers");
    refused(named("Gemma4ForConditionalGeneration"), "it has norms of values");
    let fields = |key: &str, value: serde_json::Value| json!({ "architectures": ["NewForCausalLM"], key: value });
    refused(fields("num_local_experts", json!(8)), "its feed-forward layers are mixtures of experts");
    refused(fields("layer_types", json!(["full_attention", "linear_attention"])), "it has layers of linear attention");
    refused(fields("text_config", json!({ "n_routed_experts": 64 })), "its feed-forward layers are mixtures");
    refused(fields("hidden_size_per_layer_input", json!(256)), "it has embeddings of tokens for each layer");
}

#[test]
fn tensors_that_do_not_belong_are_named() {
    contains(&with_config("qwen2", |json| json["tie_word_embeddings"] = json!(false)), "`lm_head.weight` is missing");
    let found = with_config("llama-linear", |json| json["num_hidden_layers"] = json!(2));
    contains(&found, "`model.layers.1.input_layernorm.weight` is missing");
    let found = with_config("llama-yarn", |json| json["num_hidden_layers"] = json!(1));
    contains(&found, "`model.layers.1.");
    contains(&found, "does not belong");
    contains(
        &with_config("phi3", |json| json["num_key_value_heads"] = json!(4)),
        "qkv_proj.weight` has shape [64, 32]",
    );
    contains(&with_config("olmo2", |json| json["attention_bias"] = json!(false)), "bias` does not belong");
    let integers = r#"{"model.embed_tokens.weight":{"dtype":"I32","shape":[64,32],"data_offsets":[0,8192]}}"#;
    contains(&with_header(integers, &[0; 8192]), "`model.embed_tokens.weight` is stored as I32");
}

/// A folder whose bytes were changed at random: a fault, or a model that computes something.
fn survives(name: &str, file: &str, changes: &[(usize, u8)]) -> Result<(), TestCaseError> {
    let from = folder(name);
    let mut files: [Vec<u8>; 2] =
        ["config.json", "model.safetensors"].map(|file| std::fs::read(from.join(file)).expect("a file"));
    let changed = &mut files[usize::from(file != "config.json")];
    // most of a file of weights is numbers; its header is what can be broken
    let reach = changed.len().min(3000);
    changes.iter().for_each(|(at, byte)| changed[at % reach] = *byte);
    let loaded = Config::from_json(&String::from_utf8_lossy(&files[0]))
        .and_then(|config| networks::from_safetensors(config, &files[1], Path::new("mutated"), &cpu()));
    computes(loaded)
}

fn computes(loaded: Result<Decoder, ModelFault>) -> Result<(), TestCaseError> {
    if let Ok(decoder) = loaded {
        prop_assert_eq!(crate::fixtures::log_probs(&decoder, &[vec![1, 5, 9]])[0].len(), 2);
        prop_assert!(!decoder.config.to_json(networks::NumberFormat::F32).is_null());
    }
    Ok(())
}

const MUTATED: [&str; 5] = ["gemma3", "phi3", "gpt2", "llama-llama3", "smollm3"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_never_crash(
        name in prop::sample::select(&MUTATED[..]),
        file in prop::sample::select(&["config.json", "model.safetensors"][..]),
        changes in prop::collection::vec((0usize..3000, any::<u8>()), 1..4),
    ) {
        survives(name, file, &changes)?;
    }

    #[test]
    fn changed_figures_never_crash(
        name in prop::sample::select(&MUTATED[..]),
        at in 0usize..3000,
        digits in "[0-9]{1,3}",
    ) {
        let length = std::fs::read(folder(name).join("config.json")).expect("a file").len();
        let changes: Vec<(usize, u8)> = digits.bytes().enumerate().map(|(i, byte)| ((at + i) % length, byte)).collect();
        survives(name, "config.json", &changes)?;
    }
}

#[test]
fn every_fixture_says_who_made_it() {
    for folder in crate::fixtures::folders() {
        assert!(recorded(&folder)["made_by"].as_str().is_some_and(|script| script.starts_with("golden/")));
    }
}

#[test]
fn a_gguf_file_that_is_not_there_is_named() {
    let fault = networks::read_config(Path::new("some/model.gguf")).expect_err("a fault");
    contains(&fault.to_string(), "some/model.gguf");
}
