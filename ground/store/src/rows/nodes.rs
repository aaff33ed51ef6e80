use std::path::Path;

use nouns::{Finish, Node};

use super::traces::finish_word;
use crate::error::Result;
use crate::table::{Column, Table, TableFile};

/// Search trees as a Parquet file: the columns have the names of the fields of [`Node`]. A root is
/// its own `parent`; `finish` is null where the answer goes on; `rollout` and `route` are 0 or 1.
pub fn nodes_to_parquet(nodes: &[Node]) -> Result<Vec<u8>> {
    let texts = |field: fn(&Node) -> &str| Column::Text(nodes.iter().map(|node| field(node).to_owned()).collect());
    let numbers = |field: fn(&Node) -> u32| Column::U32(nodes.iter().map(field).collect());
    let figures = |field: fn(&Node) -> Option<f64>| Column::OptionalF64(nodes.iter().map(field).collect());
    let finish = |node: &Node| node.finish.map(|finish| finish_word(finish).to_owned());
    let table = Table::default()
        .with("tree", texts(|node| &node.tree))
        .with("task", texts(|node| &node.task))
        .with("round", numbers(|node| node.round))
        .with("number", numbers(|node| node.number))
        .with("parent", numbers(|node| node.parent.unwrap_or(node.number)))
        .with("text", texts(|node| &node.text))
        .with("tokens", Column::U32Lists(nodes.iter().map(|node| node.tokens.clone()).collect()))
        .with("log_probs", Column::F32Lists(nodes.iter().map(|node| node.log_probs.clone()).collect()))
        .with("value", figures(|node| node.value))
        .with("mean", figures(|node| Some(node.mean)))
        .with("visits", numbers(|node| node.visits))
        .with("finish", Column::OptionalText(nodes.iter().map(finish).collect()))
        .with("rollout", numbers(|node| node.rollout.into()))
        .with("route", numbers(|node| node.route.into()));
    table.to_parquet()
}

/// Reads search trees back.
pub fn read_nodes(path: &Path) -> Result<Vec<Node>> {
    let file = TableFile::open(path)?;
    let (mut tree, mut task) = (file.text("tree")?, file.text("task")?);
    let (mut round, mut number, mut parent) = (file.u32("round")?, file.u32("number")?, file.u32("parent")?);
    let (mut text, mut tokens, mut log_probs) =
        (file.text("text")?, file.u32_lists("tokens")?, file.f32_lists("log_probs")?);
    let (mut value, mut mean, mut visits) =
        (file.optional_f64("value")?, file.optional_f64("mean")?, file.u32("visits")?);
    let finishes = file.optional_text("finish")?.map(|word| finish_of(&file, word)).collect::<Result<Vec<_>>>()?;
    let mut finish = finishes.into_iter();
    let (mut rollout, mut route) = (file.u32("rollout")?, file.u32("route")?);
    let rows = std::iter::from_fn(|| {
        let number = number.next()?;
        Some(Node {
            tree: tree.next()?,
            task: task.next()?,
            round: round.next()?,
            number,
            parent: Some(parent.next()?).filter(|&parent| parent != number),
            text: text.next()?,
            tokens: tokens.next()?,
            log_probs: log_probs.next()?,
            value: value.next()?,
            mean: mean.next()?.unwrap_or(f64::NAN),
            visits: visits.next()?,
            finish: finish.next()?,
            rollout: rollout.next()? != 0,
            route: route.next()? != 0,
        })
    });
    Ok(rows.collect())
}

fn finish_of(file: &TableFile, word: Option<String>) -> Result<Option<Finish>> {
    match word.as_deref() {
        None => Ok(None),
        Some("stop") => Ok(Some(Finish::Stop)),
        Some("length") => Ok(Some(Finish::Length)),
        Some(other) => Err(file.bad_cell("finish", &format!("`{other}` is neither stop nor length"))),
    }
}
