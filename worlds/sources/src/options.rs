use sandbox::Strength;

use crate::prompting::Prompting;
use crate::rows::Columns;

/// How data files are read. A world that is no file takes none of
/// it: it is the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Columns that go by other names than the usual ones.
    pub columns: Columns,
    /// How much of a sandbox there must be for files of programming tasks.
    pub sandbox: Strength,
    /// At most this many tokens of an answer, instead of a bound that fits most.
    pub longest_answer: Option<u32>,
    /// All questions of a file are its test part, in their order.
    pub unsplit: bool,
    /// How questions are put.
    pub prompting: Prompting,
}
