//! What turns gradients into steps.

mod adafactor;
mod adamw;
#[cfg(test)]
mod golden;
mod muon;
mod sgd;
mod state;

use burn::tensor::{Device, Tensor};
use networks::{Decoder, WeightMut};
use serde::{Deserialize, Serialize};

use crate::layers::layer_of;
use crate::numbers::Numbers;

pub use state::OptimizerState;
use state::{Kept, WeightState};

/// The rule by which weights follow gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Adam with decoupled decay (Loshchilov & Hutter 2019, arXiv 1711.05101).
    Adamw,
    /// Plain gradient descent with momentum `beta1`; no second moment.
    Sgd,
    /// Orthogonalised momentum for matrices, AdamW for gains, tables and heads (Jordan et al. 2024;
    /// Liu et al. 2025, arXiv 2502.16982).
    Muon,
    /// Steps relative to the weights, with a second moment of rows and columns in the place of one
    /// of every weight (Shazeer & Stern 2018, arXiv 1804.04235): takes hardly any memory.
    Adafactor,
}

/// What all steps share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) rule: Rule,
    pub(crate) betas: (f64, f64),
    pub(crate) weight_decay: f64,
}

/// How one weight is stepped.
#[derive(Clone, Copy)]
struct How {
    rule: Rule,
    learning_rate: f64,
    betas: (f64, f64),
    /// Decoupled: 0 for gains.
    weight_decay: f64,
    /// What the gradient is multiplied by: clipping.
    scale: f64,
    /// Counted from 1.
    number: u32,
}

/// What one weight's step is made of.
struct Step<'a> {
    gradient: &'a [f32],
    how: How,
}

/// A rule with its state.
#[derive(Clone)]
pub(crate) struct Optimizer {
    settings: Settings,
    state: OptimizerState,
}

impl Optimizer {
    /// An optimizer that goes on with another's state, or begins with none.
    pub(crate) fn new(settings: Settings, state: Option<OptimizerState>) -> Optimizer {
        Optimizer { settings, state: state.unwrap_or_default() }
    }

    /// Its state.
    pub(crate) fn state(&self) -> &OptimizerState {
        &self.state
    }

    /// Changes the decoder's weights by the gradients `[weights]`, in the decoder's order, each at
    /// its own rate `[weights]`; at rate 0 a weight stays as it is. Gains are not decayed.
    pub(crate) fn step(
        &mut self,
        decoder: &mut Decoder,
        gradients: &[Numbers],
        rates: &[f64],
        scale: f64,
        device: &Device,
    ) {
        let plain = plain_maps(decoder);
        self.state.steps += 1;
        self.state.of.resize(gradients.len(), Kept::default());
        let mut number = 0;
        decoder.map_trained(&mut |weight| {
            let place = number;
            number += 1;
            if rates[place] == 0.0 {
                return;
            }
            let is_gain = matches!(weight, WeightMut::Vector(_));
            // A table's or a head's rows are no map from one space to another.
            let rule = match self.settings.rule {
                Rule::Muon if is_gain || !plain[place] => Rule::Adamw,
                rule => rule,
            };
            let how = How {
                rule,
                learning_rate: rates[place],
                betas: self.settings.betas,
                weight_decay: if is_gain { 0.0 } else { self.settings.weight_decay },
                scale,
                number: self.state.steps,
            };
            let (gradient, kept) = (&gradients[place], &mut self.state.of[place]);
            match weight {
                WeightMut::Vector(gain) => change(gain, gradient, &how, kept, device),
                WeightMut::Matrix(matrix) => change(matrix, gradient, &how, kept, device),
            }
        });
    }
}

/// Which weights are matrices of layers, in the decoder's order.
fn plain_maps(decoder: &Decoder) -> Vec<bool> {
    let mut plain = Vec::new();
    decoder.visit_trained(&mut |name, _| plain.push(layer_of(&name).is_some()));
    plain
}

fn change<const D: usize>(tensor: &mut Tensor<D>, gradient: &Numbers, how: &How, kept: &mut Kept, device: &Device) {
    if let (Rule::Adamw, Numbers::There(gradient)) = (how.rule, gradient) {
        adamw::step_there(tensor, gradient, how, kept);
        return;
    }
    let shape = tensor.dims();
    let taken = std::mem::replace(tensor, kernels::from_vec(Vec::new(), [0; D], device));
    let (mut values, gradient, state) = (networks::into_values(taken), gradient.values(), kept.here());
    let step = Step { gradient: &gradient, how: *how };
    match how.rule {
        Rule::Adamw => adamw::step(&mut values, &step, state),
        Rule::Sgd => sgd::step(&mut values, &step, state),
        Rule::Muon => muon::step(&mut values, [shape[0], shape[D - 1]], &step, state, device),
        Rule::Adafactor => adafactor::step(&mut values, &shape, &step, state),
    }
    *tensor = kernels::from_vec(values, shape, device);
}
