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
    /// A chat template that is no template, or that refuses a conversation.
    #[error("the chat template: {0}")]
    Template(String),
    /// A chat template that works without end.
    #[error("the chat template was stopped: {what}")]
    TemplateTooMuch {
        /// What it did.
        what: &'static str,
    },
    /// Messages for a model that has no chat template.
    #[error("the model has no chat template")]
    NoTemplate,
    /// Messages that are not messages.
    #[error("not a conversation: {0}")]
    Messages(String),
    /// Nobody can tell which tokens the assistant wrote.
    #[error(
        "the chat template writes message {message} differently once it is past: what the assistant wrote cannot be told apart"
    )]
    NoMask {
        /// The message's number, from 1.
        message: usize,
    },
    /// A prompt shows what the model has no tokens for.
    #[error("the prompt has {what}, which this model cannot {}", if *.picture { "see" } else { "read" })]
    CannotSee {
        /// The part, as it is described to people.
        what: String,
        /// Whether it is a picture.
        picture: bool,
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
            TokensFault::Unreadable(_) | TokensFault::NoEnd { .. } | TokensFault::TemplateTooMuch { .. } => Code::Model,
            TokensFault::NoTemplate
            | TokensFault::Template(_)
            | TokensFault::Messages(_)
            | TokensFault::NoMask { .. }
            | TokensFault::UnknownWord { .. }
            | TokensFault::CannotSee { .. }
            | TokensFault::Reserved { .. } => Code::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            TokensFault::Unreadable(_) => "Use the tokenizer.json that came with the model.".to_owned(),
            TokensFault::NoEnd { known } => format!("One of these is needed: {}.", known.join(", ")),
            TokensFault::Template(_) => {
                "Does the template take these roles, in this order? `inspect DIR` shows it.".to_owned()
            }
            TokensFault::TemplateTooMuch { .. } => {
                "Use the chat template that came with the model (chat_template.jinja or tokenizer_config.json)."
                    .to_owned()
            }
            TokensFault::CannotSee { .. } => {
                "Use a model that sees, or a data file whose prompts are text (`--columns prompt=NAME` names their column)."
                    .to_owned()
            }
            TokensFault::NoTemplate => {
                "Give plain prompts, or put a chat_template.jinja into the model's folder.".to_owned()
            }
            TokensFault::Messages(_) => {
                "Messages are a list of objects with `role` and `content`: [{\"role\": \"user\", \"content\": \"…\"}]."
                    .to_owned()
            }
            TokensFault::NoMask { .. } => {
                "Teach the last answer alone, or use a template that marks its answers with {% generation %}."
                    .to_owned()
            }
            TokensFault::UnknownWord { known, .. } => {
                format!(
                    "It knows the {known} words of the world it was made for and no others; separate words by spaces."
                )
            }
            TokensFault::Reserved { .. } => "Leave it out.".to_owned(),
        })
    }
}
