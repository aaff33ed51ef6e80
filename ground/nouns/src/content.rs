use serde::{Deserialize, Serialize};

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The one who asks: a person, a data set, an environment.
    User,
    /// The model under training, or another that answers in its place.
    Assistant,
    /// The result of a tool or an environment step.
    Tool,
}

/// One piece of content. Text is the common case; the others give agents, images and controllers a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Plain text.
    Text(String),
    /// Token ids that must be used as they are, never decoded and encoded again.
    Tokens(Vec<u32>),
    /// An image: `height * width * channels` bytes, row by row.
    Image {
        /// Rows.
        height: u32,
        /// Columns.
        width: u32,
        /// The bytes, channels innermost.
        bytes: Vec<u8>,
    },
    /// Actions in an environment, in order.
    Actions(Vec<String>),
    /// Numbers, such as coordinates or a state vector.
    Numbers(Vec<f64>),
}

/// A list of parts: what is said in one turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content(pub Vec<Part>);

impl Content {
    /// Content of one piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        Content(vec![Part::Text(text.into())])
    }

    /// The text parts, joined; parts of other kinds are left out.
    pub fn as_text(&self) -> String {
        let texts = self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

impl Turn {
    /// A user's turn of plain text: the usual prompt.
    pub fn user(text: impl Into<String>) -> Self {
        Turn { role: Role::User, content: Content::text(text) }
    }
}
