//! Rounds, gates, resume: the loop itself, and what makes it durable.
//!
//! **The problem.** Forty methods differ in what they sample, keep and learn, but all of them are a
//! loop that has to survive being killed, must never train on what it evaluates, and must not keep
//! a round that made the model worse. Written once per method, each of these is wrong in some of
//! them.
//!
//! **The decision.** The loop is written once and knows no method. `round.rs` is one turn of it:
//! ask, attempt, check, choose, learn, measure, gate. Each verb in each round is a *stage*, a pure
//! function of what came before: of the stages it reads, its slice of the recipe with the versions
//! of its parts, the seed, and the digest of the model. So a stage whose inputs are the same is not
//! run again, a crash costs the stage at work, and after an edit of the recipe exactly what it
//! touches runs again. Which models there are (policy, value model, judge, teacher) is data too:
//! rows of one table (`entry.rs`, `table.rs`), all chosen for and trained by the same code
//! (`learning.rs`). The gate compares the round's model with the kept one on held-out tasks, by the
//! recipe's `grade`, and where nothing can be compared nothing is kept.
//!
//! **Alternatives, by reasoning and not by trial.** A script per method over a training library, as
//! papers publish them, would have a resume, hold-outs and gates of its own. A general graph of
//! tasks (Airflow and its kind) would have to be read to know what a method does, where seven verbs
//! in one order are known. A log of decisions that is replayed would have to stay compatible for
//! ever, where outputs on disk are compared by digest. What was tried and replaced: choose and
//! learn written twice, for the policy and for the models beside it (`docs/decisions/071`).
//!
//! [`start`] and [`resume`] carry a run to its end; [`why`] says what would run again and for what
//! reason; [`View`] reads a run; [`Answerer`] lets its model answer.

mod adapt;
mod adapting;
mod answer;
mod asking;
mod attempting;
mod base;
mod beginning;
mod carry;
mod checking;
mod classifier;
mod ending;
mod entry;
mod fault;
mod figures;
mod first_model;
mod from_labels;
mod gate;
mod grade;
mod grown;
mod growth;
mod labelled;
mod learning;
mod lessons;
mod library;
mod measuring;
mod memory;
mod meter;
mod mismatch;
mod options;
mod phase;
mod prompt;
mod reading;
mod recipe;
mod refusing;
mod replay;
mod round;
mod rounds;
mod run;
mod run_data;
mod settings;
mod stages;
mod state;
mod table;
mod teach;
mod trees;
mod view;
mod vision;
mod why;

pub use answer::{Answer, AnswerTurn, Answerer};
pub use base::Base;
pub use ending::{Ending, RoundSummary};
pub use entry::{Entry, Source, Start};
pub use fault::RepeatFault;
pub use first_model::shape_of_nothing;
pub use from_labels::FromLabels;
pub use gate::Decision;
pub use library::{abbreviation, library, recipe_named};
pub use networks::{DeviceKind, NumberFormat, Precision, agreements};
pub use options::{Budget, Options};
pub use phase::Phase;
pub use prompt::Prompt;
pub use reading::read_recipe;
pub use recipe::Recipe;
pub use rounds::{Carry, Gate, Rounds, StartFrom};
pub use run::{Environment, resume, resume_on, start, start_on, start_warm, written_down};
pub use stages::Line;
pub use table::SLOTS;
pub use trees::TREES;
pub use view::{RoundView, View};
pub use why::{unrecorded, why};
