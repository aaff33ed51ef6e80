//! Rounds, gates, resume: the loop itself.
//!
//! [`round`](self) turns the loop once; [`start`] and [`resume`] carry a run to its end; [`why`] says what would run
//! again and for what reason; [`View`] reads a run; [`Answerer`] lets its model answer.

mod adapt;
mod answer;
mod base;
mod beginning;
pub mod bench;
mod carry;
mod ending;
mod fault;
mod figures;
mod folder;
mod gate;
mod growth;
mod labelled;
mod lessons;
mod library;
mod measuring;
mod memory;
mod meter;
mod model;
mod options;
mod phase;
mod recipe;
mod replay;
pub mod reproduce;
mod role;
mod roles;
mod round;
mod rounds;
mod run;
mod scene;
mod speak;
mod stages;
mod teach;
mod train;
mod trees;
mod view;
mod why;

pub use answer::{Answer, Answerer};
pub use base::Base;
pub use ending::{Ending, RoundSummary};
pub use fault::RepeatFault;
pub use folder::{Contents, Convert, Converted, FileSize, Inspected, Inspection, Load, inspect};
pub use gate::Decision;
pub use library::library;
pub use memory::available_bytes;
pub use models::{DeviceKind, NumberFormat, Precision, agreements};
pub use options::{Budget, Options};
pub use phase::Phase;
pub use recipe::Recipe;
pub use role::{Role, Start};
pub use rounds::{Carry, Gate, Rounds, StartFrom};
pub use run::{Environment, resume, resume_on, start, start_on};
pub use speak::{Chat, Generate, Said, Sample, Scored, Speaker};
pub use stages::Line;
pub use train::{Checkpoints, Evaluation, Examples, Train, Trained, objective};
pub use trees::TREES;
pub use view::{RoundView, View};
pub use why::why;
