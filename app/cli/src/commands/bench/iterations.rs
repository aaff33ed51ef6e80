//! `bench --iterations`: whole iterations of reinforcement, beside TRL's trainer.

use bench::{Iteration, SIZES, iteration};
use faults::Outcome;
use repeat::Precision;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Arguments, Found};
use crate::console::Console;

/// The rival's script, and the size where none is asked for.
const RIVAL: &str = "trl_grpo.py";
const USUAL: usize = 1;

/// Ours, and the rival's own JSON object.
#[derive(Serialize)]
struct Iterations {
    repeats: usize,
    ours: Vec<Iteration>,
    rival: Option<Value>,
}

pub(super) fn measured(arguments: &Arguments, _: &Console) -> Outcome<Found> {
    let (sizes, repeats) = (arguments.sizes_or(&SIZES[..USUAL]), arguments.repeats());
    let rival = arguments.rival(RIVAL, &sizes)?;
    let precise = sizes.iter().flat_map(|size| [Precision::F32, Precision::Bf16].map(|precision| (size, precision)));
    let ours = precise.map(|(size, precision)| iteration(size, precision, repeats)).collect::<Outcome<_>>()?;
    let found = Iterations { repeats, ours, rival };
    Ok(Found { text: found.shown(), json: json!(found) })
}

impl Iterations {
    /// A Markdown table.
    fn shown(&self) -> String {
        let mut text = format!(
            "Answers of 64 tokens, sampled, credited and learned from in one update; medians of {}.\n\n",
            self.repeats
        );
        text += "| size | answers | precision | autodidact, s | TRL, s (f32, bf16) | times as fast | peak memory, MB | TRL's, MB |\n";
        text += "|---|---:|---|---:|---:|---:|---:|---:|\n";
        self.ours.iter().for_each(|ours| text += &self.row(ours));
        text
    }

    fn row(&self, ours: &Iteration) -> String {
        let shown = |number: Option<f64>, digits: usize| number.map_or("–".to_owned(), |x| format!("{x:.digits$}"));
        let [f32, bf16] = ["f32", "bf16"].map(|precision| self.rival_of(ours.size, precision));
        let seconds = [f32, bf16].map(|result| result?["seconds"].as_f64());
        let better = seconds.into_iter().flatten().min_by(f64::total_cmp);
        let megabytes = |bytes: Option<f64>| shown(bytes.map(|bytes| bytes / 1e6), 0);
        format!(
            "| {} | {} | {} | {:.3} | {}, {} | {} | {} | {} |\n",
            ours.size,
            ours.answers,
            ours.precision,
            ours.seconds,
            shown(seconds[0], 3),
            shown(seconds[1], 3),
            shown(better.map(|better| better / ours.seconds), 1),
            megabytes(ours.peak_bytes.map(|bytes| bytes as f64)),
            megabytes(f32.and_then(|result| result["peak_bytes"].as_f64())),
        )
    }

    fn rival_of(&self, size: &str, precision: &str) -> Option<&Value> {
        let results = self.rival.as_ref()?["results"].as_array()?;
        results.iter().find(|result| result["size"] == size && result["precision"] == precision)
    }
}
