//! AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101).

use burn::tensor::Tensor;
use kernels::slices::adamw_step;

use super::state::Kept;
use super::{How, Step, WeightState};

/// Added to the root of the second moment, as in PyTorch.
const EPSILON: f64 = 1e-8;

pub(super) fn step(values: &mut [f32], step: &Step, state: &mut WeightState) {
    state.first.resize(values.len(), 0.0);
    state.second.resize(values.len(), 0.0);
    let settings = kernels::slices::AdamW {
        lr: step.how.learning_rate as f32,
        beta1: step.how.betas.0 as f32,
        beta2: step.how.betas.1 as f32,
        eps: EPSILON as f32,
        weight_decay: step.how.weight_decay as f32,
        step: u64::from(step.how.number),
        grad_scale: step.how.scale as f32,
    };
    adamw_step(values, step.gradient, &mut state.first, &mut state.second, &settings);
}

/// The same on the weight's own device, whose library makes one pass of it.
pub(super) fn step_there<const D: usize>(tensor: &mut Tensor<D>, gradient: &Tensor<1>, how: &How, kept: &mut Kept) {
    let (shape, device) = (tensor.dims(), tensor.device());
    let len = shape.iter().product();
    let [first, second] = kept.there(len, &device);
    let (beta1, beta2) = how.betas;
    let gradient = gradient.clone() * how.scale;
    let first = first * beta1 + gradient.clone() * (1.0 - beta1);
    let second = second * beta2 + gradient.clone() * gradient * (1.0 - beta2);
    let steps = f64::from(how.number);
    let rate = how.learning_rate / (1.0 - beta1.powf(steps));
    let deviation = second.clone().sqrt() / (1.0 - beta2.powf(steps)).sqrt() + EPSILON;
    let values = tensor.clone().reshape([len]) * (1.0 - how.learning_rate * how.weight_decay);
    *tensor = (values - first.clone() / deviation * rate).reshape(shape);
    *kept = Kept::There([first, second]);
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;
    use nouns::Key;

    #[test]
    fn there_it_takes_the_steps_that_it_takes_here() {
        let device = networks::device(networks::DeviceKind::Cpu).expect("a processor");
        let mut random = Key::root(1).random();
        let mut numbers = || (0..12).map(|_| random.normal() as f32).collect::<Vec<f32>>();
        let mut values = numbers();
        let mut tensor: Tensor<2> = kernels::from_vec(values.clone(), [3, 4], &device);
        let (mut state, mut kept) = (WeightState::default(), Kept::default());
        for number in 1..=5 {
            let gradient = numbers();
            let how = How {
                rule: Rule::Adamw,
                learning_rate: 0.01,
                betas: (0.9, 0.98),
                weight_decay: 0.1,
                scale: 0.5,
                number,
            };
            step(&mut values, &Step { gradient: &gradient, how }, &mut state);
            step_there(&mut tensor, &kernels::from_vec(gradient, [12], &device), &how, &mut kept);
            let there = networks::values(&tensor);
            let near = values.iter().zip(&there).all(|(here, there)| (here - there).abs() < 1e-6);
            assert!(near, "step {number}: {values:?}, {there:?}");
        }
        let remembered = kept.here();
        assert!(state.second.iter().zip(&remembered.second).all(|(here, there)| (here - there).abs() < 1e-6));
    }
}
