//! `config.json` to the keys of a file.

use serde_json::{Map, Value as Json};

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::kind::Kind;
use crate::metadata::Value;
use crate::rope;

/// `general.file_type`: what most numbers are stored as.
fn file_type(kind: Kind) -> i64 {
    match kind {
        Kind::F16 => 1,
        Kind::Q8_0 => 7,
        Kind::Bf16 => 32,
        _ => 0,
    }
}

/// The architecture that llama.cpp computes a model with.
pub(super) fn architecture(config: &Map<String, Json>) -> Result<&'static Architecture, String> {
    let named = config.get("architectures").and_then(|names| names[0].as_str()).unwrap_or("none named");
    let windowed = config.get("sliding_window").is_some_and(|window| !window.is_null());
    // Mistral without its window is Llama, and llama.cpp has no other name for it
    let class = if named == "MistralForCausalLM" && !windowed { "LlamaForCausalLM" } else { named };
    let found = ARCHITECTURES.iter().find(|one| one.class == class);
    let found = found.ok_or_else(|| format!("the architecture `{named}` is not written as GGUF"))?;
    let dimmed = |key: &str| config.get(key).is_some_and(|flag| flag == true);
    if found.name.starts_with("qwen") && dimmed("use_sliding_window") {
        return Err(format!("`{named}` with a sliding window is not written as GGUF: llama.cpp would see everything"));
    }
    if found.name == "smollm3" && windowed && dimmed("use_sliding_window") {
        return Err("SmolLM 3 with a sliding window is not written as GGUF: llama.cpp would see everything".into());
    }
    Ok(found)
}

/// The keys of the model itself.
pub(super) fn metadata(
    architecture: &Architecture,
    config: &Map<String, Json>,
    kind: Kind,
) -> Result<Vec<(String, Value)>, String> {
    let name = architecture.name;
    let integer = |key: &str| {
        let found = config.get(key).and_then(Json::as_i64).filter(|&size| (0..1 << 31).contains(&size));
        found.ok_or_else(|| format!("config.json has no {key}"))
    };
    let number = |key: &str| config.get(key).and_then(Json::as_f64);
    let mut found = vec![
        ("general.architecture".into(), Value::Text(name.into())),
        ("general.type".into(), Value::Text("model".into())),
        ("general.file_type".into(), Value::Integer(file_type(kind))),
        ("general.quantization_version".into(), Value::Integer(2)),
    ];
    let mut set = |key: &str, value: Value| found.push((format!("{name}.{key}"), value));
    let head_dim = match integer("head_dim") {
        Ok(own) => own,
        Err(_) => integer("hidden_size")? / integer("num_attention_heads")?.max(1),
    };
    for (key, outside) in [
        ("context_length", "max_position_embeddings"),
        ("embedding_length", "hidden_size"),
        ("block_count", "num_hidden_layers"),
        ("feed_forward_length", "intermediate_size"),
        ("attention.head_count", "num_attention_heads"),
        ("attention.head_count_kv", "num_key_value_heads"),
        ("vocab_size", "vocab_size"),
    ] {
        set(key, Value::Integer(integer(outside)?));
    }
    set("attention.key_length", Value::Integer(head_dim));
    set("attention.value_length", Value::Integer(head_dim));
    set(
        "attention.layer_norm_rms_epsilon",
        Value::Number(number("rms_norm_eps").ok_or("config.json has no rms_norm_eps")?),
    );
    if name == "gemma2" || name == "gemma3" {
        let scalar = number("query_pre_attn_scalar").unwrap_or(256.0);
        if architecture.query_scalar(config)? != scalar {
            let what = format!(
                "query_pre_attn_scalar is {scalar}, which llama.cpp does not know: it goes by the size of heads"
            );
            return Err(what);
        }
    }
    let window = config.get("sliding_window").and_then(Json::as_i64);
    if let Some(window) = window.filter(|_| ["gemma2", "gemma3", "phi3"].contains(&name)) {
        set("attention.sliding_window", Value::Integer(window));
    }
    if name == "gemma2" {
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
            number(key).into_iter().for_each(|cap| set(key, Value::Number(cap)));
        }
    }
    found.extend(rope::keys(name, config, head_dim)?);
    Ok(found)
}

/// Tensors that hold what `config.json` says of rotary positions.
pub(super) fn factors(config: &Map<String, Json>) -> Result<Vec<(&'static str, Vec<f32>)>, String> {
    rope::factors(config)
}
