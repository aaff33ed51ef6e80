//! Tasks that have grown out of attempts.

use events::Facts;
use nouns::{Digest, Grown, Task, World, claimed, previous_answer};
use serde_json::json;

use crate::figures::facts;

/// What has grown so far, and by which stage.
#[derive(Default)]
pub(crate) struct Growth {
    pub(crate) tasks: Vec<Grown>,
    pub(crate) fingerprint: Option<Digest>,
}

impl Growth {
    /// How much of what is asked has grown or is asked again, and how many answers came before what
    /// is asked, on average.
    pub(crate) fn facts(&self, world: &dyn World, asked: &[Task]) -> Facts {
        let depth = |task: &Task| {
            let (_, answer) = previous_answer(world.wording(), &task.prompt)?;
            let known = |one: &&Grown| one.task.id == task.id && one.answer.as_deref() == Some(&answer);
            self.tasks.iter().find(known).map(|one| one.depth)
        };
        let depths: Vec<u32> = asked.iter().filter_map(depth).collect();
        let mean = f64::from(depths.iter().sum::<u32>()) / asked.len().max(1) as f64;
        facts([
            ("asked_to_go_on", json!(depths.len())),
            ("asked_again", json!(asked.iter().filter(|task| claimed(&task.prompt).is_some()).count())),
            ("answers_behind", json!(mean)),
            ("buffer", json!(self.tasks.len())),
        ])
    }
}
