//! A few attempts of every round, with their verdicts.

use dashboard::{Sample, SampleTurn};
use faults::Outcome;
use nouns::{Component, Judgement, Trace, Turn, Verdict};
use repeat::{AnswerTurn, View};
use store::RunFolder;

/// Samples of one round at most.
const PER_ROUND: usize = 50;

/// The same few of every round, evenly spread over its attempts, and how many attempts there are in all. Rounds whose
/// files are damaged are left out: `why` tells of them.
pub(super) fn chosen(run: &RunFolder, view: &View) -> Outcome<(Vec<Sample>, u64)> {
    let (mut samples, mut attempts) = (Vec::new(), 0);
    for round in view.rounds.iter().filter(|round| round.has_attempts) {
        let Some((traces, judged)) = read(run, round.round) else { continue };
        attempts += traces.len() as u64;
        let stride = traces.len().div_ceil(PER_ROUND).max(1);
        samples.extend(traces.iter().zip(&judged).step_by(stride).map(|(trace, judgement)| sample(trace, judgement)));
    }
    Ok((samples, attempts))
}

fn read(run: &RunFolder, round: u32) -> Option<(Vec<Trace>, Vec<Judgement>)> {
    let attempted = run.stage(round, "attempted");
    let manifest = attempted.manifest().ok()?;
    let parts = attempted.parts(&manifest).into_iter().map(|path| store::read_traces(&path));
    let traces = parts.collect::<Result<Vec<_>, _>>().ok()?.concat();
    let checked = store::read_verdicts(&run.stage(round, "checked").file("parquet")).ok()?;
    Some((traces, checked.into_iter().map(|row| row.judgement).collect()))
}

fn sample(trace: &Trace, judgement: &Judgement) -> Sample {
    let (word, why) = match &judgement.verdict {
        Verdict::Right => ("right", String::new()),
        Verdict::Wrong(why) => ("wrong", why.clone()),
        Verdict::Graded(grade) => ("graded", grade.to_string()),
        Verdict::Unsettled(why) => ("unsettled", why.to_string()),
    };
    Sample {
        round: trace.round,
        task: trace.task.clone(),
        prompt: trace.generated_under.iter().map(said).collect::<Vec<_>>().join("\n"),
        response: trace.text().into_owned(),
        verdict: word.to_owned(),
        why: [why, components(&judgement.components)]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
        log_likelihood: trace.log_likelihood(),
        tokens: trace.tokens.len(),
        turns: AnswerTurn::of(trace).into_iter().map(turn).collect(),
    }
}

/// What each of several checkers said.
fn components(components: &[Component]) -> String {
    let said = components.iter().map(|one| format!("{} (weight {}): {}", one.name, one.weight, one.verdict));
    said.collect::<Vec<_>>().join("; ")
}

fn said(turn: &Turn) -> String {
    turn.content.as_text().into_owned()
}

fn turn(turn: AnswerTurn) -> SampleTurn {
    let AnswerTurn { action, observation, reward } = turn;
    SampleTurn { action, observation, reward }
}
