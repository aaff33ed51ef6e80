use burn::tensor::Tensor;

use crate::values;

/// LayerNorm over rows.
#[derive(Clone, Debug)]
pub(super) struct LayerNorm {
    /// `[width]`
    pub(super) gain: Tensor<1>,
    /// `[width]`
    pub(super) bias: Tensor<1>,
    pub(super) eps: f32,
}

impl LayerNorm {
    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        kernels::layer_norm(x, self.gain.clone(), self.bias.clone(), self.eps)
    }

    pub(super) fn show(&self, see: &mut dyn FnMut(&[f32])) {
        see(&values(&self.gain));
        see(&values(&self.bias));
    }
}
