//! A bias added to every row.

use super::threads::row_blocks;

/// `x[r] += bias`, in place; `x: [rows, d]`, `bias: [d]`.
pub fn add_bias(x: &mut [f32], bias: &[f32]) {
    let d = bias.len();
    assert!(d > 0 && x.len().is_multiple_of(d), "rows of {d}");
    row_blocks(x, d, |_, block| {
        block.chunks_exact_mut(d).for_each(|row| row.iter_mut().zip(bias).for_each(|(x, b)| *x += b));
    });
}

/// The gradient of [`add_bias`] by the bias: adds every row of `dy: [rows, d]` to `d_bias: [d]`, in
/// the order of the rows.
pub fn bias_backward(dy: &[f32], d_bias: &mut [f32]) {
    let d = d_bias.len();
    assert!(d > 0 && dy.len().is_multiple_of(d), "rows of {d}");
    dy.chunks_exact(d).for_each(|row| d_bias.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
}
