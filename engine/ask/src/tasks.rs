use faults::Outcome;
use nouns::{Ask, AskContext, Stage, Task};

recipe::part! {
    /// Asks the training tasks of the world or data set, in an order shuffled anew each round.
    pub struct Tasks = "tasks", version 1 {
        /// At most this many tasks a round; 0 asks them all.
        pub limit: usize = 0, "ours: all of them, as the papers do";
    }
}

impl Ask for Tasks {
    fn ask(&self, stage: &Stage, cx: &AskContext) -> Outcome<Vec<Task>> {
        let mut tasks: Vec<&Task> = cx.trainable.iter().collect();
        stage.key.of("order").random().shuffle(&mut tasks);
        if self.limit > 0 {
            tasks.truncate(self.limit);
        }
        Ok(tasks.into_iter().cloned().collect())
    }
}
