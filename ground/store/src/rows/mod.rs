//! Tasks, traces, search trees, verdicts and candidates as rows of Parquet files.
//!
//! Columns are flat. What has a structure of its own (prompts, contexts, stop strings) is JSON text
//! in one column; tokens and log-probabilities are lists. Content that is not text survives: the
//! JSON is that of the nouns, and pictures in it are names of files in the run's folder
//! [`crate::media`], whose bytes are put back when rows are read.

mod candidates;
mod nodes;
mod tasks;
mod traces;
mod verdicts;

pub use candidates::{candidates_to_parquet, read_candidates};
pub use nodes::{nodes_to_parquet, read_nodes};
pub use tasks::{read_tasks, tasks_to_parquet};
pub use traces::{read_traces, traces_to_parquet};
pub use verdicts::{Checked, read_verdicts, verdicts_to_parquet};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::table::Column;

/// A column of JSON texts.
fn json_column<'a, T: Serialize + 'a>(values: impl Iterator<Item = &'a T>) -> Result<Column> {
    values.map(json).collect::<Result<_>>().map(Column::Text)
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Encode { what: "JSON", why: error.to_string() })
}
