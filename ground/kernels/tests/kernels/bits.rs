//! The same bits: alone or in a batch, on one thread or two, with any instructions, from the cache or from the trainer.

use crate::numbers::{Rng, assert_bits};
use crate::values::{ATTENTION, every_way, segments};
use kernels::slices::*;
use kernels::{Path, force_path};

fn on_threads<R: Send>(n: usize, f: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(f)
}

/// Every operation's outputs on one set of inputs, end to end in one vector.
fn everything() -> Vec<f32> {
    let mut rng = Rng(31);
    let (m, k, n) = (271, 141, 275);
    let (a, b) = (rng.floats(m * k), rng.floats(k * n));
    let mut all = vec![0.0; m * n];
    gemm(Matrix::new(&a, m, k), Matrix::new(&b, k, n), MatrixMut::new(&mut all, m, n), false);
    let mut dw = vec![0.0; k * n];
    gemm(Matrix::new(&a, m, k).t(), Matrix::new(&all, m, n), MatrixMut::new(&mut dw, k, n), true);
    let mut dx = vec![0.0; m * k];
    gemm(Matrix::new(&all, m, n), Matrix::new(&b, k, n).t(), MatrixMut::new(&mut dx, m, k), false);
    all.extend(dw.into_iter().chain(dx));
    all.extend(elementwise(&mut rng));
    all.extend(attention_passes(&mut rng));
    all.extend(head_passes(&mut rng));
    all
}

fn elementwise(rng: &mut Rng) -> Vec<f32> {
    let (rows, d) = (403, 134);
    let size = rows * d;
    let (x, y, dy, gain) = (rng.floats(size), rng.floats(size), rng.floats(size), rng.floats(d));
    let [mut o1, mut o2, mut o3, mut o4, mut o5] = [(); 5].map(|()| vec![0.0; size]);
    let mut d_gain = vec![0.0; d];
    rms_norm(&x, &gain, 1e-6, &mut o1);
    rms_norm_backward(&x, &gain, 1e-6, &dy, &mut o2, &mut d_gain);
    gated(Activation::Silu, &x, &y, &mut o3);
    gated_backward(Activation::Silu, &x, &y, &dy, &mut o4, &mut o5);
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
    gated_backward(Activation::GeluTanh, &x, &y, &dy, fourth, &mut vec![0.0; size]);
    let (table, positions) = (RopeTable::new(d, 1e4, 64), rng.ids(rows, 64));
    let mut turned = x.clone();
    rope(&mut turned, &table, &positions);
    let settings = AdamW { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, step: 2, grad_scale: 0.3 };
    let (mut p, mut m, mut v) = (x.clone(), y, dy.iter().map(|x| x * x).collect::<Vec<_>>());
    adamw_step(&mut p, &dy, &mut m, &mut v, &settings);
    add_assign(&mut p, &x);
    let norm = vec![sum_of_squares(&x) as f32];
    [o1, o2, o3, o4, o5, rare, d_gain, turned, p, m, v, norm].concat()
}

fn attention_passes(rng: &mut Rng) -> Vec<f32> {
    let (lengths, heads) = ATTENTION[5];
    let (segments, rows) = (segments(lengths), lengths.iter().sum::<usize>());
    let (q, dy) = (rng.floats(rows * heads.width()), rng.floats(rows * heads.width()));
    let (k, v) = (rng.floats(rows * heads.kv_width()), rng.floats(rows * heads.kv_width()));
    let mut all = Vec::new();
    for scores in every_way(heads) {
        let (mut out, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        attention(&q, &k, &v, scores, &segments, &mut out, &mut lse);
        let (mut dq, mut dk, mut dv) = (vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]);
        let forward = AttentionForward { q: &q, k: &k, v: &v, out: &out, lse: &lse };
        attention_backward(forward, &dy, scores, &segments, &mut dq, &mut dk, &mut dv);
        all.extend([out, lse, dq, dk, dv].concat());
    }
    all
}

fn head_passes(rng: &mut Rng) -> Vec<f32> {
    let (rows, d, vocab) = (203, 33, 300);
    let (h, w, targets, dy) = (rng.floats(rows * d), rng.floats(d * vocab), rng.ids(rows, vocab), rng.floats(rows));
    let head = Matrix::new(&w, d, vocab);
    let mut all = Vec::new();
    for cap in [None, Some(0.8)] {
        let (mut out, mut lse) = (vec![0.0; rows], vec![0.0; rows]);
        token_log_probs(&h, head, &targets, cap, &mut out, &mut lse);
        let (mut dh, mut dw) = (vec![0.0; rows * d], vec![0.0; d * vocab]);
        token_log_probs_backward(&h, head, &targets, cap, &lse, &dy, &mut dh, &mut dw, false);
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
    let (plain, turned) = (Matrix::new(&b, k, n), Matrix::new(&bt, n, k).t());
    let all = product(plain, 0, rows);
    assert_bits("transposed weights", &product(turned, 0, rows), &all);
    for (start, len) in (0..rows).map(|r| (r, 1)).chain([(0, 2), (3, 5), (10, 16), (1, 17), (0, 23), (5, 64)]) {
        assert_bits("rows", &product(plain, start, len), &all[start * n..(start + len) * n]);
        assert_bits("rows", &product(turned, start, len), &all[start * n..(start + len) * n]);
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
        token_log_probs(&h, head, &targets, cap, &mut all, &mut lse);
        let (mut one, mut sum) = ([0.0], [0.0]);
        token_log_probs(&h[r * d..][..d], head, &targets[r..=r], cap, &mut one, &mut sum);
        let mut row = vec![0.0; vocab];
        logits(&h[r * d..][..d], head, &mut row);
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
    for (lengths, scores) in ATTENTION.into_iter().flat_map(|(l, heads)| every_way(heads).map(|scores| (l, scores))) {
        let heads = scores.heads;
        let (segments, rows) = (segments(lengths), lengths.iter().sum::<usize>());
        let (w, kw) = (heads.width(), heads.kv_width());
        let (q, k, v) = (rng.floats(rows * w), rng.floats(rows * kw), rng.floats(rows * kw));
        let (mut trained, mut lse) = (vec![0.0; q.len()], vec![0.0; rows * heads.heads]);
        attention(&q, &k, &v, scores, &segments, &mut trained, &mut lse);

        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut cache = KvCache::new(scores, lengths.len(), longest);
        let mut decoded = vec![0.0; q.len()];
        for t in 0..longest {
            let live: Vec<u32> = (0..lengths.len() as u32).filter(|&s| lengths[s as usize] > t).collect();
            let take = |x: &[f32], w: usize| -> Vec<f32> {
                live.iter().flat_map(|&s| x[(segments[s as usize].start + t) * w..][..w].to_vec()).collect()
            };
            let mut out = vec![0.0; live.len() * w];
            let positions = vec![t as u32; live.len()];
            cache.attend(&take(&q, w), &take(&k, kw), &take(&v, kw), &live, &positions, &mut out);
            for (row, &s) in out.chunks(w).zip(&live) {
                decoded[(segments[s as usize].start + t) * w..][..w].copy_from_slice(row);
            }
        }
        assert_bits("decoded", &decoded, &trained);
        assert_bits("prompt at once", &prompt_at_once(&q, &k, &v, scores, lengths), &trained);
    }
}

/// All rows in one call, for slots that begin as copies of another slot's prefix.
fn prompt_at_once(q: &[f32], k: &[f32], v: &[f32], scores: Scores, lengths: &[usize]) -> Vec<f32> {
    let slots: Vec<u32> = lengths.iter().enumerate().flat_map(|(s, &l)| vec![s as u32; l]).collect();
    let positions: Vec<u32> = lengths.iter().flat_map(|&l| 0..l as u32).collect();
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let mut cache = KvCache::new(scores, lengths.len(), longest);
    let mut out = vec![0.0; q.len()];
    cache.attend(q, k, v, &slots, &positions, &mut out);
    out
}

#[test]
fn a_copied_prefix_is_the_prompt() {
    let mut rng = Rng(35);
    let heads = Heads { heads: 2, kv_heads: 1, head_dim: 8 };
    let (w, kw, n) = (heads.width(), heads.kv_width(), 21);
    let (q, k, v) = (rng.floats(n * w), rng.floats(n * kw), rng.floats(n * kw));
    let mut cache = KvCache::new(heads, 3, n);
    let mut whole = vec![0.0; n * w];
    let positions: Vec<u32> = (0..n as u32).collect();
    cache.attend(&q, &k, &v, &vec![0; n], &positions, &mut whole);
    cache.copy_prefix(0, 2, n - 1);
    let mut last = vec![0.0; w];
    let at = n - 1;
    cache.attend(&q[at * w..], &k[at * kw..], &v[at * kw..], &[2], &[at as u32], &mut last);
    assert_bits("after a copied prefix", &last, &whole[at * w..]);
}
