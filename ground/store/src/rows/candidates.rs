use std::path::Path;

use nouns::{Candidate, Trace, Verdict};

use super::traces::{TraceRows, trace_columns};
use super::verdicts::{verdict_rows, with_verdicts};
use crate::error::Result;
use crate::table::{Column, TableFile};

/// Candidates as a Parquet file: the columns of a trace, those of its verdict, and `weight`.
pub fn candidates_to_parquet(candidates: &[Candidate]) -> Result<Vec<u8>> {
    let traces: Vec<&Trace> = candidates.iter().map(|candidate| &candidate.trace).collect();
    let verdicts: Vec<&Verdict> = candidates.iter().map(|candidate| &candidate.verdict).collect();
    let weights = candidates.iter().map(|candidate| candidate.weight).collect();
    let table = with_verdicts(trace_columns(&traces)?, &verdicts);
    table.with("weight", Column::F32(weights)).to_parquet()
}

/// Reads candidates back.
pub fn read_candidates(path: &Path) -> Result<Vec<Candidate>> {
    let file = TableFile::open(path)?;
    let rows = TraceRows::of(&file)?.zip(verdict_rows(&file)?).zip(file.f32("weight")?);
    Ok(rows.map(|((trace, verdict), weight)| Candidate { trace, verdict, weight }).collect())
}
