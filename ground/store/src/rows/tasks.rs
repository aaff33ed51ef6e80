use std::path::Path;

use nouns::Task;

use super::json_column;
use crate::error::Result;
use crate::media;
use crate::table::{Column, Table, TableFile};

/// Tasks as a Parquet file: columns `world`, `id`, and `prompt` (JSON text).
pub fn tasks_to_parquet(tasks: &[Task]) -> Result<Vec<u8>> {
    let table = Table::default()
        .with("world", Column::Text(tasks.iter().map(|task| task.world.clone()).collect()))
        .with("id", Column::Text(tasks.iter().map(|task| task.id.clone()).collect()))
        .with("prompt", json_column(tasks.iter().map(|task| &task.prompt))?);
    table.to_parquet()
}

/// Reads tasks back.
pub fn read_tasks(path: &Path) -> Result<Vec<Task>> {
    let file = TableFile::open(path)?;
    let (worlds, ids, prompts) = (file.text("world")?, file.text("id")?, file.json("prompt")?);
    let rows = worlds.zip(ids).zip(prompts);
    media::whole(path, rows.map(|((world, id), prompt)| Task { world, id, prompt }).collect())
}
