//! The one definition of the architecture, used for training and for rollouts alike.

use std::convert::Infallible;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use nouns::Key;

use crate::algebra::{Algebra, Tables, Tensors};
use crate::decoders::attend::Attend;
use crate::decoders::patches::{PATCH_EMBEDDING, PatchEmbedding};
use crate::decoders::rope::Rotation;
use crate::decoders::score_head::SCORE;
use crate::weights::{Builder, Initial, Wanted, Weight, WeightMut};
use crate::{Config, Layer, Linear, Lora, Norm};

/// A decoder: embeddings, layers, a norm and a head. What families differ in are
/// [`crate::Switches`] of its configuration.
///
/// Matrices are kept `[in, out]`, the transpose of most of Hugging Face's files, so that `x · W`
/// reads both row by row.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The shape.
    pub config: Config,
    /// Token table. `[vocab, width]`
    pub embedding: Tensor<2>,
    /// Table of positions, for families that learn them. `[max_position_embeddings, width]`
    pub positions: Option<Tensor<2>>,
    /// The layers, first to last.
    pub layers: Vec<Layer>,
    /// The last norm. `[width]`
    pub norm: Norm,
    /// Output head, unless it is the embedding table or the model only scores. `[width, vocab]`
    pub head: Option<Tensor<2>>,
    /// Score head, if there is one. `[width, outputs]`
    pub score: Option<Linear>,
    /// The patch embedding of pictures, if the model sees.
    pub patch_embedding: Option<PatchEmbedding>,
    /// The adapter that is on the layers' linear maps.
    pub(crate) adapter: Option<Arc<Lora>>,
    /// Angles of the rotary positions.
    rotation: Rotation,
    /// Those of layers with positions of their own.
    local_rotation: Rotation,
}

pub(crate) const TOKENS: &str = "model.embed_tokens.weight";
const POSITIONS: &str = "model.embed_positions.weight";
const NORM: &str = "model.norm";
pub(crate) const HEAD: &str = "lm_head.weight";

impl Decoder {
    /// A decoder with random weights: normal, scaled so that every layer keeps the variance of the
    /// residual stream (output projections by 1/sqrt(2 · layers), as in GPT-2).
    pub fn random(config: Config, key: &Key, device: &Device) -> Decoder {
        let Ok(decoder) = Decoder::build::<Infallible>(config, device, &mut |wanted| Ok(random(wanted, key)));
        decoder
    }

    /// A decoder whose weights are asked for one by one, in the order of [`Decoder::visit`].
    pub(crate) fn build<E>(
        config: Config,
        device: &Device,
        values: &mut dyn FnMut(&Wanted) -> Result<Vec<f32>, E>,
    ) -> Result<Decoder, E> {
        let builder = &mut Builder { device, values };
        let (width, vocab) = (config.hidden_size, config.vocab_size);
        let local = config.local_rope.as_ref().unwrap_or(&config.rope);
        Ok(Decoder {
            embedding: builder.table(TOKENS, [vocab, width], "embedding")?,
            positions: match config.switches.learned_positions {
                true => Some(builder.table(POSITIONS, [config.max_position_embeddings, width], "positions")?),
                false => None,
            },
            layers: (0..config.num_hidden_layers)
                .map(|n| Layer::build(builder, &config, n))
                .collect::<Result<_, E>>()?,
            norm: Norm::build(builder, NORM, width, &config)?,
            head: match config.has_token_head() {
                true => Some(builder.matrix(HEAD.into(), [width, vocab], "head".into(), 1.0)?),
                false => None,
            },
            score: config.scores.map(|head| head.build(builder, width)).transpose()?,
            patch_embedding: config.patch_size.map(|side| PatchEmbedding::build(builder, side, width)).transpose()?,
            adapter: None,
            rotation: Rotation::new(&config.rope, config.head_dim),
            local_rotation: Rotation::new(local, config.head_dim),
            config,
        })
    }

    /// The last hidden state of every row, normed and ready for the head: `[rows, width]`.
    ///
    /// `ids` and `positions` name each row's token and its place in its own sequence; rows of
    /// different sequences may lie in any order that `attend` understands.
    pub fn hidden(&self, ids: Arc<[u32]>, positions: Arc<[u32]>, attend: &mut dyn Attend) -> Tensor<2> {
        let stream = self.embedded(ids, &positions);
        let mut tensors = self.tensors(positions, attend);
        run(&self.config, &self.layers, &self.norm, stream, &mut tensors)
    }

    /// What the first layer is given: `[rows, width]`. Rows of pictures are put in their places
    /// here.
    pub(crate) fn embedded(&self, ids: Arc<[u32]>, positions: &Arc<[u32]>) -> Tensor<2> {
        let seen = self.patch_embedding.as_ref().and_then(|own| Some((own, own.among(&ids)?)));
        let ids = seen.as_ref().map_or(ids, |(_, seen)| seen.words.as_slice().into());
        let mut stream = kernels::embedding(self.embedding.clone(), ids);
        if let Some(scale) = self.config.switches.embedding_scale {
            stream = stream * scale;
        }
        if let Some((patch_embedding, seen)) = seen {
            stream = patch_embedding.scattered(stream, seen, self.config.precision);
        }
        if let Some(table) = &self.positions {
            stream = stream + kernels::embedding(table.clone(), positions.clone());
        }
        stream
    }

    /// One layer alone, of what the layer before it gives: `[rows, width]` to the same.
    pub(crate) fn layer(
        &self,
        number: usize,
        stream: Tensor<2>,
        positions: Arc<[u32]>,
        attend: &mut dyn Attend,
    ) -> Tensor<2> {
        self.layers[number].forward(&self.config, number, stream, &mut self.tensors(positions, attend))
    }

    /// The operations on rows at these positions.
    fn tensors<'a>(&self, positions: Arc<[u32]>, attend: &'a mut dyn Attend) -> Tensors<'a> {
        let tables =
            Tables { global: self.rotation.reaching(&positions), local: self.local_rotation.reaching(&positions) };
        Tensors::new(self.config.precision, tables, positions, attend)
    }

    /// Angles of the rotary positions, and those of layers with positions of their own.
    pub(crate) fn rotations(&self) -> (&Rotation, &Rotation) {
        (&self.rotation, &self.local_rotation)
    }

    /// Log-probability of each row's target: `hidden [rows, width]` to `[rows]`.
    pub fn log_probs(&self, hidden: Tensor<2>, targets: Arc<[u32]>) -> Tensor<1> {
        let head = self.head.as_ref().unwrap_or(&self.embedding).clone();
        let (cap, precision) = (self.config.switches.final_softcap, self.config.precision);
        kernels::token_log_probs(hidden, head, targets, self.head.is_none(), cap, precision)
    }

    /// The logit of each row's target: `hidden [rows, width]` to `[rows]`. Less its log-probability
    /// it is the logarithm of what the row's softmax divides by.
    pub fn target_logits(&self, hidden: Tensor<2>, targets: Arc<[u32]>) -> Tensor<1> {
        let table = match &self.head {
            Some(head) => head.clone().transpose(),
            None => self.embedding.clone(),
        };
        let rows = hidden.dims()[0];
        let logits = (hidden * kernels::embedding(table, targets)).sum_dim(1).reshape([rows]);
        match self.config.switches.final_softcap {
            Some(cap) => (logits / cap).tanh() * cap,
            None => logits,
        }
    }

    /// Log-probabilities of the whole vocabulary: `hidden [rows, width]` to `[rows, vocabulary]`.
    /// All of it is in memory at once.
    pub fn distributions(&self, hidden: Tensor<2>) -> Tensor<2> {
        burn::tensor::activation::log_softmax(self.logits(hidden), 1)
    }

    /// The logits of the whole vocabulary: `hidden [rows, width]` to `[rows, vocabulary]`.
    pub fn logits(&self, hidden: Tensor<2>) -> Tensor<2> {
        let head = match &self.head {
            Some(head) => head.clone(),
            None => self.embedding.clone().transpose(),
        };
        let logits = kernels::linear(hidden, head, self.config.precision);
        match self.config.switches.final_softcap {
            Some(cap) => (logits / cap).tanh() * cap,
            None => logits,
        }
    }

    /// Shows every weight but those of an adapter in a fixed order, by the name that Hugging Face
    /// gives it in Llama and its kind: families that fuse or name weights differently in their
    /// files do so only there.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(String, Weight<'a>)) {
        see(TOKENS.into(), Weight::Table(&self.embedding));
        if let Some(positions) = &self.positions {
            see(POSITIONS.into(), Weight::Table(positions));
        }
        for (n, layer) in self.layers.iter().enumerate() {
            layer.visit(self.config.switches.norms_at, n, see);
        }
        self.norm.visit(NORM, see);
        if let Some(head) = &self.head {
            see(HEAD.into(), Weight::Matrix(head));
        }
        if let Some(score) = &self.score {
            score.visit(SCORE, see);
        }
        if let Some(patch_embedding) = &self.patch_embedding {
            patch_embedding.projection.visit(PATCH_EMBEDDING, see);
        }
    }

    /// Replaces every weight, in the order of [`Decoder::visit`].
    pub fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        change(WeightMut::Matrix(&mut self.embedding));
        if let Some(positions) = &mut self.positions {
            change(WeightMut::Matrix(positions));
        }
        self.layers.iter_mut().for_each(|layer| layer.map(change));
        self.norm.map(change);
        if let Some(head) = &mut self.head {
            change(WeightMut::Matrix(head));
        }
        if let Some(score) = &mut self.score {
            score.map(change);
        }
        if let Some(patch_embedding) = &mut self.patch_embedding {
            patch_embedding.projection.map(change);
        }
    }
}

/// All layers and the last norm, over whatever rows are.
pub(crate) fn run<A: Algebra>(
    config: &Config,
    layers: &[Layer<A::Map, A::Norm>],
    norm: &A::Norm,
    stream: A::Rows,
    algebra: &mut A,
) -> A::Rows {
    let each = layers.iter().enumerate();
    let stream = each.fold(stream, |stream, (number, layer)| layer.forward(config, number, stream, algebra));
    algebra.norm(norm, &stream)
}

/// The values of a weight made from nothing.
fn random(wanted: &Wanted, key: &Key) -> Vec<f32> {
    let length = wanted.shape.len();
    match &wanted.initial {
        Initial::Constant(constant) => vec![*constant; length],
        Initial::Normal { word, deviation } => {
            let mut random = key.of(word).random();
            (0..length).map(|_| (random.normal() * deviation) as f32).collect()
        }
    }
}
