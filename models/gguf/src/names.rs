//! Where a tensor of `transformers` lies in a file.

use crate::architecture::{Architecture, Norms};

/// Tensors that say in the file what `config.json` says in a folder.
pub(crate) const SAID_ELSEWHERE: [&str; 3] =
    ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"];

/// Parts of a layer's names: the file's, and those of `transformers`.
const PARTS: [(&str, &str); 15] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_qkv", "self_attn.qkv_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("attn_q_norm", "self_attn.q_norm"),
    ("attn_k_norm", "self_attn.k_norm"),
    // before the one behind attention, whose name it has outside where that is not there
    ("ffn_norm", FEED_FORWARD_NORM),
    ("post_attention_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
    ("post_ffw_norm", "post_feedforward_layernorm"),
    ("ffn_gate_up", "mlp.gate_up_proj"),
];
/// Stands for the norm before the feed-forward network, whose name families differ in.
const FEED_FORWARD_NORM: &str = "";

/// The name that `transformers` has for a tensor of the file; one that it has none for keeps its
/// own, so that whoever reads the model can name it.
pub(crate) fn outside(name: &str, architecture: &Architecture) -> String {
    let whole = match name {
        "token_embd.weight" => "model.embed_tokens.weight",
        "output_norm.weight" => "model.norm.weight",
        "output.weight" => "lm_head.weight",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.into();
    }
    of_layer(name, architecture).unwrap_or_else(|| name.to_owned())
}

fn of_layer(name: &str, architecture: &Architecture) -> Option<String> {
    let (number, rest) = name.strip_prefix("blk.")?.split_once('.')?;
    let (part, kind) = rest.rsplit_once('.')?;
    // a number that is written otherwise than `transformers` writes it is no layer's
    let number: u32 = number.parse().ok().filter(|n: &u32| n.to_string() == number)?;
    let part = if architecture.fused && part == "ffn_up" { "ffn_gate_up" } else { part };
    let (_, outside) = PARTS.iter().find(|(inside, _)| *inside == part)?;
    let outside = match (*outside, architecture.norms) {
        (FEED_FORWARD_NORM, Norms::Around) => "pre_feedforward_layernorm",
        (FEED_FORWARD_NORM, Norms::Plain) => "post_attention_layernorm",
        (outside, _) => outside,
    };
    Some(format!("model.layers.{number}.{outside}.{kind}"))
}

/// The name that the file has for a tensor of `transformers`; none for one that it has none for.
pub(crate) fn inside(name: &str, architecture: &Architecture) -> Option<String> {
    let whole = |inside: &str| (outside(inside, architecture) == name).then(|| inside.to_owned());
    if let Some(found) = ["token_embd.weight", "output_norm.weight", "output.weight"].into_iter().find_map(whole) {
        return Some(found);
    }
    let (number, rest) = name.strip_prefix("model.layers.")?.split_once('.')?;
    let kind = rest.rsplit('.').next()?;
    let candidates = PARTS.iter().map(|(part, _)| format!("blk.{number}.{part}.{kind}"));
    let fused = format!("blk.{number}.ffn_up.{kind}");
    candidates.chain([fused]).find(|inside| outside(inside, architecture) == name && !inside.contains("ffn_gate_up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_transformers() {
        let named = |name: &str, of: &str| outside(name, Architecture::named(of).expect("an architecture"));
        assert_eq!(named("blk.3.ffn_norm.weight", "llama"), "model.layers.3.post_attention_layernorm.weight");
        assert_eq!(named("blk.3.ffn_norm.weight", "gemma2"), "model.layers.3.pre_feedforward_layernorm.weight");
        assert_eq!(named("blk.0.ffn_up.weight", "phi3"), "model.layers.0.mlp.gate_up_proj.weight");
        assert_eq!(named("blk.12.attn_k.bias", "qwen2"), "model.layers.12.self_attn.k_proj.bias");
        assert_eq!(named("blk.03.attn_k.bias", "qwen2"), "blk.03.attn_k.bias");
        assert_eq!(named("blk.0.ffn_gate_exps.weight", "llama"), "blk.0.ffn_gate_exps.weight");
    }

    #[test]
    fn a_name_goes_out_as_it_came_in() {
        for architecture in &crate::architecture::ARCHITECTURES {
            let parts =
                ["attn_q", "attn_norm", "ffn_norm", "ffn_up", "ffn_down", "post_attention_norm", "post_ffw_norm"];
            let layer = parts.map(|part| format!("blk.7.{part}.weight"));
            for name in layer.iter().map(String::as_str).chain(["output.weight", "token_embd.weight"]) {
                let found = inside(&outside(name, architecture), architecture);
                // where no norm stands between, both names of a family's file would be one outside
                let twin = name.contains("post_attention_norm") && architecture.norms == Norms::Plain;
                assert!(twin || found.as_deref() == Some(name), "{name} of {}: {found:?}", architecture.name);
            }
        }
    }
}
