//! Instructions that a program can verify, as IFEval has them (Zhou et al. 2023, arXiv 2311.07911):
//! whether a response follows them, strictly and loosely.
//!
//! What each instruction means is what the reference implementation's verdicts say, in the version
//! of lm-evaluation-harness 0.4.13; `golden/ifeval.py` compares. Three things are decided
//! otherwise: the language of a text (by `whatlang`), the ends of sentences in a few doubtful cases
//! (`sentences.rs`), and arguments that are none, for which the reference draws others.

mod asks;
mod capitals;
mod follow;
mod instruction;
mod language;
mod layout;
mod pattern;
mod read;
mod sentences;

pub use instruction::Instruction;
pub use read::{InstructionFault, instructions};
