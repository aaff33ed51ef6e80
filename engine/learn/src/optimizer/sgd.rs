//! Gradient descent with momentum, as in PyTorch: `m = beta m + g`, `w = w - lr (m + decay w)`.

use super::{Step, WeightState};

pub(super) fn step(values: &mut [f32], step: &Step, state: &mut WeightState) {
    state.first.resize(values.len(), 0.0);
    let (beta, scale, rate) = (step.how.betas.0 as f32, step.how.scale as f32, step.how.learning_rate as f32);
    let kept = 1.0 - (step.how.learning_rate * step.how.weight_decay) as f32;
    for ((value, momentum), gradient) in values.iter_mut().zip(&mut state.first).zip(step.gradient) {
        *momentum = beta * *momentum + scale * gradient;
        *value = kept * *value - rate * *momentum;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{How, Rule};
    use super::*;

    #[test]
    fn two_steps_with_momentum() {
        let (mut values, mut state) = (vec![1.0, -2.0], WeightState::default());
        for number in 1..=2 {
            let how =
                How { rule: Rule::Sgd, learning_rate: 0.1, betas: (0.9, 0.0), weight_decay: 0.0, scale: 2.0, number };
            step(&mut values, &Step { gradient: &[0.5, 1.0], how }, &mut state);
        }
        // Momentum is 1 and then 1.9 for the first, twice that for the second.
        assert!((values[0] - (1.0 - 0.1 * 2.9)).abs() < 1e-6 && (values[1] - (-2.0 - 0.1 * 5.8)).abs() < 1e-6);
    }
}
