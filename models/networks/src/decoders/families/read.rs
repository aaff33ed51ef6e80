//! What families read alike.

use kernels::Activation;
use serde_json::Map;

use crate::fields::Fields;
use crate::{Config, LayerKind, ModelFault, Positions, Rope, Switches};

/// What a family assumes where a `config.json` is silent.
pub(super) struct Defaults {
    pub(super) tied: bool,
    pub(super) eps: f64,
    pub(super) theta: f64,
    pub(super) context: usize,
    /// `hidden_size / num_attention_heads` if `None`.
    pub(super) head_dim: Option<usize>,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults { tied: false, eps: 1e-6, theta: 10_000.0, context: 2048, head_dim: None }
    }
}

/// The sizes and the rotary positions by Llama's names, and no switch but the activation.
pub(super) fn common(fields: &Fields, defaults: &Defaults) -> Result<Config, ModelFault> {
    let (width, heads) = (fields.needed("hidden_size")?, fields.needed("num_attention_heads")?);
    let head_dim = fields.size("head_dim")?.or(defaults.head_dim).unwrap_or(width / heads);
    if head_dim == 0 {
        let what = format!("hidden_size {width} over num_attention_heads {heads} leaves no width for a head");
        return Err(ModelFault::Config(what));
    }
    let activation =
        activation(fields, if fields.get("hidden_activation").is_null() { "hidden_act" } else { "hidden_activation" })?;
    Ok(Config {
        vocab_size: fields.needed("vocab_size")?,
        hidden_size: width,
        intermediate_size: fields.needed("intermediate_size")?,
        num_hidden_layers: fields.layers("num_hidden_layers")?,
        num_attention_heads: heads,
        num_key_value_heads: fields.size("num_key_value_heads")?.unwrap_or(heads),
        head_dim,
        max_position_embeddings: fields.size("max_position_embeddings")?.unwrap_or(defaults.context),
        norm_eps: fields.number("rms_norm_eps")?.unwrap_or(defaults.eps),
        rope: rope(fields, defaults.theta, head_dim)?,
        tie_word_embeddings: fields.flag("tie_word_embeddings", defaults.tied)?,
        bos_token_id: fields.ids("bos_token_id").first().copied(),
        eos_token_ids: fields.ids("eos_token_id"),
        pad_token_id: fields.ids("pad_token_id").first().copied(),
        switches: Switches { activation, ..Switches::default() },
        ..Config::default()
    })
}

/// The activation that a field names; the family's own where the field is absent.
pub(super) fn activation(fields: &Fields, key: &str) -> Result<Activation, ModelFault> {
    match fields.get(key).as_str() {
        None | Some("silu" | "swish") => Ok(Activation::Silu),
        Some("gelu_pytorch_tanh" | "gelu_new" | "gelu_fast") => Ok(Activation::GeluTanh),
        Some(other) => {
            Err(ModelFault::Config(format!("{key} is `{other}`; supported are silu, gelu_pytorch_tanh and gelu_new")))
        }
    }
}

/// Rotary positions, in either dialect. `rope_scaling` goes before `rope_parameters`, as in
/// transformers.
fn rope(fields: &Fields, theta: f64, head_dim: usize) -> Result<Rope, ModelFault> {
    let theta = fields.number("rope_theta")?.unwrap_or(theta);
    for key in ["rope_scaling", "rope_parameters"] {
        let found = fields.get(key);
        if !found.is_null() && !found.is_object() {
            return Err(ModelFault::Config(format!("{key} is {found}; an object is needed")));
        }
    }
    let (scaling, parameters) = (fields.get("rope_scaling").as_object(), fields.get("rope_parameters").as_object());
    // a set for each kind of layer: the first is that of full attention, where nothing says otherwise
    let parameters = parameters.map(|all| all.get("full_attention").and_then(|one| one.as_object()).unwrap_or(all));
    Rope::read(fields, scaling.or(parameters).unwrap_or(&Map::new()), theta, head_dim)
}

/// The width of the family's windows: null says that there are none, and absent what the family
/// has.
pub(super) fn window(fields: &Fields, absent: Option<usize>) -> Result<Option<usize>, ModelFault> {
    let found = fields.size("sliding_window")?;
    Ok(if fields.0.contains_key("sliding_window") { found } else { absent })
}

/// Which layers see a window only: by `layer_types`, or else by the family's own rule, given the
/// layer's number.
pub(super) fn windows(
    fields: &Fields,
    config: &Config,
    window: Option<usize>,
    rule: impl Fn(usize) -> bool,
) -> Result<Vec<LayerKind>, ModelFault> {
    let kind =
        |sees_all: bool| LayerKind { window: if sees_all { None } else { window }, positions: Positions::Global };
    let Some(named) = fields.per_layer("layer_types", config.num_hidden_layers)? else {
        return Ok((0..config.num_hidden_layers).map(|n| kind(!rule(n))).collect());
    };
    let one = |name: &serde_json::Value| match name.as_str() {
        Some("full_attention") => Ok(kind(true)),
        Some("sliding_attention") => Ok(kind(false)),
        _ => Err(ModelFault::Config(format!(
            "layer_types names {name}; supported are full_attention and sliding_attention"
        ))),
    };
    named.iter().map(one).collect()
}
