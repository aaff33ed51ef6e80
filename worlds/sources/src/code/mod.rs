//! Programs that are judged by tests: the records of HumanEval, MBPP and APPS, and what is right
//! about an answer.
//!
//! An answer runs in a sandbox, and the tests that call it run in another: `answer.py` and
//! `tests.py` talk over a pipe, in values. So no line of the answer runs where the tests do. It
//! cannot print that they passed, leave with status 0, replace `assert`, or come back at exit.
//!
//! Plain values cross as copies. Anything else stays on its side, and the other side has something
//! that stands for it, with its class, its attributes and its methods (`tests.py`): so
//! `isinstance`, iteration, `with`, `except` and classes derived in the tests do what they say. But
//! no value that tests expect is ever handed to an answer's `==`, `-` or `in` to be judged there,
//! unless the tests name the object's class: what they merely get from a function is equal to
//! itself alone. And where tests name a class and pass only because its objects say so themselves
//! (that they equal a number, or what has other insides), the verdict is unsettled:
//! `own-operators`. Names that tests use without defining them are Python's, then the library's,
//! and only then the answer's (`run.py`).
//!
//! What is not prevented: an answer that recognises the arguments of the tests and has their
//! results by heart, because it was trained on them; and tests that ask nothing, such as whether
//! `f(1) == f(1)`.
//!
//! A verdict rests on processor time, not on the clock: whether other work is going on decides
//! nothing. Where the clock is all there is (the machine was too busy to tell), the verdict is
//! unsettled.

mod extract;
mod fences;
mod judge;
mod printed;
mod tested;
mod tests;

pub use judge::Judge;
pub use tested::{CodeFault, Tested};
pub use tests::Tests;
