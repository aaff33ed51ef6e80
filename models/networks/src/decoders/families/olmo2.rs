//! OLMo 2 (arXiv 2501.00656): norms after attention and after the feed-forward network; queries and
//! keys normed over all heads.

use super::read::{Defaults, common};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault, NormsAt, QueryKeyNorm};

pub(super) const FAMILY: Definition = Definition { read, place: Place::same, prefix: "model." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = common(fields, &Defaults { eps: 1e-5, ..Defaults::default() })?;
    let bias = fields.flag("attention_bias", false)?;
    let switches = &mut config.switches;
    (switches.qkv_bias, switches.output_bias) = (bias, bias);
    (switches.norms_at, switches.query_key_norm) = (NormsAt::After, QueryKeyNorm::Whole);
    Ok(config)
}
