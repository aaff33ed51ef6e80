//! The tool calls in what a model says.
//!
//! Two forms are read. Hermes's and Qwen's, anywhere in a text and several times:
//!
//! ```text
//! <tool_call>
//! {"name": "calculator", "arguments": {"expression": "12 * 34"}}
//! </tool_call>
//! ```
//!
//! and plain JSON: the text is such an object, or a list of them, alone or in a block fenced by
//! ```` ``` ````. Arguments may stand under `parameters` instead, as Llama 3 writes them, and may
//! be a string that holds JSON, as OpenAI writes them. What is a call that cannot be read is said
//! as such, so that the model can be told; a text that is no call has none.

use serde_json::{Map, Value};

use crate::Call;

const BEGIN: &str = "<tool_call>";
const END: &str = "</tool_call>";

/// The calls of a text in order, each read or with what is wrong with it, in words for the model.
pub fn calls(text: &str) -> Vec<Result<Call, String>> {
    match text.contains(BEGIN) {
        true => tagged(text),
        false => plain(text),
    }
}

fn tagged(text: &str) -> Vec<Result<Call, String>> {
    let pieces = text.split(BEGIN).skip(1);
    let read = |piece: &str| match piece.split_once(END) {
        Some((inner, _)) => parsed(inner).and_then(|value| call(&value)),
        None => Err(format!("a {BEGIN} is not closed by {END}")),
    };
    pieces.map(read).collect()
}

fn parsed(inner: &str) -> Result<Value, String> {
    serde_json::from_str(inner.trim()).map_err(|error| format!("the call is not JSON: {error}"))
}

/// A text that begins as a JSON object or list and names a function is meant as calls; other JSON
/// is an answer.
fn plain(text: &str) -> Vec<Result<Call, String>> {
    let text = unfenced(text.trim());
    if !text.starts_with(['{', '[']) || !text.contains("\"name\"") {
        return Vec::new();
    }
    match parsed(text) {
        Ok(Value::Array(items)) => items.iter().map(call).collect(),
        Ok(value) => vec![call(&value)],
        Err(why) => vec![Err(why)],
    }
}

/// What stands inside of a fenced block that is the whole text.
fn unfenced(text: &str) -> &str {
    let inner = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    inner.map_or(text, |inner| inner.trim_start_matches(char::is_alphabetic).trim())
}

fn call(value: &Value) -> Result<Call, String> {
    let fields = value.as_object().ok_or("a call is an object with `name` and `arguments`")?;
    // OpenAI's form has both in an object of its own.
    let fields = fields.get("function").and_then(Value::as_object).unwrap_or(fields);
    let name = fields.get("name").and_then(Value::as_str).ok_or("the call has no `name`")?;
    let arguments = fields.get("arguments").or_else(|| fields.get("parameters"));
    let arguments = match arguments {
        None => Ok(Map::new()),
        Some(Value::Object(arguments)) => Ok(arguments.clone()),
        Some(Value::String(inner)) => match parsed(inner)? {
            Value::Object(arguments) => Ok(arguments),
            _ => Err("`arguments` is not an object".to_owned()),
        },
        Some(_) => Err("`arguments` is not an object".to_owned()),
    };
    Ok(Call { name: name.to_owned(), arguments: arguments? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sum() -> Call {
        let Value::Object(arguments) = json!({ "expression": "1 + 2" }) else { panic!("an object") };
        Call { name: "calculator".into(), arguments }
    }

    #[test]
    fn both_forms_are_read_with_the_variants_that_models_write() {
        let plain = r#"{"name": "calculator", "arguments": {"expression": "1 + 2"}}"#;
        for text in [
            plain.to_owned(),
            format!("```json\n{plain}\n```"),
            format!("<tool_call>\n{plain}\n</tool_call>"),
            format!("Let me see. <tool_call> {plain} </tool_call> Then we know."),
            r#"{"name": "calculator", "parameters": {"expression": "1 + 2"}}"#.to_owned(),
            r#"{"type": "function", "function": {"name": "calculator", "arguments": "{\"expression\": \"1 + 2\"}"}}"#
                .to_owned(),
        ] {
            assert_eq!(calls(&text), [Ok(sum())], "{text}");
        }
        assert_eq!(calls(&format!("[{plain}, {plain}]")), [Ok(sum()), Ok(sum())]);
        let twice = format!("<tool_call>{plain}</tool_call>\n<tool_call>{plain}</tool_call>");
        assert_eq!(calls(&twice), [Ok(sum()), Ok(sum())]);
    }

    #[test]
    fn what_is_no_call_has_none_and_a_broken_one_says_why() {
        for text in ["", "answer 4", "{\"answer\": 4}", "[1, 2]", "the tool_call is {\"name\"}", "```\nfour\n```"] {
            assert_eq!(calls(text), [], "{text}");
        }
        for (text, why) in [
            ("<tool_call> {\"name\": ", "is not closed"),
            ("<tool_call> {\"name\": } </tool_call>", "not JSON"),
            ("<tool_call> 7 </tool_call>", "an object with"),
            ("<tool_call> {\"arguments\": {}} </tool_call>", "no `name`"),
            ("{\"name\": \"calculator\", \"arguments\": [1]}", "not an object"),
            ("{\"name\": \"calculator\", \"arguments\": \"{\"}", "not JSON"),
            ("{\"name\": \"calculator\"", "not JSON"),
        ] {
            let [Err(said)] = &calls(text)[..] else { panic!("{text}") };
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
