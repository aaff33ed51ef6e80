//! Run folders: atomic, fingerprinted, append-only; Parquet in and out.
//!
//! **The problem.** A run takes hours and may be killed at any instruction: by a person, by a full
//! disk, by the power. What it leaves must be neither half a file that is taken for a whole one,
//! nor whole files of two different runs, and resuming must give the bytes of a run that was never
//! interrupted.
//!
//! **The decision.** A manifest is written last, and only a stage with a manifest exists: whatever
//! a crash leaves behind is either whole or not there. Files are written under another name,
//! synced, renamed; the manifest has their lengths, their digests, and a fingerprint of everything
//! that the stage depended on, so that whether a stage may be reused is a comparison and not a
//! guess by time stamps. That is why no other crate may write files.
//!
//! **Alternatives, by reasoning and not by trial.** A database (SQLite) would put all of a run into
//! one file that changes with every stage, so that parts could not be compared, copied or read as
//! Parquet by themselves. Checkpoints every N steps of the whole process state would tie a run to
//! one version of the program and say nothing of whether the recipe has changed since. By time
//! stamps, as `make` has them, a copied folder would run again.
//!
//! ```text
//! runs/2026-11-24-star-game24-7f3a/
//!   .lock                       held by the process that writes the run; content ignored
//!   environment.json            machine and program
//!   recipe.toml                 every override in it; written last when the run is made
//!   events.jsonl                what happened, line by line
//!   media/                      the pictures of tasks and answers, each once, named by what it shows
//!   round-003/
//!     asked.parquet             asked.manifest.json
//!     attempted/part-0000.parquet ...   attempted.manifest.json   (attempted.parts.json until it is complete)
//!     attempted/trees-0000.parquet ...  where searches grew them
//!     checked.parquet           checked.manifest.json
//!     chosen.parquet            chosen.manifest.json
//!     learned/model.safetensors, config.json, tokenizer.json ...   learned.manifest.json
//!     measured.json             measured.manifest.json
//!     gate.json                 gate.manifest.json
//! ```
//!
//! What holds at every moment, also after a crash, a full disk or a power cut:
//! - what stands under a final name is whole: see [`Disk`];
//! - a stage's output exists if and only if its [`Manifest`] does, which is written last;
//! - a stage runs again for a typed [`Reason`], found by comparing [`Inputs`], lengths and digests;
//! - a crash costs at most one part of the stage at work, and the folder ends up with the same
//!   bytes as without it: see [`Draft`];
//! - one process writes a run at a time: [`RunWriter`]; any number may read: [`RunFolder`].
//!
//! What is not covered: someone who rewrites a file *and* its manifest with a new seal is believed;
//! file systems on which `flock` does nothing (some network mounts) do not refuse a second process.
//!
//! ```
//! # fn main() -> store::Result<()> {
//! # let root = std::env::temp_dir().join(format!("store-doc-{}", std::process::id()));
//! use store::{Disk, Inputs, NewRun, Place, RunFolder, Status};
//! let new = NewRun { recipe: "star", world: "game24", recipe_toml: "rounds = 1", seed: 7 };
//! let run = RunFolder::create(Disk::real(), Place::Under(&root), &new, &serde_json::json!({"cores": 2}))?;
//!
//! let measured = run.stage(1, "measured");
//! let inputs = Inputs { seed: 7, ..Inputs::default() };
//! if let Status::Missing(reason) = measured.status(&inputs) {
//!     assert_eq!(reason.to_string(), "it has not run yet");
//!     let mut draft = run.begin(&measured, &inputs)?;
//!     draft.json(&serde_json::json!({"accuracy": 0.5}))?;
//!     draft.commit(serde_json::json!({"items": 100}), serde_json::json!({"seconds": 1.5}))?;
//! }
//! assert_eq!(measured.verified_status(&inputs).reason(), None);
//! # Disk::real().remove(&root)
//! # }
//! ```

mod compare;
mod disk;
mod error;
mod events;
mod holder;
mod lock;
mod media;
mod read;
mod rows;
mod run;
mod stage;
mod table;

pub use compare::{differing_files, without_timing};
pub use disk::{Appender, Disk, Failing, Faulty, TEMPORARY};
pub use error::{Error, Result};
pub use events::{EventLog, EventTail, Repair};
pub use holder::Holder;
pub use lock::LOCK;
pub use read::{entries, read_bytes, read_json, read_text};
pub use rows::{
    Checked, candidates_to_parquet, nodes_to_parquet, read_candidates, read_nodes, read_tasks, read_traces,
    read_verdicts, tasks_to_parquet, traces_to_parquet, verdicts_to_parquet,
};
pub use run::{Checkpoint, Fallback, NewRun, Place, RunFolder, RunWriter, latest};
pub use stage::{Draft, FileRecord, Inputs, Manifest, Reason, Stage, Status, canonical};
