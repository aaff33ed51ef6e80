//! The columns of a record: found whatever the case of their names, and read as messages.

use nouns::Role;
use serde_json::{Map, Value};

/// A value that is messages, or a text of JSON that is.
pub(super) fn messages(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(turns) if turns.first().is_some_and(|turn| turn.get("role").or(turn.get("from")).is_some()) => {
            Some(turns.clone())
        }
        Value::String(json) if json.trim_start().starts_with('[') => {
            serde_json::from_str(json).ok().filter(Value::is_array).and_then(|value| messages(&value))
        }
        _ => None,
    }
}

pub(super) fn find<'a>(record: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    record.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whose turn a message is.
pub(super) fn role(message: &Value) -> Option<Role> {
    let text = |key: &str| message.get(key).and_then(Value::as_str);
    match text("role").or_else(|| text("from"))? {
        "system" | "developer" => Some(Role::System),
        "user" | "human" => Some(Role::User),
        "assistant" | "gpt" => Some(Role::Assistant),
        "tool" => Some(Role::Tool),
        _ => None,
    }
}
