//! A weight matrix laid out once for many products with few rows: what a decoding step multiplies
//! by.

use super::bf16::tile::{PairTile, tile as pair_tile};
use super::bf16::{pack_b, pack_rows};
use super::matrix::{Matrix, MatrixMut};
use super::pack::pack_panel;
use super::panel::{PANEL, tiles};
use super::precision::Precision;
use super::scratch::{Line, with_scratch};
use super::tile::{Tile, padded};
use crate::simd::{LANES, Pairs, Simd, vectorised, vectorised_pairs};

/// `b: [k, n]` as panels of [`PANEL`] columns, each read from front to back by a product; as `f32`,
/// or as pairs of bf16.
///
/// A product is that of [`Precision::gemm`], to the last bit.
#[derive(Clone, Debug)]
pub struct Weights {
    precision: Precision,
    k: usize,
    n: usize,
    panels: Vec<Line>,
}

impl Weights {
    /// The matrix, laid out.
    pub fn new(b: Matrix, precision: Precision) -> Weights {
        let mut weights = Weights { precision, k: b.rows, n: b.cols, panels: Vec::new() };
        let lines = weights.panel() / LANES;
        weights.panels = vec![Line::default(); b.cols.div_ceil(PANEL) * lines];
        for (number, panel) in weights.panels.chunks_exact_mut(lines.max(1)).enumerate() {
            let columns = b.col_range(number * PANEL, PANEL.min(b.cols - number * PANEL));
            match precision {
                Precision::F32 => pack_panel(columns, PANEL, bytemuck::cast_slice_mut(panel)),
                Precision::Bf16 => pack_b(columns, bytemuck::cast_slice_mut(panel)),
            }
        }
        weights
    }

    /// Rows of the matrix.
    pub fn inputs(&self) -> usize {
        self.k
    }

    /// Columns of the matrix.
    pub fn outputs(&self) -> usize {
        self.n
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.panels)
    }

    /// Numbers, or pairs, from one column to itself in the next panel.
    fn depth(&self) -> usize {
        match self.precision {
            Precision::F32 => self.k,
            Precision::Bf16 => self.k.div_ceil(2),
        }
    }

    fn panel(&self) -> usize {
        self.depth() * PANEL
    }

    /// `out = x · b` on the calling thread; `x: [rows, k]`, `out: [rows, n]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn multiply(&self, x: &[f32], out: &mut [f32]) {
        let rows = out.len() / self.n.max(1);
        self.multiply_columns(Matrix::new(x, rows, self.k), 0, MatrixMut::new(out, rows, self.n));
    }

    /// The same on rayon's threads, each with some of the columns: for matrices that one thread is
    /// long in reading.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn multiply_together(&self, x: &[f32], out: &mut [f32]) {
        Weights::multiply_all_together([self], x, [out]);
    }

    /// Products of the same rows with several matrices, in one go: threads that have done with one
    /// begin with the next.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn multiply_all_together<const N: usize>(all: [&Weights; N], x: &[f32], outs: [&mut [f32]; N]) {
        let panels: usize = all.iter().map(|weights| weights.n.div_ceil(PANEL)).sum();
        let piece = panels.div_ceil(4 * rayon::current_num_threads()) * PANEL;
        rayon::scope(|scope| {
            for (weights, out) in all.into_iter().zip(outs) {
                let rows = out.len() / weights.n.max(1);
                let (x, mut left) = (Matrix::new(x, rows, weights.k), MatrixMut::new(out, rows, weights.n));
                for first in (0..weights.n).step_by(piece.max(1)) {
                    let (columns, rest) = left.split_cols(piece.min(weights.n - first));
                    left = rest;
                    scope.spawn(move |_| weights.multiply_columns(x, first, columns));
                }
            }
        });
    }

    /// The columns from `first` on, which begins a panel.
    fn multiply_columns(&self, x: Matrix, first: usize, out: MatrixMut) {
        assert!(x.cols == self.k && first.is_multiple_of(PANEL) && first + out.cols <= self.n, "{} columns", out.cols);
        if out.rows == 0 || out.cols == 0 {
            return;
        }
        let panels = &self.panels[first / PANEL * self.panel() / LANES..];
        match self.precision {
            Precision::F32 => multiply(x, bytemuck::cast_slice(panels), out),
            Precision::Bf16 => multiply_pairs(x, bytemuck::cast_slice(panels), out),
        }
    }
}

vectorised! { fn multiply(x: Matrix, panels: &[f32], out: MatrixMut) = multiply_body }

#[inline(always)]
fn multiply_body<S: Simd>(s: S, x: Matrix, panels: &[f32], mut out: MatrixMut) {
    assert!(panels.len() >= out.cols.div_ceil(PANEL) * x.cols * PANEL && x.rows == out.rows, "panels of every column");
    tiles(
        out.rows,
        out.cols,
        S::TILE,
        #[inline(always)]
        |i, mr, j, width| {
            let nv = width.div_ceil(LANES);
            // SAFETY: rows `i..i + mr` and columns `j..j + width` lie inside `x` and `out`; the panel has `PANEL` columns for every `k`.
            unsafe {
                let t = Tile {
                    k: x.cols,
                    a: x.as_ptr().add(i * x.row_stride),
                    a_row: x.row_stride,
                    a_k: x.col_stride,
                    b: panels.as_ptr().add(j / PANEL * PANEL * x.cols + j % PANEL),
                    b_k: PANEL,
                    c: out.as_mut_ptr().add(i * out.row_stride + j),
                    c_row: out.row_stride,
                    last: width - (nv - 1) * LANES,
                    accumulate: false,
                };
                padded(s, mr, nv, t);
            }
        },
    );
}

vectorised_pairs! { fn multiply_pairs(x: Matrix, panels: &[u32], out: MatrixMut) = multiply_pairs_body }

#[inline(always)]
fn multiply_pairs_body<S: Pairs>(s: S, x: Matrix, panels: &[u32], mut out: MatrixMut) {
    let pairs = x.cols.div_ceil(2);
    assert!(panels.len() >= out.cols.div_ceil(PANEL) * pairs * PANEL && x.rows == out.rows, "panels of every column");
    with_scratch(
        x.rows * pairs,
        #[inline(always)]
        |scratch| {
            let packed: &mut [u32] = bytemuck::cast_slice_mut(scratch);
            let (a_row, a_pair) = pack_rows(s, x, packed);
            tiles(
                out.rows,
                out.cols,
                S::TILE,
                #[inline(always)]
                |i, mr, j, width| {
                    let nv = width.div_ceil(LANES);
                    // SAFETY: rows `i..i + mr` were packed; columns `j..j + width` lie inside `out`; the panel has `PANEL` columns for
                    // every pair.
                    unsafe {
                        let t = PairTile {
                            pairs,
                            a: packed.as_ptr().add(i * a_row),
                            a_row,
                            a_pair,
                            b: panels.as_ptr().add(j / PANEL * PANEL * pairs + j % PANEL),
                            b_pair: PANEL,
                            c: out.as_mut_ptr().add(i * out.row_stride + j),
                            c_row: out.row_stride,
                            last: width - (nv - 1) * LANES,
                            accumulate: false,
                        };
                        pair_tile(s, mr, nv, t);
                    }
                },
            );
        },
    );
}
