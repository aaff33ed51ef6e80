//! What the games of numbers share: Game of 24 and countdown are the same grammar, verifier and
//! solver under two [`Rules`].
//!
//! ```text
//! 4 7 8 8 :                              the numbers (countdown: 3 5 7 20 to 24 :)
//! 8 / 8 = 1 left 1 4 7 ;                 an operation, its result, the numbers that are left in rising order
//! 7 - 1 = 6 left 4 6 ;
//! 6 * 4 = 24                             the last step leaves one number, and nothing follows
//! 4 * 7 = 28 left 8 8 28 ; ... = 20 no 8 / 8 = 1 left ...      a try that does not reach the target is given up
//! 4 7 8 8 hint 8 / 8 :                   a hint is the first operation of a solution
//! 8 / 3 = 8 over 3 left 8 over 3 3 8     a fraction; its bar is a word of its own, so that `/` is always an operation
//! ```
//!
//! An answer may make several tries: it retracts one that misses by `no` and begins anew, and the
//! last one counts. So the search is part of what the model writes; every step of every try must be
//! true, and retracting a try that reached the target is wrong.
//!
//! A number is one token from 0 to [`LARGEST`]. There are no negative numbers: whoever would pass
//! through one turns the difference round. How large must numbers be? Of the 1,362 solvable games
//! of 24, this many have a solution through whole numbers that never exceeds N, and of the 100
//! games of the Tree of Thoughts paper (ranks 901–1000):
//!
//! | N | 24 | 30 | 36 | 48 | 60 | 72 | 99 | 120 | 144 | 156 | 169 | without bound |
//! |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
//! | all 1,362 | 1,215 | 1,276 | 1,305 | 1,316 | 1,321 | 1,326 | 1,334 | 1,338 | 1,344 | 1,345 | 1,346 | 1,346 |
//! | ranks 901–1000 | 93 | 99 | 99 | 100 | 100 | 100 | 100 | 100 | 100 | 100 | 100 | 100 |
//!
//! The other 16 need fractions (`1 3 4 6`, `1 4 5 6`, `1 5 5 5`, `3 3 8 8` and the like; none of
//! ranks 901–1000 does). So 169 = 13 · 13 leaves no game unsayable, and its number words are 170
//! embeddings.

mod derivation;
mod draw;
mod expression;
mod language;
mod operation;
mod puzzle;
mod rational;
mod read;
mod rules;
mod solve;
mod tries;
mod verify;
mod walk;
mod world;

pub(crate) use derivation::number;
pub(crate) use draw::{numbers as draw_numbers, operations as draw_operations};
pub(crate) use puzzle::Puzzle;
pub(crate) use rational::Rational;
pub(crate) use rules::{Rules, Target};
pub(crate) use solve::{Through, solve};
pub(crate) use world::NumberGame;

/// The largest number that is a word.
pub(crate) const LARGEST: i64 = 169;
