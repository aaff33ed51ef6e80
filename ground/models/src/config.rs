use kernels::slices::Heads;
use serde_json::{Value, json};

use crate::ModelFault;

/// The shape of a Llama-style decoder, by the names of Hugging Face's `config.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// Heads of keys and values (grouped-query attention); divides the attention heads.
    pub num_key_value_heads: usize,
    /// Width of one head; even.
    pub head_dim: usize,
    /// Most tokens the model can see.
    pub max_position_embeddings: usize,
    /// Added to the mean square in RMSNorm.
    pub rms_norm_eps: f64,
    /// Base of the rotary frequencies.
    pub rope_theta: f64,
    /// Whether the output head is the embedding table.
    pub tie_word_embeddings: bool,
    /// Token that begins a context.
    pub bos_token_id: Option<u32>,
    /// Tokens that end an answer.
    pub eos_token_ids: Vec<u32>,
    /// Token that fills.
    pub pad_token_id: Option<u32>,
}

impl Config {
    /// Parameters in all.
    pub fn parameters(&self) -> u64 {
        let (width, inner) = (self.hidden_size, self.intermediate_size);
        let (queries, keys) = (self.num_attention_heads * self.head_dim, self.num_key_value_heads * self.head_dim);
        let layer = width * (2 * queries + 2 * keys + 3 * inner + 2);
        let tables = if self.tie_word_embeddings { 1 } else { 2 };
        (self.vocab_size * width * tables + layer * self.num_hidden_layers + width) as u64
    }

    /// The attention heads.
    pub fn heads(&self) -> Heads {
        Heads { heads: self.num_attention_heads, kv_heads: self.num_key_value_heads, head_dim: self.head_dim }
    }

    /// Reads a `config.json`, in the dialect of transformers 4 (flat `rope_theta`) or 5 (`rope_parameters`).
    pub fn from_json(text: &str) -> Result<Config, ModelFault> {
        let json: Value = serde_json::from_str(text).map_err(|source| ModelFault::Config(source.to_string()))?;
        supported(&json)?;
        let heads = count(&json, "num_attention_heads")?;
        let config = Config {
            vocab_size: count(&json, "vocab_size")?,
            hidden_size: count(&json, "hidden_size")?,
            intermediate_size: count(&json, "intermediate_size")?,
            num_hidden_layers: count(&json, "num_hidden_layers")?,
            num_attention_heads: heads,
            num_key_value_heads: count(&json, "num_key_value_heads").unwrap_or(heads),
            head_dim: count(&json, "head_dim").or_else(|_| Ok(count(&json, "hidden_size")? / heads))?,
            max_position_embeddings: count(&json, "max_position_embeddings")?,
            rms_norm_eps: json["rms_norm_eps"].as_f64().unwrap_or(1e-6),
            rope_theta: rope_theta(&json),
            tie_word_embeddings: json["tie_word_embeddings"].as_bool().unwrap_or(false),
            bos_token_id: json["bos_token_id"].as_u64().map(|id| id as u32),
            eos_token_ids: ids(&json["eos_token_id"]),
            pad_token_id: json["pad_token_id"].as_u64().map(|id| id as u32),
        };
        config.validate()?;
        Ok(config)
    }

    /// The `config.json` that readers of both dialects accept.
    pub fn to_json(&self) -> Value {
        json!({
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "head_dim": self.head_dim,
            "hidden_act": "silu",
            "attention_bias": false,
            "mlp_bias": false,
            "attention_dropout": 0.0,
            "max_position_embeddings": self.max_position_embeddings,
            "rms_norm_eps": self.rms_norm_eps,
            "rope_theta": self.rope_theta,
            "rope_scaling": null,
            "rope_parameters": { "rope_type": "default", "rope_theta": self.rope_theta },
            "tie_word_embeddings": self.tie_word_embeddings,
            "bos_token_id": self.bos_token_id,
            "eos_token_id": one_or_many(&self.eos_token_ids),
            "pad_token_id": self.pad_token_id,
            "initializer_range": 0.02,
            "use_cache": true,
            "torch_dtype": "float32",
            "dtype": "float32",
        })
    }

    fn validate(&self) -> Result<(), ModelFault> {
        let wrong = |what: String| Err(ModelFault::Config(what));
        if self.num_key_value_heads == 0 || !self.num_attention_heads.is_multiple_of(self.num_key_value_heads) {
            return wrong(format!(
                "num_attention_heads {} is not a multiple of num_key_value_heads {}",
                self.num_attention_heads, self.num_key_value_heads
            ));
        }
        if self.head_dim == 0 || !self.head_dim.is_multiple_of(2) {
            return wrong(format!("head_dim {} is not even", self.head_dim));
        }
        Ok(())
    }
}

/// Refuses what this decoder would compute wrongly.
fn supported(json: &Value) -> Result<(), ModelFault> {
    let architecture = json["architectures"][0].as_str().unwrap_or("none named");
    if architecture != "LlamaForCausalLM" {
        return Err(ModelFault::Architecture(architecture.to_owned()));
    }
    for (key, plain) in [("attention_bias", json!(false)), ("mlp_bias", json!(false)), ("hidden_act", json!("silu"))] {
        let found = &json[key];
        if !found.is_null() && *found != plain {
            return Err(ModelFault::Config(format!("{key} is {found}; only {plain} is supported")));
        }
    }
    let scaling = [&json["rope_scaling"], &json["rope_parameters"]].into_iter().find_map(|rope| {
        let kind = rope["rope_type"].as_str().or_else(|| rope["type"].as_str())?;
        (kind != "default").then(|| kind.to_owned())
    });
    match scaling {
        Some(kind) => Err(ModelFault::Config(format!("rotary scaling `{kind}` is not supported"))),
        None => Ok(()),
    }
}

fn count(json: &Value, key: &str) -> Result<usize, ModelFault> {
    let found = &json[key];
    match found.as_u64() {
        Some(number) if number > 0 => Ok(number as usize),
        _ => Err(ModelFault::Config(format!("{key} is {found}; a positive whole number is needed"))),
    }
}

fn rope_theta(json: &Value) -> f64 {
    json["rope_theta"].as_f64().or_else(|| json["rope_parameters"]["rope_theta"].as_f64()).unwrap_or(10_000.0)
}

fn ids(json: &Value) -> Vec<u32> {
    match json {
        Value::Array(many) => many.iter().filter_map(|id| id.as_u64().map(|id| id as u32)).collect(),
        one => one.as_u64().map(|id| id as u32).into_iter().collect(),
    }
}

fn one_or_many(ids: &[u32]) -> Value {
    match ids {
        [] => Value::Null,
        [one] => json!(one),
        many => json!(many),
    }
}
