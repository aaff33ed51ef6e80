//! The tokenizer of a file: its metadata to `tokenizer.json` and `tokenizer_config.json`.

mod byte_level;
mod pieces;
mod split;

pub(crate) use pieces::SPACE;
pub(crate) use split::Split;

use serde_json::{Map, Value, json};

use crate::metadata::{Metadata, Wrong};

/// More tokens than any vocabulary has.
const MOST_TOKENS: usize = 1 << 22;

/// What a token is, by the format's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    /// Made of smaller ones.
    Normal,
    /// Found in texts before anything is split, and no text itself.
    Control,
    /// Found in texts before anything is split.
    UserDefined,
}

/// The vocabulary of a file.
struct Vocabulary<'a> {
    metadata: &'a Metadata,
    tokens: &'a [String],
    /// As many as tokens, or none: all are normal.
    kinds: &'a [i64],
}

impl Vocabulary<'_> {
    fn kind(&self, id: usize) -> TokenKind {
        match self.kinds.get(id) {
            // 2 is the unknown token, which texts do not ask for by name in llama.cpp either
            Some(2 | 3) => TokenKind::Control,
            Some(4) => TokenKind::UserDefined,
            _ => TokenKind::Normal,
        }
    }

    /// A special token: its number and how it is spelled.
    fn special(&self, name: &str) -> Wrong<Option<(u64, &str)>> {
        let Some(id) = self.metadata.size(&format!("tokenizer.ggml.{name}_token_id"))? else { return Ok(None) };
        match usize::try_from(id).ok().and_then(|place| self.tokens.get(place)) {
            Some(token) => Ok(Some((id, token))),
            None => Err(format!("the {name} token is {id} of {} tokens", self.tokens.len())),
        }
    }

    /// `vocab` of a model in `tokenizer.json`.
    fn ids(&self) -> Map<String, Value> {
        self.tokens.iter().enumerate().map(|(id, token)| (token.clone(), json!(id))).collect()
    }

    /// Tokens that are found in a text as they are spelled, before it is split.
    fn added(&self) -> Vec<Value> {
        let added = (0..self.tokens.len()).filter(|&id| self.kind(id) != TokenKind::Normal);
        let one = |id: usize| {
            json!({
                "id": id,
                "content": self.tokens[id],
                "single_word": false,
                "lstrip": false,
                "rstrip": false,
                "normalized": false,
                "special": self.kind(id) == TokenKind::Control,
            })
        };
        added.map(one).collect()
    }

    /// Puts the begin token before texts and the end token behind them, where the file says so;
    /// null where neither.
    fn around(&self, begin: bool) -> Wrong<Value> {
        let asked = |key: &str, default: bool| {
            self.metadata.flag(&format!("tokenizer.ggml.add_{key}_token")).map(|flag| flag.unwrap_or(default))
        };
        let named = |name: &str, asked: bool| -> Wrong<Option<(u64, &str)>> {
            match (asked, self.special(name)?) {
                (true, None) => Err(format!("there is no {name} token to put around texts")),
                (true, found) => Ok(found),
                (false, _) => Ok(None),
            }
        };
        let (begin, end) = (named("bos", asked("bos", begin)?)?, named("eos", asked("eos", false)?)?);
        if begin.is_none() && end.is_none() {
            return Ok(Value::Null);
        }
        let special = |(_, token): &(u64, &str), kind: u8| json!({ "SpecialToken": { "id": token, "type_id": kind } });
        let around = |name: &str, kind: u8| {
            let text = json!({ "Sequence": { "id": name, "type_id": kind } });
            let parts = begin.iter().map(|begin| special(begin, kind)).chain([text]);
            parts.chain(end.iter().map(|end| special(end, kind))).collect::<Vec<Value>>()
        };
        let named: Map<String, Value> = [begin, end]
            .into_iter()
            .flatten()
            .map(|(id, token)| (token.to_owned(), json!({ "id": token, "ids": [id], "tokens": [token] })))
            .collect();
        let pair = [around("A", 0), around("B", 1)].concat();
        Ok(json!({
            "type": "TemplateProcessing",
            "single": around("A", 0),
            "pair": pair,
            "special_tokens": named,
        }))
    }
}

/// `tokenizer.json` and `tokenizer_config.json`.
pub(crate) fn texts(metadata: &Metadata) -> Wrong<Vec<(String, String)>> {
    let tokens = metadata.texts("tokenizer.ggml.tokens")?.ok_or("it has no `tokenizer.ggml.tokens`")?;
    if tokens.len() > MOST_TOKENS {
        return Err(format!("it has {} tokens; {MOST_TOKENS} are allowed", tokens.len()));
    }
    let kinds = metadata.integers("tokenizer.ggml.token_type")?.unwrap_or(&[]);
    if !kinds.is_empty() && kinds.len() != tokens.len() {
        return Err(format!("it has {} tokens and kinds of {}", tokens.len(), kinds.len()));
    }
    let vocabulary = Vocabulary { metadata, tokens, kinds };
    let tokenizer = match metadata.text("tokenizer.ggml.model")?.ok_or("it has no `tokenizer.ggml.model`")? {
        "gpt2" => byte_level::tokenizer(&vocabulary)?,
        "llama" => pieces::tokenizer(&vocabulary)?,
        other => return Err(format!("the tokenizer model `{other}` is not supported; supported are gpt2 and llama")),
    };
    let config = format!("{:#}\n", config(&vocabulary)?);
    Ok(vec![("tokenizer.json".into(), tokenizer.to_string()), ("tokenizer_config.json".into(), config)])
}

/// `tokenizer_config.json`: what the special tokens are called, and the chat template.
fn config(vocabulary: &Vocabulary) -> Wrong<Value> {
    let mut config = json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": false,
        "model_input_names": ["input_ids", "attention_mask"],
    });
    for (name, key) in [("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("padding", "pad")] {
        if let Some((_, token)) = vocabulary.special(name)? {
            config[format!("{key}_token")] = json!(token);
        }
    }
    if let Some(template) = vocabulary.metadata.text("tokenizer.chat_template")? {
        config["chat_template"] = json!(template);
    }
    Ok(config)
}

/// A whole `tokenizer.json` around a model.
fn whole(vocabulary: &Vocabulary, parts: [(&str, Value); 5]) -> Value {
    let mut whole = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": vocabulary.added(),
    });
    for (key, part) in parts {
        whole[key] = part;
    }
    whole
}
