//! What is said: messages, and the tools that a template may show.

use minijinja::Value;
use minijinja::value::ValueKind;
use nouns::{Part, Role, Turn};

use super::integers;
use crate::fault::TokensFault;

/// How tools are said to a model whose template shows none: the words of Qwen 2.5's own template,
/// which are Hermes's.
const TOOLS_BEFORE: &str = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided \
     with function signatures within <tools></tools> XML tags:\n<tools>\n";
const TOOLS_BEHIND: &str = "\n</tools>\n\nFor each function call, return a json object with function name and arguments within \
     <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";

/// Messages in the form that templates read: maps with `role`, `content`, and whatever else a
/// template knows.
#[derive(Clone, Debug)]
pub struct Conversation {
    messages: Vec<Value>,
    tools: Value,
}

impl Conversation {
    /// Messages given as JSON: a list of objects, or a text that is such a list, as tables often
    /// keep it. The order of their keys is kept, since templates may show it; keys whose value is
    /// null are left out, as `transformers` leaves them out (Arrow puts null into every message
    /// that lacks what another one has).
    /// Parts of a message that are no text are refused: a template would write a mark for them that
    /// stands for nothing.
    pub fn from_json(messages: &str) -> Result<Conversation, TokensFault> {
        let bad = |why: String| TokensFault::Messages(why);
        let value = read(messages).map_err(bad)?;
        if value.kind() != ValueKind::Seq {
            return Err(bad(format!("the messages are no list but a {}", value.kind())));
        }
        let messages: Vec<Value> = value.try_iter().map_err(|error| bad(error.to_string()))?.collect();
        for (number, message) in messages.iter().enumerate() {
            if message.get_attr("role").map_or(true, |role| role.as_str().is_none()) {
                return Err(bad(format!("message {} has no `role`", number + 1)));
            }
        }
        messages.iter().try_for_each(refuse_media)?;
        let messages = messages.into_iter().map(without_null).map(with_reasoning).collect();
        Ok(Conversation { messages, tools: Value::from(()) })
    }

    /// The same with tools, given as a JSON list.
    pub fn with_tools(mut self, tools: &str) -> Result<Conversation, TokensFault> {
        let bad = |why: String| TokensFault::Messages(format!("tools: {why}"));
        self.tools = read(tools).map_err(bad)?;
        Ok(self)
    }

    /// Turns, with a word of its own in place of every part that is neither text nor tools.
    pub(crate) fn of_turns(turns: &[Turn], place: impl Fn(usize) -> String) -> Conversation {
        let mut pieces = 0;
        let mut tools: Vec<Value> = Vec::new();
        let messages = turns.iter().filter_map(|turn| {
            let mut content = String::new();
            for part in &turn.content.0 {
                match part {
                    Part::Text(text) => content.push_str(text),
                    Part::Tools(shown) => tools.extend(shown.iter().map(as_value)),
                    _ => {
                        content.push_str(&place(pieces));
                        pieces += 1;
                    }
                }
            }
            // A turn that only has tools is no message: the template shows them in its own place.
            let parts = &turn.content.0;
            let only_tools = !parts.is_empty() && parts.iter().all(|part| matches!(part, Part::Tools(_)));
            (!only_tools).then(|| message(word(turn.role), &content))
        });
        let messages = messages.collect();
        let tools = if tools.is_empty() { Value::from(()) } else { Value::from(tools) };
        Conversation { messages, tools }
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The first messages alone.
    pub fn first(&self, count: usize) -> Conversation {
        Conversation { messages: self.messages[..count].to_vec(), ..self.clone() }
    }

    /// With one more message.
    pub fn and(&self, role: Role, content: &str) -> Conversation {
        let mut longer = self.clone();
        longer.messages.push(message(word(role), content));
        longer
    }

    /// Whether the message is the assistant's.
    pub fn is_assistants(&self, number: usize) -> bool {
        self.messages[number].get_attr("role").is_ok_and(|role| role.as_str() == Some("assistant"))
    }

    /// What a message says, if that is a text.
    pub(super) fn text_of(&self, number: usize) -> String {
        let content = self.messages[number].get_attr("content").unwrap_or_default();
        content.as_str().unwrap_or_default().to_owned()
    }

    /// Whether there are tools to show.
    pub(super) fn has_tools(&self) -> bool {
        self.tools.len().is_some_and(|tools| tools > 0)
    }

    /// Without tools for the template.
    pub(super) fn without_tools(&self) -> Conversation {
        Conversation { tools: Value::from(()), ..self.clone() }
    }

    /// With the tools said in words, in the first message.
    pub(super) fn with_tools_in_words(&self) -> Conversation {
        let tools: Vec<Value> = self.tools.try_iter().into_iter().flatten().collect();
        let lines: Vec<String> = tools.iter().map(|tool| serde_json::to_string(tool).unwrap_or_default()).collect();
        let words = format!("{TOOLS_BEFORE}{}{TOOLS_BEHIND}", lines.join("\n"));
        let mut said = self.without_tools();
        if let Some(first) = said.messages.first_mut() {
            let content = first.get_attr("content").unwrap_or_default();
            *first =
                replaced(first, "content", Value::from(format!("{words}\n\n{}", content.as_str().unwrap_or_default())));
        }
        said
    }

    pub(super) fn messages(&self) -> Value {
        Value::from(self.messages.clone())
    }

    pub(super) fn tools(&self) -> Value {
        self.tools.clone()
    }

    /// For a last message that is to be continued: the same with a mark after that message's last
    /// text.
    pub(super) fn open_ended(&self) -> Result<Conversation, TokensFault> {
        let last =
            self.messages.last().ok_or_else(|| TokensFault::Messages("there is no message to continue".into()))?;
        let content = last.get_attr("content").unwrap_or_default();
        let marked =
            marked(&content).ok_or_else(|| TokensFault::Messages("the last message has no text to continue".into()))?;
        let mut open = self.clone();
        open.messages.pop();
        open.messages.push(replaced(last, "content", marked));
        Ok(open)
    }
}

/// A value of JSON. A text is read once more: tables often keep lists as texts of JSON.
fn read(json: &str) -> Result<Value, String> {
    let value = integers::read(json)?;
    match value.as_str() {
        Some(text) => integers::read(text).map_err(|_| "it is a text, and not one of JSON".to_owned()),
        None => Ok(value),
    }
}

/// A message without the keys that hold nothing.
fn without_null(message: Value) -> Value {
    let keys: Vec<Value> = message.try_iter().into_iter().flatten().collect();
    let pairs = keys.into_iter().map(|key| (key.clone(), message.get_item(&key).unwrap_or_default()));
    Value::from_iter(pairs.filter(|(_, value)| !value.is_none()).collect::<Vec<_>>())
}

/// A tool as templates are given it.
fn as_value(tool: &nouns::Tool) -> Value {
    serde_json::from_str(&tool.as_function()).unwrap_or_default() // it is JSON: that is how it was written
}

fn refuse_media(message: &Value) -> Result<(), TokensFault> {
    let Some(content) = message.get_attr("content").ok().filter(|content| content.as_str().is_none()) else {
        return Ok(());
    };
    let kinds = content.try_iter().into_iter().flatten().filter_map(|part| part.get_attr("type").ok());
    let kind = kinds.filter_map(|kind| kind.as_str().map(str::to_owned)).find(|kind| !kind.contains("text"));
    match kind {
        Some(kind) => Err(TokensFault::CannotSee { what: format!("a part `{kind}` in a message"), picture: true }),
        None => Ok(()),
    }
}

/// A message whose reasoning, whatever it is called, has the names that templates read:
/// `reasoning_content` and `thinking`.
fn with_reasoning(message: Value) -> Value {
    let named = |name: &str| message.get_attr(name).ok().filter(|value| !value.is_undefined() && !value.is_none());
    let Some(reasoning) = ["reasoning_content", "thinking", "reasoning"].into_iter().find_map(named) else {
        return message;
    };
    let keys: Vec<Value> = message.try_iter().into_iter().flatten().collect();
    let pairs = keys.into_iter().map(|key| (key.clone(), message.get_item(&key).unwrap_or_default()));
    let pairs = pairs.filter(|(key, _)| key.as_str() != Some("reasoning_content"));
    let thinking = named("thinking").is_none().then_some("thinking");
    let added = thinking.into_iter().chain(["reasoning_content"]).map(|name| (Value::from(name), reasoning.clone()));
    Value::from_iter(pairs.chain(added).collect::<Vec<_>>())
}

/// Stands after a text that is to be continued while a template renders it: `transformers`' own
/// words, so that templates which cut texts are refused alike. Its blank shows whether the template
/// trims.
const TAG: &str = "CONTINUE_FINAL_MESSAGE_TAG ";

/// A content, or its last part that is a text, with the tag after it.
fn marked(content: &Value) -> Option<Value> {
    if let Some(text) = content.as_str() {
        return Some(Value::from(format!("{text}{TAG}")));
    }
    let mut parts: Vec<Value> = content.try_iter().ok()?.collect();
    let place = parts.iter().rposition(|part| part.get_attr("text").is_ok_and(|text| text.as_str().is_some()))?;
    let text = marked(&parts[place].get_attr("text").ok()?)?;
    parts[place] = replaced(&parts[place], "text", text);
    Some(Value::from(parts))
}

/// A map with another value under a key.
fn replaced(map: &Value, key: &str, value: Value) -> Value {
    let keys = map.try_iter().into_iter().flatten();
    let pair = |name: Value| {
        let kept = if name.as_str() == Some(key) { value.clone() } else { map.get_item(&name).unwrap_or_default() };
        (name, kept)
    };
    Value::from_iter(keys.map(pair).collect::<Vec<_>>())
}

/// The text up to the tag, without blanks that the template would have trimmed.
pub(super) fn until_tag(text: &str) -> Result<String, TokensFault> {
    let missing =
        || TokensFault::Messages("the template leaves out the last message, so it cannot be continued".into());
    let at = text.rfind(TAG.trim_end()).ok_or_else(missing)?;
    Ok(if text[at..].starts_with(TAG) { text[..at].to_owned() } else { text[..at].trim_end().to_owned() })
}

fn message(role: &str, content: &str) -> Value {
    Value::from_iter([("role", Value::from(role)), ("content", Value::from(content))])
}

fn word(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}
