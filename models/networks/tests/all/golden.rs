//! The same numbers as transformers, on checkpoints that it made.

use burn::tensor::{Gradients, Tensor};
use networks::{Packed, Weight, WeightMut};

use crate::fixtures::{after, close, decoder, folders, ids, log_probs, numbers, recorded};

#[test]
fn log_probabilities_are_those_of_transformers() {
    for folder in folders() {
        let (decoder, golden) = (decoder(&folder), recorded(&folder));
        let sequences: Vec<Vec<u32>> = golden["input_ids"].as_array().expect("sequences").iter().map(ids).collect();
        let found = log_probs(&decoder, &sequences);
        for (found, wanted) in found.iter().zip(golden["log_probs"].as_array().expect("sequences")) {
            close(found, &numbers(wanted), &folder.display().to_string());
        }
    }
}

/// The logits of transformers, as log-softmax: the whole distribution after prefixes of the first
/// sequence.
#[test]
fn distributions_are_those_of_transformers() {
    for folder in folders() {
        let (decoder, golden) = (decoder(&folder), recorded(&folder));
        let sequence = ids(&golden["input_ids"][0]);
        // at some places of the first sequence, or at every place of each
        let (places, rows) = match golden["logits_at"].is_null() {
            true => ((0..sequence.len() as u32).collect(), &golden["logits"][0]),
            false => (ids(&golden["logits_at"]), &golden["logits"]),
        };
        for (place, logits) in places.into_iter().zip(rows.as_array().expect("rows")) {
            let logits = numbers(logits);
            let top = logits.iter().copied().fold(f64::MIN, f64::max);
            let sum = top + logits.iter().map(|logit| (logit - top).exp()).sum::<f64>().ln();
            let wanted: Vec<f64> = logits.iter().map(|logit| logit - sum).collect();
            close(&after(&decoder, &sequence[..=place as usize]), &wanted, &folder.display().to_string());
        }
    }
}

#[test]
fn greedy_continuations_are_those_of_transformers() {
    for folder in folders() {
        let (decoder, golden) = (decoder(&folder), recorded(&folder));
        if golden["prompt"].is_null() {
            continue;
        }
        let mut sequence = ids(&golden["prompt"]);
        for wanted in ids(&golden["continuation"]) {
            let scores = after(&decoder, &sequence);
            let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).expect("a vocabulary");
            assert_eq!(best as u32, wanted, "{}: after {sequence:?}", folder.display());
            sequence.push(wanted);
        }
    }
}

/// Training: the mean loss over both sequences, and the length of its gradient over every weight.
/// Weights that a file fuses are several of ours, which is the same length.
#[test]
fn losses_and_gradients_are_those_of_transformers() {
    for folder in folders() {
        let (mut decoder, golden) = (decoder(&folder), recorded(&folder));
        let Some(wanted) = golden["grad_norm"].as_f64() else { continue };
        decoder.map(&mut |weight| match weight {
            WeightMut::Vector(vector) => *vector = Tensor::from_inner(vector.clone()).require_grad(),
            WeightMut::Matrix(matrix) => *matrix = Tensor::from_inner(matrix.clone()).require_grad(),
        });
        let sequences: Vec<Vec<u32>> = golden["input_ids"].as_array().expect("sequences").iter().map(ids).collect();
        let packed = Packed::of(sequences.into_iter());
        let rows = packed.ids.len();
        let lasts: Vec<usize> = packed.sequences.iter().map(|segment| segment.start + segment.len - 1).collect();
        let taught = (rows - lasts.len()) as f32;
        let weights = (0..rows).map(|row| if lasts.contains(&row) { 0.0 } else { -1.0 / taught }).collect();
        let weights = kernels::from_vec(weights, [rows], &crate::fixtures::cpu().autodiff());
        let loss = (packed.log_probs(&decoder) * weights).sum();
        let mut found = loss.backward();
        let mut squares = 0.0;
        decoder.visit(&mut |name, weight| {
            let square = match weight {
                Weight::Vector(vector) => square(vector, &mut found),
                Weight::Matrix(matrix) | Weight::Table(matrix) => square(matrix, &mut found),
            };
            // of the positions, and of tokens, only what was shown has a gradient; of a weight, all
            assert!(square > 0.0, "{}: {name} is not trained", folder.display());
            squares += square;
        });
        close(&networks::values(&loss.inner()), &[golden["loss"].as_f64().expect("a loss")], "loss");
        let (found, what) = (f64::sqrt(squares), folder.display());
        assert!((found - wanted).abs() < 1e-4 * wanted, "{what}: a gradient of {found}, not {wanted}");
    }
}

fn square<const D: usize>(weight: &Tensor<D>, found: &mut Gradients) -> f64 {
    let gradient = weight.grad_remove(found).map(|gradient| networks::values(&gradient));
    gradient.iter().flatten().map(|&x| f64::from(x) * f64::from(x)).sum()
}
