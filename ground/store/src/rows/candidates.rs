use std::path::Path;

use nouns::{At, Candidate, Teaching, Trace, Verdict};

use super::json_column;
use super::traces::{TraceRows, trace_columns};
use super::verdicts::{verdict_rows, with_verdicts};
use crate::error::Result;
use crate::media;
use crate::table::{Column, TableFile};

/// Candidates as a Parquet file: the columns of a trace, those of its verdict, `weight`, `teaching`
/// (`example`, `chosen`, `rejected`, `desirable`, `undesirable`, `reinforced`, `valued-end`,
/// `valued-steps`, `valued-every`, `viewed`), `group` (the number of its pair or question),
/// `advantage` (or its value), and, where the KL penalty does not weigh 1 for all of them,
/// `held`; where turns are credited apart, `by_turn` as JSON text.
pub fn candidates_to_parquet(candidates: &[Candidate]) -> Result<Vec<u8>> {
    let traces: Vec<&Trace> = candidates.iter().map(|candidate| &candidate.trace).collect();
    let verdicts: Vec<&Verdict> = candidates.iter().map(|candidate| &candidate.verdict).collect();
    let weights = candidates.iter().map(|candidate| candidate.weight).collect();
    let cells: Vec<_> = candidates.iter().map(|candidate| cells(candidate.teaching)).collect();
    let kl_weights: Vec<f32> = candidates.iter().map(|candidate| kl_weight(candidate.teaching)).collect();
    let table = with_verdicts(trace_columns(&traces)?, &verdicts)
        .with("weight", Column::F32(weights))
        .with("teaching", Column::Text(cells.iter().map(|(word, ..)| (*word).to_owned()).collect()))
        .with("group", Column::U32(cells.iter().map(|(_, group, _)| *group).collect()))
        .with("advantage", Column::OptionalF64(cells.iter().map(|(.., advantage)| *advantage).collect()));
    let alike = kl_weights.iter().all(|&weight| weight == 1.0);
    let table = if alike { table } else { table.with("held", Column::F32(kl_weights)) };
    match candidates.iter().all(|candidate| candidate.by_turn.is_empty()) {
        true => table.to_parquet(),
        false => table.with("by_turn", json_column(candidates.iter().map(|one| &one.by_turn))?).to_parquet(),
    }
}

/// Reads candidates back.
pub fn read_candidates(path: &Path) -> Result<Vec<Candidate>> {
    let file = TableFile::open(path)?;
    let cells = file.text("teaching")?.zip(file.u32("group")?).zip(file.optional_f64("advantage")?);
    let kl_weights: Vec<f32> = if file.has("held") { file.f32("held")?.collect() } else { Vec::new() };
    let mut kl_weights = kl_weights.into_iter();
    let teaching = |((word, group), advantage): ((String, u32), Option<f64>)| {
        let found = teaching(&word, group, advantage, kl_weights.next().unwrap_or(1.0));
        found.ok_or_else(|| file.bad_cell("teaching", &format!("`{word}` with these columns teaches nothing")))
    };
    let teachings = cells.map(teaching).collect::<Result<Vec<_>>>()?;
    let by_turn: Vec<Vec<f64>> = if file.has("by_turn") { file.json("by_turn")?.collect() } else { Vec::new() };
    let mut by_turn = by_turn.into_iter();
    let traces = media::whole(path, TraceRows::of(&file)?.collect())?;
    let rows = traces.into_iter().zip(verdict_rows(&file)?).zip(file.f32("weight")?.zip(teachings));
    let candidate = |((trace, verdict), (weight, teaching))| {
        let by_turn = by_turn.next().unwrap_or_default();
        Candidate { weight, teaching, by_turn, ..Candidate::new(trace, verdict) }
    };
    Ok(rows.map(candidate).collect())
}

fn cells(teaching: Teaching) -> (&'static str, u32, Option<f64>) {
    match teaching {
        Teaching::Example => ("example", 0, None),
        Teaching::Chosen { pair } => ("chosen", pair, None),
        Teaching::Rejected { pair } => ("rejected", pair, None),
        Teaching::Desirable => ("desirable", 0, None),
        Teaching::Undesirable => ("undesirable", 0, None),
        Teaching::Reinforced { advantage, group, .. } => ("reinforced", group, Some(advantage)),
        Teaching::Viewed => ("viewed", 0, None),
        Teaching::Valued { value, at: At::End } => ("valued-end", 0, Some(value)),
        Teaching::Valued { value, at: At::Steps } => ("valued-steps", 0, Some(value)),
        Teaching::Valued { value, at: At::Every } => ("valued-every", 0, Some(value)),
    }
}

fn kl_weight(teaching: Teaching) -> f32 {
    if let Teaching::Reinforced { kl_weight, .. } = teaching { kl_weight } else { 1.0 }
}

fn teaching(word: &str, group: u32, advantage: Option<f64>, kl_weight: f32) -> Option<Teaching> {
    Some(match word {
        "example" => Teaching::Example,
        "chosen" => Teaching::Chosen { pair: group },
        "rejected" => Teaching::Rejected { pair: group },
        "desirable" => Teaching::Desirable,
        "undesirable" => Teaching::Undesirable,
        "reinforced" => Teaching::Reinforced { advantage: advantage?, group, kl_weight },
        "viewed" => Teaching::Viewed,
        "valued-end" => Teaching::Valued { value: advantage?, at: At::End },
        "valued-steps" => Teaching::Valued { value: advantage?, at: At::Steps },
        "valued-every" => Teaching::Valued { value: advantage?, at: At::Every },
        _ => return None,
    })
}
