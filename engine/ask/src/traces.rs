//! Attempts as tests want them.

use nouns::{Cost, Digest, Finish, Sampling, Trace, Turn};

/// An attempt that says this under these turns.
pub(crate) fn trace(id: &str, task: &str, sample: usize, under: &[Turn], response: &str) -> Trace {
    Trace {
        id: id.into(),
        task: task.into(),
        round: 1,
        sample: sample as u32,
        role: "policy".into(),
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
