use burn::tensor::Tensor;
use kernels::Precision;

use crate::LowRank;
use crate::weights::{Builder, Weight, WeightMut};

/// A linear map: `x · W`, plus a bias where there is one, plus what an adapter adds.
#[derive(Clone, Debug)]
pub struct Linear {
    /// `[in, out]`, so that the product reads both sides row by row.
    pub weight: Tensor<2>,
    /// `[out]`
    pub bias: Option<Tensor<1>>,
    /// What an adapter adds.
    pub(crate) low_rank: Option<LowRank>,
}

impl Linear {
    /// `x [rows, in]` to `[rows, out]`.
    pub fn forward(&self, x: Tensor<2>, precision: Precision) -> Tensor<2> {
        let added = self.low_rank.as_ref().map(|low_rank| low_rank.forward(x.clone(), precision));
        let y = kernels::linear(x, self.weight.clone(), precision);
        let y = match &self.bias {
            None => y,
            Some(bias) => kernels::add_bias(y, bias.clone()),
        };
        match added {
            None => y,
            Some(added) => y + added,
        }
    }

    /// `scale`: what the weights of a map made from nothing have as their deviation, times
    /// `1 / sqrt(in)`.
    pub(crate) fn build<E>(
        builder: &mut Builder<'_, E>,
        name: &str,
        word: String,
        shape: [usize; 2],
        scale: f64,
        bias: bool,
    ) -> Result<Linear, E> {
        let weight = builder.matrix(format!("{name}.weight"), shape, word, scale)?;
        let bias = bias.then(|| builder.vector(format!("{name}.bias"), shape[1], 0.0)).transpose()?;
        Ok(Linear { weight, bias, low_rank: None })
    }

    pub(crate) fn visit<'a>(&'a self, name: &str, see: &mut dyn FnMut(String, Weight<'a>)) {
        see(format!("{name}.weight"), Weight::Matrix(&self.weight));
        if let Some(bias) = &self.bias {
            see(format!("{name}.bias"), Weight::Vector(bias));
        }
    }

    pub(crate) fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        change(WeightMut::Matrix(&mut self.weight));
        if let Some(bias) = &mut self.bias {
            change(WeightMut::Vector(bias));
        }
    }
}
