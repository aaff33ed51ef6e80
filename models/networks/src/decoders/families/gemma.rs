//! Gemma (arXiv 2403.08295), Gemma 2 (arXiv 2408.00118) and Gemma 3, text (arXiv 2503.19786): norms
//! whose stored gains lack 1; embeddings times the root of their width. From Gemma 2 on norms stand
//! around both halves of a layer, and most layers have windows. Gemma 2 has soft caps; Gemma 3 has
//! norms of queries and keys, and other rotary positions in its windows.

use kernels::Activation;
use serde_json::Map;

use super::read::{Defaults, common, window, windows};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault, NormKind, NormsAt, Positions, QueryKeyNorm, Rope};

pub(super) const GEMMA: Definition = Definition { read: read_1, place: Place::same, prefix: "model." };

pub(super) const GEMMA2: Definition = Definition { read: read_2, place: Place::same, prefix: "model." };

pub(super) const GEMMA3: Definition = Definition { read: read_3, place: Place::same, prefix: "model." };

fn read_1(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config =
        common(fields, &Defaults { tied: true, context: 8192, head_dim: Some(256), ..Defaults::default() })?;
    gemma_alike(fields, &mut config)?;
    Ok(config)
}

fn read_2(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config =
        gemma(fields, &Defaults { tied: true, context: 8192, head_dim: Some(256), ..Defaults::default() }, 2)?;
    config.switches.attention_softcap = cap(fields, "attn_logit_softcapping", Some(50.0))?;
    config.switches.final_softcap = cap(fields, "final_logit_softcapping", Some(30.0))?;
    Ok(config)
}

fn read_3(fields: &Fields) -> Result<Config, ModelFault> {
    let defaults =
        Defaults { tied: true, theta: 1_000_000.0, context: 131_072, head_dim: Some(256), ..Defaults::default() };
    // transformers 5 writes the pattern with an underscore
    let pattern = fields.size("sliding_window_pattern")?.or(fields.size("_sliding_window_pattern")?).unwrap_or(6);
    let mut config = gemma(fields, &defaults, pattern)?;
    config.switches.attention_softcap = cap(fields, "attn_logit_softcapping", None)?;
    config.switches.final_softcap = cap(fields, "final_logit_softcapping", None)?;
    config.switches.query_key_norm = QueryKeyNorm::PerHead;
    config.local_rope = Some(local_rope(fields, config.head_dim)?);
    let local = config.switches.layers.iter_mut().filter(|layer| layer.window.is_some());
    local.for_each(|layer| layer.positions = Positions::Local);
    Ok(config)
}

fn gemma(fields: &Fields, defaults: &Defaults, pattern: usize) -> Result<Config, ModelFault> {
    fields.must_be("use_bidirectional_attention", false)?;
    let mut config = common(fields, defaults)?;
    let window = window(fields, Some(4096))?;
    config.switches.layers = windows(fields, &config, window, |n| !(n + 1).is_multiple_of(pattern))?;
    config.switches.norms_at = NormsAt::Around;
    config.switches.attention_scale = Some(fields.number("query_pre_attn_scalar")?.unwrap_or(256.0).powf(-0.5) as f32);
    gemma_alike(fields, &mut config)?;
    Ok(config)
}

/// What every Gemma has.
fn gemma_alike(fields: &Fields, config: &mut Config) -> Result<(), ModelFault> {
    let bias = fields.flag("attention_bias", false)?;
    let switches = &mut config.switches;
    (switches.qkv_bias, switches.output_bias) = (bias, bias);
    switches.norm = NormKind::RmsPlusOne;
    switches.embedding_scale = Some((config.hidden_size as f64).sqrt() as f32);
    if fields.get("hidden_activation").is_null() {
        // `hidden_act` is a relic that transformers does not read here
        switches.activation = Activation::GeluTanh;
    }
    Ok(())
}

/// Null says that there is none, and absent what the family has.
fn cap(fields: &Fields, key: &str, absent: Option<f32>) -> Result<Option<f32>, ModelFault> {
    Ok(match fields.number(key)? {
        Some(cap) => Some(cap as f32),
        None if fields.0.contains_key(key) => None,
        None => absent,
    })
}

/// The rotary positions in windows, in either dialect.
fn local_rope(fields: &Fields, head_dim: usize) -> Result<Rope, ModelFault> {
    let theta = fields.number("rope_local_base_freq")?.unwrap_or(10_000.0);
    let none = Map::new();
    let found = fields.get("rope_parameters").get("sliding_attention").and_then(|one| one.as_object());
    Rope::read(fields, found.unwrap_or(&none), theta, head_dim)
}
