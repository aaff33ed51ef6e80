//! What stands on a line of a file for `generate` and `score`.

use faults::Outcome;
use nouns::Turn;
use serde::Deserialize;
use serde_json::value::RawValue;
use sources::rows::Row;
use tokens::chat::{Ask, Conversation};

use crate::fault::FolderFault;
use crate::loaded::LoadedModel;

/// A line: a JSON object with one way of saying what is meant. Other keys are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InputLine {
    /// Repeated in the answer.
    pub id: Option<serde_json::Value>,
    /// A text that the answer continues; no template is applied.
    prompt: Option<String>,
    /// A conversation, for the model's chat template.
    messages: Option<Box<RawValue>>,
    /// Tools that the template shows.
    tools: Option<Box<RawValue>>,
    /// Tokens, used as they are.
    tokens: Option<Vec<u32>>,
    /// A text to score, all of it but its first token.
    text: Option<String>,
    /// What to score after `prompt` or `tokens`.
    completion: Option<String>,
    /// The same as tokens.
    completion_tokens: Option<Vec<u32>>,
    /// A question as it was put; no line says it in these words.
    #[serde(skip)]
    put: Option<Vec<Turn>>,
}

/// What stands on a row of a data file.
impl TryFrom<&Row> for InputLine {
    type Error = FolderFault;

    fn try_from(row: &Row) -> Result<InputLine, FolderFault> {
        let bad = |error: serde_json::Error| FolderFault::BadLine { line: row.number, why: error.to_string() };
        serde_json::from_str(&row.text).map_err(bad)
    }
}

/// Tokens to score, with the first of them that is scored.
pub(super) struct ScoredSpan {
    pub(super) tokens: Vec<u32>,
    /// Whether each token counts.
    pub(super) own: Vec<bool>,
}

impl InputLine {
    /// The columns of a table that are read; of lines, the keys that there may be.
    pub const COLUMNS: [&str; 8] =
        ["id", "prompt", "messages", "tools", "tokens", "text", "completion", "completion_tokens"];

    /// A question of a row, put by somebody else; the row's `id` stays with it.
    pub fn put(row: &Row, turns: Vec<Turn>) -> InputLine {
        let record: serde_json::Value = serde_json::from_str(&row.text).unwrap_or_default();
        InputLine { id: record.get("id").cloned(), put: Some(turns), ..InputLine::default() }
    }

    /// The tokens that an answer continues.
    pub(super) fn context(&self, loaded: &LoadedModel) -> Outcome<Vec<u32>> {
        let tokens = loaded.policy.tokens();
        if let Some(turns) = &self.put {
            return tokens.encode_context(turns);
        }
        match (&self.prompt, &self.messages, &self.tokens) {
            (Some(prompt), None, None) => Ok(tokens.encode_text(prompt)),
            (None, Some(_), None) => tokens.encode_prompt(&self.conversation()?, &Ask::answer()),
            (None, None, Some(ids)) => Ok(ids.clone()),
            _ => Err(unclear("exactly one of `prompt`, `messages` and `tokens`").into()),
        }
    }

    /// What is to be scored.
    pub(super) fn scored_span(&self, loaded: &LoadedModel) -> Outcome<ScoredSpan> {
        let tokens = loaded.policy.tokens();
        if let (Some(text), None, None, None) = (&self.text, &self.prompt, &self.messages, &self.tokens) {
            return Ok(all_but_first(tokens.encode_text(text)));
        }
        let completion = match (&self.completion, &self.completion_tokens) {
            (Some(text), None) => Some(tokens.encode_fragment(text)),
            (None, Some(ids)) => Some(ids.clone()),
            (None, None) => None,
            _ => return Err(unclear("only one of `completion` and `completion_tokens`").into()),
        };
        match (completion, &self.messages) {
            (None, Some(_)) => {
                let (tokens, own) = tokens.encode_conversation(&self.conversation()?, &Ask::default())?;
                Ok(ScoredSpan { tokens, own })
            }
            (None, None) if self.prompt.is_none() => Ok(all_but_first(self.context(loaded)?)),
            (None, _) => Err(unclear("a `completion` beside the `prompt`").into()),
            (Some(completion), _) => {
                let context = self.context(loaded)?;
                let own = [vec![false; context.len()], vec![true; completion.len()]].concat();
                Ok(ScoredSpan { tokens: [context, completion].concat(), own })
            }
        }
    }

    fn conversation(&self) -> Outcome<Conversation> {
        let messages = self.messages.as_ref().map_or("[]", |raw| raw.get());
        let conversation = Conversation::from_json(messages)?;
        Ok(match &self.tools {
            Some(tools) => conversation.with_tools(tools.get())?,
            None => conversation,
        })
    }
}

fn all_but_first(tokens: Vec<u32>) -> ScoredSpan {
    let own = (0..tokens.len()).map(|number| number > 0).collect();
    ScoredSpan { tokens, own }
}

fn unclear(wanted: &'static str) -> FolderFault {
    FolderFault::UnclearLine { wanted }
}
