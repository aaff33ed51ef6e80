//! Adapters that PEFT made: the same numbers as peft and torch (`golden/lora.py`), files that come
//! out as they went in, and adapters that nobody should have made.

use std::path::{Path, PathBuf};

use faults::Fault;
use networks::{Decoder, Lora, NumberFormat, adapter_files};
use nouns::Key;
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::fixtures::{after, close, cpu, folder, ids, log_probs, numbers, recorded};

fn adapters() -> Vec<PathBuf> {
    within("tests/adapters")
}

/// Those that are merged as they are read: DoRA, modules saved whole.
fn merged_ones() -> Vec<PathBuf> {
    within("tests/adapters-merged")
}

fn within(root: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(root).expect("fixtures").map(|e| e.expect("an entry").path()).collect();
    all.sort();
    assert!(all.len() >= 5, "{all:?}");
    all
}

fn base(adapter: &Path) -> Decoder {
    let name = recorded(adapter)["base"].as_str().expect("a name").to_owned();
    networks::from_folder(&folder(&name), &cpu()).expect("a model")
}

fn adapted(adapter: &Path) -> Decoder {
    base(adapter).with_adapter(adapter, &cpu()).expect("an adapter")
}

/// Against what peft computed, with the adapter beside the weights and merged into them.
#[test]
fn distributions_are_those_of_peft_beside_the_weights_and_merged() {
    for adapter in adapters().into_iter().chain(merged_ones()) {
        let (golden, what) = (recorded(&adapter), adapter.display().to_string());
        let sequences: Vec<Vec<u32>> = golden["input_ids"].as_array().expect("sequences").iter().map(ids).collect();
        for decoder in [adapted(&adapter), adapted(&adapter).merged()] {
            for (found, wanted) in
                log_probs(&decoder, &sequences).iter().zip(golden["log_probs"].as_array().expect("rows"))
            {
                close(found, &numbers(wanted), &what);
            }
            for (place, logits) in ids(&golden["logits_at"]).into_iter().zip(golden["logits"].as_array().expect("rows"))
            {
                let logits = numbers(logits);
                let top = logits.iter().copied().fold(f64::MIN, f64::max);
                let sum = top + logits.iter().map(|logit| (logit - top).exp()).sum::<f64>().ln();
                let wanted: Vec<f64> = logits.iter().map(|logit| logit - sum).collect();
                close(&after(&decoder, &sequences[0][..=place as usize]), &wanted, &what);
            }
        }
    }
}

#[test]
fn magnitudes_and_whole_modules_leave_no_adapter_and_come_back_from_a_folder() {
    for adapter in merged_ones() {
        let decoder = adapted(&adapter);
        assert!(decoder.adapter().is_none() && Lora::from_folder(&adapter).expect("one").merges().is_some());
        assert_ne!(networks::digest(&decoder), networks::digest(&base(&adapter)));
        let out = tempfile::tempdir().expect("a folder");
        for (name, bytes) in networks::to_files(&decoder, NumberFormat::F32).expect("files") {
            std::fs::write(out.path().join(name), bytes).expect("written");
        }
        let again = networks::from_folder(out.path(), &cpu()).expect("a model");
        assert_eq!(networks::digest(&again), networks::digest(&decoder), "{}", adapter.display());
    }
}

#[test]
fn modules_have_the_ranks_of_their_patterns() {
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adapters/qwen3-ranks");
    let mut ranks = Vec::new();
    adapted(&adapter).visit_trained(&mut |name, weight| {
        if let (true, networks::Weight::Matrix(matrix)) = (name.contains("lora_A"), weight) {
            ranks.push(matrix.dims()[1]);
        }
    });
    assert_eq!(ranks, [4, 4, 6, 2, 4, 6], "q_proj, v_proj and down_proj of two layers");
}

#[test]
fn an_adapter_goes_out_as_it_came_in() {
    for adapter in adapters() {
        let decoder = adapted(&adapter);
        let out = tempfile::tempdir().expect("a folder");
        for (name, bytes) in adapter_files(&decoder).expect("files") {
            std::fs::write(out.path().join(name), bytes).expect("written");
        }
        let read = |folder: &Path| std::fs::read(folder.join("adapter_model.safetensors")).expect("weights");
        let (theirs, ours) = (read(&adapter), read(out.path()));
        let list = |bytes: &[u8]| -> Vec<(String, Vec<usize>, Vec<u8>)> {
            let file = SafeTensors::deserialize(bytes).expect("tensors");
            let mut all: Vec<_> = file
                .iter()
                .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), view.data().to_vec()))
                .collect();
            all.sort();
            all
        };
        assert!(list(&theirs) == list(&ours), "{}", adapter.display());
        let json = |folder: &Path| -> Value {
            serde_json::from_slice(&std::fs::read(folder.join("adapter_config.json")).expect("a file")).expect("JSON")
        };
        let sorted = |mut config: Value| {
            let list = config["target_modules"].as_array_mut().expect("a list");
            list.sort_by_key(Value::to_string);
            config
        };
        assert_eq!(sorted(json(&adapter)), sorted(json(out.path())));
        let again = base(&adapter).with_adapter(out.path(), &cpu()).expect("an adapter");
        assert_eq!(networks::digest(&decoder), networks::digest(&again));
    }
}

#[test]
fn a_new_adapter_changes_no_bit_until_it_learns() {
    for name in ["qwen3", "phi3", "gpt2"] {
        let plain = networks::from_folder(&folder(name), &cpu()).expect("a model");
        let lora = Lora::new(4, 8.0, 0.0, vec![Lora::ALL.into()], false);
        let parameters = lora.parameters(&plain.config).expect("a number");
        let key = Key::root(5);
        let new = plain.clone().with_new_adapter(lora.clone(), &key, &cpu()).expect("an adapter");
        let sequence = [vec![1, 5, 9, 12, 30, 7]];
        assert_eq!(log_probs(&plain, &sequence), log_probs(&new, &sequence));
        assert_eq!(networks::digest(&plain), networks::digest(&new.clone().merged()));
        assert_ne!(networks::digest(&plain), networks::digest(&new));
        let mut found = 0;
        new.visit_trained(&mut |name, weight| {
            let networks::Weight::Matrix(matrix) = weight else { panic!("{name} is no matrix") };
            let values = networks::values(matrix);
            let bound = 1.0 / (matrix.dims()[0] as f32).sqrt();
            match name.contains("lora_A") {
                true => {
                    assert!(values.iter().all(|x| x.abs() <= bound) && values.iter().any(|x| x.abs() > bound / 2.0))
                }
                false => assert!(values.iter().all(|x| *x == 0.0)),
            }
            found += values.len() as u64;
        });
        assert_eq!(found, parameters, "{name}");
        let other = plain.with_new_adapter(lora, &Key::root(6), &cpu()).expect("an adapter");
        assert_ne!(networks::digest(&new), networks::digest(&other));
    }
}

#[test]
fn a_merged_folder_is_the_merged_model() {
    for adapter in adapters() {
        let decoder = adapted(&adapter);
        let written = networks::to_safetensors(&decoder, NumberFormat::F32).expect("bytes");
        let again =
            networks::from_safetensors(decoder.config.clone(), &written, Path::new("merged"), &cpu()).expect("a model");
        assert_eq!(networks::digest(&again), networks::digest(&decoder.merged()));
    }
}

/// What is said of an adapter whose configuration was changed.
fn fault(change: impl FnOnce(&mut Value), name: &str) -> String {
    let (from, to) = (adapters()[4].clone(), tempfile::tempdir().expect("a folder"));
    assert!(from.ends_with("qwen3"));
    let text = std::fs::read_to_string(from.join("adapter_config.json")).expect("a file");
    let mut json: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut json);
    std::fs::write(to.path().join("adapter_config.json"), json.to_string()).expect("written");
    std::fs::copy(from.join("adapter_model.safetensors"), to.path().join("adapter_model.safetensors")).expect("a copy");
    let decoder = networks::from_folder(&folder(name), &cpu()).expect("a model");
    let fault = decoder.with_adapter(to.path(), &cpu()).expect_err("a fault");
    assert!(fault.hint().is_some(), "{fault}");
    fault.to_string()
}

#[test]
fn what_would_change_the_numbers_is_refused_by_name() {
    let set = |key: &'static str, value: Value| fault(move |json| json[key] = value, "qwen3");
    let cases = [
        ("use_dora", json!("yes")),
        ("modules_to_save", json!(["lm_head"])),
        ("modules_to_save", json!("lm_head")),
        ("rank_pattern", json!({ "q_proj": 0 })),
        ("rank_pattern", json!({ "q_proj": 4, "self_attn.q_proj": 5 })),
        ("alpha_pattern", json!({ "q_proj": "much" })),
        ("alpha_pattern", json!({ "(q_proj": 8 })),
        ("bias", json!("all")),
        ("lora_bias", json!(true)),
        ("peft_type", json!("IA3")),
        ("init_lora_weights", json!("pissa")),
        ("trainable_token_indices", json!([1, 2])),
        ("a_field_of_tomorrow", json!(3)),
        ("lora_dropout", json!(1.5)),
        ("r", json!(0)),
        ("lora_alpha", json!("much")),
    ];
    for (key, value) in cases {
        let said = set(key, value);
        assert!(said.starts_with("adapter_config.json: ") && said.contains(key), "{key}: {said}");
    }
    assert!(set("r", json!(1 << 20)).contains("has shape [4, 32] where"));
    assert!(set("rank_pattern", json!({ "q_proj": 8 })).contains("has shape [4, 32] where"));
    assert!(set("use_dora", json!(true)).contains("lora_magnitude_vector` is missing"));
    assert!(
        set("target_modules", json!(["q_proj"])).contains("v_proj` does not")
            || set("target_modules", json!(["q_proj"])).contains("v_proj")
    );
}

#[test]
fn an_adapter_of_another_model_is_refused_with_the_module_that_is_not_there() {
    let said = fault(|_| {}, "phi3");
    assert_eq!(
        said,
        "`base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` is no module that an adapter can be on in this model"
    );
    let decoder = networks::from_folder(&folder("gpt2"), &cpu()).expect("a model");
    let lora = Lora::new(4, 8.0, 0.0, vec!["c_attn".into(), "lm_head".into()], false);
    let fault = decoder.with_new_adapter(lora, &Key::root(1), &cpu()).expect_err("the head has none");
    assert!(fault.to_string().contains("`lm_head`"), "{fault}");
    assert_eq!(
        fault.hint().expect("a hint"),
        "adapters can be on c_attn, c_proj, c_fc, or on all of these: all-linear"
    );
}
