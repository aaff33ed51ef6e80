//! AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101).

use kernels::slices::adamw_step;

use super::{Memory, Step};

/// Added to the root of the second moment, as in PyTorch.
const EPSILON: f64 = 1e-8;

pub(super) fn step(values: &mut [f32], step: &Step, memory: &mut Memory) {
    memory.first.resize(values.len(), 0.0);
    memory.second.resize(values.len(), 0.0);
    let settings = kernels::slices::AdamW {
        lr: step.learning_rate as f32,
        beta1: step.betas.0 as f32,
        beta2: step.betas.1 as f32,
        eps: EPSILON as f32,
        weight_decay: step.weight_decay as f32,
        step: u64::from(step.number),
        grad_scale: step.scale as f32,
    };
    adamw_step(values, step.gradient, &mut memory.first, &mut memory.second, &settings);
}
