//! `bench --searches`: how fast trees grow.

use bench::{SearchSpeed, searches};
use faults::Outcome;
use serde_json::json;

use super::{Arguments, Found};
use crate::console::Console;

pub(super) fn measured(arguments: &Arguments, _: &Console) -> Outcome<Found> {
    let found = searches(arguments.repeats())?;
    Ok(Found { text: shown(&found), json: json!(found) })
}

/// A Markdown table.
fn shown(searches: &[SearchSpeed]) -> String {
    let mut text = "| search | nodes | tokens | sequences in a decoding step | nodes per second | one sequence at a time | times as fast | share of the token floor |\n\
                    |---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for SearchSpeed { search, nodes, tokens, batch, nodes_per_second, alone, of_floor } in searches {
        let times = nodes_per_second / alone;
        text += &format!(
            "| {search} | {nodes} | {tokens} | {batch:.0} | {nodes_per_second:.0} | {alone:.0} | {times:.1} | {of_floor:.2} |\n"
        );
    }
    text
}
