//! What flows through the loop. Read this crate first: it is the whole vocabulary.
//!
//! ```text
//!   ask      attempt     check       choose      learn       measure
//!   Task  →  Trace    →  Verdict  →  Lesson   →  Update   →  Score     →  repeat
//! ```
//!
//! - [`Task`]: what is asked. It never carries its answer: answers live behind an [`Oracle`], which
//!   is a capability that a method is handed or not.
//! - [`Trace`]: one answer of a policy, with the context it was generated under *and* the context
//!   it is to be trained under, the behaviour log-probabilities, its parents, and what it cost.
//! - [`Verdict`]: right, wrong, graded, or unsettled with a reason. Nothing turns unsettled into a
//!   number.
//! - [`Candidate`]: a trace, its verdict, and what it is to teach. [`Lesson`]: that as tokens, and
//!   how strongly.
//! - [`Update`], [`Score`]: what a round of learning did, and what improved.
//! - [`Environment`]: where a model acts and observes; [`Episode`]: what happened in one, beside
//!   the tokens of a trace.
//! - [`Key`]: where every random draw comes from.
//! - [`verbs`]: the traits of the seven verbs, of a policy, and of a world.
//! - [`Language`], [`Wording`]: what a model can be made from for a world without one; what models
//!   are asked there.

mod calls;
mod content;
mod cost;
mod cue;
mod digest;
pub mod effect;
mod environment;
mod episode;
mod exact;
mod generate;
mod grown;
mod image;
mod key;
mod language;
mod lesson;
mod node;
mod options;
mod policy;
mod progress;
mod quality;
mod score;
mod see;
mod steps;
mod task;
mod teaching;
mod tool;
mod trace;
mod update;
pub mod verbs;
mod verdict;
mod wording;

pub use calls::calls;
pub use content::{Content, Part, Role, Turn};
pub use cost::Cost;
pub use cue::Cue;
pub use digest::Digest;
pub use environment::{Action, Environment, Observed};
pub use episode::{Episode, EpisodeTurn};
pub use exact::{Exact, exact_values};
pub use generate::generate_by_tokens;
pub use grown::{Grown, claimed, previous_answer};
pub use image::{Image, ImageFormat};
pub use key::{Key, Random};
pub use language::{Example, Language, Vocabulary};
pub use lesson::{Judged, Lesson, LessonKind, Pair, Rollout, Stream, Valued, Viewed};
pub use node::Node;
pub use options::{AnswerOption, Count};
pub use policy::{Completion, Generate, Policy, Prompt, Reply, Request};
pub use progress::{Load, Progress, Silent, Tick};
pub use quality::{Aggregate, quality};
pub use score::Score;
pub use see::{FIRST_IMAGE_ROW, See};
pub use steps::step_places;
pub use task::{Split, Task, identity};
pub use teaching::{At, Candidate, Teaching};
pub use tool::{Call, Tool};
pub use trace::{CRITIQUE, Finish, Sampling, Trace};
pub use update::{Step, Update};
pub use verbs::{
    Answerers, Ask, AskContext, Attempt, AttemptContext, Check, Choose, Critics, DropTrees, GrowsBy, KeepTrees, Learn,
    Measure, Oracle, Stage, ValueModel, World,
};
pub use verdict::{Component, Judgement, Unsettled, Verdict};
pub use wording::{PlainEnglish, Wording};
