//! What sequences begin with in common is computed once, and changes nothing, in every family.

use burn::tensor::Tensor;
use networks::{Alike, Decoder, Packed, Weight, WeightMut};

use crate::fixtures::{cpu, decoder, folders};

/// Two groups with a prompt each, and one sequence that shares nothing.
fn sequences() -> Vec<Vec<u32>> {
    let prompt = |first: u32, length: u32| (0..length).map(move |place| (first + 3 * place) % 11);
    let sequence = |first, length, answer: &[u32]| prompt(first, length).chain(answer.iter().copied()).collect();
    vec![
        sequence(1, 13, &[4, 5, 6]),
        sequence(1, 13, &[7]),
        sequence(1, 13, &[4, 6, 2, 9]),
        sequence(2, 3, &[5]),
        sequence(5, 10, &[3, 3]),
        sequence(5, 10, &[1, 2]),
    ]
}

/// Log-probabilities by sequence, and the gradient of their sum with a weight for each place.
fn read(decoder: &Decoder, packed: &Packed) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let mut tracked = decoder.clone();
    tracked.map(&mut |weight| match weight {
        WeightMut::Vector(vector) => *vector = Tensor::from_inner(vector.clone()).require_grad(),
        WeightMut::Matrix(matrix) => *matrix = Tensor::from_inner(matrix.clone()).require_grad(),
    });
    let found = packed.log_probs(&tracked);
    let (rows, mut slopes) = (networks::values(&found), vec![0.0; packed.ids.len()]);
    let places = || packed.sequences.iter().enumerate().flat_map(|(n, s)| (0..s.whole() - 1).map(move |p| (n, s, p)));
    places().for_each(|(number, sequence, place)| slopes[sequence.row(place)] += ((number * 7 + place) as f32).sin());
    let slopes = kernels::from_vec(slopes, [rows.len()], &cpu().autodiff());
    let mut gradients = (found * slopes).sum().backward();
    let mut by_weight = Vec::new();
    tracked.visit(&mut |_, weight| {
        by_weight.push(match weight {
            Weight::Vector(vector) => vector.grad_remove(&mut gradients).map(|found| networks::values(&found)),
            Weight::Matrix(matrix) | Weight::Table(matrix) => {
                matrix.grad_remove(&mut gradients).map(|found| networks::values(&found))
            }
        });
    });
    let of = |sequence: &kernels::Segment| (0..sequence.whole() - 1).map(|place| rows[sequence.row(place)]).collect();
    (packed.sequences.iter().map(of).collect(), by_weight.into_iter().map(Option::unwrap_or_default).collect())
}

#[test]
fn what_is_shared_has_the_same_bits_and_the_same_gradients() {
    let sequences = sequences();
    let alike = Alike::of(sequences.iter().map(Vec::as_slice));
    assert_eq!((alike.tokens(), alike.rows()), (75, 75 - 2 * 12 - 9));
    for folder in folders() {
        let decoder = decoder(&folder);
        let (shared, by_shared) = read(&decoder, &Packed::sharing(&alike));
        let (alone, by_alone) = read(&decoder, &Packed::of(sequences.iter().cloned()));
        let bits = |rows: &[Vec<f32>]| rows.iter().flatten().map(|x| x.to_bits()).collect::<Vec<u32>>();
        assert_eq!(bits(&shared), bits(&alone), "{}", folder.display());
        let length = |all: &[f32]| all.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        for (one, other) in by_shared.iter().zip(&by_alone) {
            let apart: Vec<f32> = one.iter().zip(other).map(|(one, other)| one - other).collect();
            assert_eq!(one.len(), other.len());
            assert!(length(&apart) <= 1e-4 * length(other) + 1e-5, "{}: {}", folder.display(), length(&apart));
        }
    }
}
