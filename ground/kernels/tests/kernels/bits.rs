//! The same bits: alone or in a batch, on one thread or two, with any instructions, from the cache
//! or from the trainer.

use crate::numbers::{Rng, assert_bits};
use crate::values::{ATTENTION, each_layout, in_both_precisions, layouts, segments};
use kernels::slices::*;
use kernels::{Path, force_path};
use std::sync::Arc;

fn on_threads<R: Send>(n: usize, f: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(f)
}

/// Every operation's outputs on one set of inputs, end to end in one vector.
fn everything() -> Vec<f32> {
    let mut rng = Rng(31);
    let (m, k, n) = (271, 141, 275);
    let (a, b) = (rng.floats(m * k), rng.floats(k * n));
    let mut all = Vec::new();
    for precision in [Precision::F32, Precision::Bf16] {
        let [mut c, mut dw, mut dx] = [m * n, k * n, m * k].map(|size| vec![0.0; size]);
        precision.gemm(Matrix::new(&a, m, k), Matrix::new(&b, k, n), MatrixMut::new(&mut c, m, n), false);
        precision.gemm(Matrix::new(&a, m, k).t(), Matrix::new(&c, m, n), MatrixMut::new(&mut dw, k, n), true);
        precision.gemm(Matrix::new(&c, m, n), Matrix::new(&b, k, n).t(), MatrixMut::new(&mut dx, m, k), false);
        all.extend([c, dw, dx].concat());
    }
    // more rows, columns and depth than are packed at a time, from operands of either order
    for (m, n, k) in [(1601, 61, 97), (61, 1601, 97), (67, 131, 4203)] {
        let (a, b) = (rng.floats(m * k), rng.floats(k * n));
        let mut c = rng.floats(m * n);
        let (a, b) = (Matrix::new(&a, k, m).t(), Matrix::new(&b, n, k).t());
        Precision::Bf16.gemm(a, b, MatrixMut::new(&mut c, m, n), true);
        all.extend(c);
    }
    all.extend(elementwise(&mut rng));
    all.extend(attention_passes(&mut rng));
    all.extend(head_passes(&mut rng));
    all
}

fn elementwise(rng: &mut Rng) -> Vec<f32> {
    let (rows, d) = (403, 134);
    let size = rows * d;
    let (x, y, dy, gain) = (rng.floats(size), rng.floats(size), rng.floats(size), rng.floats(d));
    let [mut o1, mut o2, mut o3] = [(); 3].map(|()| vec![0.0; size]);
    let mut d_gain = vec![0.0; d];
    rms_norm(&x, &gain, 1e-6, &mut o1);
    rms_norm_backward(&x, &gain, 1e-6, &dy, &mut o2, &mut d_gain);
    gated(Activation::Silu, &x, &y, &mut o3);
    let (mut o4, mut o5) = (x.clone(), y.clone());
    gated_backward(Activation::Silu, &mut o4, &mut o5, &dy);
    let mut rare = vec![0.0; 4 * size + 2 * d];
    let (first, rest) = rare.split_at_mut(size);
    let (second, rest) = rest.split_at_mut(size);
    let (third, rest) = rest.split_at_mut(size);
    let (fourth, rest) = rest.split_at_mut(size);
    let (d_gain_of_layer, d_bias) = rest.split_at_mut(d);
    layer_norm(&x, &gain, &gain, 1e-6, first);
    add_bias(first, &gain);
    layer_norm_backward(&x, &gain, 1e-6, &dy, second, d_gain_of_layer, d_bias);
    gated(Activation::GeluTanh, &x, &y, third);
    soft_cap(third, 0.3);
    fourth.copy_from_slice(&x);
    gated_backward(Activation::GeluTanh, fourth, &mut y.clone(), &dy);
    let (table, positions) = (RopeTable::new(d, 1e4, 64), rng.ids(rows, 64));
    let mut rotated = x.clone();
    rope(&mut rotated, &table, &positions);
    let settings = AdamW { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, step: 2, grad_scale: 0.3 };
    let (mut p, mut m, mut v) = (x.clone(), y, dy.iter().map(|x| x * x).collect::<Vec<_>>());
    adamw_step(&mut p, &dy, &mut m, &mut v, &settings);
    add_assign(&mut p, &x);
    let norm = vec![sum_of_squares(&x) as f32];
    [o1, o2, o3, o4, o5, rare, d_gain, rotated, p, m, v, norm].concat()
}

fn attention_passes(rng: &mut Rng) -> Vec<f32> {
    let (lengths, heads) = ATTENTION[5];
    let (layouts, rows) = (layouts(lengths), lengths.iter().sum::<usize>());
    let (q, dy) = (rng.floats(rows * heads.width()), rng.floats(rows * heads.width()));
    let (k, v) = (rng.floats(rows * heads.kv_width()), rng.floats(rows * heads.kv_width()));
    let mut all = Vec::new();
    for (scores, segments) in each_layout(heads, &layouts) {
        let (mut out, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        attention(&q, &k, &v, scores, segments, &mut out, &mut lse);
        let (mut dq, mut dk, mut dv) = (vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]);
        let forward = AttentionForward { q: &q, k: &k, v: &v, out: &out, lse: &lse };
        attention_backward(forward, &dy, scores, segments, &mut dq, &mut dk, &mut dv);
        all.extend([out, lse, dq, dk, dv].concat());
    }
    all
}

fn head_passes(rng: &mut Rng) -> Vec<f32> {
    let (rows, d, vocab) = (203, 33, 300);
    let (h, w, targets, dy) = (rng.floats(rows * d), rng.floats(d * vocab), rng.ids(rows, vocab), rng.floats(rows));
    let head = Matrix::new(&w, d, vocab);
    let mut all = Vec::new();
    for (cap, precision) in [(None, Precision::F32), (Some(0.8), Precision::F32), (None, Precision::Bf16)] {
        let (mut out, mut lse) = (vec![0.0; rows], vec![0.0; rows]);
        token_log_probs(&h, head, &targets, cap, precision, &mut out, &mut lse);
        let (mut dh, mut dw) = (vec![0.0; rows * d], vec![0.0; d * vocab]);
        token_log_probs_backward(&h, head, &targets, cap, precision, &lse, &dy, &mut dh, &mut dw, false);
        all.extend([out, lse, dh, dw].concat());
    }
    all
}

#[test]
fn threads_and_instructions_change_nothing() {
    let expected = on_threads(1, everything);
    assert_bits("2 threads", &on_threads(2, everything), &expected);
    for path in Path::available() {
        force_path(Some(path));
        assert_bits(&format!("{path:?}"), &on_threads(2, everything), &expected);
    }
    force_path(None);
}

#[test]
fn a_row_of_a_product_is_the_row_alone() {
    let mut rng = Rng(32);
    let (rows, k, n) = (70, 300, 150);
    let (a, b) = (rng.floats(rows * k), rng.floats(k * n));
    let mut bt = vec![0.0; b.len()];
    transpose(&b, k, n, &mut bt);
    let product = |b: Matrix, start: usize, len: usize| {
        let mut c = vec![0.0; len * n];
        gemm(Matrix::new(&a, rows, k).row_range(start, len), b, MatrixMut::new(&mut c, len, n), false);
        c
    };
    let (plain, transposed) = (Matrix::new(&b, k, n), Matrix::new(&bt, n, k).t());
    let all = product(plain, 0, rows);
    assert_bits("transposed weights", &product(transposed, 0, rows), &all);
    for (start, len) in (0..rows).map(|r| (r, 1)).chain([(0, 2), (3, 5), (10, 16), (1, 17), (0, 23), (5, 64)]) {
        assert_bits("rows", &product(plain, start, len), &all[start * n..(start + len) * n]);
        assert_bits("rows", &product(transposed, start, len), &all[start * n..(start + len) * n]);
    }
}

#[test]
fn log_probabilities_alone_and_from_the_samplers_logits() {
    let mut rng = Rng(33);
    let (rows, d, vocab) = (37, 40, 517);
    let (h, w, targets) = (rng.floats(rows * d), rng.floats(d * vocab), rng.ids(rows, vocab));
    let head = Matrix::new(&w, d, vocab);
    let (mut all, mut lse) = (vec![0.0; rows], vec![0.0; rows]);
    for (r, cap) in (0..rows).map(|r| (r, (r % 2 == 0).then_some(0.8))) {
        let precision = if r % 4 < 2 { Precision::F32 } else { Precision::Bf16 };
        token_log_probs(&h, head, &targets, cap, precision, &mut all, &mut lse);
        let (mut one, mut sum) = ([0.0], [0.0]);
        token_log_probs(&h[r * d..][..d], head, &targets[r..=r], cap, precision, &mut one, &mut sum);
        let mut row = vec![0.0; vocab];
        logits(&h[r * d..][..d], head, precision, &mut row);
        if let Some(cap) = cap {
            soft_cap(&mut row, cap);
        }
        let sampled = row[targets[r] as usize] - log_sum_exp(&row);
        assert_bits("alone, sampled", &[one[0], sampled], &[all[r]; 2]);
    }
}

#[test]
fn decoding_from_the_cache_is_training_attention() {
    let mut rng = Rng(34);
    for (lengths, scores) in
        ATTENTION.into_iter().flat_map(|(l, heads)| in_both_precisions(heads).map(move |scores| (l, scores)))
    {
        let heads = scores.heads;
        let (segments, rows) = (segments(lengths), lengths.iter().sum::<usize>());
        let (w, kw) = (heads.width(), heads.kv_width());
        let (q, k, v) = (rng.floats(rows * w), rng.floats(rows * kw), rng.floats(rows * kw));
        let (mut trained, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        attention(&q, &k, &v, scores, &segments, &mut trained, &mut lse);

        assert_bits("decoded", &from_pages(&q, &k, &v, scores, &segments), &trained);
    }
}

/// Every row from the pages of its own sequence, position by position.
fn from_pages(q: &[f32], k: &[f32], v: &[f32], scores: Scores, segments: &[Segment]) -> Vec<f32> {
    let (w, kw) = (scores.heads.width(), scores.heads.kv_width());
    let shape = PageShape { heads: scores.heads, layers: 3, precision: scores.precision };
    let mut out = vec![0.0; q.len()];
    for segment in segments {
        let mut pages: Vec<Arc<Page>> = Vec::new();
        for position in 0..segment.len {
            if position % PAGE == 0 {
                pages.push(Arc::new(shape.page()));
            }
            let row = segment.start + position;
            let page = Arc::make_mut(&mut pages[position / PAGE]);
            page.store(&shape, 1, position, &k[row * kw..][..kw], &v[row * kw..][..kw]);
            attend(&shape, scores, 1, &pages, position, &q[row * w..][..w], &mut out[row * w..][..w]);
        }
    }
    out
}

#[test]
fn a_page_that_was_used_before_is_as_good_as_a_new_one() {
    let mut rng = Rng(35);
    let heads = Heads { heads: 2, kv_heads: 1, head_dim: 7 };
    for precision in [Precision::F32, Precision::Bf16] {
        let scores = Scores { precision, ..Scores::from(heads) };
        let shape = PageShape { heads, layers: 1, precision };
        let (w, kw) = (heads.width(), heads.kv_width());
        let (q, k, v) = (rng.floats(3 * w), rng.floats(PAGE * kw), rng.floats(PAGE * kw));
        let mut used = shape.page();
        (0..PAGE).for_each(|at| used.store(&shape, 0, at, &rng.floats(kw), &rng.floats(kw)));
        let mut both = [used, shape.page()].map(|mut page| {
            (0..3).for_each(|at| page.store(&shape, 0, at, &k[at * kw..][..kw], &v[at * kw..][..kw]));
            let (pages, mut out) = ([Arc::new(page)], vec![0.0; w]);
            attend(&shape, scores, 0, &pages, 2, &q[2 * w..], &mut out);
            out
        });
        let fresh = std::mem::take(&mut both[1]);
        assert_bits("used before", &both[0], &fresh);
    }
}

#[test]
fn weights_that_are_laid_out_give_the_product_as_it_is() {
    let mut rng = Rng(36);
    for (m, k, n) in [(1, 1, 1), (5, 7, 50), (64, 128, 344), (3, 301, 97), (2, 0, 5), (0, 3, 4), (19, 33, 48)] {
        let (a, b) = (rng.floats(m * k), rng.floats(k * n));
        for precision in [Precision::F32, Precision::Bf16] {
            let mut product = vec![0.0; m * n];
            precision.gemm(Matrix::new(&a, m, k), Matrix::new(&b, k, n), MatrixMut::new(&mut product, m, n), false);
            let weights = Weights::new(Matrix::new(&b, k, n), precision);
            let [mut alone, mut together, mut first] = [(); 3].map(|()| vec![9.0; m * n]);
            weights.multiply(&a, &mut alone);
            on_threads(2, || weights.multiply_together(&a, &mut together));
            let some = n.div_ceil(2);
            let (fewer, mut second) =
                (Weights::new(Matrix::new(&b, k, n).col_range(0, some), precision), vec![9.0; m * some]);
            let outs = [first.as_mut_slice(), second.as_mut_slice()];
            on_threads(2, || Weights::multiply_all_together([&weights, &fewer], &a, outs));
            for (how, found) in [("alone", alone), ("together", together), ("first of two", first)] {
                assert_bits(how, &found, &product);
            }
            for (row, found) in product.chunks(n).zip(second.chunks(some)) {
                assert_bits("second of two", found, &row[..some]);
            }
        }
    }
}
