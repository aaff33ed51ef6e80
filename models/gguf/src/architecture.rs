//! The architectures that are read and written.

use serde_json::{Map, Value};

use crate::metadata::Wrong;

/// What is particular about an architecture of llama.cpp.
#[derive(Debug)]
pub(crate) struct Architecture {
    /// Its name in `general.architecture`, which its keys begin with.
    pub(crate) name: &'static str,
    /// Its name in `architectures` of `config.json`, and in `model_type`.
    pub(crate) class: &'static str,
    pub(crate) model_type: &'static str,
    /// Rows of queries and keys are interleaved: pairs that are rotated together lie side by side,
    /// where `transformers` has the first halves of all pairs, and then the second.
    pub(crate) interleaved: bool,
    /// Norms are stored with the 1 that `transformers` adds when it computes.
    pub(crate) norms_plus_one: bool,
    /// Gate and up are one tensor.
    pub(crate) fused: bool,
    pub(crate) norms: Norms,
}

/// How the norms of a layer are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Norms {
    /// `post_attention_layernorm` is before the feed-forward network.
    Plain,
    /// It is behind attention, whatever else there is.
    Around,
}

const PLAIN: Architecture = Architecture {
    name: "qwen2",
    class: "Qwen2ForCausalLM",
    model_type: "qwen2",
    interleaved: false,
    norms_plus_one: false,
    fused: false,
    norms: Norms::Plain,
};

/// All that are read.
pub(crate) const ARCHITECTURES: [Architecture; 9] = [
    Architecture { name: "llama", class: "LlamaForCausalLM", model_type: "llama", interleaved: true, ..PLAIN },
    PLAIN,
    Architecture { name: "qwen3", class: "Qwen3ForCausalLM", model_type: "qwen3", ..PLAIN },
    Architecture { name: "smollm3", class: "SmolLM3ForCausalLM", model_type: "smollm3", interleaved: true, ..PLAIN },
    Architecture { name: "gemma", class: "GemmaForCausalLM", model_type: "gemma", norms_plus_one: true, ..PLAIN },
    Architecture {
        name: "gemma2",
        class: "Gemma2ForCausalLM",
        model_type: "gemma2",
        norms_plus_one: true,
        norms: Norms::Around,
        ..PLAIN
    },
    Architecture {
        name: "gemma3",
        class: "Gemma3ForCausalLM",
        model_type: "gemma3_text",
        norms_plus_one: true,
        norms: Norms::Around,
        ..PLAIN
    },
    Architecture { name: "phi3", class: "Phi3ForCausalLM", model_type: "phi3", fused: true, ..PLAIN },
    Architecture { name: "olmo2", class: "Olmo2ForCausalLM", model_type: "olmo2", norms: Norms::Around, ..PLAIN },
];

/// `(layers, head width)` of the Gemmas of 27 billion, whose queries are scaled by the width over
/// the heads; the others' by the width of a head. No key says so: llama.cpp goes by the size, too.
const LARGE_GEMMAS: [(&str, u64); 2] = [("gemma2", 46), ("gemma3", 62)];

impl Architecture {
    pub(crate) fn named(name: &str) -> Option<&'static Architecture> {
        ARCHITECTURES.iter().find(|one| one.name == name)
    }

    /// What Gemma's queries are scaled by the root of.
    pub(crate) fn scalar(&self, sizes: &Sizes) -> u64 {
        let large = LARGE_GEMMAS.contains(&(self.name, sizes.layers));
        if large { sizes.width / sizes.heads } else { sizes.head_dim }
    }

    /// The same of a `config.json`.
    pub(crate) fn query_scalar(&self, config: &Map<String, Value>) -> Wrong<f64> {
        let size =
            |key: &str| config.get(key).and_then(Value::as_u64).ok_or_else(|| format!("config.json has no {key}"));
        let (width, heads, layers) =
            (size("hidden_size")?, size("num_attention_heads")?.max(1), size("num_hidden_layers")?);
        Ok(self.scalar(&Sizes { width, heads, layers, head_dim: size("head_dim")? }) as f64)
    }

    /// Of how many heads the rows of a tensor of `transformers` are, if those of each are
    /// interleaved in the file.
    pub(crate) fn heads(&self, name: &str, config: &Map<String, Value>) -> Option<usize> {
        let heads = match name {
            _ if !self.interleaved => return None,
            _ if name.contains("self_attn.q_proj.") => "num_attention_heads",
            _ if name.contains("self_attn.k_proj.") => "num_key_value_heads",
            _ => return None,
        };
        config.get(heads).and_then(Value::as_u64).map(|heads| heads.max(1) as usize)
    }
}

/// Sizes of a model.
pub(crate) struct Sizes {
    pub(crate) width: u64,
    pub(crate) heads: u64,
    pub(crate) layers: u64,
    pub(crate) head_dim: u64,
}
