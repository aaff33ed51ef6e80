//! AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) over every weight of a decoder.

use burn::tensor::{Device, Tensor};
use kernels::slices::adamw_step;
use models::{Decoder, WeightMut};

/// First and second moments of every weight, in the decoder's order, and the steps taken.
#[derive(Default)]
pub(crate) struct Moments {
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
    steps: u32,
}

/// One step's settings.
pub(crate) struct Settings {
    pub(crate) learning_rate: f64,
    pub(crate) betas: (f64, f64),
    pub(crate) weight_decay: f64,
    /// What gradients are multiplied by: clipping.
    pub(crate) scale: f64,
}

/// Added to the root of the second moment, as in PyTorch.
const EPSILON: f64 = 1e-8;

impl Moments {
    /// Changes the decoder's weights by the gradients `[weights]`, in the decoder's order. Gains are not decayed.
    pub(crate) fn step(&mut self, decoder: &mut Decoder, gradients: &[Vec<f32>], settings: &Settings, device: &Device) {
        if self.first.is_empty() {
            self.first = gradients.iter().map(|gradient| vec![0.0; gradient.len()]).collect();
            self.second = self.first.clone();
        }
        self.steps += 1;
        let mut number = 0;
        decoder.map(&mut |weight| {
            let decay = if matches!(weight, WeightMut::Vector(_)) { 0.0 } else { settings.weight_decay };
            let step = kernels::slices::AdamW {
                lr: settings.learning_rate as f32,
                beta1: settings.betas.0 as f32,
                beta2: settings.betas.1 as f32,
                eps: EPSILON as f32,
                weight_decay: decay as f32,
                step: u64::from(self.steps),
                grad_scale: settings.scale as f32,
            };
            let (first, second) = (&mut self.first[number], &mut self.second[number]);
            let mut apply = |values: &mut [f32]| adamw_step(values, &gradients[number], first, second, &step);
            match weight {
                WeightMut::Vector(gain) => change(gain, &mut apply, device),
                WeightMut::Matrix(matrix) => change(matrix, &mut apply, device),
            }
            number += 1;
        });
    }
}

fn change<const D: usize>(tensor: &mut Tensor<D>, apply: &mut dyn FnMut(&mut [f32]), device: &Device) {
    let shape = tensor.dims();
    let mut values = models::values(tensor);
    apply(&mut values);
    *tensor = kernels::from_vec(values, shape, device);
}
