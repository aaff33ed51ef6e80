//! Backward passes against central differences of the plain versions.

use crate::numbers::{Rng, assert_close, wide};
use crate::plain;
use crate::values::{ATTENTION, every_way, layouts};
use kernels::slices::*;

const TOLERANCE: f64 = 1e-4;

/// The gradient of `sum(dy * f(inputs))` by every element of every input.
fn differences(inputs: &[&[f32]], dy: &[f32], f: impl Fn(&[Vec<f64>]) -> Vec<f64>) -> Vec<Vec<f64>> {
    let mut inputs: Vec<Vec<f64>> = inputs.iter().map(|x| wide(x)).collect();
    let loss = |inputs: &[Vec<f64>]| f(inputs).iter().zip(dy).map(|(y, &d)| y * f64::from(d)).sum::<f64>();
    let shapes: Vec<usize> = inputs.iter().map(Vec::len).collect();
    let mut all = Vec::new();
    for (i, n) in shapes.into_iter().enumerate() {
        let mut one = |j: usize| {
            let (x, h) = (inputs[i][j], 1e-5);
            inputs[i][j] = x + h;
            let up = loss(&inputs);
            inputs[i][j] = x - h;
            let down = loss(&inputs);
            inputs[i][j] = x;
            (up - down) / (2.0 * h)
        };
        all.push((0..n).map(&mut one).collect());
    }
    all
}

#[test]
fn rms_norm_gradients() {
    let mut rng = Rng(11);
    for (rows, d) in [(0, 4), (1, 3), (5, 17), (70, 6)] {
        let (x, gain, dy) = (rng.floats(rows * d), rng.floats(d), rng.floats(rows * d));
        let (mut dx, mut d_gain) = (vec![0.0; rows * d], vec![0.0; d]);
        rms_norm_backward(&x, &gain, 1e-5, &dy, &mut dx, &mut d_gain);
        let expected = differences(&[&x, &gain], &dy, |i| plain::rms_norm(&i[0], &i[1], f64::from(1e-5_f32)));
        assert_close("dx", &dx, &expected[0], TOLERANCE);
        assert_close("d_gain", &d_gain, &expected[1], TOLERANCE);
    }
}

#[test]
fn layer_norm_and_bias_gradients() {
    let mut rng = Rng(16);
    for (rows, d) in [(0, 4), (1, 3), (5, 17), (70, 6)] {
        let (x, gain, bias) = (rng.floats(rows * d), rng.floats(d), rng.floats(d));
        let dy = rng.floats(rows * d);
        let (mut dx, mut d_gain, mut d_bias) = (vec![0.0; rows * d], vec![0.0; d], vec![0.0; d]);
        layer_norm_backward(&x, &gain, 1e-5, &dy, &mut dx, &mut d_gain, &mut d_bias);
        let plain = |i: &[Vec<f64>]| plain::layer_norm(&i[0], &i[1], &i[2], f64::from(1e-5_f32));
        let expected = differences(&[&x, &gain, &bias], &dy, plain);
        assert_close("dx", &dx, &expected[0], TOLERANCE);
        assert_close("d_gain", &d_gain, &expected[1], TOLERANCE);
        assert_close("d_bias", &d_bias, &expected[2], TOLERANCE);
        let mut sums = vec![0.0; d];
        bias_backward(&dy, &mut sums);
        assert_close("bias", &sums, &expected[2], TOLERANCE);
    }
}

#[test]
fn gate_gradients() {
    let mut rng = Rng(12);
    for n in [0, 1, 37] {
        let gate: Vec<f32> = rng.floats(n).iter().map(|x| 5.0 * x).collect();
        let (up, dy) = (rng.floats(n), rng.floats(n));
        for activation in [Activation::Silu, Activation::GeluTanh] {
            let (mut d_gate, mut d_up) = (gate.clone(), up.clone());
            gated_backward(activation, &mut d_gate, &mut d_up, &dy);
            let expected = differences(&[&gate, &up], &dy, |i| plain::gated(activation, &i[0], &i[1]));
            assert_close("d_gate", &d_gate, &expected[0], TOLERANCE);
            assert_close("d_up", &d_up, &expected[1], TOLERANCE);
        }
    }
}

#[test]
fn attention_gradients() {
    let mut rng = Rng(13);
    for (lengths, heads) in ATTENTION {
        let lengths: Vec<usize> = lengths.iter().map(|l| (*l).min(34)).collect();
        let heads = Heads { head_dim: heads.head_dim.min(6), ..heads };
        let (layouts, rows) = (layouts(&lengths[..lengths.len().min(2)]), lengths.iter().take(2).sum::<usize>());
        let (q, dy) = (rng.floats(rows * heads.width()), rng.floats(rows * heads.width()));
        let (k, v) = (rng.floats(rows * heads.kv_width()), rng.floats(rows * heads.kv_width()));
        let (mut out, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        let [plain, _, windowed, _, _, all_at_once] = every_way(heads);
        let ways = if heads.heads < 4 { vec![plain, windowed, all_at_once] } else { vec![plain, all_at_once] };
        for (scores, segments) in
            ways.into_iter().flat_map(|scores| layouts.iter().map(move |segments| (scores, segments)))
        {
            attention(&q, &k, &v, scores, segments, &mut out, &mut lse);
            let (mut dq, mut dk, mut dv) = (vec![9.0; q.len()], vec![9.0; k.len()], vec![9.0; v.len()]);
            let forward = AttentionForward { q: &q, k: &k, v: &v, out: &out, lse: &lse };
            attention_backward(forward, &dy, scores, segments, &mut dq, &mut dk, &mut dv);
            let plain = |i: &[Vec<f64>]| plain::attention(&i[0], &i[1], &i[2], scores, segments);
            let expected = differences(&[&q, &k, &v], &dy, plain);
            assert_close("dq", &dq, &expected[0], TOLERANCE);
            assert_close("dk", &dk, &expected[1], TOLERANCE);
            assert_close("dv", &dv, &expected[2], TOLERANCE);
        }
    }
}

#[test]
fn log_probability_gradients() {
    let mut rng = Rng(14);
    for (rows, d, vocab) in [(0, 3, 5), (1, 1, 1), (5, 7, 3), (11, 4, 37)] {
        let (hidden, head, targets) = (rng.floats(rows * d), rng.floats(d * vocab), rng.ids(rows, vocab));
        let mut dy = rng.floats(rows);
        dy.iter_mut().step_by(3).for_each(|x| *x = 0.0);
        let mut table = vec![0.0; head.len()];
        transpose(&head, d, vocab, &mut table);
        for (tied, cap) in [(false, None), (true, None), (false, Some(0.9)), (true, Some(0.9))] {
            let plain = |i: &[Vec<f64>]| plain::token_log_probs(&i[0], &i[1], &targets, d, cap);
            let expected = differences(&[&hidden, &head], &dy, plain);
            let head = if tied { Matrix::new(&table, vocab, d).t() } else { Matrix::new(&head, d, vocab) };
            let (mut out, mut lse) = (vec![0.0; rows], vec![0.0; rows]);
            token_log_probs(&hidden, head, &targets, cap, Precision::F32, &mut out, &mut lse);
            let (mut d_hidden, mut d_head) = (vec![0.0; rows * d], vec![0.0; d * vocab]);
            let f32 = Precision::F32;
            token_log_probs_backward(&hidden, head, &targets, cap, f32, &lse, &dy, &mut d_hidden, &mut d_head, tied);
            assert_close("d_hidden", &d_hidden, &expected[0], TOLERANCE);
            let by_head = if tied { plain::transpose(&expected[1], d, vocab) } else { expected[1].clone() };
            assert_close("d_head", &d_head, &by_head, TOLERANCE);
        }
    }
}

#[test]
fn embedding_and_its_gradient() {
    let mut rng = Rng(15);
    let (table, ids, dy) = (rng.floats(7 * 5), vec![3, 0, 3, 6], rng.floats(4 * 5));
    let mut out = vec![0.0; 20];
    embedding(&table, 5, &ids, &mut out);
    let mut d_table = vec![0.0; 35];
    embedding_backward(&dy, 5, &ids, &mut d_table);
    for j in 0..5 {
        assert_eq!(out[j], table[15 + j]);
        assert_eq!(d_table[15 + j], dy[j] + dy[10 + j]);
        assert_eq!(d_table[j], dy[5 + j]);
        assert_eq!(d_table[5 + j], 0.0);
    }
}
