//! An encoder of sentences against transformers: see `golden/encoder.py`.

use std::path::{Path, PathBuf};

use faults::Fault;
use networks::Encoder;
use serde_json::{Value, json};

use crate::fixtures::{close, cpu, ids, numbers, recorded};

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/encoder")
}

#[test]
fn hidden_states_and_vectors_are_those_of_transformers() {
    let (encoder, golden) = (Encoder::from_folder(&place(), &cpu()).expect("an encoder"), recorded(&place()));
    let texts: Vec<Vec<u32>> = golden["ids"].as_array().expect("texts").iter().map(ids).collect();
    let hidden = networks::values(&encoder.hidden(&texts[0]).expect("hidden states"));
    let wanted: Vec<f64> = golden["hidden"].as_array().expect("rows").iter().flat_map(numbers).collect();
    close(&hidden, &wanted, "hidden states");
    for (text, wanted) in texts.iter().zip(golden["embeddings"].as_array().expect("vectors")) {
        close(&encoder.embed(text).expect("a vector"), &numbers(wanted), &format!("{text:?}"));
    }
}

/// What is said of a copy whose file was changed.
fn with(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let to = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(to.path().join("1_Pooling")).expect("a folder");
    for file in ["config.json", "model.safetensors", "modules.json", "1_Pooling/config.json"] {
        std::fs::copy(place().join(file), to.path().join(file)).expect("a copy");
    }
    let path = to.path().join(name);
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
    change(&mut json);
    std::fs::write(&path, json.to_string()).expect("written");
    let fault = Encoder::from_folder(to.path(), &cpu()).expect_err("a fault");
    assert!(fault.hint().is_some());
    fault.to_string()
}

#[test]
fn what_would_be_computed_otherwise_is_refused() {
    let named = |found: String, wanted: &str| assert!(found.contains(wanted), "{found}");
    named(with("config.json", |json| json["hidden_act"] = json!("relu")), "hidden_act");
    named(
        with("config.json", |json| json["position_embedding_type"] = json!("relative_key")),
        "position_embedding_type",
    );
    named(with("config.json", |json| json["model_type"] = json!("roberta")), "roberta");
    named(with("config.json", |json| json["num_hidden_layers"] = json!(1)), "encoder.layer.1");
    named(with("config.json", |json| json["hidden_size"] = json!(36)), "shape");
    named(with("modules.json", |json| json[1]["path"] = json!("../1_Pooling")), "path");
    named(with("modules.json", |json| json[1]["type"] = json!("sentence_transformers.models.Dense")), "Dense");
    named(with("1_Pooling/config.json", |json| json["pooling_mode_cls_token"] = json!(true)), "cls_token");
}
