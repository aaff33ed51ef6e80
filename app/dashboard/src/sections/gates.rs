//! What the gate decided, and on what grounds.

use crate::escape::html;
use crate::{Gate, Report};

pub(super) fn body(report: &Report) -> String {
    if report.gates.is_empty() {
        return String::new();
    }
    let items: String = report.gates.iter().map(item).collect();
    format!(
        "<p class=\"quiet\">After each round a paired test on frozen held-out tasks decides whether the new model \
         replaces the one before.</p>\n<ol class=\"gates\">\n{items}</ol>\n"
    )
}

fn item(gate: &Gate) -> String {
    let (class, word) = if gate.promoted { ("good", "✓ promoted") } else { ("none", "✗ refused") };
    format!(
        "<li><b>Round {}</b> <span class=\"badge {class}\">{word}</span> <span>{}</span></li>\n",
        gate.round,
        html(&gate.why)
    )
}
