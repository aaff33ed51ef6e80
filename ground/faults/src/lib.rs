//! Errors with a code, the value that was wrong, and a hint; exit codes.
//!
//! A library keeps its own `thiserror` enum and implements [`Fault`] for it: the error's message
//! says what was wrong, where, and which value; [`Fault::hint`] says what to try; [`Fault::code`]
//! sorts it for scripts. A [`Failure`] is any such error on its way to the edge, where `app`
//! renders it once.
//!
//! Messages are lowercase fragments that fit after "error: "; hints are whole sentences.

mod caught;

use std::fmt;

pub use caught::caught;

/// What kind of thing went wrong: the exit status of the program. `autodidact --help` prints the
/// table; a code is never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Code {
    /// A defect in this program: please report it.
    Internal = 1,
    /// The command line could not be understood.
    Usage = 2,
    /// A recipe or a `--set` override is wrong.
    Recipe = 3,
    /// Tasks, a data file, or typed input are wrong or missing.
    Data = 4,
    /// A model folder or a tokenizer is wrong, missing or unsupported.
    Model = 5,
    /// A run folder cannot be read or written, or does not say the truth about itself.
    Store = 6,
    /// Another process works on the same run folder.
    Busy = 7,
    /// The work would need more memory than there is.
    Memory = 8,
    /// The device asked for is not in this binary or not on this machine.
    Device = 9,
    /// The run ended as it should, and nothing was learned; the summary says why.
    NothingLearned = 10,
    /// Too many attempts could not be judged.
    Unsettled = 11,
    /// A loss, a gradient or a log-probability was not finite.
    Diverged = 12,
    /// Interrupted (Ctrl-C, SIGTERM); `resume` continues.
    Interrupted = 130,
}

impl Code {
    /// Every code, in the order of that table.
    pub const ALL: [Code; 13] = [
        Code::Internal,
        Code::Usage,
        Code::Recipe,
        Code::Data,
        Code::Model,
        Code::Store,
        Code::Busy,
        Code::Memory,
        Code::Device,
        Code::NothingLearned,
        Code::Unsettled,
        Code::Diverged,
        Code::Interrupted,
    ];

    /// The process exit status.
    pub fn exit_status(self) -> u8 {
        self as u8
    }

    /// The word used in messages and JSON, for example `store`.
    pub fn word(self) -> &'static str {
        match self {
            Code::Internal => "internal",
            Code::Usage => "usage",
            Code::Recipe => "recipe",
            Code::Data => "data",
            Code::Model => "model",
            Code::Store => "store",
            Code::Busy => "busy",
            Code::Memory => "memory",
            Code::Device => "device",
            Code::NothingLearned => "nothing-learned",
            Code::Unsettled => "unsettled",
            Code::Diverged => "diverged",
            Code::Interrupted => "interrupted",
        }
    }
}

/// An error with its kind and the next thing to try.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// The kind of failure, hence the exit status.
    fn code(&self) -> Code;

    /// The next thing to try, as a sentence.
    fn hint(&self) -> Option<String> {
        None
    }

    /// A drawing of the place (a source line with its error underlined), printed before the hint.
    fn picture(&self) -> Option<String> {
        None
    }
}

/// Any [`Fault`], boxed, on its way to the edge of the program.
pub struct Failure(Box<dyn Fault>);

impl Failure {
    /// The kind of failure.
    pub fn code(&self) -> Code {
        self.0.code()
    }

    /// The next thing to try: a whole sentence, however its library wrote it.
    pub fn hint(&self) -> Option<String> {
        self.0.hint().map(|hint| sentence(&hint))
    }

    /// A drawing of the place.
    pub fn picture(&self) -> Option<String> {
        self.0.picture()
    }

    /// The message with those of its sources, outermost first.
    pub fn chain(&self) -> Vec<String> {
        let mut messages = vec![self.0.to_string()];
        let mut source = self.0.source();
        while let Some(cause) = source {
            messages.push(cause.to_string());
            source = cause.source();
        }
        messages
    }
}

/// With a capital and a full stop. A first word that is a name (`config.json`, bf16) stays as it
/// is.
fn sentence(text: &str) -> String {
    let first = text.split([' ', ',']).next().unwrap_or_default();
    let is_word = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_lowercase());
    let (start, rest) = if is_word { text.split_at(1) } else { ("", text) };
    let end = if text.ends_with(['.', '?', '…']) { "" } else { "." };
    start.to_ascii_uppercase() + rest + end
}

impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        Failure(Box::new(fault))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.code().word(), self.chain().join(": "))
    }
}

/// What fallible functions of the verbs return.
pub type Outcome<T> = Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_sentences_and_names_stay_as_they_are() {
        let sentences = ["take another folder", "bf16 has the range", "`list` shows them.", "… more?", "é", ""];
        let expected = ["Take another folder.", "bf16 has the range.", "`list` shows them.", "… more?", "é.", "."];
        assert_eq!(sentences.map(sentence), expected);
    }

    #[test]
    fn exit_statuses_are_distinct_and_words_too() {
        let mut statuses: Vec<_> = Code::ALL.iter().map(|c| c.exit_status()).collect();
        let mut words: Vec<_> = Code::ALL.iter().map(|c| c.word()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        words.sort_unstable();
        words.dedup();
        assert_eq!((statuses.len(), words.len()), (Code::ALL.len(), Code::ALL.len()));
        assert!(!statuses.contains(&0), "0 is success");
    }
}
