//! `bench --recompute`: steps that keep what happens inside of layers, beside such that compute it
//! again.

use bench::{Recomputing, SIZES, recomputing};
use faults::Outcome;
use serde_json::json;

use super::{Arguments, Found};
use crate::console::Console;

/// How many of the smallest sizes, where none are asked for.
const USUAL: usize = 3;

pub(super) fn measured(arguments: &Arguments, _: &Console) -> Outcome<Found> {
    let sizes = arguments.sizes_or(&SIZES[..USUAL]);
    let found = sizes.iter().map(|size| recomputing(size, arguments.repeats())).collect::<Outcome<Vec<_>>>()?;
    Ok(Found { text: shown(&found), json: json!(found) })
}

/// A Markdown table.
fn shown(found: &[Recomputing]) -> String {
    let mut text = "| size | tokens | seconds a step, kept | computed again | times as long | peak memory, kept | computed again |\n\
                    |---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let memory = |bytes: Option<u64>| bytes.map_or("–".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
    for Recomputing { size, tokens, kept_seconds, again_seconds, again_bytes, kept_bytes } in found {
        let (times, kept, again) = (again_seconds / kept_seconds, memory(*kept_bytes), memory(*again_bytes));
        text += &format!(
            "| {size} | {tokens} | {kept_seconds:.2} | {again_seconds:.2} | {times:.2} | {kept} | {again} |\n"
        );
    }
    text
}
