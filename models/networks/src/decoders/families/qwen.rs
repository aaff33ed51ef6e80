//! Qwen 2 and 2.5 (arXiv 2407.10671, 2412.15115), with biases of queries, keys and values, and Qwen
//! 3 (arXiv 2505.09388), with norms of queries and keys instead.

use super::read::{Defaults, common, window, windows};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault, QueryKeyNorm};

pub(super) const QWEN2: Definition = Definition { read: read_2, place: Place::same, prefix: "model." };

pub(super) const QWEN3: Definition = Definition { read: read_3, place: Place::same, prefix: "model." };

fn read_2(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = windowed(fields, None)?;
    config.switches.qkv_bias = true;
    Ok(config)
}

fn read_3(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = windowed(fields, Some(128))?;
    let bias = fields.flag("attention_bias", false)?;
    (config.switches.qkv_bias, config.switches.output_bias) = (bias, bias);
    config.switches.query_key_norm = QueryKeyNorm::PerHead;
    Ok(config)
}

/// A window from layer `max_window_layers` on, if `use_sliding_window` asks for one.
fn windowed(fields: &Fields, head_dim: Option<usize>) -> Result<Config, ModelFault> {
    let mut config = common(fields, &Defaults { context: 32_768, head_dim, ..Defaults::default() })?;
    let window = match fields.flag("use_sliding_window", false)? {
        true => window(fields, Some(4096))?,
        false => None,
    };
    // none of the layers has to be before the window, so this one may be 0
    let first = fields.get("max_window_layers").as_u64().unwrap_or(28) as usize;
    config.switches.layers = windows(fields, &config, window, |n| n >= first)?;
    Ok(config)
}
