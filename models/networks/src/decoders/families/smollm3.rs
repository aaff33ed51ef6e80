//! SmolLM 3 (Hugging Face 2025): Llama whose every fourth layer has no positions (Yang et al. 2025,
//! arXiv 2501.18795).

use super::read::{Defaults, common, window, windows};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault, Positions};

pub(super) const FAMILY: Definition = Definition { read, place: Place::same, prefix: "model." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    let defaults = Defaults { tied: true, theta: 2_000_000.0, context: 32_768, ..Defaults::default() };
    let mut config = common(fields, &defaults)?;
    let rotated = rotated(fields, config.num_hidden_layers)?;
    let bias = fields.flag("attention_bias", false)?;
    (config.switches.qkv_bias, config.switches.output_bias) = (bias, bias);
    config.switches.mlp_bias = fields.flag("mlp_bias", false)?;
    let asked = fields.flag("use_sliding_window", false)?;
    config.switches.layers = windows(fields, &config, window(fields, None)?, |n| asked && !rotated[n])?;
    for (layer, rotated) in config.switches.layers.iter_mut().zip(rotated) {
        layer.positions = if rotated { Positions::Global } else { Positions::Unrotated };
    }
    Ok(config)
}

/// Which layers have positions: `no_rope_layers` holds 1 where they do.
fn rotated(fields: &Fields, layers: usize) -> Result<Vec<bool>, ModelFault> {
    if let Some(list) = fields.per_layer("no_rope_layers", layers)? {
        return Ok(list.iter().map(|flag| *flag != 0).collect());
    }
    let interval = fields.size("no_rope_layer_interval")?.unwrap_or(4);
    Ok((1..=layers).map(|n| !n.is_multiple_of(interval)).collect())
}
