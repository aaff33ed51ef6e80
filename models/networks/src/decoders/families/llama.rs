//! Llama 2 and 3 (arXiv 2307.09288, 2407.21783), SmolLM 2, and what calls itself one.

use super::read::{Defaults, common};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault};

pub(super) const FAMILY: Definition = Definition { read, place: Place::same, prefix: "model." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = common(fields, &Defaults::default())?;
    let bias = fields.flag("attention_bias", false)?;
    (config.switches.qkv_bias, config.switches.output_bias) = (bias, bias);
    config.switches.mlp_bias = fields.flag("mlp_bias", false)?;
    Ok(config)
}
