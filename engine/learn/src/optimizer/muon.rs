//! Muon (Jordan et al. 2024, github.com/KellerJordan/Muon): a step along the nearest
//! semi-orthogonal matrix to the momentum, scaled so that its root mean square is AdamW's (Liu et
//! al. 2025, arXiv 2502.16982, section 2.2).

use burn::tensor::{Device, Tensor};

use super::{Step, WeightState};

/// Coefficients of the quintic iteration, and how often it is done: Jordan et al. 2024.
const QUINTIC: [f64; 3] = [3.4445, -4.7750, 2.0315];
const ITERATIONS: usize = 5;
/// What AdamW's updates have as root mean square: Liu et al. 2025, arXiv 2502.16982, equation 4.
const LIKE_ADAM: f64 = 0.2;

pub(super) fn step(values: &mut [f32], shape: [usize; 2], step: &Step, state: &mut WeightState, device: &Device) {
    state.first.resize(values.len(), 0.0);
    let (beta, scale) = (step.how.betas.0 as f32, step.how.scale as f32);
    // Nesterov's momentum: what the momentum will be at the next step.
    let ahead = state.first.iter_mut().zip(step.gradient).map(|(momentum, gradient)| {
        *momentum = beta * *momentum + scale * gradient;
        beta * *momentum + scale * gradient
    });
    let direction = orthogonal(ahead.collect(), shape, device);
    let rate = (step.how.learning_rate * LIKE_ADAM * (shape[0].max(shape[1]) as f64).sqrt()) as f32;
    let kept = 1.0 - (step.how.learning_rate * step.how.weight_decay) as f32;
    values.iter_mut().zip(direction).for_each(|(value, along)| *value = kept * *value - rate * along);
}

/// A matrix with the same singular vectors and singular values near one (between 0.7 and 1.2).
fn orthogonal(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Vec<f32> {
    let norm = values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt().max(1e-7);
    let mut x: Tensor<2> = kernels::from_vec(values, shape, device) / norm;
    let tall = shape[0] > shape[1];
    if tall {
        x = x.transpose();
    }
    let [a, b, c] = QUINTIC;
    for _ in 0..ITERATIONS {
        let square = x.clone().matmul(x.clone().transpose());
        let polynomial = square.clone() * b + square.clone().matmul(square) * c;
        x = x.clone() * a + polynomial.matmul(x);
    }
    networks::values(&if tall { x.transpose() } else { x })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nouns::Key;

    #[test]
    fn the_direction_is_nearly_orthogonal_whatever_the_gradient() {
        let device = networks::device(networks::DeviceKind::Cpu).expect("a processor");
        let mut random = Key::root(1).random();
        for shape in [[4, 6], [6, 4]] {
            let gradient: Vec<f32> = (0..24).map(|_| 100.0 * random.normal() as f32).collect();
            let found: Tensor<2> = kernels::from_vec(orthogonal(gradient, shape, &device), shape, &device);
            let wide = if shape[0] > shape[1] { found.transpose() } else { found };
            let square = networks::values(&wide.clone().matmul(wide.transpose()));
            for (place, value) in square.iter().enumerate() {
                let wanted = if place % 5 == 0 { 0.4..1.5 } else { -0.35..0.35 };
                assert!(wanted.contains(value), "{square:?}");
            }
        }
    }
}
