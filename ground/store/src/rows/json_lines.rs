use std::path::Path;

use nouns::Trace;

use crate::error::{Error, Result};
use crate::read::read_text;

/// Traces as JSON, one a line, for programs that do not read Parquet. A log-probability that is not finite becomes
/// `null`, since JSON has no such number.
pub fn traces_to_json_lines(traces: &[Trace]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for trace in traces {
        let written = serde_json::to_writer(&mut lines, trace);
        written.map_err(|error| Error::Encode { what: "a trace", why: error.to_string() })?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Reads traces back; empty lines are skipped, and an error names its line.
pub fn read_trace_lines(path: &Path) -> Result<Vec<Trace>> {
    let text = read_text(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parse = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| Error::malformed(path, format!("line {}: {error}", index + 1)))
    };
    lines.map(parse).collect()
}
