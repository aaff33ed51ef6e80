//! A few attempts of every round, with their verdicts.

use std::collections::BTreeMap;

use dashboard::{Picture, Sample, SampleTurn};
use faults::Outcome;
use nouns::{Component, Image, Judgement, Trace, Turn, Verdict};
use repeat::{AnswerTurn, View};
use store::RunFolder;

/// Samples of one round at most.
const PER_ROUND: usize = 50;

/// The most characters of pictures in a page.
const MOST_PICTURES: usize = 24 << 20;

/// A few attempts, and what is needed to show them.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) samples: Vec<Sample>,
    /// How many attempts there are in all.
    pub(super) attempts: u64,
    /// Data URIs by name.
    pub(super) pictures: BTreeMap<String, String>,
}

/// The same few of every round, evenly spread over its attempts, and how many attempts there are in
/// all. Rounds whose files are damaged are left out: `why` tells of them.
pub(super) fn chosen(run: &RunFolder, view: &View) -> Outcome<Chosen> {
    let mut chosen = Chosen::default();
    for round in view.rounds.iter().filter(|round| round.has_attempts) {
        let Some((traces, judged)) = read(run, round.round) else { continue };
        chosen.attempts += traces.len() as u64;
        let stride = traces.len().div_ceil(PER_ROUND).max(1);
        let some = || traces.iter().zip(&judged).step_by(stride);
        embedded(some().map(|(trace, _)| trace), &mut chosen.pictures);
        chosen.samples.extend(some().map(|(trace, judgement)| sample(trace, judgement)));
    }
    Ok(chosen)
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
        response: trace.answer.to_string(),
        verdict: word.to_owned(),
        why: [why, components(&judgement.components)]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
        log_likelihood: trace.log_likelihood(),
        tokens: trace.tokens.len(),
        turns: AnswerTurn::of(trace).into_iter().map(turn).collect(),
        pictures: shown(trace).map(picture).collect(),
    }
}

/// What each of several checkers said.
fn components(components: &[Component]) -> String {
    let said = components.iter().map(|one| format!("{} (weight {}): {}", one.name, one.weight, one.verdict));
    said.collect::<Vec<_>>().join("; ")
}

fn said(turn: &Turn) -> String {
    turn.content.to_string()
}

/// The pictures that the model was shown, and those of its answer.
fn shown(trace: &Trace) -> impl Iterator<Item = &Image> {
    let contents = trace.generated_under.iter().map(|turn| &turn.content).chain([&trace.answer]);
    contents.flat_map(|content| content.images())
}

fn picture(image: &Image) -> Picture {
    Picture { name: image.digest().short().to_owned(), caption: image.to_string() }
}

/// The pictures of some traces as data URIs, each once, as long as the page does not become too
/// large.
fn embedded<'a>(traces: impl Iterator<Item = &'a Trace>, pictures: &mut BTreeMap<String, String>) {
    let mut bytes: usize = pictures.values().map(String::len).sum();
    for image in traces.flat_map(shown) {
        let name = image.digest().short();
        if !pictures.contains_key(name) && bytes + image.bytes().len() / 3 * 4 <= MOST_PICTURES {
            let uri = pictures::data_uri(image);
            bytes += uri.len();
            pictures.insert(name.to_owned(), uri);
        }
    }
}

fn turn(turn: AnswerTurn) -> SampleTurn {
    let AnswerTurn { action, observation, reward } = turn;
    SampleTurn { action, observation, reward }
}
