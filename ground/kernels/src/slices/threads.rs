//! When and how rows are handed to threads.

use rayon::prelude::*;

/// Below this many elements a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 1 << 15;
/// Elements per piece.
const PIECE: usize = 1 << 13;

/// Rows per piece, for rows of `width`; `None` when one thread does it all.
pub(crate) fn piece_rows(elements: usize, width: usize) -> Option<usize> {
    let alone = elements < WORTH_A_THREAD || rayon::current_num_threads() == 1;
    (!alone).then(|| (PIECE / width.max(1)).max(1))
}

/// Calls `f(first row, rows)` over blocks of whole rows of `out`, on several threads when it is worth it.
pub(crate) fn row_blocks<T: Send>(out: &mut [T], width: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    match piece_rows(out.len(), width) {
        None => f(0, out),
        Some(rows) => out.par_chunks_mut(rows * width).enumerate().for_each(|(i, block)| f(i * rows, block)),
    }
}
