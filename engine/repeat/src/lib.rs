//! Rounds, gates, resume: the loop itself, and what makes it durable.
//!
//! [`round`](self) turns the loop once; [`start`] and [`resume`] carry a run to its end; [`why`]
//! says what would run again and for what reason; [`View`] reads a run; [`Answerer`] lets its model
//! answer.

mod adapt;
mod answer;
mod base;
mod beginning;
mod carry;
mod classifier;
mod ending;
mod entry;
mod fault;
mod figures;
mod gate;
mod grade;
mod growth;
mod labelled;
mod learning;
mod lessons;
mod library;
mod measuring;
mod meter;
mod options;
mod phase;
mod reading;
mod recipe;
mod refusing;
mod replay;
mod round;
mod rounds;
mod run;
mod scene;
mod settings;
mod sight;
mod stages;
mod table;
mod teach;
mod trees;
mod view;
mod why;

pub use answer::{Answer, AnswerTurn, Answerer};
pub use base::Base;
pub use classifier::FromLabels;
pub use ending::{Ending, RoundSummary};
pub use entry::{Entry, Source, Start};
pub use fault::RepeatFault;
pub use gate::Decision;
pub use library::{library, recipe_named};
pub use models::{DeviceKind, NumberFormat, Precision, agreements};
pub use options::{Budget, Options};
pub use phase::Phase;
pub use reading::read_recipe;
pub use recipe::Recipe;
pub use round::SLOTS;
pub use rounds::{Carry, Gate, Rounds, StartFrom};
pub use run::{Environment, resume, resume_on, shape_of_nothing, start, start_on, start_warm, written_down};
pub use stages::Line;
pub use trees::TREES;
pub use view::{RoundView, View};
pub use why::{unrecorded, why};
