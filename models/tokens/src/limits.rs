//! Bounds on what a `tokenizer.json` may make of a text, read before its library reads it.

use serde::Deserialize;
use serde_json::Value;

use crate::fault::TokensFault;

/// The longest spelling of an added token, in bytes; those of published tokenizers have some tens.
const LONGEST_TOKEN: usize = 4096;
/// How many times as long its normalizers may make a text.
const GROWTH: f64 = 1000.0;
/// The longest word that WordPiece may cut: its work grows with the square of it. BERT's have 100.
const LONGEST_WORD: u64 = 1000;
/// The most normalizers, in lists of lists.
const STEPS: usize = 1000;

/// What is looked at; vocabularies are passed over.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    model: Option<Model>,
}

#[derive(Deserialize)]
struct Added {
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Model {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    max_input_chars_per_word: Option<u64>,
}

/// Refuses a file with which a short text could take any amount of memory or time.
pub(crate) fn check(json: &[u8]) -> Result<(), TokensFault> {
    let unreadable = |why: String| Err(TokensFault::Unreadable(why));
    // What it is otherwise, its library says.
    let Ok(file) = serde_json::from_slice::<File>(json) else { return Ok(()) };
    if let Some(token) = file.added_tokens.iter().find(|token| token.content.len() > LONGEST_TOKEN) {
        return unreadable(format!("an added token of {} bytes; {LONGEST_TOKEN} are allowed", token.content.len()));
    }
    let (mut growth, mut steps) = (1.0, 0);
    normalizers(&file.normalizer, &mut growth, &mut steps);
    if growth > GROWTH || steps > STEPS {
        return unreadable(format!("its normalizers may make a text more than {GROWTH} times as long"));
    }
    match file.model {
        Some(Model { kind: Some(kind), max_input_chars_per_word: Some(longest) })
            if kind == "WordPiece" && longest > LONGEST_WORD =>
        {
            unreadable(format!("words of {longest} letters are to be cut; {LONGEST_WORD} are allowed"))
        }
        _ => Ok(()),
    }
}

/// Multiplies by how many times as long a normalizer may make a text.
fn normalizers(normalizer: &Value, growth: &mut f64, steps: &mut usize) {
    *steps += 1;
    if let Some(several) = normalizer["normalizers"].as_array() {
        several.iter().for_each(|one| normalizers(one, growth, steps));
    }
    if normalizer["type"] == "Replace" {
        let content = normalizer["content"].as_str().unwrap_or_default().len();
        // A regular expression may match a letter, or nothing, which puts the content beside every letter.
        let (pattern, beside) = match normalizer["pattern"]["String"].as_str() {
            Some(pattern) => (pattern.len().max(1), usize::from(pattern.is_empty())),
            None => (1, 1),
        };
        *growth *= (content as f64 / pattern as f64 + beside as f64).max(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: &serde_json::Value) -> Option<String> {
        check(json.to_string().as_bytes()).err().map(|fault| fault.to_string())
    }

    #[test]
    fn what_would_grow_without_bound_is_refused() {
        use serde_json::json;
        let replace = |content: &str| json!({ "type": "Replace", "pattern": { "String": "x" }, "content": content });
        let several = |one: &serde_json::Value, times: usize| json!({ "normalizer": { "type": "Sequence", "normalizers": vec![one; times] } });
        assert!(checked(&several(&replace("xx"), 40)).is_some());
        assert_eq!(checked(&several(&replace("y"), 40)), None);
        assert_eq!(
            checked(&json!({ "normalizer": { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } })),
            None
        );
        let token = |length: usize| json!({ "added_tokens": [{ "id": 0, "content": "x".repeat(length) }] });
        assert!(checked(&token(20_000_000)).is_some() && checked(&token(100)).is_none());
        let word = |letters: u64| json!({ "model": { "type": "WordPiece", "max_input_chars_per_word": letters } });
        assert!(checked(&word(1 << 40)).is_some() && checked(&word(100)).is_none());
    }
}
