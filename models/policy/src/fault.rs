use faults::{Code, Fault};

/// What can go wrong while generating.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFault {
    /// Someone asked to stop.
    #[error("stopped while sampling")]
    Stopped,
    /// The model's numbers are broken.
    #[error("the model's logits are not finite (row {row}: {value})")]
    NotFinite {
        /// The row of the batch.
        row: usize,
        /// The first value that is not finite.
        value: f32,
    },
    /// A context is empty, leaves no room for an answer, or does not fit together with the answer
    /// to score.
    #[error("{tokens} tokens do not fit a model that sees {context_length}")]
    TooLong {
        /// Tokens of the context, and of the answer if one was given.
        tokens: usize,
        /// Most tokens the model can see.
        context_length: usize,
    },
    /// Not even one sequence's keys and values fit.
    #[error(
        "the keys and values of a sequence of {tokens} tokens take {} MiB; {} MiB are allowed",
        needed / 1048576,
        allowed / 1048576
    )]
    CacheTooSmall {
        /// Its length.
        tokens: usize,
        /// What it needs, in bytes.
        needed: u64,
        /// What may be used, in bytes.
        allowed: u64,
    },
    /// A text that an answer may be and never can: it is empty, or longer than an answer.
    #[error("an answer of at most {max_tokens} tokens cannot be `{text}`, which has {tokens}")]
    NoChoice {
        /// The text.
        text: String,
        /// Its tokens.
        tokens: usize,
        /// Most new tokens.
        max_tokens: u32,
    },
    /// An answer that must not end before it must.
    #[error("an answer cannot have at least {min_tokens} tokens and at most {max_tokens}")]
    MoreAtLeast {
        /// Fewest new tokens.
        min_tokens: u32,
        /// Most new tokens.
        max_tokens: u32,
    },
    /// A token that the model does not have.
    #[error("token {id} is outside the model's vocabulary of {vocabulary}")]
    UnknownToken {
        /// The token.
        id: u32,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
}

impl Fault for PolicyFault {
    fn code(&self) -> Code {
        match self {
            PolicyFault::Stopped => Code::Interrupted,
            PolicyFault::NotFinite { .. } => Code::Diverged,
            PolicyFault::CacheTooSmall { .. } => Code::Memory,
            PolicyFault::TooLong { .. }
            | PolicyFault::NoChoice { .. }
            | PolicyFault::MoreAtLeast { .. }
            | PolicyFault::UnknownToken { .. } => Code::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            PolicyFault::Stopped => "`autodidact resume RUN` continues".into(),
            PolicyFault::NotFinite { .. } => {
                "the checkpoint may be damaged, or training diverged: try a smaller learning rate".into()
            }
            PolicyFault::TooLong { tokens: 0, .. } => {
                "a context needs at least one token: name a begin token, or write a prompt".into()
            }
            PolicyFault::TooLong { .. } => "shorten the prompt, or use a model with a longer context".into(),
            PolicyFault::NoChoice { .. } => "allow more new tokens, or shorter texts that are not empty".into(),
            PolicyFault::MoreAtLeast { .. } => "allow more new tokens, or ask for fewer".into(),
            PolicyFault::CacheTooSmall { .. } => "ask for fewer new tokens, or free memory".into(),
            PolicyFault::UnknownToken { .. } => "the tokenizer and the model may not belong together".into(),
        })
    }
}
