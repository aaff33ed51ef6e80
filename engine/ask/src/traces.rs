//! Attempts as tests want them.

use faults::Outcome;
use nouns::{Answerers, Ask, AskContext, Cost, Digest, Finish, Grown, Sampling, Stage, Task, Trace, Turn, World};

/// An attempt that says this under these turns.
pub(crate) fn trace(id: &str, task: &str, sample: usize, under: &[Turn], response: &str) -> Trace {
    Trace {
        id: id.into(),
        task: task.into(),
        round: 1,
        sample: sample as u32,
        model_name: "policy".into(),
        turn: 0,
        parent: None,
        generated_under: under.to_vec(),
        trained_under: under.to_vec(),
        answer: response.into(),
        tokens: vec![1],
        log_probs: vec![-1.0],
        sampling: Sampling::default(),
        model: Digest::of(b"model"),
        finish: Finish::Stop,
        cost: Cost::default(),
        episode: None,
    }
}

/// What a part asks where no model is there to be asked.
pub(crate) fn asked(
    part: &dyn Ask,
    stage: &Stage,
    world: &dyn World,
    trainable: &[Task],
    grown: &[Grown],
) -> Outcome<Vec<Task>> {
    let cx = AskContext { trainable, world, grown, models: &Answerers::new(), held_out: &|_| false, pay: &|_| {} };
    part.ask(stage, &cx)
}
