//! The problems on the lines of a hold-out file, each with its line number.

use std::path::Path;

use crate::fault::{WorldFault, read_text};
use crate::record::PROBLEM_COLUMNS;
use crate::rows::{Columns, Rows};

/// A problem's line number, from 1, and what stands there for the world to read.
pub(crate) type Line = (u64, String);

/// The lines of a file: CSV if it is called so, records if it is Parquet or gzip, else plain lines
/// or JSON records. Empty lines, and plain lines that begin with `# `, are skipped.
pub(crate) fn read(path: &Path) -> Result<Vec<Line>, WorldFault> {
    if crate::rows::is_packed(path) {
        let rows = Rows::open(path, &Columns::default())?.map(|row| row.map(|row| (row.number, row.text)));
        return rows.collect();
    }
    let text = read_text(path)?;
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let lines = if is_csv { csv_lines(path, &text)? } else { plain_lines(&text) };
    if lines.is_empty() { Err(WorldFault::Empty { path: path.to_owned() }) } else { Ok(lines) }
}

fn plain_lines(text: &str) -> Vec<Line> {
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("# "));
    lines.map(|(number, line)| (number, line.to_owned())).collect()
}

/// The cells of the problem column.
fn csv_lines(path: &Path, text: &str) -> Result<Vec<Line>, WorldFault> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let bad = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        WorldFault::bad_line(path, line, format!("not CSV: {error}"), None)
    };
    let column = problem_column(path, reader.headers().map_err(bad)?)?;
    let cells = reader.records().map(|row| {
        let row = row.map_err(bad)?;
        Ok((row.position().map_or(0, csv::Position::line), row.get(column).unwrap_or_default().to_owned()))
    });
    cells.collect()
}

/// Which column holds the problems.
fn problem_column(path: &Path, headers: &csv::StringRecord) -> Result<usize, WorldFault> {
    let position = |name: &&str| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name));
    PROBLEM_COLUMNS.iter().find_map(position).ok_or_else(|| {
        let found: Vec<&str> = headers.iter().collect();
        let problem = format!("no column holds the tasks; the columns are {}", found.join(", "));
        let hint = format!("Call the column one of {}.", PROBLEM_COLUMNS.join(", "));
        WorldFault::bad_line(path, 1, problem, Some(hint))
    })
}
