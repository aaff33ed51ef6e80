//! Programs that are judged by tests: the records of HumanEval, MBPP and APPS, and what is right about an answer.
//!
//! An answer runs in a sandbox, and the tests that call it run in another: `answer.py` and `tests.py` talk over a pipe, in values. So
//! no line of the answer runs where the tests do. It cannot print that they passed, leave with status 0, replace `assert`, come
//! back at exit, or return an object that is equal to everything: what is no plain value stays on its side, and is equal to
//! itself alone. What is not prevented: an answer that recognises the arguments of the tests and has their results by heart, because
//! it was trained on them.
//!
//! A verdict rests on processor time, not on the clock: whether other work is going on decides nothing. Where the clock is all there is
//! (the machine was too busy to tell), the verdict is unsettled.

mod extract;
mod judge;
mod tested;
mod tests;

pub use extract::program;
pub use judge::Judge;
pub use tested::{CodeFault, Tested};
pub use tests::Tests;
