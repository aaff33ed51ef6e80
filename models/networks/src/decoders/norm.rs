use burn::tensor::Tensor;

use crate::weights::{Builder, Weight, WeightMut};
use crate::{Config, NormKind};

/// A norm over rows, or over the equal parts of a row: the heads.
#[derive(Clone, Debug)]
pub struct Norm {
    /// As it is stored. `[width]`
    pub gain: Tensor<1>,
    /// LayerNorm's. `[width]`
    pub bias: Option<Tensor<1>>,
    kind: NormKind,
    eps: f32,
}

impl Norm {
    /// `x [rows, width]` to the same; a row of several widths is that many parts, each normed by
    /// itself.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let ([rows, width], part) = (x.dims(), self.gain.dims()[0]);
        if width == part {
            return self.rows(x);
        }
        self.rows(x.reshape([rows * width / part, part])).reshape([rows, width])
    }

    fn rows(&self, x: Tensor<2>) -> Tensor<2> {
        match (self.kind, &self.bias) {
            (NormKind::Layer, Some(bias)) => kernels::layer_norm(x, self.gain.clone(), bias.clone(), self.eps),
            (NormKind::RmsPlusOne, _) => kernels::rms_norm(x, self.gain.clone() + 1.0, self.eps),
            _ => kernels::rms_norm(x, self.gain.clone(), self.eps),
        }
    }

    pub(crate) fn kind(&self) -> NormKind {
        self.kind
    }

    pub(crate) fn eps(&self) -> f32 {
        self.eps
    }

    pub(crate) fn build<E>(builder: &mut Builder<'_, E>, name: &str, width: usize, config: &Config) -> Result<Norm, E> {
        let kind = config.switches.norm;
        let one = if kind == NormKind::RmsPlusOne { 0.0 } else { 1.0 };
        let gain = builder.vector(format!("{name}.weight"), width, one)?;
        let biased = kind == NormKind::Layer;
        let bias = biased.then(|| builder.vector(format!("{name}.bias"), width, 0.0)).transpose()?;
        Ok(Norm { gain, bias, kind, eps: config.norm_eps as f32 })
    }

    pub(crate) fn visit<'a>(&'a self, name: &str, see: &mut dyn FnMut(String, Weight<'a>)) {
        see(format!("{name}.weight"), Weight::Vector(&self.gain));
        if let Some(bias) = &self.bias {
            see(format!("{name}.bias"), Weight::Vector(bias));
        }
    }

    pub(crate) fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        change(WeightMut::Vector(&mut self.gain));
        if let Some(bias) = &mut self.bias {
            change(WeightMut::Vector(bias));
        }
    }
}
