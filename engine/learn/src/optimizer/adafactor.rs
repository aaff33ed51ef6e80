//! Adafactor (Shazeer & Stern 2018, arXiv 1804.04235, algorithms 4 and 5), with the constants of
//! PyTorch's: a second moment of rows and one of columns stand for that of a matrix.

use super::{Step, WeightState};

/// The second moment's decay at step `t` is `1 - t^DECAY`.
const DECAY: f64 = -0.8;
/// Below this the root mean square of a weight is taken to be this: it is what steps are relative
/// to.
const LEAST: f64 = 1e-3;

pub(super) fn step(values: &mut [f32], shape: &[usize], step: &Step, state: &mut WeightState) {
    let gradient: Vec<f64> = step.gradient.iter().map(|&g| f64::from(g) * step.how.scale).collect();
    let fresh = f64::from(step.how.number).powf(DECAY);
    let estimate = match *shape {
        [rows, columns] => factored(&gradient, [rows, columns], fresh, state),
        _ => {
            let squares = gradient.iter().map(|g| g * g);
            follow(&mut state.second, squares, fresh);
            state.second.iter().map(|&v| f64::from(v)).collect()
        }
    };
    let tiny = f64::from(f32::EPSILON);
    let update = estimate.iter().zip(&gradient).map(|(&square, g)| g / square.max(tiny * tiny).sqrt());
    let update: Vec<f64> = update.collect();
    let rate = step.how.learning_rate.min(1.0 / f64::from(step.how.number).sqrt());
    let own = root_mean_square(values.iter().map(|&v| f64::from(v))).max(LEAST);
    // An update whose root mean square exceeds 1 is shortened to that.
    let along = -own * rate / root_mean_square(update.iter().copied()).max(1.0);
    let kept = 1.0 - step.how.learning_rate * step.how.weight_decay;
    for (value, update) in values.iter_mut().zip(update) {
        *value = (f64::from(*value) * kept + along * update) as f32;
    }
}

/// The estimate of every square from those of its row and its column.
fn factored(gradient: &[f64], [rows, columns]: [usize; 2], fresh: f64, state: &mut WeightState) -> Vec<f64> {
    let row = |row: &[f64]| row.iter().map(|g| g * g).sum::<f64>() / columns as f64;
    follow(&mut state.first, gradient.chunks(columns).map(row), fresh);
    let mut sums = vec![0.0; columns];
    for row in gradient.chunks(columns) {
        sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g * g);
    }
    follow(&mut state.second, sums.into_iter().map(|sum| sum / rows as f64), fresh);
    let mean = state.first.iter().map(|&r| f64::from(r)).sum::<f64>() / rows as f64;
    let mean = mean.max(f64::from(f32::EPSILON));
    let of_row = |r: &f32| {
        let share = f64::from(*r) / mean;
        state.second.iter().map(move |&c| share * f64::from(c))
    };
    state.first.iter().flat_map(of_row).collect()
}

/// Moves the running mean towards the new values by the share `fresh`.
fn follow(state: &mut Vec<f32>, new: impl ExactSizeIterator<Item = f64>, fresh: f64) {
    state.resize(new.len(), 0.0);
    state.iter_mut().zip(new).for_each(|(old, new)| *old += (fresh * (new - f64::from(*old))) as f32);
}

fn root_mean_square(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len().max(1) as f64;
    (numbers.map(|x| x * x).sum::<f64>() / count).sqrt()
}
