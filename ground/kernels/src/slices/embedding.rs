//! Embedding: rows of a table by token id.

use super::threads::row_blocks;

/// `out[r] = table[ids[r]]`; `table: [vocab, d]`, `out: [rows, d]`.
///
/// # Panics
/// If an id is beyond the table.
pub fn embedding(table: &[f32], d: usize, ids: &[u32], out: &mut [f32]) {
    assert_eq!(out.len(), ids.len() * d, "rows of {d}");
    row_blocks(out, d, |row, block| {
        for (out, &id) in block.chunks_exact_mut(d.max(1)).zip(&ids[row..]) {
            out.copy_from_slice(&table[id as usize * d..][..d]);
        }
    });
}

/// Adds `dy[r]` to `d_table[ids[r]]`, in the order of the rows; `dy: [rows, d]`,
/// `d_table: [vocab, d]`.
pub fn embedding_backward(dy: &[f32], d: usize, ids: &[u32], d_table: &mut [f32]) {
    assert_eq!(dy.len(), ids.len() * d, "rows of {d}");
    for (dy, &id) in dy.chunks_exact(d.max(1)).zip(ids) {
        let sum = &mut d_table[id as usize * d..][..d];
        sum.iter_mut().zip(dy).for_each(|(s, x)| *s += x);
    }
}
