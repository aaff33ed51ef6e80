//! Where a model folder keeps its chat template and the names of its special tokens.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::ChatTemplate;
use crate::fault::TokensFault;
use crate::read::read_bounded;

/// The files beside `tokenizer.json` that say how a model talks, as they were found.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChatFiles {
    /// Names and bytes, to be saved again unchanged.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// The template, if there is one.
    pub(crate) template: Option<ChatTemplate>,
    /// Special tokens by their key (`eos_token`).
    pub(crate) specials: BTreeMap<String, String>,
    /// Tokens that end an answer, by `generation_config.json` and `config.json`.
    pub(crate) ends: Vec<u32>,
}

/// Gives a file's bytes by its name; nothing if it is not there.
type Source<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, TokensFault> + 'a;

/// Files that are kept as they are.
const KEPT: [&str; 4] =
    ["tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json", "added_tokens.json"];

impl ChatFiles {
    /// Those of a folder.
    pub(crate) fn of(folder: &Path) -> Result<ChatFiles, TokensFault> {
        ChatFiles::read(&|name| read_bounded(&folder.join(name)))
    }

    /// Those among texts that have their names.
    pub(crate) fn of_texts(texts: &[(String, Vec<u8>)]) -> Result<ChatFiles, TokensFault> {
        ChatFiles::read(&|name| Ok(texts.iter().find(|(own, _)| own == name).map(|(_, bytes)| bytes.clone())))
    }

    fn read(file: &Source) -> Result<ChatFiles, TokensFault> {
        let mut found = ChatFiles::default();
        for name in KEPT {
            if let Some(bytes) = file(name)? {
                found.files.push((name.to_owned(), bytes));
            }
        }
        for name in ["special_tokens_map.json", "tokenizer_config.json"] {
            let json = found.json(name)?;
            found.specials.extend(specials(&json));
        }
        for name in ["generation_config.json", "config.json"] {
            if let Some(bytes) = file(name)? {
                let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                let ends = ids(&json["eos_token_id"]);
                if ends.len() > MOST_ENDS {
                    let why = format!("{name}: eos_token_id has {} tokens; {MOST_ENDS} are allowed", ends.len());
                    return Err(TokensFault::Unreadable(why));
                }
                found.ends.extend(ends);
            }
        }
        let source = match found.bytes("chat_template.jinja") {
            Some(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            None => named(&found.json("tokenizer_config.json")?["chat_template"]),
        };
        let specials: Vec<(String, String)> = found.specials.clone().into_iter().collect();
        found.template = source.map(|source| ChatTemplate::new(&source, &specials)).transpose()?;
        Ok(found)
    }

    fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.as_slice())
    }

    fn json(&self, name: &str) -> Result<Value, TokensFault> {
        let Some(bytes) = self.bytes(name) else { return Ok(Value::Null) };
        serde_json::from_slice(bytes).map_err(|error| TokensFault::Unreadable(format!("{name}: {error}")))
    }
}

/// A template given as a text, or the one called `default` of a list of named ones.
fn named(value: &Value) -> Option<String> {
    let from_list = |list: &Vec<Value>| {
        let default = list.iter().find(|entry| entry["name"] == "default").or(list.first())?;
        Some(default["template"].as_str()?.to_owned())
    };
    value.as_str().map(str::to_owned).or_else(|| value.as_array().and_then(from_list))
}

/// Every `…_token` of a file: a text, or an object with the text as its `content`.
fn specials(json: &Value) -> Vec<(String, String)> {
    let entries = json.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("_token"));
    let text = |value: &Value| value.as_str().or_else(|| value["content"].as_str()).map(str::to_owned);
    entries.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

/// Published models have four at most.
const MOST_ENDS: usize = 256;

fn ids(value: &Value) -> Vec<u32> {
    let one = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
    match value.as_array() {
        Some(list) => list.iter().filter_map(one).collect(),
        None => one(value).into_iter().collect(),
    }
}
