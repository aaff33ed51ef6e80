//! The shape of a decoder, read from `config.json` and written to it.

use kernels::{Activation, Heads, Precision, Scores};
use serde_json::{Map, Value};

use crate::decoders::family::Family;
use crate::decoders::score_head::ScoreKind;
use crate::{ModelFault, Rope, RopeScaling, ScoreHead};

/// The shape of a decoder. Sizes have the names of Hugging Face's `config.json`; what families
/// differ in are [`Switches`].
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The family, which decides the names in files.
    pub family: Family,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// Heads of keys and values (grouped-query attention); divides the attention heads.
    pub num_key_value_heads: usize,
    /// Width of one head.
    pub head_dim: usize,
    /// Most tokens the model can see; see [`Config::context_length`].
    pub max_position_embeddings: usize,
    /// Added to the mean square or the variance in norms.
    pub norm_eps: f64,
    /// Rotary positions.
    pub rope: Rope,
    /// Rotary positions of layers whose positions are [`Positions::Local`].
    pub local_rope: Option<Rope>,
    /// Whether the output head is the embedding table.
    pub tie_word_embeddings: bool,
    /// Token that begins a context.
    pub bos_token_id: Option<u32>,
    /// Tokens that end an answer.
    pub eos_token_ids: Vec<u32>,
    /// Token that fills.
    pub pad_token_id: Option<u32>,
    /// A score head, if it has one.
    pub scores: Option<ScoreHead>,
    /// Pixels along a side of a patch, if the model sees. No `config.json` says it: the weights
    /// do.
    pub patch_size: Option<usize>,
    /// What the operands of products are rounded to while it computes on the processor. No file
    /// says it.
    pub precision: Precision,
    /// What the decoder computes where families differ.
    pub switches: Switches,
    /// The fields of the `config.json` that was read: what this program does not know goes out as
    /// it came in. Empty for a model made from nothing.
    pub source: Map<String, Value>,
}

/// Where families differ. The default is plain Llama.
#[derive(Clone, Debug, PartialEq)]
pub struct Switches {
    /// The norms.
    pub norm: NormKind,
    /// Where norms stand.
    pub norms_at: NormsAt,
    /// Norms of queries and keys, before their rotation.
    pub query_key_norm: QueryKeyNorm,
    /// Biases of queries, keys and values.
    pub qkv_bias: bool,
    /// Bias of attention's output.
    pub output_bias: bool,
    /// Biases of the feed-forward network.
    pub mlp_bias: bool,
    /// Whether the feed-forward network has a gate: `f(gate) * up`, otherwise `f(up)`.
    pub gated: bool,
    /// The `f` of the feed-forward network.
    pub activation: Activation,
    /// A table of positions is added to the embeddings.
    pub learned_positions: bool,
    /// What embeddings are multiplied by.
    pub embedding_scale: Option<f32>,
    /// What products of queries and keys are multiplied by; `1 / sqrt(head_dim)` if `None`.
    pub attention_scale: Option<f32>,
    /// Soft cap of attention's scores.
    pub attention_softcap: Option<f32>,
    /// Soft cap of the logits.
    pub final_softcap: Option<f32>,
    /// What layers differ in, one each; all are plain if it is empty.
    pub layers: Vec<LayerKind>,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            norm: NormKind::Rms,
            norms_at: NormsAt::Before,
            query_key_norm: QueryKeyNorm::Absent,
            qkv_bias: false,
            output_bias: false,
            mlp_bias: false,
            gated: true,
            activation: Activation::Silu,
            learned_positions: false,
            embedding_scale: None,
            attention_scale: None,
            attention_softcap: None,
            final_softcap: None,
            layers: Vec::new(),
        }
    }
}

/// A kind of norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// RMSNorm.
    Rms,
    /// RMSNorm whose stored weight is the gain less 1.
    RmsPlusOne,
    /// LayerNorm with a bias.
    Layer,
}

/// Where a layer's norms stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormsAt {
    /// Before attention and before the feed-forward network.
    Before,
    /// After each, before it joins the residual stream.
    After,
    /// Before and after each.
    Around,
}

/// Norms of queries and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKeyNorm {
    /// None.
    Absent,
    /// Each head by itself, one gain for all.
    PerHead,
    /// All heads together.
    Whole,
}

/// What is particular about a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerKind {
    /// A row sees this many keys; all before it, if `None`.
    pub window: Option<usize>,
    /// Its positions.
    pub positions: Positions,
}

/// Positions that a layer's queries and keys are rotated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// By [`Config::rope`].
    Global,
    /// By [`Config::local_rope`].
    Local,
    /// Not rotated.
    Unrotated,
}

/// A plain Llama decoder without sizes: they must be given.
impl Default for Config {
    fn default() -> Self {
        Config {
            family: Family::Llama,
            vocab_size: 0,
            hidden_size: 0,
            intermediate_size: 0,
            num_hidden_layers: 0,
            num_attention_heads: 0,
            num_key_value_heads: 0,
            head_dim: 0,
            max_position_embeddings: 0,
            norm_eps: 1e-6,
            rope: Rope::plain(10_000.0, 0),
            local_rope: None,
            tie_word_embeddings: false,
            bos_token_id: None,
            eos_token_ids: Vec::new(),
            pad_token_id: None,
            scores: None,
            patch_size: None,
            precision: Precision::F32,
            switches: Switches::default(),
            source: Map::new(),
        }
    }
}

impl Config {
    /// Whether the model has a head of tokens of its own: those that only score have none.
    pub(crate) fn has_token_head(&self) -> bool {
        !self.tie_word_embeddings && self.scores.is_none_or(|head| head.kind == ScoreKind::Beside)
    }

    /// Parameters in all.
    pub fn parameters(&self) -> u64 {
        let size = |n: usize| n as u64;
        let (width, inner) = (size(self.hidden_size), size(self.intermediate_size));
        let (queries, keys) = (size(self.heads().width()), size(self.heads().kv_width()));
        let switches = &self.switches;
        let norm = if switches.norm == NormKind::Layer { 2 * width } else { width };
        let norms = if switches.norms_at == NormsAt::Around { 4 } else { 2 };
        let query_key_norms = match switches.query_key_norm {
            QueryKeyNorm::Absent => 0,
            QueryKeyNorm::PerHead => 2 * size(self.head_dim),
            QueryKeyNorm::Whole => queries + keys,
        };
        let branches = if switches.gated { 2 } else { 1 };
        let biases = u64::from(switches.qkv_bias) * (queries + 2 * keys)
            + u64::from(switches.output_bias) * width
            + u64::from(switches.mlp_bias) * (branches * inner + width);
        let matrices = width.saturating_mul(2 * queries + 2 * keys + (branches + 1) * inner);
        let layer = matrices.saturating_add(norms * norm + query_key_norms + biases);
        let tables = if self.has_token_head() { 2 } else { 1 };
        let positions = if switches.learned_positions { size(self.max_position_embeddings) } else { 0 };
        let rows = size(self.vocab_size).saturating_mul(tables).saturating_add(positions);
        rows.saturating_mul(width)
            .saturating_add(layer.saturating_mul(size(self.num_hidden_layers)))
            .saturating_add(norm)
    }

    /// The attention heads.
    pub fn heads(&self) -> Heads {
        Heads { heads: self.num_attention_heads, kv_heads: self.num_key_value_heads, head_dim: self.head_dim }
    }

    /// What is particular about a layer.
    pub fn layer(&self, number: usize) -> LayerKind {
        let plain = LayerKind { window: None, positions: Positions::Global };
        self.switches.layers.get(number).copied().unwrap_or(plain)
    }

    /// How a layer scores keys, and which ones a row sees.
    pub fn scores(&self, layer: usize) -> Scores {
        let heads = self.heads();
        Scores {
            heads,
            scale: self.switches.attention_scale.unwrap_or_else(|| heads.scale()),
            window: self.layer(layer).window,
            softcap: self.switches.attention_softcap,
            precision: self.precision,
        }
    }

    /// Tokens that a sequence may have. LongRoPE has other angles for sequences beyond the original
    /// context; until [`Config::stretched`] selects those, a sequence ends there.
    pub fn context_length(&self) -> usize {
        match self.rope.scaling {
            RopeScaling::Long { original, stretched: false, .. } => original.min(self.max_position_embeddings),
            _ => self.max_position_embeddings,
        }
    }

    /// The same model for its whole context: LongRoPE's long factors for every sequence, however
    /// short. Other models are as they were.
    pub fn stretched(mut self) -> Config {
        if let RopeScaling::Long { stretched, .. } = &mut self.rope.scaling {
            *stretched = true;
        }
        self
    }

    /// Reads a `config.json`, in the dialect of transformers 4 (flat `rope_theta`) or 5
    /// (`rope_parameters`).
    pub fn from_json(text: &str) -> Result<Config, ModelFault> {
        let source: Map<String, Value> =
            serde_json::from_str(text).map_err(|source| ModelFault::Config(source.to_string()))?;
        Config::from_fields(source)
    }

    /// The same of the fields of a `config.json`.
    pub(crate) fn from_fields(source: Map<String, Value>) -> Result<Config, ModelFault> {
        let family = Family::of(&source)?;
        let mut config = family.read(&source)?;
        config.scores = ScoreHead::named(family, &source)?;
        config.source = source;
        Ok(config)
    }

    pub(crate) fn validate(&self) -> Result<(), ModelFault> {
        let wrong = |what: String| Err(ModelFault::Config(what));
        let (heads, shared) = (self.num_attention_heads, self.num_key_value_heads);
        if shared == 0 || heads == 0 || !heads.is_multiple_of(shared) {
            return wrong(format!("num_attention_heads {heads} is not a multiple of num_key_value_heads {shared}"));
        }
        if self.head_dim == 0 {
            return wrong(format!("head_dim is 0: hidden_size {} over {heads} heads", self.hidden_size));
        }
        Ok(())
    }
}
