//! Phi 3 (arXiv 2404.14219) and Phi 4-mini: Llama with queries, keys and values in one tensor, gate
//! and up in another.

use super::place::FusedSlice;
use super::read::{Defaults, common, window, windows};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault};

pub(super) const FAMILY: Definition = Definition { read, place, prefix: "model." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = common(fields, &Defaults { eps: 1e-5, context: 4096, ..Defaults::default() })?;
    config.switches.layers = windows(fields, &config, window(fields, None)?, |_| true)?;
    Ok(config)
}

fn place(config: &Config, name: &str) -> Place {
    let same = Place::same(config, name);
    let inner = config.intermediate_size;
    for (which, part) in ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"].into_iter().enumerate() {
        if name.contains(part) {
            return same.renamed(name.replace(part, "self_attn.qkv_proj")).fused_attention(config, which);
        }
    }
    for (which, part) in ["mlp.gate_proj", "mlp.up_proj"].into_iter().enumerate() {
        if name.contains(part) {
            let part = Some(FusedSlice { start: which * inner, total: 2 * inner });
            return Place { part, ..same.renamed(fused_name(name)) };
        }
    }
    same
}

fn fused_name(name: &str) -> String {
    name.replace("mlp.gate_proj", "mlp.gate_up_proj").replace("mlp.up_proj", "mlp.gate_up_proj")
}
