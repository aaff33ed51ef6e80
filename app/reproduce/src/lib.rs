//! Whether a paper's claims hold here: arms are run, figures compared item by item, and every claim
//! gets a verdict.
//!
//! A reproduction is data (`reproductions/NAME.toml`): arms (a recipe with overrides), seeds,
//! budgets, premises, claims and negative controls as inequalities between figures. Arms are
//! ordinary runs in folders of their own, so that a reproduction resumes like any run; a base model
//! that an earlier arm made from the same seed and settings is taken over.

mod arms;
mod asked;
mod data;
mod fault;
mod judge;
mod made_by;
mod plan;
mod queue;
mod ran;
mod record;
mod reproduce;
mod stale;

pub use asked::{Listening, Reproduce, Telling};
pub use fault::ReproduceFault;
pub use plan::{Arm, Claim, Figure, Plan, Premise};
pub use record::{ArmRecord, BaseModel, ClaimRecord, Machine, PremiseRecord, Record, SeedRecord, Verdict};
pub use reproduce::{is_real, reproductions};
pub use stale::stale;
