//! The `config.json` of a file.

use serde_json::{Map, Value, json};

use crate::architecture::{Architecture, Sizes};
use crate::header::Header;
use crate::keys::Keys;
use crate::metadata::Wrong;
use crate::rope;

impl Architecture {
    /// The `config.json` of a file. `factors` reads a tensor of one row.
    pub(crate) fn config(
        &self,
        header: &Header,
        factors: &mut dyn FnMut(&str) -> Wrong<Option<Vec<f32>>>,
    ) -> Wrong<Map<String, Value>> {
        let keys = Keys { metadata: &header.metadata, architecture: self.name };
        let table = header.tensors.get("token_embd.weight").ok_or("the tensor `token_embd.weight` is missing")?;
        let vocabulary = table.shape.first().copied().unwrap_or(0);
        let (width, layers) = (keys.needed("embedding_length")?, keys.needed("block_count")?);
        let heads = keys.needed("attention.head_count")?.max(1);
        let head_dim = keys.size("attention.key_length")?.unwrap_or(width / heads);
        if keys.size("attention.value_length")?.is_some_and(|values| values != head_dim) {
            return Err(format!("heads have keys of {head_dim} numbers and values of another length"));
        }
        let has = |name: &str| header.tensors.contains_key(name);
        let mut config = Map::new();
        let mut set = |key: &str, value: Value| _ = config.insert(key.into(), value);
        set("architectures", json!([self.class]));
        set("model_type", json!(self.model_type));
        set("vocab_size", json!(vocabulary));
        set("hidden_size", json!(width));
        set("intermediate_size", json!(keys.needed("feed_forward_length")?));
        set("num_hidden_layers", json!(layers));
        set("num_attention_heads", json!(heads));
        set("num_key_value_heads", json!(keys.size("attention.head_count_kv")?.unwrap_or(heads)));
        set("head_dim", json!(head_dim));
        set("max_position_embeddings", json!(keys.needed("context_length")?));
        set(
            "rms_norm_eps",
            json!(keys.number("attention.layer_norm_rms_epsilon")?.ok_or("the norms' epsilon is missing")?),
        );
        set("tie_word_embeddings", json!(!has("output.weight")));
        for (key, id) in [("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding")] {
            set(key, json!(header.metadata.size(&format!("tokenizer.ggml.{id}_token_id"))?));
        }
        if !self.name.starts_with("gemma") {
            set("hidden_act", json!("silu"));
            set("attention_bias", json!(has("blk.0.attn_q.bias") && self.name != "qwen2"));
            set("mlp_bias", json!(has("blk.0.ffn_up.bias")));
        }
        config.extend(rope::fields(&keys, head_dim, factors)?);
        config.extend(self.own(&keys, &Sizes { width, heads, layers, head_dim })?);
        Ok(config)
    }

    /// What an architecture has beside Llama's.
    fn own(&self, keys: &Keys, sizes: &Sizes) -> Wrong<Map<String, Value>> {
        let mut own = Map::new();
        let window = keys.size("attention.sliding_window")?.filter(|&window| window > 0);
        match self.name {
            "gemma2" | "gemma3" => {
                own.insert("query_pre_attn_scalar".into(), json!(self.scalar(sizes)));
                own.insert("hidden_activation".into(), json!("gelu_pytorch_tanh"));
                own.insert("sliding_window".into(), json!(window.ok_or("the width of the windows is missing")?));
                // where a file is silent the architecture's own hold, here as in llama.cpp
                for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
                    keys.number(key)?.map(|cap| own.insert(key.into(), json!(cap)));
                }
                if self.name == "gemma3" {
                    let pattern = keys.size("attention.sliding_window_pattern")?.unwrap_or(6);
                    own.insert("sliding_window_pattern".into(), json!(pattern));
                    own.insert(
                        "rope_local_base_freq".into(),
                        json!(keys.number("rope.freq_base_swa")?.unwrap_or(10_000.0)),
                    );
                }
            }
            "phi3" => _ = own.insert("sliding_window".into(), json!(window)),
            // every fourth layer is without positions, in the file's readers by the architecture's name
            "smollm3" => _ = own.insert("no_rope_layer_interval".into(), json!(4)),
            _ if window.is_some() => {
                return Err(format!("`{}` with a sliding window is not supported in GGUF", self.name));
            }
            _ => {}
        }
        Ok(own)
    }
}
