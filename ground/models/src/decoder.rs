//! The one definition of the architecture, used for training and for rollouts alike.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use kernels::slices::RopeTable;
use nouns::{Key, Random};

use crate::Config;

/// A Llama-style decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied or untied head.
///
/// Matrices are kept `[in, out]`, the transpose of Hugging Face's files, so that `x · W` reads both row by row.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The shape.
    pub config: Config,
    /// Token table. `[vocab, width]`
    pub embedding: Tensor<2>,
    /// The layers, first to last.
    pub layers: Vec<Layer>,
    /// Gain of the last norm. `[width]`
    pub norm: Tensor<1>,
    /// Output head, unless it is the embedding table. `[width, vocab]`
    pub head: Option<Tensor<2>>,
    /// Angles of the rotary positions.
    rotation: Arc<RopeTable>,
}

/// One layer: attention, then a gated feed-forward network, each behind a norm and beside the residual stream.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Gain of the norm before attention. `[width]`
    pub attention_norm: Tensor<1>,
    /// `[width, heads * head_dim]`
    pub query: Tensor<2>,
    /// `[width, key_value_heads * head_dim]`
    pub key: Tensor<2>,
    /// `[width, key_value_heads * head_dim]`
    pub value: Tensor<2>,
    /// `[heads * head_dim, width]`
    pub output: Tensor<2>,
    /// Gain of the norm before the feed-forward network. `[width]`
    pub feed_forward_norm: Tensor<1>,
    /// `[width, inner]`
    pub gate: Tensor<2>,
    /// `[width, inner]`
    pub up: Tensor<2>,
    /// `[inner, width]`
    pub down: Tensor<2>,
}

/// What attention does with the rotated queries and keys and the values of a layer's rows: training attends within
/// packed sequences, decoding to a cache.
pub trait Attend {
    /// `query [rows, heads * head_dim]`, `key` and `value [rows, key_value_heads * head_dim]` to
    /// `[rows, heads * head_dim]`.
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2>;
}

impl Decoder {
    /// A decoder with random weights: normal, scaled so that every layer keeps the variance of the residual stream
    /// (output projections by 1/sqrt(2 · layers), as in GPT-2).
    pub fn random(config: Config, key: &Key, device: &Device) -> Decoder {
        let residual = 1.0 / ((2 * config.num_hidden_layers) as f64).sqrt();
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let queries = config.num_attention_heads * config.head_dim;
        let keys = config.num_key_value_heads * config.head_dim;
        let draw = |name: &str, rows: usize, columns: usize, scale: f64| {
            normal(&mut key.of(name).random(), [rows, columns], scale / (rows as f64).sqrt(), device)
        };
        let layer = |n: usize| Layer {
            attention_norm: Tensor::ones([width], device),
            query: draw(&format!("{n}.query"), width, queries, 1.0),
            key: draw(&format!("{n}.key"), width, keys, 1.0),
            value: draw(&format!("{n}.value"), width, keys, 1.0),
            output: draw(&format!("{n}.output"), queries, width, residual),
            feed_forward_norm: Tensor::ones([width], device),
            gate: draw(&format!("{n}.gate"), width, inner, 1.0),
            up: draw(&format!("{n}.up"), width, inner, 1.0),
            down: draw(&format!("{n}.down"), inner, width, residual),
        };
        Decoder {
            embedding: normal(
                &mut key.of("embedding").random(),
                [config.vocab_size, width],
                1.0 / (width as f64).sqrt(),
                device,
            ),
            layers: (0..config.num_hidden_layers).map(layer).collect(),
            norm: Tensor::ones([width], device),
            head: (!config.tie_word_embeddings).then(|| draw("head", width, config.vocab_size, 1.0)),
            rotation: Arc::new(RopeTable::new(config.head_dim, config.rope_theta, config.max_position_embeddings)),
            config,
        }
    }

    /// The last hidden state of every row, normed and ready for the head: `[rows, width]`.
    ///
    /// `ids` and `positions` name each row's token and its place in its own sequence; rows of different sequences may
    /// lie in any order that `attend` understands.
    pub fn hidden(&self, ids: Arc<[u32]>, positions: Arc<[u32]>, attend: &mut dyn Attend) -> Tensor<2> {
        let mut stream = kernels::embedding(self.embedding.clone(), ids);
        let rotate = |x: Tensor<2>| kernels::rope(x, self.rotation.clone(), positions.clone());
        for (number, layer) in self.layers.iter().enumerate() {
            stream = layer.forward(self.config.rms_norm_eps as f32, number, stream, &rotate, attend);
        }
        kernels::rms_norm(stream, self.norm.clone(), self.config.rms_norm_eps as f32)
    }

    /// Shows every weight, by Hugging Face's name, in a fixed order.
    pub fn visit(&self, see: &mut dyn FnMut(String, Weight<'_>)) {
        see("model.embed_tokens.weight".into(), Weight::Table(&self.embedding));
        for (n, layer) in self.layers.iter().enumerate() {
            layer.visit(n, see);
        }
        see("model.norm.weight".into(), Weight::Vector(&self.norm));
        if let Some(head) = &self.head {
            see("lm_head.weight".into(), Weight::Matrix(head));
        }
    }

    /// Replaces every weight, in the order of [`Decoder::visit`].
    pub fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        change(WeightMut::Matrix(&mut self.embedding));
        self.layers.iter_mut().for_each(|layer| layer.map(change));
        change(WeightMut::Vector(&mut self.norm));
        if let Some(head) = &mut self.head {
            change(WeightMut::Matrix(head));
        }
    }
}

/// A weight as it is shown by [`Decoder::visit`].
pub enum Weight<'a> {
    /// A gain: `[width]`.
    Vector(&'a Tensor<1>),
    /// A matrix kept `[in, out]`; Hugging Face's files hold its transpose.
    Matrix(&'a Tensor<2>),
    /// The token table, `[vocab, width]` here and in the files.
    Table(&'a Tensor<2>),
}

/// A weight as it is handed to [`Decoder::map`].
pub enum WeightMut<'a> {
    /// A gain.
    Vector(&'a mut Tensor<1>),
    /// A matrix or the token table.
    Matrix(&'a mut Tensor<2>),
}

impl Layer {
    fn forward(
        &self,
        eps: f32,
        number: usize,
        stream: Tensor<2>,
        rotate: &dyn Fn(Tensor<2>) -> Tensor<2>,
        attend: &mut dyn Attend,
    ) -> Tensor<2> {
        let normed = kernels::rms_norm(stream.clone(), self.attention_norm.clone(), eps);
        let query = rotate(kernels::linear(normed.clone(), self.query.clone()));
        let key = rotate(kernels::linear(normed.clone(), self.key.clone()));
        let value = kernels::linear(normed, self.value.clone());
        let attended = attend.attend(number, query, key, value);
        let stream = stream + kernels::linear(attended, self.output.clone());
        let normed = kernels::rms_norm(stream.clone(), self.feed_forward_norm.clone(), eps);
        let gate = kernels::linear(normed.clone(), self.gate.clone());
        let up = kernels::linear(normed, self.up.clone());
        stream + kernels::linear(kernels::swiglu(gate, up), self.down.clone())
    }

    fn visit(&self, n: usize, see: &mut dyn FnMut(String, Weight<'_>)) {
        let name = |part: &str| format!("model.layers.{n}.{part}.weight");
        see(name("input_layernorm"), Weight::Vector(&self.attention_norm));
        see(name("self_attn.q_proj"), Weight::Matrix(&self.query));
        see(name("self_attn.k_proj"), Weight::Matrix(&self.key));
        see(name("self_attn.v_proj"), Weight::Matrix(&self.value));
        see(name("self_attn.o_proj"), Weight::Matrix(&self.output));
        see(name("post_attention_layernorm"), Weight::Vector(&self.feed_forward_norm));
        see(name("mlp.gate_proj"), Weight::Matrix(&self.gate));
        see(name("mlp.up_proj"), Weight::Matrix(&self.up));
        see(name("mlp.down_proj"), Weight::Matrix(&self.down));
    }

    fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        change(WeightMut::Vector(&mut self.attention_norm));
        for matrix in [&mut self.query, &mut self.key, &mut self.value, &mut self.output] {
            change(WeightMut::Matrix(matrix));
        }
        change(WeightMut::Vector(&mut self.feed_forward_norm));
        for matrix in [&mut self.gate, &mut self.up, &mut self.down] {
            change(WeightMut::Matrix(matrix));
        }
    }
}

fn normal(random: &mut Random, shape: [usize; 2], deviation: f64, device: &Device) -> Tensor<2> {
    let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| (random.normal() * deviation) as f32).collect();
    kernels::from_vec(values, shape, device)
}
