use faults::Outcome;
use nouns::{Ask, Stage, Task, World};

recipe::part! {
    /// The training tasks of the world or data set, in an order shuffled anew each round.
    pub struct Tasks = "tasks", version 1 {
        /// At most this many tasks a round; 0 asks them all.
        pub limit: usize = 0, "ours: all of them, as the papers do";
        /// How often each task is asked in a round, each time presented differently where the world allows it
        /// (its numbers in another order).
        pub presentations: u32 = 1, "ours: once, as the papers do";
    }
}

impl Ask for Tasks {
    fn ask(&self, stage: &Stage, world: &dyn World, trainable: &[Task]) -> Outcome<Vec<Task>> {
        let mut tasks: Vec<&Task> = trainable.iter().collect();
        stage.key.of("order").random().shuffle(&mut tasks);
        if self.limit > 0 {
            tasks.truncate(self.limit);
        }
        let present = |task: &Task, time: u32| world.vary(&stage.key.of(&task.id).at(u64::from(time)), task);
        Ok(tasks.into_iter().flat_map(|task| (0..self.presentations).map(move |time| present(task, time))).collect())
    }
}
