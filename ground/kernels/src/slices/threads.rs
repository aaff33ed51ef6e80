//! When and how rows are handed to threads.

use rayon::prelude::*;
use std::cell::Cell;

/// Below this many elements a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 1 << 15;
/// Elements per piece.
const PIECE: usize = 1 << 13;

thread_local! {
    /// Whether the calling thread computes by itself.
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Calls `f`, in which the calling thread hands no work to others: they have work of the same kind,
/// and handing it to and fro would only cost. Changes no bit.
pub fn alone<R>(f: impl FnOnce() -> R) -> R {
    let before = ALONE.replace(true);
    let result = f();
    ALONE.set(before);
    result
}

/// Calls `f` on one of rayon's threads. From outside of them every shared operation is handed over
/// and waited for, which costs more than a small one takes: for many operations after another.
pub fn inside<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| f())
}

/// Threads that may share an operation.
pub(crate) fn threads() -> usize {
    if ALONE.get() { 1 } else { rayon::current_num_threads() }
}

/// Rows per piece, for rows of `width`; `None` when one thread does it all.
pub(crate) fn piece_rows(elements: usize, width: usize) -> Option<usize> {
    let alone = elements < WORTH_A_THREAD || threads() == 1;
    (!alone).then(|| (PIECE / width.max(1)).max(1))
}

/// Calls `f(first row, rows)` over blocks of whole rows of `out`, on several threads when it is
/// worth it.
pub(crate) fn row_blocks<T: Send>(out: &mut [T], width: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    match piece_rows(out.len(), width) {
        None => f(0, out),
        Some(rows) => out.par_chunks_mut(rows * width).enumerate().for_each(|(i, block)| f(i * rows, block)),
    }
}
