//! A JSONL file of questions and answers as a world.
//!
//! The problem is in one of the columns `question`, `prompt` and the like (`Options`), the reference in `answer` or
//! `solution`, if there is one: a response to a problem without a reference is unsettled, not wrong. Final answers are
//! compared as [`answer::Kind`] normalises them. Records that carry a `split` keep it; the others are split by hash.
//! The same question twice is one task, and the first record's answer counts.

mod answer;
mod records;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Example, Key, Oracle, Split, Task, Turn, Unsettled, Verdict, Vocabulary, World};

use crate::catalogue::Options;
use crate::fault::WorldFault;
use crate::record;
use crate::split::split_of;
use answer::Kind;
use records::Record;

/// A data file as a world. It needs a model that knows its language: no vocabulary, no examples.
pub(crate) struct FileWorld {
    name: String,
    tasks: Vec<(Split, Task)>,
    oracle: Arc<References>,
}

impl FileWorld {
    /// Reads a file.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, WorldFault> {
        Ok(FileWorld::of(path.display().to_string(), records::read(path, options)?))
    }

    fn of(name: String, records: Vec<Record>) -> Self {
        let kind = Kind::of(records.iter().filter_map(|record| record.answer.as_deref()));
        let (mut tasks, mut by_id) = (Vec::new(), HashMap::new());
        for record in records {
            let task = task(&name, &record.problem);
            if let Entry::Vacant(entry) = by_id.entry(task.id.clone()) {
                entry.insert(record.answer.and_then(|answer| kind.reference(&answer)));
                tasks.push((record.split.unwrap_or_else(|| split_of(&task.id)), task));
            }
        }
        FileWorld { name, tasks, oracle: Arc::new(References { kind, by_id }) }
    }
}

/// The task of a question.
fn task(world: &str, problem: &str) -> Task {
    Task { world: world.to_owned(), id: canonical(problem), prompt: vec![Turn::user(problem.trim())] }
}

/// A question is the same question whatever its white space.
fn canonical(problem: &str) -> String {
    let words: Vec<&str> = problem.split_whitespace().collect();
    words.join(" ")
}

impl World for FileWorld {
    fn name(&self) -> &str {
        &self.name
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(self.tasks.iter().filter(|(own, _)| *own == split).map(|(_, task)| task.clone()).collect())
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let bad = |problem| WorldFault::bad_task(&self.name, line, problem, "a question in plain words");
        let problem = record::problem(line).map_err(bad)?;
        if problem.trim().is_empty() {
            return Err(bad("it is empty".to_owned()).into());
        }
        Ok(task(&self.name, &problem))
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        self.oracle.kind.final_answer(response)
    }

    fn expression(&self, _: &Task, _: &str) -> Option<String> {
        None
    }

    fn vocabulary(&self) -> Option<Vocabulary> {
        None
    }

    fn example(&self, _: &Key, _: &dyn Fn(&str) -> bool) -> Option<Example> {
        None
    }

    /// Longer than nearly every worked solution of a school problem.
    fn longest_answer(&self) -> u32 {
        512
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        self.oracle.clone()
    }
}

/// The reference answers of a file.
struct References {
    kind: Kind,
    by_id: HashMap<String, Option<String>>,
}

impl Oracle for References {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        let Some(reference) = self.by_id.get(&task.id).and_then(Option::as_ref) else {
            return Verdict::Unsettled(Unsettled::NoReference);
        };
        match self.kind.final_answer(response) {
            Some(answer) if answer == *reference => Verdict::Right,
            Some(answer) => Verdict::Wrong(format!("answers {answer}, not {reference}")),
            None => Verdict::Wrong(format!("gives no answer; it should be {reference}")),
        }
    }

    /// The question with its final answer, in the words of STaR's hint.
    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let reference = self.by_id.get(&task.id)?.as_ref()?;
        Some(vec![Turn::user(format!("{}\n(The answer is {reference}.)", task.prompt_text()))])
    }
}

#[cfg(test)]
mod tests;
