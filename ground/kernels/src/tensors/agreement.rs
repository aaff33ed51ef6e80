//! Whether a device computes what the processor does: drivers differ, and some are wrong.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::functions::{add_bias, attention, embedding, gated, layer_norm, linear, rms_norm, rope, token_log_probs};
use super::memory::{from_vec, with_slice};
use crate::slices::{Activation, Heads, Precision, RopeTable, Rows, Scores, Segment};

/// One operation's worst difference to the processor's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The operation.
    pub operation: &'static str,
    /// Of its value, relative to the greatest number there.
    pub value: f32,
    /// Of its gradients, likewise.
    pub gradient: f32,
}

type Operation = (&'static str, Vec<[usize; 2]>, Box<dyn Fn(&[Tensor<2>]) -> Tensor<2>>);

const HEADS: Heads = Heads { heads: 4, kv_heads: 2, head_dim: 8 };
/// Lengths of packed sequences.
const LENGTHS: [usize; 4] = [5, 1, 40, 37];
const ROWS: usize = 83;
const VOCABULARY: usize = 50;

/// Every operation, with numbers that are the same every time.
pub fn agreements(device: &Device) -> Vec<Agreement> {
    operations().iter().map(|operation| agreement(operation, device)).collect()
}

fn operations() -> Vec<Operation> {
    let positions: Arc<[u32]> = LENGTHS.iter().flat_map(|&length| 0..length as u32).collect();
    let ids: Arc<[u32]> = (0..ROWS).map(|row| (row * row * 7 % VOCABULARY) as u32).collect();
    let table = Arc::new(RopeTable::new(HEADS.head_dim, 1e4, 64));
    let (queries, keys) = ([ROWS, HEADS.width()], [ROWS, HEADS.kv_width()]);
    let attend = |window, softcap| {
        let scores = Scores { window, softcap, ..HEADS.into() };
        move |x: &[Tensor<2>]| attention(x[0].clone(), x[1].clone(), x[2].clone(), scores, segments())
    };
    let share = |x: &[Tensor<2>]| {
        let behind = |segment: &Segment| segment.behind(Rows { start: 0, len: LENGTHS[0] });
        let [first, rest @ ..] = &*segments() else { unreachable!("there are some") };
        let sharing = std::iter::once(*first).chain(rest.iter().map(behind)).collect();
        attention(x[0].clone(), x[1].clone(), x[2].clone(), HEADS, sharing)
    };
    let (ids_of_rows, row) = (ids.clone(), |t: &Tensor<2>| t.clone().reshape([t.dims()[1]]));
    let targets = ids.clone();
    vec![
        ("linear", vec![[ROWS, 24], [24, 40]], Box::new(|x| linear(x[0].clone(), x[1].clone(), Precision::F32))),
        ("add_bias", vec![[ROWS, 24], [1, 24]], Box::new(move |x| add_bias(x[0].clone(), row(&x[1])))),
        ("rms_norm", vec![[ROWS, 24], [1, 24]], Box::new(move |x| rms_norm(x[0].clone(), row(&x[1]), 1e-5))),
        (
            "layer_norm",
            vec![[ROWS, 24], [1, 24], [1, 24]],
            Box::new(move |x| layer_norm(x[0].clone(), row(&x[1]), row(&x[2]), 1e-5)),
        ),
        ("rope", vec![queries], Box::new(move |x| rope(x[0].clone(), table.clone(), positions.clone()))),
        ("gated", vec![[ROWS, 24], [ROWS, 24]], Box::new(|x| gated(Activation::Silu, x[0].clone(), x[1].clone()))),
        ("attention", vec![queries, keys, keys], Box::new(attend(None, None))),
        ("attention in a window", vec![queries, keys, keys], Box::new(attend(Some(6), Some(2.0)))),
        ("attention behind a prefix", vec![queries, keys, keys], Box::new(share)),
        ("embedding", vec![[VOCABULARY, 24]], Box::new(move |x| embedding(x[0].clone(), ids_of_rows.clone()))),
        (
            "token_log_probs",
            vec![[ROWS, 24], [VOCABULARY, 24]],
            Box::new(move |x| {
                let (hidden, head) = (x[0].clone(), x[1].clone());
                token_log_probs(hidden, head, targets.clone(), true, None, Precision::F32).reshape([ROWS, 1])
            }),
        ),
    ]
}

fn segments() -> Arc<[Segment]> {
    let mut start = 0;
    let segment = |&len: &usize| {
        start += len;
        Segment::new(start - len, len)
    };
    LENGTHS.iter().map(segment).collect()
}

fn agreement((operation, shapes, f): &Operation, device: &Device) -> Agreement {
    let [here, there] = [&Device::flex(), device].map(|device| computed(shapes, f, device));
    let worst = |here: &[f32], there: &[f32]| {
        let greatest = here.iter().fold(f32::MIN_POSITIVE, |greatest, x| greatest.max(x.abs()));
        let worst = here.iter().zip(there).map(|(here, there)| (here - there).abs() / greatest);
        worst.fold(0.0, |worst, x| if x > worst || x.is_nan() { x } else { worst })
    };
    let each = here.iter().zip(&there).map(|(here, there)| worst(here, there));
    let each: Vec<f32> = each.collect();
    Agreement { operation, value: each[0], gradient: each[1..].iter().copied().fold(0.0, f32::max) }
}

/// The value and the gradients by every input of half the sum of its squares.
fn computed(shapes: &[[usize; 2]], f: &dyn Fn(&[Tensor<2>]) -> Tensor<2>, device: &Device) -> Vec<Vec<f32>> {
    let device = device.clone().autodiff();
    let input = |(number, &[rows, columns]): (usize, &[usize; 2])| {
        let numbers = (0..rows * columns).map(|place| ((place * (number + 3)) as f32 * 0.7).sin()).collect();
        from_vec(numbers, [rows, columns], &device).require_grad()
    };
    let inputs: Vec<Tensor<2>> = shapes.iter().enumerate().map(input).collect();
    let out = f(&inputs);
    let gradients = (out.clone() * out.clone()).sum().mul_scalar(0.5).backward();
    let found = inputs.iter().map(|input| input.grad(&gradients));
    let found = found.map(|gradient| gradient.as_ref().map(values).unwrap_or_default());
    std::iter::once(values(&out)).chain(found).collect()
}

fn values(tensor: &Tensor<2>) -> Vec<f32> {
    let there = || tensor.clone().into_data().convert::<f32>().try_into_vec::<f32>().unwrap_or_default();
    with_slice(tensor, <[f32]>::to_vec).unwrap_or_else(there)
}
