//! What instructions ask for.

use regex::Regex;

/// What an instruction asks for.
#[derive(Clone, Debug)]
pub(crate) enum Asks {
    NoComma,
    Quotation,
    Title,
    Json,
    TwoResponses,
    OneOfThree,
    Lowercase,
    Capitals,
    Language(String),
    RepeatPrompt(String),
    EndsWith(String),
    Postscript(Regex),
    Sections(Regex, u64),
    Keywords(Vec<Regex>),
    Forbidden(Vec<Regex>),
    Keyword(Regex, Amount),
    Letter(char, Amount),
    CapitalWords(Amount),
    Words(Amount),
    Sentences(Amount),
    Highlights(u64),
    Placeholders(u64),
    Bullets(u64),
    Paragraphs(u64),
    /// This many paragraphs, of which this one begins with that word.
    ParagraphBegins {
        paragraphs: u64,
        which: usize,
        word: String,
    },
}

/// How many of something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    Fewer(u64),
    AtLeast(u64),
}

impl Amount {
    pub(crate) fn holds(self, count: usize) -> bool {
        match self {
            Amount::Fewer(than) => (count as u64) < than,
            Amount::AtLeast(least) => count as u64 >= least,
        }
    }
}
