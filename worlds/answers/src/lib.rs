//! Final answers in text: finds them, and decides whether two are the same, with a reason for every
//! verdict.
//!
//! **The problem.** A verifier's mistakes are trained on. One that accepts `5 squared` for `5`
//! teaches the model to write that, and one that calls an equal answer wrong because it is written
//! otherwise punishes the better reasoning. People and models write answers in boxes, after
//! `####`, in sentences, in bold, in words, in LaTeX that does not compile.
//!
//! **The decision.** One reader for all kinds of answers ([`Kind`]), in five steps, each a file or
//! folder: *clean* (one sign for each meaning), *find* (candidate places, ranked by how explicit
//! they are), *cut* (words around a value are taken off, from closed lists), *read* (a formula, a
//! number with a unit, a list, words), *compare* (exactly: rational polynomials and residues,
//! 320-bit integers where there is no exact form). A step that does not know a thing does not
//! guess: an unknown command, dots in a sequence, a sentence that denies what it names leave the
//! verdict *unsettled*, which is never taught and never counted as wrong. Every verdict names its
//! reason, from a fixed list, so that a file of verdicts can be searched for the rule that decided.
//!
//! A comparison does a bounded amount of work, which is counted (`fuel`) and not timed: a time
//! limit would give other verdicts on slower machines, and so other training data. No text makes it
//! panic.
//!
//! **Alternatives.** Tried: a scanner of its own for each kind of answer. Those of `number` and
//! `gsm8k` read `1,2` as 12 and `1 million` as 1, and one rule for the words after a number took
//! `5 squared` for 5 (`docs/decisions/010`). By reasoning alone: a computer algebra system behind a
//! parser, as `math-verify` uses SymPy, would need Python, and what it equates would depend on its
//! version; a judging model would not be exact, and the policy would learn to please it.
//!
//! [`Kind::judge`] compares an answer with a reference; [`final_answer`] finds what a response
//! gives as its answer.

mod choice;
mod clean;
mod compare;
mod exact;
mod find;
mod float;
mod fuel;
mod judgement;
mod kind;
mod lexicon;
mod mark;
mod math;
mod number;
mod read;
mod special;
mod spoken;
mod tree;
mod unit;
mod words;

pub use choice::choice;
pub use find::final_answer;
pub use judgement::{Agreement, Difference, Doubt, Judged, Judgement};
pub use kind::{Kind, KindFault};
pub use mark::Mark;
pub use number::final_number;
