//! What the decoder has not that a family's layers need, for families that people have and that are
//! refused: by the fields of `config.json`, which new names share, and by name where a field may be
//! left out.

use serde_json::{Map, Value};

/// Fields that count the experts of a layer.
const EXPERTS: [&str; 5] =
    ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts", "num_experts_per_tok"];

const MIXED: &str = "its feed-forward layers are mixtures of experts";
const LINEAR: &str = "it has layers of linear attention (a recurrent state instead of keys and values)";
const PER_LAYER: &str = "it has embeddings of tokens for each layer, and layers that share keys and values";
const GEMMA4: &str = "it has norms of values, a scale for each layer, heads of another width in its global layers, and in most \
     sizes embeddings of tokens for each layer";

/// What the architectures whose names begin so need.
const NAMES: [(&str, &str); 13] = [
    ("Qwen3_5Moe", "its feed-forward layers are mixtures of experts, and it has layers of linear attention"),
    ("Qwen3_5", LINEAR),
    ("Qwen3Next", "its feed-forward layers are mixtures of experts, and it has layers of linear attention"),
    ("Gemma4", GEMMA4),
    ("Gemma3n", PER_LAYER),
    ("Mixtral", MIXED),
    ("Llama4", MIXED),
    ("Qwen2Moe", MIXED),
    ("Qwen3Moe", MIXED),
    ("Olmoe", MIXED),
    ("GptOss", MIXED),
    ("Phimoe", MIXED),
    ("Deepseek", "its feed-forward layers are mixtures of experts, and its keys and values are compressed together"),
];

/// What a family that is not supported needs and is not computed here, where that is known.
pub(super) fn lacking(named: &str, json: &Map<String, Value>) -> Option<&'static str> {
    if let Some((_, what)) = NAMES.iter().find(|(stem, _)| named.starts_with(stem)) {
        return Some(what);
    }
    let inner = json.get("text_config").and_then(Value::as_object).unwrap_or(json);
    let many = |key: &&str| inner.get(*key).and_then(Value::as_u64).is_some_and(|count| count > 0);
    let linear = |list: &Vec<Value>| list.iter().any(|kind| kind == "linear_attention");
    if EXPERTS.iter().any(&many) {
        Some(MIXED)
    } else if inner.get("layer_types").and_then(Value::as_array).is_some_and(linear) {
        Some(LINEAR)
    } else {
        many(&"hidden_size_per_layer_input").then_some(PER_LAYER)
    }
}
