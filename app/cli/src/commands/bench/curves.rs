//! `bench --curves`: learning in bf16, beside f32.

use bench::{Point, curves};
use faults::Outcome;
use serde_json::json;

use super::{Arguments, Found};
use crate::console::Console;

pub(super) fn measured(_: &Arguments, _: &Console) -> Outcome<Found> {
    let found = curves()?;
    Ok(Found { text: shown(&found), json: json!(found) })
}

/// A Markdown table.
fn shown(points: &[Point]) -> String {
    let mut text =
        "Loss of a small model that learns `chain` from nothing, by seed; the mean of the steps up to this one.\n\n\
                    | steps | f32 | bf16 | bf16 above f32, mean | between seeds, f32 |\n|---:|---:|---:|---:|---:|\n"
            .to_owned();
    let listed = |losses: &[f64]| losses.iter().map(|loss| format!("{loss:.4}")).collect::<Vec<_>>().join(", ");
    for point in points {
        let (steps, apart, noise) = (point.steps, point.apart(), point.noise());
        text += &format!("| {steps} | {} | {} | {apart:+.4} | {noise:.4} |\n", listed(&point.f32), listed(&point.bf16));
    }
    text
}
