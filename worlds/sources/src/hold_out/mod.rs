//! Tasks that must never be trained on.
//!
//! A hold-out file is plain lines (`4 7 8 8`), JSONL (also gzip), Parquet, or CSV (`.csv`). In all
//! but plain lines the problem is in the first column there is of `task`, `puzzle`, `puzzles`,
//! `numbers`, `question`, `prompt`, `problem`, `input`, whatever its case. The world reads each
//! problem, and its canonical form decides: `8 8 7 4` holds out `4 7 8 8`. Text data sets are
//! compared by runs of 13 words as well, without case and punctuation; runs that many tasks share
//! say nothing about any of them.

mod lines;
mod overlap;

use std::collections::HashSet;
use std::path::Path;

use faults::Outcome;
use nouns::{Split, Task, World};

use crate::fault::WorldFault;
use overlap::Overlap;

/// Tasks that must never be trained on.
#[derive(Clone, Debug, Default)]
pub struct HoldOut {
    ids: HashSet<String>,
    /// Where problems are texts; small worlds have a canonical form that says everything.
    overlap: Option<Overlap>,
}

/// How many tasks a hold-out took away, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// The same problem by its canonical form.
    pub same: usize,
    /// Another problem that shares a run of 13 words with one held out.
    pub overlapping: usize,
    /// The word n-gram that the first of these shares.
    pub shared: Option<String>,
}

/// Reads a hold-out file for a world.
pub fn read(path: &Path, world: &dyn World) -> Outcome<HoldOut> {
    let mut hold_out = HoldOut::new(world);
    for (number, line) in lines::read(path)? {
        let task = world.read(&line);
        let task = task.map_err(|failure| WorldFault::bad_line(path, number, failure.to_string(), failure.hint()))?;
        hold_out.add(&task);
    }
    Ok(hold_out)
}

impl HoldOut {
    /// Nothing is held out yet. Texts are compared by overlap as well if the world's problems are
    /// texts: if it has no language of its own.
    pub fn new(world: &dyn World) -> Self {
        let all = || Split::ALL.iter().flat_map(|&split| world.tasks(split).unwrap_or_default());
        let overlap = world.language().is_none().then(|| {
            let texts: Vec<String> = all().map(|task| task.prompt_text()).collect();
            Overlap::of_world(texts.iter().map(String::as_str))
        });
        HoldOut { ids: HashSet::new(), overlap }
    }

    /// Holds out a task, for example each of an evaluation set.
    pub fn add(&mut self, task: &Task) {
        self.ids.insert(task.id.clone());
        if let (Some(overlap), Some(text)) = (&mut self.overlap, text_alone(task)) {
            overlap.add(&text);
        }
    }

    /// The canonical forms that are held out, in no order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// How many different problems are held out.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing is held out.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether the problem with this canonical form is held out.
    pub fn covers_id(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Whether the task is held out, by its canonical form or by overlap of its text.
    pub fn covers(&self, task: &Task) -> bool {
        self.covers_id(&task.id) || self.shared(task).is_some()
    }

    /// The word n-gram that the task shares with one held out.
    fn shared(&self, task: &Task) -> Option<String> {
        self.overlap.as_ref()?.shared(&text_alone(task)?)
    }

    /// The tasks that are left, and how many are not.
    pub fn filter(&self, tasks: Vec<Task>) -> (Vec<Task>, Dropped) {
        let (mut left, mut dropped) = (Vec::with_capacity(tasks.len()), Dropped::default());
        for task in tasks {
            match (self.covers_id(&task.id), self.shared(&task)) {
                (true, _) => dropped.same += 1,
                (false, None) => left.push(task),
                (false, shared) => {
                    dropped.overlapping += 1;
                    dropped.shared = dropped.shared.or(shared);
                }
            }
        }
        (left, dropped)
    }
}

/// The text of a task that shows nothing but text: the same question is asked about many pictures.
fn text_alone(task: &Task) -> Option<String> {
    task.images().next().is_none().then(|| task.prompt_text())
}

#[cfg(test)]
mod tests;
