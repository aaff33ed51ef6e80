//! Sums and copies, element by element.

use super::threads::row_blocks;

/// `out += x`, the residual connection; same length.
pub fn add_assign(out: &mut [f32], x: &[f32]) {
    assert_eq!(out.len(), x.len(), "a sum of slices");
    row_blocks(out, 1, |at, block| {
        let x = &x[at..at + block.len()];
        block.iter_mut().zip(x).for_each(|(o, x)| *o += x);
    });
}

/// The transposed copy `[cols, rows]` of row-major `x: [rows, cols]`.
///
/// Decoding with tied embeddings wants the head matrix `[d, vocab]` once per weight update, not
/// once per step.
pub fn transpose(x: &[f32], rows: usize, cols: usize, out: &mut [f32]) {
    assert!(x.len() == rows * cols && out.len() == x.len(), "a [{rows}, {cols}] matrix");
    const SIDE: usize = 16;
    for i in (0..rows).step_by(SIDE) {
        for j in (0..cols).step_by(SIDE) {
            for c in j..(j + SIDE).min(cols) {
                for r in i..(i + SIDE).min(rows) {
                    out[c * rows + r] = x[r * cols + c];
                }
            }
        }
    }
}
