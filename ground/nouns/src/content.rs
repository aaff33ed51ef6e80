use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Image, Tool};

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

/// One piece of content. Text is the common case; the others give models that see, agents and
/// controllers a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Plain text.
    Text(String),
    /// Token ids that must be used as they are, never decoded and encoded again.
    Tokens(Vec<u32>),
    /// A picture.
    Image(Image),
    /// Pictures that follow one another: a video.
    Frames(Vec<Image>),
    /// A picture whose values are classes: what belongs to what.
    Mask(Image),
    /// Classes of the whole, such as those of a classifier.
    Labels(Vec<String>),
    /// Actions in an environment, in order.
    Actions(Vec<String>),
    /// Numbers, such as coordinates or a state vector.
    Numbers(Vec<f64>),
    /// Tools that may be called. In a system turn: the chat template shows them in its own form.
    Tools(Vec<Tool>),
}

impl Part {
    /// What kind of thing it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Part::Text(_) => "text",
            Part::Tokens(_) => "tokens",
            Part::Image(_) => "image",
            Part::Frames(_) => "frames",
            Part::Mask(_) => "mask",
            Part::Labels(_) => "labels",
            Part::Actions(_) => "actions",
            Part::Numbers(_) => "numbers",
            Part::Tools(_) => "tools",
        }
    }

    /// The pictures in it.
    pub fn images(&self) -> &[Image] {
        match self {
            Part::Image(image) | Part::Mask(image) => std::slice::from_ref(image),
            Part::Frames(images) => images,
            _ => &[],
        }
    }

    /// The pictures in it, to be changed.
    pub fn images_mut(&mut self) -> &mut [Image] {
        match self {
            Part::Image(image) | Part::Mask(image) => std::slice::from_mut(image),
            Part::Frames(images) => images,
            _ => &mut [],
        }
    }

    /// Names what it says, if it is not text.
    fn digest(&self) -> Digest {
        let texts = |texts: &[String]| Digest::of_fields(texts.iter().map(String::as_bytes));
        match self {
            Part::Text(text) => Digest::of(text.as_bytes()),
            Part::Tokens(ids) => Digest::of(&ids.iter().flat_map(|id| id.to_le_bytes()).collect::<Vec<_>>()),
            Part::Image(image) | Part::Mask(image) => image.digest().clone(),
            Part::Frames(images) => Digest::of_fields(images.iter().map(|image| image.digest().hex().as_bytes())),
            Part::Labels(labels) => texts(labels),
            Part::Actions(actions) => texts(actions),
            Part::Tools(tools) => texts(&tools.iter().map(Tool::as_function).collect::<Vec<_>>()),
            Part::Numbers(numbers) => Digest::of(&numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>()),
        }
    }
}

/// A short description for people: of text, the text.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Part::Text(text) => f.write_str(text),
            Part::Tokens(ids) => write!(f, "[{} {kind}]", ids.len()),
            Part::Image(image) | Part::Mask(image) => write!(f, "[{kind} {image}]"),
            Part::Frames(images) => match images.first() {
                Some(first) => write!(f, "[{} {kind}, the first {first}]", images.len()),
                None => write!(f, "[no {kind}]"),
            },
            Part::Labels(words) | Part::Actions(words) => write!(f, "[{kind}: {}]", words.join(", ")),
            Part::Numbers(numbers) => write!(f, "[{} {kind}]", numbers.len()),
            Part::Tools(tools) => {
                let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
                write!(f, "[{kind}: {}]", names.join(", "))
            }
        }
    }
}

/// A list of parts: what is said in one turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content(pub Vec<Part>);

impl Content {
    /// Content of one piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        Content(vec![Part::Text(text.into())])
    }

    /// The text parts, joined; parts of other kinds are left out. Content of one piece of text is
    /// only looked at.
    pub fn as_text(&self) -> Cow<'_, str> {
        let mut texts = self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(text), None) => Cow::Borrowed(text),
            (Some(one), Some(other)) => Cow::Owned([one, other].into_iter().chain(texts).collect()),
        }
    }

    /// [`Content::as_text`] of content that is not needed any more.
    pub fn into_text(mut self) -> String {
        match self.0.as_mut_slice() {
            [Part::Text(text)] => std::mem::take(text),
            _ => self.as_text().into_owned(),
        }
    }

    /// An identity: two contents have the same exactly if they are equal. Text alone is its own
    /// identity, so that ids from before other kinds existed stay valid; every other part is its
    /// kind and the first 32 digits of its digest, in brackets that do not occur in text.
    pub fn identity(&self) -> Cow<'_, str> {
        if self.0.iter().all(|part| matches!(part, Part::Text(_))) {
            return self.as_text();
        }
        let name = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            other => format!("⟦{}:{}⟧", other.kind(), &other.digest().hex()[..32]),
        };
        Cow::Owned(self.0.iter().map(name).collect())
    }

    /// The pictures in it, in order.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.0.iter().flat_map(Part::images)
    }

    /// The text, if it is one piece of text and nothing else.
    pub fn plain_text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// For people: the text, and a short description of everything else.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "{part}"))
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content::text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Content::text(text)
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
