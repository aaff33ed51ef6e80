//! What is said on a row of training data: a text, or messages.

use faults::Outcome;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;
use serde_json::value::RawValue;
use tokens::chat::Conversation;

/// A prompt, an answer, or a whole conversation. Messages stay as they are written: templates may
/// show the order of their keys.
#[derive(Clone, Debug)]
pub(crate) enum TextOrMessages {
    /// A text, which no template touches.
    Text(String),
    /// Messages, each the text of a JSON object.
    Messages(Vec<String>),
}

impl TextOrMessages {
    /// The conversation; a text that is a list of messages is one, too.
    pub(crate) fn conversation(&self, tools: Option<&RawValue>) -> Outcome<Conversation> {
        let conversation = match self {
            TextOrMessages::Text(text) => Conversation::from_json(text)?,
            TextOrMessages::Messages(messages) => Conversation::from_json(&format!("[{}]", messages.join(",")))?,
        };
        Ok(match tools {
            Some(tools) => conversation.with_tools(tools.get())?,
            None => conversation,
        })
    }

    /// This, with what comes after it.
    pub(crate) fn followed_by(&self, behind: &[String]) -> TextOrMessages {
        match self {
            TextOrMessages::Text(text) => TextOrMessages::Text(text.clone()),
            TextOrMessages::Messages(messages) => TextOrMessages::Messages([messages.as_slice(), behind].concat()),
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            TextOrMessages::Text(text) => Some(text),
            TextOrMessages::Messages(_) => None,
        }
    }
}

/// How many messages two conversations share from the first on.
pub(crate) fn shared(one: &[String], other: &[String]) -> usize {
    let read = |text: &String| serde_json::from_str::<Value>(text).unwrap_or_default();
    one.iter().zip(other).take_while(|(one, other)| read(one) == read(other)).count()
}

impl<'de> Deserialize<'de> for TextOrMessages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TextOrMessages, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let read = match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map(TextOrMessages::Text),
            Some(b'[') => serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()).map(|messages| {
                TextOrMessages::Messages(messages.iter().map(|message| message.get().to_owned()).collect())
            }),
            _ => return Err(D::Error::custom("a text or a list of messages is needed")),
        };
        read.map_err(D::Error::custom)
    }
}
