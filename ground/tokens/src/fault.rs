use faults::{Code, Fault};

/// What can be wrong with a tokenizer, or with a text for it.
#[derive(Debug, thiserror::Error)]
pub enum TokensFault {
    /// The file is not a tokenizer.
    #[error("not a usable tokenizer.json: {0}")]
    Unreadable(String),
    /// Nothing says where an answer ends.
    #[error("the tokenizer has no token that ends an answer")]
    NoEnd {
        /// The names that were looked for.
        known: &'static [&'static str],
    },
    /// A text has a word that the tokenizer does not know.
    #[error("the model does not know the word `{word}`")]
    UnknownWord {
        /// The word.
        word: String,
        /// How many words it knows.
        known: usize,
    },
    /// A text has a word that is reserved.
    #[error("`{word}` is reserved: it marks where texts begin and end")]
    Reserved {
        /// The word.
        word: String,
    },
}

impl Fault for TokensFault {
    fn code(&self) -> Code {
        match self {
            TokensFault::Unreadable(_) | TokensFault::NoEnd { .. } => Code::Model,
            TokensFault::UnknownWord { .. } | TokensFault::Reserved { .. } => Code::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            TokensFault::Unreadable(_) => "Use the tokenizer.json that came with the model.".to_owned(),
            TokensFault::NoEnd { known } => format!("One of these is needed: {}.", known.join(", ")),
            TokensFault::UnknownWord { known, .. } => {
                format!(
                    "It knows the {known} words of the world it was made for and no others; separate words by spaces."
                )
            }
            TokensFault::Reserved { .. } => "Leave it out.".to_owned(),
        })
    }
}
