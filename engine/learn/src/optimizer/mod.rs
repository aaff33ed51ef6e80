//! What turns gradients into steps.

mod adamw;
mod muon;
mod sgd;

use burn::tensor::{Device, Tensor};
use models::{Decoder, WeightMut};
use serde::{Deserialize, Serialize};

/// The rule by which weights follow gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Adam with decoupled decay (Loshchilov & Hutter 2019, arXiv 1711.05101).
    Adamw,
    /// Plain gradient descent with momentum `beta1`; no second moment.
    Sgd,
    /// Orthogonalised momentum for matrices, AdamW for gains and the token table (Jordan et al. 2024; Liu et al. 2025,
    /// arXiv 2502.16982).
    Muon,
}

/// What all steps share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) rule: Rule,
    pub(crate) betas: (f64, f64),
    pub(crate) weight_decay: f64,
}

/// What one weight's step is made of.
struct Step<'a> {
    gradient: &'a [f32],
    learning_rate: f64,
    betas: (f64, f64),
    /// Decoupled: 0 for gains.
    weight_decay: f64,
    /// What the gradient is multiplied by: clipping.
    scale: f64,
    /// Counted from 1.
    number: u32,
}

/// What is remembered of one weight.
#[derive(Clone, Default)]
struct Memory {
    first: Vec<f32>,
    second: Vec<f32>,
}

/// A rule with its memory of every weight, in the decoder's order.
pub(crate) struct Optimizer {
    settings: Settings,
    memory: Vec<Memory>,
    steps: u32,
}

impl Optimizer {
    pub(crate) fn new(settings: Settings) -> Optimizer {
        Optimizer { settings, memory: Vec::new(), steps: 0 }
    }

    /// Changes the decoder's weights by the gradients `[weights]`, in the decoder's order. Gains are not decayed.
    pub(crate) fn step(
        &mut self,
        decoder: &mut Decoder,
        gradients: &[Vec<f32>],
        learning_rate: f64,
        scale: f64,
        device: &Device,
    ) {
        self.steps += 1;
        self.memory.resize(gradients.len(), Memory::default());
        let mut number = 0;
        decoder.map(&mut |weight| {
            let is_gain = matches!(weight, WeightMut::Vector(_));
            // The token table is the first weight: its rows are no map from one space to another.
            let rule = match self.settings.rule {
                Rule::Muon if is_gain || number == 0 => Rule::Adamw,
                rule => rule,
            };
            let step = Step {
                gradient: &gradients[number],
                learning_rate,
                betas: self.settings.betas,
                weight_decay: if is_gain { 0.0 } else { self.settings.weight_decay },
                scale,
                number: self.steps,
            };
            let memory = &mut self.memory[number];
            match weight {
                WeightMut::Vector(gain) => change(gain, rule, &step, memory, device),
                WeightMut::Matrix(matrix) => change(matrix, rule, &step, memory, device),
            }
            number += 1;
        });
    }
}

fn change<const D: usize>(tensor: &mut Tensor<D>, rule: Rule, step: &Step, memory: &mut Memory, device: &Device) {
    let shape = tensor.dims();
    let mut values = models::values(tensor);
    match rule {
        Rule::Adamw => adamw::step(&mut values, step, memory),
        Rule::Sgd => sgd::step(&mut values, step, memory),
        Rule::Muon => muon::step(&mut values, [shape[0], shape[D - 1]], step, memory, device),
    }
    *tensor = kernels::from_vec(values, shape, device);
}
