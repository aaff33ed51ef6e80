//! Token log-probabilities: log-softmax of the head's logits at the target, without keeping the
//! logits.

use super::attention::natural_log;
use super::exp::exp;
use super::matrix::{Matrix, MatrixMut};
use super::precision::Precision;
use super::scratch::with_scratch;
use super::softmax::{cap_row, greatest, sum_of_exponentials};
use super::threads::{piece_rows, row_blocks, threads};
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// Logits held at a time, 64 MiB: the head is read, and rounded, once for each block. Which rows
/// share a block changes no bit.
const BLOCK: usize = 1 << 24;
/// Rows that a product likes.
const ROWS: usize = 64;

/// Rows per block; fewer where every thread has a block of its own.
fn block_rows(vocab: usize) -> usize {
    let block = if threads() < rayon::current_num_threads() { BLOCK / 4 } else { BLOCK };
    (block / vocab.max(1) / ROWS * ROWS).max(ROWS)
}

/// `out = hidden · head`; `hidden: [rows, d]`, `head: [d, vocab]` (tied embeddings:
/// `Matrix::new(table, vocab, d).t()`), `out: [rows, vocab]`.
pub fn logits(hidden: &[f32], head: Matrix, precision: Precision, out: &mut [f32]) {
    let (d, vocab) = (head.rows, head.cols);
    let rows = hidden.len() / d.max(1);
    precision.gemm(Matrix::new(hidden, rows, d), head, MatrixMut::new(out, rows, vocab), false);
}

vectorised! {
    /// `row = cap * tanh(row / cap)`: what a sampler does to logits where [`token_log_probs`] is
    /// told of a cap.
    pub fn soft_cap(row: &mut [f32], cap: f32) = soft_cap_body
}

#[inline(always)]
fn soft_cap_body<S: Simd>(s: S, row: &mut [f32], cap: f32) {
    cap_row(s, row, 1.0, cap);
}

vectorised! {
    /// `ln(sum(e^row))`, in the order that [`token_log_probs`] uses: a sampler that subtracts it
    /// from a logit has the bits that the trainer will have.
    pub fn log_sum_exp(row: &[f32]) -> f32 = log_sum_exp_body
}

#[inline(always)]
fn log_sum_exp_body<S: Simd>(s: S, row: &[f32]) -> f32 {
    let top = greatest(s, row);
    top + natural_log(sum_of_exponentials(s, row, top))
}

/// `out[r] = log softmax(hidden[r] · head)[targets[r]]`, and the log-sum-exp of each row's logits
/// to `lse: [rows]`.
///
/// `hidden: [rows, d]`, `head: [d, vocab]`, any strides; logits are soft-capped at `cap`, if there
/// is one.
pub fn token_log_probs(
    hidden: &[f32],
    head: Matrix,
    targets: &[u32],
    cap: Option<f32>,
    precision: Precision,
    out: &mut [f32],
    lse: &mut [f32],
) {
    let (d, vocab, rows) = (head.rows, head.cols, targets.len());
    assert!(hidden.len() == rows * d && out.len() == rows && lse.len() == rows, "{rows} rows of {d}");
    let size = block_rows(vocab).min(rows);
    with_scratch(size * vocab, |scratch| {
        for start in (0..rows).step_by(size.max(1)) {
            let n = size.min(rows - start);
            let block = &mut scratch[..n * vocab];
            logits(&hidden[start * d..][..n * d], head, precision, block);
            row_blocks_of_sums(block, vocab, cap, &mut lse[start..][..n]);
            for r in start..start + n {
                out[r] = block[(r - start) * vocab + targets[r] as usize] - lse[r];
            }
        }
    });
}

/// Caps every row, and the log-sum-exp of it.
fn row_blocks_of_sums(logits: &mut [f32], vocab: usize, cap: Option<f32>, lse: &mut [f32]) {
    let one = |(row, sum): (&mut [f32], &mut f32)| {
        if let Some(cap) = cap {
            soft_cap(row, cap);
        }
        *sum = log_sum_exp(row);
    };
    match piece_rows(logits.len(), vocab) {
        None => logits.chunks_mut(vocab).zip(lse).for_each(one),
        Some(rows) => logits.par_chunks_mut(vocab).zip(lse).with_min_len(rows).for_each(one),
    }
}

/// Gradients of [`token_log_probs`] for `dy: [rows]`: overwrites `d_hidden: [rows, d]` and adds to
/// `d_head`, which is `[d, vocab]`, or `[vocab, d]` when `tied`. `head` is the view that the
/// forward pass had, `lse` what it wrote.
#[allow(clippy::too_many_arguments, reason = "a gradient has the operands of its function and more")]
pub fn token_log_probs_backward(
    hidden: &[f32],
    head: Matrix,
    targets: &[u32],
    cap: Option<f32>,
    precision: Precision,
    lse: &[f32],
    dy: &[f32],
    d_hidden: &mut [f32],
    d_head: &mut [f32],
    tied: bool,
) {
    let (d, vocab, rows) = (head.rows, head.cols, targets.len());
    assert!(hidden.len() == rows * d && d_hidden.len() == rows * d && dy.len() == rows, "{rows} rows of {d}");
    let size = block_rows(vocab).min(rows);
    with_scratch(size * vocab, |scratch| {
        for start in (0..rows).step_by(size.max(1)) {
            let n = size.min(rows - start);
            let block = &mut scratch[..n * vocab];
            let h = &hidden[start * d..][..n * d];
            logits(h, head, precision, block);
            let part = start..start + n;
            logit_gradients(block, vocab, &targets[part.clone()], cap, &lse[part.clone()], &dy[part]);
            let (dl, h) = (Matrix::new(block, n, vocab), Matrix::new(h, n, d));
            precision.gemm(dl, head.t(), MatrixMut::new(&mut d_hidden[start * d..][..n * d], n, d), false);
            if tied {
                precision.gemm(dl.t(), h, MatrixMut::new(d_head, vocab, d), true);
            } else {
                precision.gemm(h.t(), dl, MatrixMut::new(d_head, d, vocab), true);
            }
        }
    });
}

/// Replaces logits by `dy (onehot(target) - softmax)`, times the derivative of the cap.
fn logit_gradients(logits: &mut [f32], vocab: usize, targets: &[u32], cap: Option<f32>, lse: &[f32], dy: &[f32]) {
    row_blocks(logits, vocab, |row, block| {
        for (i, logits) in block.chunks_exact_mut(vocab.max(1)).enumerate() {
            let r = row + i;
            let Some(cap) = cap else {
                scaled_softmax(logits, lse[r], -dy[r]);
                logits[targets[r] as usize] += dy[r];
                continue;
            };
            soft_cap(logits, cap);
            with_scratch(vocab, |capped| {
                capped.copy_from_slice(logits);
                scaled_softmax(logits, lse[r], -dy[r]);
                logits[targets[r] as usize] += dy[r];
                logits.iter_mut().zip(&*capped).for_each(|(d, x)| *d *= 1.0 - (x / cap) * (x / cap));
            });
        }
    });
}

vectorised! { fn scaled_softmax(row: &mut [f32], lse: f32, factor: f32) = scaled_softmax_body }

#[inline(always)]
fn scaled_softmax_body<S: Simd>(s: S, row: &mut [f32], lse: f32, factor: f32) {
    let (shift, factors) = (s.splat(-lse), s.splat(factor));
    let one = inlined(
        #[inline(always)]
        |x: S::V| s.mul(exp(s, s.add(x, shift)), factors),
    );
    let (chunks, tail) = row.as_chunks_mut::<LANES>();
    for c in chunks {
        s.put_chunk(one(s.chunk(c)), c);
    }
    let last = one(s.tail(tail));
    s.put_tail(last, tail);
}
