use serde::{Deserialize, Serialize};

use crate::{LessonKind, Trace, Verdict};

/// A trace that may teach.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The attempt.
    pub trace: Trace,
    /// What it is worth.
    pub verdict: Verdict,
    /// How strongly it teaches: the weight of each of its answer tokens.
    pub weight: f32,
    /// What it teaches.
    pub teaching: Teaching,
    /// By how much each turn of an episode is made likelier, where turns are credited apart; empty
    /// where all have the credit of [`Teaching::Reinforced`]. `[turns]`
    pub by_turn: Vec<f64>,
    /// The domain that its task belongs to, empty if that is not known. It is the world's, and
    /// never kept.
    pub domain: String,
    /// The embedding of its answer; empty unless a chooser asks for it, and never stored. `[width]`
    pub embedding: Vec<f32>,
}

/// What a candidate teaches: which [`crate::Lesson`] it becomes, or which side of one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Teaching {
    /// It is to be imitated. What nothing else was decided of is.
    Example,
    /// It is the better of a pair.
    Chosen {
        /// The pair's number.
        pair: u32,
    },
    /// It is the worse of a pair.
    Rejected {
        /// The pair's number.
        pair: u32,
    },
    /// It is wanted.
    Desirable,
    /// It is unwanted.
    Undesirable,
    /// It is made likelier or less likely.
    Reinforced {
        /// By this much for each of its tokens.
        advantage: f64,
        /// The number of the question that it answers.
        group: u32,
        /// Weight of the KL penalty on it, where a learner has one: 1 is the whole penalty.
        #[serde(rename = "held")]
        kl_weight: f32,
    },
    /// It is worth this much: what a model that scores learns.
    Valued {
        /// The worth.
        value: f64,
        /// At which of its tokens.
        at: At,
    },
    /// A teacher reads it too, under the context that it was generated under.
    Viewed,
}

/// At which tokens of an answer a value is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// At the last one.
    End,
    /// Where a step ends, and at the last one.
    Steps,
    /// At every one.
    Every,
}

impl Teaching {
    /// The kind of lesson that comes of it.
    pub fn kind(&self) -> LessonKind {
        match self {
            Teaching::Example => LessonKind::Stream,
            Teaching::Chosen { .. } | Teaching::Rejected { .. } => LessonKind::Pair,
            Teaching::Desirable | Teaching::Undesirable => LessonKind::Judged,
            Teaching::Reinforced { .. } => LessonKind::Rollout,
            Teaching::Valued { .. } => LessonKind::Valued,
            Teaching::Viewed => LessonKind::Viewed,
        }
    }
}

impl Candidate {
    /// A candidate of which nothing is decided yet.
    pub fn new(trace: Trace, verdict: Verdict) -> Self {
        Candidate {
            trace,
            verdict,
            weight: 1.0,
            teaching: Teaching::Example,
            by_turn: Vec::new(),
            domain: String::new(),
            embedding: Vec::new(),
        }
    }

    /// The question that it answers: the task in the presentation it is to be trained under.
    /// Attempts under a hint answer the same question as those without.
    pub fn question(&self) -> (String, String) {
        let shown = self.trace.trained_under.iter().map(|turn| turn.content.identity()).collect();
        (self.trace.task.clone(), shown)
    }
}
