use std::path::Path;
use std::vec::IntoIter;

use nouns::{Content, Cost, Digest, Episode, Finish, Sampling, Trace, Turn};

use super::{json, json_column};
use crate::error::Result;
use crate::media;
use crate::table::{Column, Table, TableFile};

/// Traces as a Parquet file: the columns have the names of the fields of [`Trace`], [`Sampling`]
/// and [`Cost`], but for `role`, the name of the model that answered. `generated_under`,
/// `trained_under` and `stop` are JSON text; so is `episode`, a column that is there if a trace has
/// one, as `min_tokens` and `among` (JSON) are. `response` is the answer's text; where some answers
/// are more than text, a column `answer` has the whole of these as JSON.
pub fn traces_to_parquet(traces: &[Trace]) -> Result<Vec<u8>> {
    trace_columns(&traces.iter().collect::<Vec<_>>())?.to_parquet()
}

/// Reads traces back.
pub fn read_traces(path: &Path) -> Result<Vec<Trace>> {
    media::whole(path, TraceRows::of(&TableFile::open(path)?)?.collect())
}

pub(super) fn trace_columns(traces: &[&Trace]) -> Result<Table> {
    let table = Table::default()
        .with("id", texts(traces, |trace| &trace.id))
        .with("task", texts(traces, |trace| &trace.task))
        .with("round", numbers(traces, |trace| trace.round))
        .with("sample", numbers(traces, |trace| trace.sample))
        .with("role", texts(traces, |trace| &trace.model_name))
        .with("turn", numbers(traces, |trace| trace.turn))
        .with("parent", Column::OptionalText(traces.iter().map(|trace| trace.parent.clone()).collect()))
        .with("generated_under", json_column(traces.iter().map(|trace| &trace.generated_under))?)
        .with("trained_under", json_column(traces.iter().map(|trace| &trace.trained_under))?)
        .with("response", Column::Text(traces.iter().map(|trace| trace.text().into_owned()).collect()))
        .with("tokens", Column::U32Lists(traces.iter().map(|trace| trace.tokens.clone()).collect()))
        .with("log_probs", Column::F32Lists(traces.iter().map(|trace| trace.log_probs.clone()).collect()))
        .with("model", texts(traces, |trace| trace.model.hex()))
        .with("finish", texts(traces, |trace| finish_word(trace.finish)));
    let table = with_episodes(with_costs(with_sampling(table, traces)?, traces), traces)?;
    match traces.iter().all(|trace| trace.answer.plain_text().is_some()) {
        true => Ok(table),
        false => Ok(table.with("answer", answers(traces)?)),
    }
}

/// The answers that are more than a piece of text, as JSON: `response` has their text alone.
fn answers(traces: &[&Trace]) -> Result<Column> {
    let beyond = |trace: &&Trace| trace.answer.plain_text().is_none().then(|| json(&trace.answer)).transpose();
    Ok(Column::OptionalText(traces.iter().map(beyond).collect::<Result<_>>()?))
}

fn with_episodes(table: Table, traces: &[&Trace]) -> Result<Table> {
    if traces.iter().all(|trace| trace.episode.is_none()) {
        return Ok(table);
    }
    let texts = traces.iter().map(|trace| trace.episode.as_ref().map(json).transpose());
    Ok(table.with("episode", Column::OptionalText(texts.collect::<Result<_>>()?)))
}

fn with_sampling(table: Table, traces: &[&Trace]) -> Result<Table> {
    let table = table
        .with("temperature", Column::F32(traces.iter().map(|trace| trace.sampling.temperature).collect()))
        .with("top_k", numbers(traces, |trace| trace.sampling.top_k))
        .with("top_p", Column::F32(traces.iter().map(|trace| trace.sampling.top_p).collect()))
        .with("min_p", Column::F32(traces.iter().map(|trace| trace.sampling.min_p).collect()))
        .with("max_tokens", numbers(traces, |trace| trace.sampling.max_tokens));
    let mut table = table.with("stop", json_column(traces.iter().map(|trace| &trace.sampling.stop))?);
    if traces.iter().any(|trace| trace.sampling.min_tokens > 0) {
        table = table.with("min_tokens", numbers(traces, |trace| trace.sampling.min_tokens));
    }
    if traces.iter().any(|trace| !trace.sampling.among.is_empty()) {
        table = table.with("among", json_column(traces.iter().map(|trace| &trace.sampling.among))?);
    }
    Ok(table)
}

fn with_costs(table: Table, traces: &[&Trace]) -> Table {
    let count = |figure: fn(&Cost) -> u64| Column::U64(traces.iter().map(|trace| figure(&trace.cost)).collect());
    table
        .with("generated_tokens", count(|cost| cost.generated_tokens))
        .with("context_tokens", count(|cost| cost.context_tokens))
        .with("trained_tokens", count(|cost| cost.trained_tokens))
        .with("value_calls", count(|cost| cost.value_calls))
        .with("environment_steps", count(|cost| cost.environment_steps))
}

fn texts(traces: &[&Trace], field: fn(&Trace) -> &str) -> Column {
    Column::Text(traces.iter().map(|trace| field(trace).to_owned()).collect())
}

fn numbers(traces: &[&Trace], field: fn(&Trace) -> u32) -> Column {
    Column::U32(traces.iter().map(|trace| field(trace)).collect())
}

pub(super) fn finish_word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// The columns of a file of traces, read row by row.
pub(super) struct TraceRows {
    id: IntoIter<String>,
    task: IntoIter<String>,
    round: IntoIter<u32>,
    sample: IntoIter<u32>,
    model_name: IntoIter<String>,
    turn: IntoIter<u32>,
    parent: IntoIter<Option<String>>,
    generated_under: IntoIter<Vec<Turn>>,
    trained_under: IntoIter<Vec<Turn>>,
    answer: IntoIter<Content>,
    tokens: IntoIter<Vec<u32>>,
    log_probs: IntoIter<Vec<f32>>,
    sampling: IntoIter<Sampling>,
    model: IntoIter<Digest>,
    finish: IntoIter<Finish>,
    cost: IntoIter<Cost>,
    episode: IntoIter<Option<Episode>>,
}

impl TraceRows {
    pub(super) fn of(file: &TableFile) -> Result<Self> {
        Ok(TraceRows {
            id: file.text("id")?,
            task: file.text("task")?,
            round: file.u32("round")?,
            sample: file.u32("sample")?,
            model_name: file.text("role")?,
            turn: file.u32("turn")?,
            parent: file.optional_text("parent")?,
            generated_under: file.json("generated_under")?,
            trained_under: file.json("trained_under")?,
            answer: read_answers(file)?,
            tokens: file.u32_lists("tokens")?,
            log_probs: file.f32_lists("log_probs")?,
            sampling: samplings(file)?,
            model: models(file)?,
            finish: finishes(file)?,
            cost: costs(file)?,
            episode: episodes(file)?,
        })
    }
}

impl Iterator for TraceRows {
    type Item = Trace;

    fn next(&mut self) -> Option<Trace> {
        Some(Trace {
            id: self.id.next()?,
            task: self.task.next()?,
            round: self.round.next()?,
            sample: self.sample.next()?,
            model_name: self.model_name.next()?,
            turn: self.turn.next()?,
            parent: self.parent.next()?,
            generated_under: self.generated_under.next()?,
            trained_under: self.trained_under.next()?,
            answer: self.answer.next()?,
            tokens: self.tokens.next()?,
            log_probs: self.log_probs.next()?,
            sampling: self.sampling.next()?,
            model: self.model.next()?,
            finish: self.finish.next()?,
            cost: self.cost.next()?,
            episode: self.episode.next()?,
        })
    }
}

fn read_answers(file: &TableFile) -> Result<IntoIter<Content>> {
    let texts = file.text("response")?;
    if !file.has("answer") {
        return Ok(texts.map(Content::text).collect::<Vec<_>>().into_iter());
    }
    let answer = |(text, whole): (String, Option<String>)| match whole {
        None => Ok(Content::text(text)),
        Some(whole) => serde_json::from_str(&whole).map_err(|error| file.bad_cell("answer", &error)),
    };
    let answers: Result<Vec<Content>> = texts.zip(file.optional_text("answer")?).map(answer).collect();
    Ok(answers?.into_iter())
}

fn samplings(file: &TableFile) -> Result<IntoIter<Sampling>> {
    let (mut temperature, mut top_k) = (file.f32("temperature")?, file.u32("top_k")?);
    let (mut top_p, mut min_p) = (file.f32("top_p")?, file.f32("min_p")?);
    let (mut max_tokens, mut stop) = (file.u32("max_tokens")?, file.json("stop")?);
    let rows = temperature.len();
    let mut min_tokens = if file.has("min_tokens") { file.u32("min_tokens")? } else { vec![0; rows].into_iter() };
    let mut among = if file.has("among") { file.json("among")? } else { vec![Vec::new(); rows].into_iter() };
    let rows = std::iter::from_fn(|| {
        Some(Sampling {
            temperature: temperature.next()?,
            top_k: top_k.next()?,
            top_p: top_p.next()?,
            min_p: min_p.next()?,
            max_tokens: max_tokens.next()?,
            stop: stop.next()?,
            min_tokens: min_tokens.next()?,
            among: among.next()?,
        })
    });
    Ok(rows.collect::<Vec<_>>().into_iter())
}

fn costs(file: &TableFile) -> Result<IntoIter<Cost>> {
    let (mut generated, mut context) = (file.u64("generated_tokens")?, file.u64("context_tokens")?);
    let (mut trained, mut values) = (file.u64("trained_tokens")?, file.u64("value_calls")?);
    let mut steps = file.u64("environment_steps")?;
    let rows = std::iter::from_fn(|| {
        Some(Cost {
            generated_tokens: generated.next()?,
            context_tokens: context.next()?,
            trained_tokens: trained.next()?,
            value_calls: values.next()?,
            environment_steps: steps.next()?,
        })
    });
    Ok(rows.collect::<Vec<_>>().into_iter())
}

fn episodes(file: &TableFile) -> Result<IntoIter<Option<Episode>>> {
    if !file.has("episode") {
        return Ok(vec![None; file.text("id")?.len()].into_iter());
    }
    let parse = |text: Option<String>| {
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|error| file.bad_cell("episode", &error))
    };
    Ok(file.optional_text("episode")?.map(parse).collect::<Result<Vec<_>>>()?.into_iter())
}

fn finishes(file: &TableFile) -> Result<IntoIter<Finish>> {
    let parse = |word: String| match word.as_str() {
        "stop" => Ok(Finish::Stop),
        "length" => Ok(Finish::Length),
        other => Err(file.bad_cell("finish", &format!("`{other}` is neither stop nor length"))),
    };
    Ok(file.text("finish")?.map(parse).collect::<Result<Vec<_>>>()?.into_iter())
}

fn models(file: &TableFile) -> Result<IntoIter<Digest>> {
    let parse = |hex: String| serde_json::from_value(hex.into()).map_err(|error| file.bad_cell("model", &error));
    Ok(file.text("model")?.map(parse).collect::<Result<Vec<_>>>()?.into_iter())
}
