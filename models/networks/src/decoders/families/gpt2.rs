//! GPT-2 (Radford et al. 2019): learned positions, LayerNorm, biases everywhere, no gate; matrices
//! lie `[in, out]`.

use kernels::Activation;

use super::read::activation;
use super::{Definition, Layout, Place};
use crate::fields::Fields;
use crate::{Config, LayerKind, ModelFault, NormKind, Positions, Switches};

pub(super) const FAMILY: Definition = Definition { read, place, prefix: "transformer." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    fields.must_be("scale_attn_by_inverse_layer_idx", false)?;
    fields.must_be("add_cross_attention", false)?;
    let (width, heads, layers) = (fields.needed("n_embd")?, fields.needed("n_head")?, fields.layers("n_layer")?);
    let scaled = fields.flag("scale_attn_weights", true)?;
    let unrotated = LayerKind { window: None, positions: Positions::Unrotated };
    let activation = match fields.get("activation_function").is_null() {
        true => Activation::GeluTanh,
        false => activation(fields, "activation_function")?,
    };
    Ok(Config {
        vocab_size: fields.needed("vocab_size")?,
        hidden_size: width,
        intermediate_size: fields.size("n_inner")?.unwrap_or(4 * width),
        num_hidden_layers: layers,
        num_attention_heads: heads,
        num_key_value_heads: heads,
        head_dim: width / heads,
        max_position_embeddings: fields.size("n_positions")?.or(fields.size("n_ctx")?).unwrap_or(1024),
        norm_eps: fields.number("layer_norm_epsilon")?.unwrap_or(1e-5),
        tie_word_embeddings: fields.flag("tie_word_embeddings", true)?,
        bos_token_id: fields.ids("bos_token_id").first().copied(),
        eos_token_ids: fields.ids("eos_token_id"),
        pad_token_id: fields.ids("pad_token_id").first().copied(),
        switches: Switches {
            norm: NormKind::Layer,
            qkv_bias: true,
            output_bias: true,
            mlp_bias: true,
            gated: false,
            activation,
            learned_positions: true,
            attention_scale: (!scaled).then_some(1.0),
            layers: vec![unrotated; layers],
            ..Switches::default()
        },
        ..Config::default()
    })
}

/// Ours, and GPT-2's word for it.
const WORDS: [(&str, &str); 10] = [
    ("model.embed_tokens", "transformer.wte"),
    ("model.embed_positions", "transformer.wpe"),
    ("model.norm", "transformer.ln_f"),
    ("model.layers", "transformer.h"),
    ("input_layernorm", "ln_1"),
    ("post_attention_layernorm", "ln_2"),
    ("self_attn.o_proj", "attn.c_proj"),
    ("mlp.up_proj", "mlp.c_fc"),
    ("mlp.down_proj", "mlp.c_proj"),
    ("self_attn", "attn"),
];

fn place(config: &Config, name: &str) -> Place {
    let words = WORDS.into_iter().fold(name.to_owned(), |name, (ours, theirs)| name.replace(ours, theirs));
    let layout = if words.contains(".h.") { Layout::InOut } else { Layout::OutIn };
    let place = Place { name: words, layout, part: None };
    for (which, part) in ["attn.q_proj", "attn.k_proj", "attn.v_proj"].into_iter().enumerate() {
        if place.name.contains(part) {
            let name = place.name.replace(part, "attn.c_attn");
            return place.renamed(name).fused_attention(config, which);
        }
    }
    place
}
