//! Views of slices as matrices: bounds are checked once, where a view is made.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// A read-only matrix with any strides: element `(i, j)` is
/// `data[i * row_stride + j * col_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major `[rows, cols]` matrix over the whole slice.
    ///
    /// # Panics
    /// If the slice is not `rows * cols` long.
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "a [{rows}, {cols}] matrix");
        Self::strided(data, rows, cols, cols, 1)
    }

    /// A matrix with the given strides.
    ///
    /// # Panics
    /// If an element would lie outside the slice.
    pub fn strided(data: &'a [f32], rows: usize, cols: usize, row_stride: usize, col_stride: usize) -> Self {
        if rows > 0 && cols > 0 {
            let last = (rows - 1) * row_stride + (cols - 1) * col_stride;
            assert!(last < data.len(), "element {last} of a slice of {}", data.len());
        }
        Self { data, rows, cols, row_stride, col_stride }
    }

    /// Rows of the view.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of the view.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The transposed view.
    pub fn t(self) -> Self {
        Self { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }

    /// Rows `start..start + len`.
    pub fn row_range(self, start: usize, len: usize) -> Self {
        assert!(start + len <= self.rows, "rows {start}..{} of {}", start + len, self.rows);
        let skip = (start * self.row_stride).min(self.data.len());
        Self { data: &self.data[skip..], rows: len, ..self }
    }

    /// Columns `start..start + len`.
    pub fn col_range(self, start: usize, len: usize) -> Self {
        self.t().row_range(start, len).t()
    }

    pub(crate) fn as_ptr(self) -> *const f32 {
        self.data.as_ptr()
    }

    /// `len` consecutive elements from `(row, col)` on; meaningful where columns are contiguous.
    #[inline(always)]
    pub(crate) fn run(self, row: usize, col: usize, len: usize) -> &'a [f32] {
        debug_assert_eq!(self.col_stride, 1);
        let at = row * self.row_stride + col;
        &self.data[at..at + len]
    }

    #[inline(always)]
    pub(crate) fn at(self, row: usize, col: usize) -> f32 {
        self.data[row * self.row_stride + col * self.col_stride]
    }
}

/// A writable matrix whose rows are contiguous runs. Splitting yields disjoint views, so they may
/// go to threads.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    ptr: *mut f32,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    owner: PhantomData<&'a mut [f32]>,
}

// SAFETY: a view is the only way to its elements, like the `&mut [f32]` that it was made from.
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// A row-major `[rows, cols]` matrix over the whole slice.
    ///
    /// # Panics
    /// If the slice is not `rows * cols` long.
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "a [{rows}, {cols}] matrix");
        Self::strided(data, rows, cols, cols)
    }

    /// The same over memory that nothing was written to yet: a product that does not accumulate
    /// writes all of it. Only for that.
    pub(crate) fn unwritten(data: &'a mut [MaybeUninit<f32>], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "a [{rows}, {cols}] matrix");
        Self { ptr: data.as_mut_ptr().cast(), rows, cols, row_stride: cols, owner: PhantomData }
    }

    /// A matrix whose rows start `row_stride` apart.
    ///
    /// # Panics
    /// If rows would overlap or an element would lie outside the slice.
    pub fn strided(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert!(cols <= row_stride || rows <= 1, "rows overlap");
        if rows > 0 && cols > 0 {
            assert!((rows - 1) * row_stride + cols <= data.len(), "rows outside the slice");
        }
        Self { ptr: data.as_mut_ptr(), rows, cols, row_stride, owner: PhantomData }
    }

    /// The same view for a shorter time.
    pub fn reborrow(&mut self) -> MatrixMut<'_> {
        MatrixMut { owner: PhantomData, ..*self }
    }

    /// The first `at` rows, and the others.
    pub fn split_rows(self, at: usize) -> (Self, Self) {
        assert!(at <= self.rows, "row {at} of {}", self.rows);
        // A view without rows is never dereferenced, so its address need not lie in the slice.
        let below = self.ptr.wrapping_add(at * self.row_stride);
        (Self { rows: at, ..self }, Self { ptr: below, rows: self.rows - at, ..self })
    }

    /// The first `at` columns, and the others.
    pub fn split_cols(self, at: usize) -> (Self, Self) {
        assert!(at <= self.cols, "column {at} of {}", self.cols);
        let right = self.ptr.wrapping_add(at);
        (Self { cols: at, ..self }, Self { ptr: right, cols: self.cols - at, ..self })
    }

    /// Columns `at..at + len` alone.
    pub fn col_range(self, at: usize, len: usize) -> Self {
        self.split_cols(at).1.split_cols(len).0
    }

    /// Rows `at..at + len` alone.
    pub fn row_range(self, at: usize, len: usize) -> Self {
        self.split_rows(at).1.split_rows(len).0
    }

    /// One row.
    #[inline(always)]
    pub fn row(&mut self, i: usize) -> &mut [f32] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        // SAFETY: made from a slice that covers every row; disjoint from every other view by construction.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.add(i * self.row_stride), self.cols) }
    }

    /// Makes every element zero.
    pub(crate) fn clear(&mut self) {
        for i in 0..self.rows {
            // SAFETY: as for [`MatrixMut::row`]; nothing is read.
            unsafe { self.ptr.add(i * self.row_stride).write_bytes(0, self.cols) };
        }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.ptr
    }
}
