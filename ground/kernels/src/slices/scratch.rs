//! Working memory that a thread keeps, aligned to a cache line: fresh large allocations cost page
//! faults every time.

use std::cell::RefCell;

/// One cache line.
#[derive(Clone, Copy, Debug, Default, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C, align(64))]
pub(crate) struct Line([f32; 16]);

thread_local! {
    /// A stack of buffers: a kernel may call another one while it holds its own.
    static BUFFERS: RefCell<Vec<Vec<Line>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with `len` elements of this thread's working memory. Their values are whatever was
/// there.
#[inline(always)]
pub(crate) fn with_scratch<R>(len: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut buffer = take(len);
    let result = f(&mut bytemuck::cast_slice_mut(&mut buffer)[..len]);
    BUFFERS.with_borrow_mut(|all| all.push(buffer));
    result
}

fn take(len: usize) -> Vec<Line> {
    let mut buffer = BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let lines = len.div_ceil(16);
    if buffer.len() < lines {
        buffer.resize(lines, Line([0.0; 16]));
    }
    buffer
}
