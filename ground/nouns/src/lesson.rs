use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What teaches. `learn` executes lessons and does not know which method made them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// Make these tokens likelier, each by its weight.
    Stream(Stream),
    /// Prefer one answer to another.
    Pair(Pair),
    /// An answer that is wanted or unwanted, with no other to compare it with.
    Judged(Judged),
    /// An answer that the policy gave, with the credit of its tokens.
    Rollout(Rollout),
    /// An answer, whole or in part, with what it is worth at some of its tokens.
    Valued(Valued),
    /// An answer that a teacher reads too, perhaps under a view of its own.
    Viewed(Viewed),
}

/// Tokens to learn from, each with a weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The trace it comes from: `why` and the report lead back to it.
    pub trace: String,
    /// Context tokens, then answer tokens. `[length]`
    pub tokens: Vec<u32>,
    /// Weight of predicting `tokens[i]` from what precedes it; 0 for context, so that no gradient
    /// comes from it. `[length]`
    pub weights: Vec<f32>,
}

/// Two answers to the same question, the first of them preferred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// What is preferred.
    pub chosen: Stream,
    /// To what.
    pub rejected: Stream,
    /// By how much: the difference of their rewards, in the checker's scale.
    pub gap: f64,
    /// By each of several criteria, how probable it is that the first is the better; empty where
    /// only `gap` is known. `[criteria]`
    #[serde(default)]
    pub better: Vec<f64>,
}

/// An answer with a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The answer.
    pub stream: Stream,
    /// How many of its tokens are context.
    pub context: usize,
    /// Whether it is wanted.
    pub desirable: bool,
}

/// An answer as the policy drew it. The context it was drawn under need not be the one that it is
/// trained under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// Context to be trained under, answer, and the mask of what is reinforced.
    pub stream: Stream,
    /// Log-probability of each token under the policy and the context that drew it; 0 for context.
    /// `[length]`
    pub behaviour: Vec<f32>,
    /// Credit of each token; 0 for context. `[length]`
    pub advantages: Vec<f32>,
    /// The answers with this number are of one question, and share a baseline.
    pub group: u32,
    /// Weight of the KL penalty on it: 1 is the learner's whole penalty, 0 is none.
    #[serde(default = "all_of_it", rename = "held")]
    pub kl_weight: f32,
}

fn all_of_it() -> f32 {
    1.0
}

/// An answer with what it is worth: what a reward model, a process reward model or a value model
/// learns from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valued {
    /// Context and answer; the weights say at which tokens a value is known, and how much each
    /// counts.
    pub stream: Stream,
    /// Target values after each token, one per criterion; read only where the weight is not 0.
    /// `[length * criteria]`
    pub targets: Vec<f32>,
}

/// An answer under two views: the student learns what a teacher would say of its tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Viewed {
    /// The student's context, the answer, and the mask of what is taught. The answer is everything
    /// from the first taught token on.
    pub stream: Stream,
    /// The context that the teacher reads before the same answer.
    pub teacher: Vec<u32>,
}

/// The kinds of [`Lesson`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LessonKind {
    /// [`Lesson::Stream`].
    Stream,
    /// [`Lesson::Pair`].
    Pair,
    /// [`Lesson::Judged`].
    Judged,
    /// [`Lesson::Rollout`].
    Rollout,
    /// [`Lesson::Valued`].
    Valued,
    /// [`Lesson::Viewed`].
    Viewed,
}

impl fmt::Display for LessonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LessonKind::Stream => "answers to imitate",
            LessonKind::Pair => "pairs of answers",
            LessonKind::Judged => "answers with a label each",
            LessonKind::Rollout => "answers with advantages",
            LessonKind::Valued => "answers with values",
            LessonKind::Viewed => "answers that a teacher reads too",
        })
    }
}

impl Lesson {
    /// Which kind it is.
    pub fn kind(&self) -> LessonKind {
        match self {
            Lesson::Stream(_) => LessonKind::Stream,
            Lesson::Pair(_) => LessonKind::Pair,
            Lesson::Judged(_) => LessonKind::Judged,
            Lesson::Rollout(_) => LessonKind::Rollout,
            Lesson::Valued(_) => LessonKind::Valued,
            Lesson::Viewed(_) => LessonKind::Viewed,
        }
    }

    /// The sequences that the model reads for it.
    pub fn streams(&self) -> Vec<&Stream> {
        match self {
            Lesson::Stream(stream) => vec![stream],
            Lesson::Pair(pair) => vec![&pair.chosen, &pair.rejected],
            Lesson::Judged(judged) => vec![&judged.stream],
            Lesson::Rollout(rollout) => vec![&rollout.stream],
            Lesson::Valued(valued) => vec![&valued.stream],
            Lesson::Viewed(viewed) => vec![&viewed.stream],
        }
    }

    /// How many tokens these have, context included.
    pub fn tokens(&self) -> usize {
        self.streams().iter().map(|stream| stream.tokens.len()).sum()
    }
}

impl Stream {
    /// A stream whose answer tokens all weigh the same and whose context weighs nothing.
    pub fn new(trace: impl Into<String>, context: &[u32], answer: &[u32], weight: f32) -> Self {
        let mut weights = vec![0.0; context.len()];
        weights.resize(context.len() + answer.len(), weight);
        Stream::weighted(trace, [context, answer].concat(), weights)
    }

    /// A stream with the weight of each token. The first token follows nothing, so nothing predicts
    /// it and it weighs nothing: counted in a mean, its loss of 0 would make the others too small.
    pub fn weighted(trace: impl Into<String>, tokens: Vec<u32>, mut weights: Vec<f32>) -> Self {
        if let Some(first) = weights.first_mut() {
            *first = 0.0;
        }
        Stream { trace: trace.into(), tokens, weights }
    }

    /// Without a gradient at some of its tokens, counted from the end: 1 is the last.
    #[must_use]
    pub fn without(mut self, from_the_end: &HashSet<usize>) -> Self {
        let length = self.weights.len();
        from_the_end.iter().for_each(|&place| self.weights[length - place] = 0.0);
        self
    }

    /// How many tokens carry a gradient.
    pub fn taught(&self) -> usize {
        self.weights.iter().filter(|&&w| w != 0.0).count()
    }

    /// Sum of the weights: its length, where every answer token weighs 1.
    pub fn mass(&self) -> f64 {
        self.weights.iter().map(|&w| f64::from(w)).sum()
    }
}

impl Rollout {
    /// An answer whose tokens all have the same credit. `log_probs` are those of the answer's
    /// tokens when drawn. `[answer]`
    pub fn new(
        trace: impl Into<String>,
        context: &[u32],
        answer: &[u32],
        log_probs: &[f32],
        advantage: f32,
        group: u32,
    ) -> Self {
        let behind = |values: &[f32]| [&vec![0.0; context.len()], values].concat();
        Rollout {
            stream: Stream::new(trace, context, answer, 1.0),
            behaviour: behind(log_probs),
            advantages: behind(&vec![advantage; answer.len()]),
            group,
            kl_weight: 1.0,
        }
    }
}

impl Rollout {
    /// Without a gradient or credit at some of its tokens, counted from the end: 1 is the last.
    #[must_use]
    pub fn without(mut self, from_the_end: &HashSet<usize>) -> Self {
        self.stream = self.stream.without(from_the_end);
        let length = self.advantages.len();
        from_the_end.iter().for_each(|&place| self.advantages[length - place] = 0.0);
        self
    }
}

impl Valued {
    /// An answer whose worth is known at some of its tokens: `known` holds places in the answer,
    /// and the value there.
    pub fn new(trace: impl Into<String>, context: &[u32], answer: &[u32], known: &[(usize, f32)]) -> Self {
        let mut stream = Stream::new(trace, context, answer, 0.0);
        let mut targets = vec![0.0; stream.tokens.len()];
        for &(place, value) in known.iter().filter(|(place, _)| *place < answer.len()) {
            stream.weights[context.len() + place] = 1.0;
            targets[context.len() + place] = value;
        }
        Valued { stream, targets }
    }
}
