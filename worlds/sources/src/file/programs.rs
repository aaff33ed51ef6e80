//! Programming tasks with their tests, as the oracle of a data file.

use std::collections::HashMap;

use nouns::{Digest, Oracle, Task, Turn, Unsettled, Verdict};

use crate::code::{Judge, Tests};

/// The tests of a file's tasks, and who runs them.
pub(super) struct Programs {
    judge: Judge,
    by_id: HashMap<String, Tests>,
}

impl Programs {
    pub(super) fn new(judge: Judge, by_id: HashMap<String, Tests>) -> Self {
        Programs { judge, by_id }
    }

    /// How programs are judged, in words.
    pub(super) fn summary(&self) -> String {
        self.judge.summary()
    }

    /// The program that a response gives, without blanks at the ends of its lines.
    pub(super) fn program(&self, task: &Task, response: &str) -> Option<String> {
        let program = self.by_id.get(&task.id)?.program(response)?;
        Some(program.trim().lines().flat_map(|line| [line.trim_end(), "\n"]).collect())
    }
}

impl Oracle for Programs {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        match self.by_id.get(&task.id) {
            Some(tests) => self.judge.judge(tests, response).into(),
            None => Verdict::Unsettled(Unsettled::NoReference),
        }
    }

    fn digest(&self) -> Option<Digest> {
        let mut tests: Vec<(&String, String)> =
            self.by_id.iter().map(|(id, tests)| (id, format!("{tests:?}"))).collect();
        tests.sort();
        Some(Digest::of_fields(tests.iter().flat_map(|(id, tests)| [id.as_bytes(), tests.as_bytes()])))
    }

    /// As many at a time as there are processors.
    fn judge_all(&self, items: &[(&Task, &str)]) -> Vec<Verdict> {
        let tests: Vec<(&Tests, &str)> =
            items.iter().filter_map(|(task, response)| Some((self.by_id.get(&task.id)?, *response))).collect();
        let mut tested = self.judge.judge_all(&tests).into_iter();
        let verdict = |(task, _): &(&Task, &str)| {
            let known = self.by_id.contains_key(&task.id);
            let tested = if known { tested.next() } else { None };
            tested.map_or(Verdict::Unsettled(Unsettled::NoReference), Verdict::from)
        };
        items.iter().map(verdict).collect()
    }

    /// A program gives nothing away but itself.
    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}
