//! A layer of an encoder: every token attends to every other; norms stand behind both halves.

use burn::tensor::{Tensor, activation};
use kernels::Precision;

use super::norm::LayerNorm;
use super::source::Source;
use crate::{ModelFault, values};

/// A linear map with its bias.
#[derive(Clone, Debug)]
struct Map {
    /// `[in, out]`
    weight: Tensor<2>,
    /// `[out]`
    bias: Tensor<1>,
}

impl Map {
    fn read(source: &mut Source, name: &str, shape: [usize; 2]) -> Result<Map, ModelFault> {
        let (weight, bias) = source.linear(name, shape)?;
        Ok(Map { weight, bias })
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        kernels::add_bias(kernels::linear(x, self.weight.clone(), Precision::F32), self.bias.clone())
    }
}

/// A layer.
#[derive(Clone, Debug)]
pub(super) struct EncoderLayer {
    queries: Map,
    keys: Map,
    values: Map,
    attended: Map,
    attention_norm: LayerNorm,
    up: Map,
    down: Map,
    norm: LayerNorm,
    heads: usize,
}

impl EncoderLayer {
    pub(super) fn read(
        source: &mut Source,
        number: usize,
        (width, inner, heads): (usize, usize, usize),
        eps: f32,
    ) -> Result<EncoderLayer, ModelFault> {
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        Ok(EncoderLayer {
            queries: Map::read(source, &name("attention.self.query"), [width, width])?,
            keys: Map::read(source, &name("attention.self.key"), [width, width])?,
            values: Map::read(source, &name("attention.self.value"), [width, width])?,
            attended: Map::read(source, &name("attention.output.dense"), [width, width])?,
            attention_norm: source.norm(&name("attention.output.LayerNorm"), width, eps)?,
            up: Map::read(source, &name("intermediate.dense"), [width, inner])?,
            down: Map::read(source, &name("output.dense"), [inner, width])?,
            norm: source.norm(&name("output.LayerNorm"), width, eps)?,
            heads,
        })
    }

    /// `x [tokens, width]` of one text to the same.
    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.attention_norm.forward(x.clone() + self.attended.forward(self.attend(x)));
        let inner = activation::gelu(self.up.forward(x.clone()));
        self.norm.forward(x + self.down.forward(inner))
    }

    fn attend(&self, x: Tensor<2>) -> Tensor<2> {
        let [tokens, width] = x.dims();
        let part = width / self.heads;
        // [tokens, width] to [heads, tokens, part]
        let split = |x: Tensor<2>| x.reshape([tokens, self.heads, part]).swap_dims(0, 1);
        let queries = split(self.queries.forward(x.clone())) * (1.0 / (part as f64).sqrt());
        let scores = queries.matmul(split(self.keys.forward(x.clone())).swap_dims(1, 2));
        let seen = activation::softmax(scores, 2).matmul(split(self.values.forward(x)));
        seen.swap_dims(0, 1).reshape([tokens, width])
    }

    pub(super) fn show(&self, see: &mut dyn FnMut(&[f32])) {
        for map in [&self.queries, &self.keys, &self.values, &self.attended, &self.up, &self.down] {
            see(&values(&map.weight));
            see(&values(&map.bias));
        }
        self.attention_norm.show(see);
        self.norm.show(see);
    }
}
