//! Panels: the columns that a product reads at a time, and the order in which its tiles are done.

use crate::simd::LANES;

/// Columns of a panel.
pub const PANEL: usize = 3 * LANES;

/// Calls `f(first row, rows, first column, columns)` for every tile: panels outermost, so that each
/// is read once from memory.
#[inline(always)]
pub(crate) fn tiles(rows: usize, columns: usize, tile: (usize, usize), mut f: impl FnMut(usize, usize, usize, usize)) {
    for panel in (0..columns).step_by(PANEL) {
        let end = (panel + PANEL).min(columns);
        for i in (0..rows).step_by(tile.0) {
            for j in (panel..end).step_by(tile.1 * LANES) {
                f(i, tile.0.min(rows - i), j, (tile.1 * LANES).min(end - j));
            }
        }
    }
}
