//! Forward passes against the plain versions.

use crate::numbers::{Rng, assert_bits, assert_close, wide};
use crate::plain;
use kernels::slices::*;
use kernels::{Path, force_path};

const TOLERANCE: f64 = 1e-5;
/// Where operands are rounded to bf16.
const ROUNDED: f64 = 1e-2;

/// Sizes around the kernels' edges: empty, one, primes, a vector, a tile, more than a block of
/// depth.
const MNK: [(usize, usize, usize); 16] = [
    (0, 3, 5),
    (1, 1, 1),
    (1, 129, 64),
    (2, 7, 3),
    (3, 200, 5),
    (7, 48, 31),
    (8, 49, 32),
    (9, 16, 256),
    (17, 1, 300),
    (17, 97, 13),
    (18, 50, 257),
    (64, 128, 128),
    (101, 23, 521),
    (5, 5, 0),
    (300, 31, 17),
    (130, 1000, 40),
];

#[test]
fn products_of_every_layout() {
    let mut rng = Rng(1);
    for (m, n, k) in MNK {
        let (a, b, c0) = (rng.floats(m * k), rng.floats(k * n), rng.floats(m * n));
        let expected = plain::matmul(&wide(&a), &wide(&b), m, k, n);
        let sum: Vec<f64> = expected.iter().zip(&c0).map(|(x, c)| x + f64::from(*c)).collect();
        let (mut at, mut bt) = (vec![0.0; m * k], vec![0.0; k * n]);
        transpose(&a, m, k, &mut at);
        transpose(&b, k, n, &mut bt);
        for (name, a) in [("N", Matrix::new(&a, m, k)), ("T", Matrix::new(&at, k, m).t())] {
            for (name_b, b) in [("N", Matrix::new(&b, k, n)), ("T", Matrix::new(&bt, n, k).t())] {
                let what = format!("{name}{name_b} {m} {n} {k}");
                let mut c = c0.clone();
                gemm(a, b, MatrixMut::new(&mut c, m, n), false);
                assert_close(&what, &c, &expected, TOLERANCE);
                let mut c = c0.clone();
                gemm(a, b, MatrixMut::new(&mut c, m, n), true);
                assert_close(&what, &c, &sum, TOLERANCE);
            }
        }
    }
}

/// The nearest bf16 number; of two that are equally near, the even one.
fn to_bf16(x: f32) -> f32 {
    let below = x.to_bits() & 0xffff_0000;
    let [low, high] = [below, below + 0x1_0000].map(f32::from_bits);
    let [down, up] = [low, high].map(|y| (f64::from(x) - f64::from(y)).abs());
    let low_is_even = below & 0x1_0000 == 0;
    if down < up || (down == up && low_is_even) { low } else { high }
}

#[test]
fn products_of_bf16_are_those_of_the_rounded_numbers() {
    let mut rng = Rng(2);
    // more rows, columns and depth than are packed at a time
    for (m, n, k) in MNK.into_iter().chain([(1601, 9, 31), (70, 1601, 33), (67, 50, 4203)]) {
        let (a, b, c0) = (rng.floats(m * k), rng.floats(k * n), rng.floats(m * n));
        let [ra, rb] = [&a, &b].map(|x| x.iter().copied().map(to_bf16).collect::<Vec<_>>());
        let rounded = plain::matmul(&wide(&ra), &wide(&rb), m, k, n);
        let expected: Vec<f64> = rounded.iter().zip(&c0).map(|(x, c)| x + f64::from(*c)).collect();
        let exact = plain::matmul(&wide(&a), &wide(&b), m, k, n);
        let mut c = c0.clone();
        Precision::Bf16.gemm(Matrix::new(&a, m, k), Matrix::new(&b, k, n), MatrixMut::new(&mut c, m, n), true);
        assert_close("of rounded numbers", &c, &expected, 2.0 * TOLERANCE);
        // a sum of k products of numbers up to 1: its own size is about sqrt(k) / 3
        let size = (k as f64).sqrt().max(1.0);
        assert!(rounded.iter().zip(&exact).all(|(x, y)| (x - y).abs() <= ROUNDED * size), "{m} {n} {k}");
    }
}

#[test]
fn bf16_takes_what_is_not_normal_for_zero_and_keeps_what_is_no_number() {
    let one = |a: f32, b: f32, start: f32| {
        let mut c = [start];
        let (a, b) = ([a], [b]);
        Precision::Bf16.gemm(Matrix::new(&a, 1, 1), Matrix::new(&b, 1, 1), MatrixMut::new(&mut c, 1, 1), true);
        c[0]
    };
    for path in Path::available() {
        force_path(Some(path));
        assert_eq!(one(1e-39, 1e30, 0.0), 0.0, "{path:?}");
        assert_eq!(one(1e-30, 1e-10, 0.0), 0.0, "{path:?}");
        assert_eq!(one(0.0, 0.0, 1e-40), 0.0, "{path:?}");
        assert!(one(f32::NAN, 1.0, 0.0).is_nan() && one(f32::from_bits(0x7f80_0001), 1.0, 0.0).is_nan(), "{path:?}");
        assert_eq!(one(f32::INFINITY, 2.0, 0.0), f32::INFINITY, "{path:?}");
        assert_eq!(one(f32::MAX, 1.0, 0.0), f32::INFINITY, "rounded up, {path:?}");
    }
    force_path(None);
}

#[test]
fn products_stay_inside_their_view() {
    let (a, b) = (vec![1.0; 20 * 5], vec![1.0; 5 * 19]);
    for rows in [3, 20] {
        let mut c = vec![7.0; rows * 25];
        let a = Matrix::new(&a, 20, 5).row_range(0, rows);
        gemm(a, Matrix::new(&b, 5, 19), MatrixMut::new(&mut c, rows, 25).col_range(3, 19), false);
        for (i, &x) in c.iter().enumerate() {
            assert_eq!(x, if (3..22).contains(&(i % 25)) { 5.0 } else { 7.0 });
        }
    }
}

#[test]
fn rms_norm_of_every_width() {
    let mut rng = Rng(2);
    for (rows, d) in [(0, 4), (1, 1), (3, 7), (5, 16), (2, 37), (400, 128)] {
        let (x, gain) = (rng.floats(rows * d), rng.floats(d));
        let mut out = vec![0.0; x.len()];
        rms_norm(&x, &gain, 1e-5, &mut out);
        assert_close("rms_norm", &out, &plain::rms_norm(&wide(&x), &wide(&gain), f64::from(1e-5_f32)), TOLERANCE);
    }
}

#[test]
fn gates_from_far_below_to_far_above() {
    let mut rng = Rng(3);
    for (n, scale) in [(0, 1.0), (1, 1.0), (37, 10.0), (1000, 100.0), (40_000, 3.0)] {
        let gate: Vec<f32> = rng.floats(n).into_iter().map(|x| x * scale).collect();
        let up = rng.floats(n);
        let mut out = vec![0.0; n];
        for activation in [Activation::Silu, Activation::GeluTanh] {
            gated(activation, &gate, &up, &mut out);
            assert_close("gated", &out, &plain::gated(activation, &wide(&gate), &wide(&up)), TOLERANCE);
        }
    }
}

#[test]
fn layer_norm_of_every_width() {
    let mut rng = Rng(7);
    for (rows, d) in [(0, 4), (1, 1), (3, 7), (5, 16), (2, 37), (400, 128)] {
        let (x, gain, bias) = (rng.floats(rows * d), rng.floats(d), rng.floats(d));
        let mut out = vec![0.0; x.len()];
        layer_norm(&x, &gain, &bias, 1e-5, &mut out);
        let expected = plain::layer_norm(&wide(&x), &wide(&gain), &wide(&bias), f64::from(1e-5_f32));
        assert_close("layer_norm", &out, &expected, TOLERANCE);
    }
}

#[test]
fn a_capped_number_is_cap_times_tanh() {
    let mut x: Vec<f32> = (-4000..4000).map(|i| i as f32 * 0.05).collect();
    x.extend([0.0, -0.0, 1e-20, -1e-6, 0.6249 * 3.0, 0.6251 * 3.0, 1e30, f32::INFINITY, f32::NEG_INFINITY]);
    let expected: Vec<f64> = wide(&x).iter().map(|x| 3.0 * (x / 3.0).tanh()).collect();
    soft_cap(&mut x, 3.0);
    assert_close("soft cap", &x, &expected, 4e-7);
    let mut broken = [f32::NAN, 1.0];
    soft_cap(&mut broken, 3.0);
    assert!(broken[0].is_nan() && !broken[1].is_nan());
}

#[test]
fn part_of_a_head_is_turned_and_scaled() {
    let mut rng = Rng(8);
    let (x, positions) = (rng.floats(5 * 20), rng.ids(5, 50));
    let mut out = x.clone();
    let table = RopeTable::from_frequencies(10, &[1.0, 0.1, 0.01], 2.0, 50);
    rope(&mut out, &table, &positions);
    for (r, &p) in positions.iter().enumerate() {
        for head in [r * 20, r * 20 + 10] {
            for (i, frequency) in [1.0, 0.1, 0.01].into_iter().enumerate() {
                let (a, b) = (f64::from(x[head + i]), f64::from(x[head + 3 + i]));
                let (sin, cos) = (f64::from(p) * frequency).sin_cos();
                let expected = [2.0 * (a * cos - b * sin), 2.0 * (b * cos + a * sin)];
                assert_close("turned", &[out[head + i], out[head + 3 + i]], &expected, TOLERANCE);
            }
            assert_eq!(out[head + 6..head + 10], x[head + 6..head + 10], "the rest of the head");
        }
    }
}

#[test]
fn not_a_number_is_not_hidden() {
    let mut out = [0.0; 3];
    gated(Activation::Silu, &[f32::NAN, 1.0, 1.0], &[1.0, f32::NAN, 1.0], &mut out);
    assert!(out[0].is_nan() && out[1].is_nan() && !out[2].is_nan());
    assert!(log_sum_exp(&[0.0, f32::NAN, 1.0]).is_nan());
}

#[test]
fn rope_turns_each_head_by_its_position() {
    let mut rng = Rng(4);
    for (rows, heads, dim) in [(0, 1, 2), (1, 1, 2), (5, 3, 8), (7, 2, 32), (4, 1, 34), (300, 4, 64)] {
        let (x, positions) = (rng.floats(rows * heads * dim), rng.ids(rows, 500));
        let mut out = x.clone();
        let table = RopeTable::new(dim, 10_000.0, 500);
        rope(&mut out, &table, &positions);
        assert_close("rope", &out, &plain::rope(&wide(&x), dim, 10_000.0, &positions), TOLERANCE);
        rope_backward(&mut out, &table, &positions);
        assert_close("rope and back", &out, &wide(&x), TOLERANCE);
    }
}

pub(crate) fn segments(lengths: &[usize]) -> Vec<Segment> {
    let mut start = 0;
    let next = |&len: &usize| {
        let segment = Segment::new(start, len);
        start += len;
        segment
    };
    lengths.iter().map(next).collect()
}

/// Sequences of their own, and the same going on from the first.
pub(crate) fn layouts(lengths: &[usize]) -> [Vec<Segment>; 2] {
    let alone = segments(lengths);
    let behind = |(place, &segment): (usize, &Segment)| match place {
        0 => segment,
        _ => segment.behind(Rows { start: 0, len: lengths[0] }),
    };
    let sharing = alone.iter().enumerate().map(behind).collect();
    [alone, sharing]
}

pub(crate) const ATTENTION: [(&[usize], Heads); 8] = [
    (&[], Heads { heads: 2, kv_heads: 1, head_dim: 4 }),
    (&[1], Heads { heads: 1, kv_heads: 1, head_dim: 2 }),
    (&[5, 1, 0, 17], Heads { heads: 2, kv_heads: 2, head_dim: 32 }),
    (&[33, 16], Heads { heads: 6, kv_heads: 2, head_dim: 10 }),
    (&[70], Heads { heads: 4, kv_heads: 1, head_dim: 64 }),
    (&[150, 40, 31, 90], Heads { heads: 4, kv_heads: 2, head_dim: 16 }),
    (&[140, 3], Heads { heads: 9, kv_heads: 3, head_dim: 16 }),
    (&[40, 20], Heads { heads: 5, kv_heads: 5, head_dim: 32 }),
];

/// Plain attention over these heads, and each thing that may be particular about it.
pub(crate) fn every_way(heads: Heads) -> [Scores; 6] {
    let plain = Scores::from(heads);
    [
        plain,
        Scores { window: Some(1), ..plain },
        Scores { window: Some(7), ..plain },
        Scores { window: Some(40), scale: 0.4, ..plain },
        Scores { softcap: Some(0.7), ..plain },
        Scores { softcap: Some(1.5), window: Some(18), scale: 1.0, ..plain },
    ]
}

/// The same in both precisions.
pub(crate) fn in_both_precisions(heads: Heads) -> impl Iterator<Item = Scores> {
    let every = every_way(heads).into_iter();
    every.flat_map(|scores| [Precision::F32, Precision::Bf16].map(|precision| Scores { precision, ..scores }))
}

/// Each way in each layout.
pub(crate) fn each_layout(heads: Heads, layouts: &[Vec<Segment>; 2]) -> impl Iterator<Item = (Scores, &[Segment])> {
    in_both_precisions(heads).flat_map(move |scores| layouts.iter().map(move |segments| (scores, &segments[..])))
}

#[test]
fn attention_within_segments() {
    let mut rng = Rng(5);
    for (lengths, heads) in ATTENTION {
        let rows = lengths.iter().sum::<usize>();
        let (q, k, v) = (
            rng.floats(rows * heads.width()),
            rng.floats(rows * heads.kv_width()),
            rng.floats(rows * heads.kv_width()),
        );
        let (mut out, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        for (scores, segments) in each_layout(heads, &layouts(lengths)) {
            attention(&q, &k, &v, scores, segments, &mut out, &mut lse);
            let expected = plain::attention(&wide(&q), &wide(&k), &wide(&v), scores, segments);
            let tolerance = if scores.precision == Precision::F32 { TOLERANCE } else { ROUNDED };
            assert_close(&format!("attention {scores:?}"), &out, &expected, tolerance);
        }
    }
}

#[test]
fn a_row_behind_a_shared_prefix_has_the_bits_of_its_sequence_alone() {
    let mut rng = Rng(55);
    let (before, lengths) = (19, [23, 1, 40]);
    for heads in [Heads { heads: 4, kv_heads: 2, head_dim: 16 }, Heads { heads: 3, kv_heads: 1, head_dim: 10 }] {
        let [_, sharing] = layouts(&[&[before][..], &lengths].concat());
        let rows = before + lengths.iter().sum::<usize>();
        let widths = [heads.width(), heads.kv_width(), heads.kv_width()];
        let [q, k, v] = widths.map(|width| rng.floats(rows * width));
        for scores in in_both_precisions(heads) {
            let (mut out, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
            attention(&q, &k, &v, scores, &sharing, &mut out, &mut lse);
            for segment in &sharing {
                let own = |x: &[f32], width: usize| -> Vec<f32> {
                    (0..segment.whole()).flat_map(|place| x[segment.row(place) * width..][..width].to_vec()).collect()
                };
                let [q, k, v] = [(&q, widths[0]), (&k, widths[1]), (&v, widths[2])].map(|(x, width)| own(x, width));
                let (mut alone, mut sums) = (vec![0.0; q.len()], vec![0.0; segment.whole() * heads.heads]);
                attention(&q, &k, &v, scores, &[Segment::new(0, segment.whole())], &mut alone, &mut sums);
                assert_bits(&format!("out {scores:?}"), &own(&out, widths[0]), &alone);
                assert_bits(&format!("lse {scores:?}"), &own(&lse, heads.heads), &sums);
            }
        }
    }
}

#[test]
fn rows_outside_every_segment_are_zero() {
    let heads = Heads { heads: 1, kv_heads: 1, head_dim: 2 };
    let x = vec![1.0; 12];
    let (mut out, mut lse) = (vec![9.0; 12], vec![9.0; 6]);
    let segments = [Segment::new(1, 2), Segment::new(4, 1)];
    attention(&x, &x, &x, heads, &segments, &mut out, &mut lse);
    assert_eq!(out, [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn log_probabilities_of_targets() {
    let mut rng = Rng(6);
    for (rows, d, vocab) in [(0, 3, 5), (1, 1, 1), (5, 7, 3), (70, 32, 64), (9, 16, 1031)] {
        let (hidden, head, targets) = (rng.floats(rows * d), rng.floats(d * vocab), rng.ids(rows, vocab));
        let mut table = vec![0.0; head.len()];
        transpose(&head, d, vocab, &mut table);
        for cap in [None, Some(0.9)] {
            let expected = plain::token_log_probs(&wide(&hidden), &wide(&head), &targets, d, cap);
            for head in [Matrix::new(&head, d, vocab), Matrix::new(&table, vocab, d).t()] {
                let (mut out, mut lse) = (vec![0.0; rows], vec![0.0; rows]);
                token_log_probs(&hidden, head, &targets, cap, Precision::F32, &mut out, &mut lse);
                assert_close("log p", &out, &expected, TOLERANCE);
            }
        }
    }
}

#[test]
fn rates_are_rates() {
    assert!(kernels::measured_gflops() > 0.0 && kernels::peak_gflops(Precision::F32) > 0.0);
}
