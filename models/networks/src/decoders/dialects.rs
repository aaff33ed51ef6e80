//! Writing `config.json`: the fields that were read, and the words of both dialects.
//!
//! transformers 4 reads `torch_dtype`, `rope_theta` and `rope_scaling`; transformers 5 reads
//! `dtype`, `rope_parameters` and `layer_types`. A file of ours has all of them.

use serde_json::{Map, Value, json};

use crate::decoders::family::Family;
use crate::{Config, NumberFormat, Positions};

impl Config {
    /// The `config.json` that readers of both dialects accept, for weights in this format.
    pub fn to_json(&self, format: NumberFormat) -> Value {
        let mut json = if self.source.is_empty() { self.llama() } else { self.source.clone() };
        let mut set = |key: &str, value: Value| _ = json.insert(key.into(), value);
        set("vocab_size", json!(self.vocab_size));
        set("tie_word_embeddings", json!(self.tie_word_embeddings));
        set("bos_token_id", json!(self.bos_token_id));
        set("eos_token_id", one_or_many(&self.eos_token_ids));
        set("pad_token_id", json!(self.pad_token_id));
        set("torch_dtype", json!(format.word()));
        set("dtype", json!(format.word()));
        if let Some(head) = self.scores {
            head.write(self.family, &mut json);
        }
        if self.rotates() {
            self.both_ropes(&mut json);
        }
        let windowed = self.switches.layers.iter().filter(|layer| layer.window.is_some()).count();
        if windowed > 0 && windowed < self.num_hidden_layers {
            let word =
                |layer: usize| if self.layer(layer).window.is_some() { "sliding_attention" } else { "full_attention" };
            json.insert("layer_types".into(), (0..self.num_hidden_layers).map(word).collect());
        }
        Value::Object(json)
    }

    /// Whether any layer has rotary positions.
    fn rotates(&self) -> bool {
        (0..self.num_hidden_layers).any(|layer| self.layer(layer).positions != Positions::Unrotated)
    }

    fn both_ropes(&self, json: &mut Map<String, Value>) {
        let parameters = json.get("rope_parameters").and_then(Value::as_object).cloned().unwrap_or_default();
        let global = parameters.get("full_attention").and_then(Value::as_object).unwrap_or(&parameters);
        let flat = json.get("rope_scaling").and_then(Value::as_object);
        let found = flat.unwrap_or(global);
        let mut scaling = global.clone();
        scaling.extend(flat.cloned().unwrap_or_default());
        for flat in ["type", "rope_theta", "partial_rotary_factor"] {
            scaling.remove(flat);
        }
        let kind = found.get("rope_type").or(found.get("type")).cloned().unwrap_or(json!("default"));
        scaling.insert("rope_type".into(), kind.clone());
        let share = self.rope.rotated as f64 / self.head_dim as f64;
        let mut whole = scaling.clone();
        whole.insert("rope_theta".into(), json!(self.rope.theta));
        if share != 1.0 {
            whole.insert("partial_rotary_factor".into(), json!(share));
            json.insert("partial_rotary_factor".into(), json!(share));
        }
        if self.family == Family::Phi3 {
            // transformers 4 wants three fields and no more
            scaling.retain(|key, _| key.ends_with("factor"));
            scaling.insert("type".into(), kind.clone());
        }
        json.insert("rope_theta".into(), json!(self.rope.theta));
        json.insert("rope_scaling".into(), if kind == "default" { Value::Null } else { Value::Object(scaling) });
        let Some(local) = &self.local_rope else {
            json.insert("rope_parameters".into(), Value::Object(whole));
            return;
        };
        let plain = json!({ "rope_type": "default", "rope_theta": local.theta });
        let local_parameters = parameters.get("sliding_attention").cloned().unwrap_or(plain);
        json.insert("rope_local_base_freq".into(), json!(local.theta));
        json.insert(
            "rope_parameters".into(),
            json!({ "full_attention": whole, "sliding_attention": local_parameters }),
        );
    }

    /// The fields of a model made from nothing.
    fn llama(&self) -> Map<String, Value> {
        let json = json!({
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
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
            "rms_norm_eps": self.norm_eps,
            "initializer_range": 0.02,
            "use_cache": true,
        });
        match json {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

fn one_or_many(ids: &[u32]) -> Value {
    match ids {
        [] => Value::Null,
        [one] => json!(one),
        many => json!(many),
    }
}
