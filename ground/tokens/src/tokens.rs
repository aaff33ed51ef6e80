use faults::Outcome;
use nouns::{Part, Stream, Turn, Vocabulary};
use serde_json::{Value, json};
use tokenizers::Tokenizer;

use crate::fault::TokensFault;
use crate::special::{BEGINS, ENDS, PADS, UNKNOWNS};
use crate::vocabulary;

/// A letter that no language uses: a tokenizer that can take it can take any text.
const PROBE: &str = "\u{10fffd}";

/// Why encoding cannot fail: the probe was taken when the tokenizer was.
const PROBED: &str = "a tokenizer that takes the probe takes every text";

/// A tokenizer, with the special tokens that a model needs.
#[derive(Clone, Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
    /// The file as it was read or made: saved again, it is the same file.
    json: String,
    begin: Option<u32>,
    pad: Option<u32>,
    unknown: Option<u32>,
    /// Tokens that end an answer; the first is the one that is taught.
    ends: Vec<u32>,
}

impl Tokens {
    /// The tokenizer of a small world's words: ids 0 to 3 are `<pad> <bos> <eos> <unk>`, then every word in order.
    pub fn of_vocabulary(vocabulary: &Vocabulary) -> Outcome<Tokens> {
        let tokenizer = vocabulary::tokenizer(vocabulary).map_err(unreadable)?;
        let json = tokenizer.to_string(true).map_err(unreadable)?;
        Ok(Tokens::new(tokenizer, json)?)
    }

    /// The tokenizer of a `tokenizer.json`.
    pub fn from_bytes(tokenizer_json: &[u8]) -> Outcome<Tokens> {
        let json = std::str::from_utf8(tokenizer_json).map_err(|error| TokensFault::Unreadable(error.to_string()))?;
        let tokenizer = Tokenizer::from_bytes(tokenizer_json).map_err(unreadable)?;
        Ok(Tokens::new(tokenizer, json.to_owned())?)
    }

    fn new(mut tokenizer: Tokenizer, json: String) -> Result<Tokens, TokensFault> {
        // A file may ask for padding or truncation; either would change what is taught.
        tokenizer.with_padding(None).with_truncation(None).map_err(unreadable)?;
        tokenizer.encode(PROBE, true).map_err(unreadable)?;
        let ids =
            |names: &[&str]| -> Vec<u32> { names.iter().filter_map(|name| tokenizer.token_to_id(name)).collect() };
        let first = |names: &[&str]| ids(names).first().copied();
        let (begin, pad, unknown, ends) = (first(BEGINS), first(PADS), first(UNKNOWNS), ids(ENDS));
        if ends.is_empty() {
            return Err(TokensFault::NoEnd { known: ENDS });
        }
        Ok(Tokens { tokenizer, json, begin, pad, unknown, ends })
    }

    /// The `tokenizer.json`: the bytes it was read from, or the same bytes for the same vocabulary.
    pub fn to_json(&self) -> String {
        self.json.clone()
    }

    /// A `tokenizer_config.json` with which `transformers` loads the tokenizer and names its special tokens.
    pub fn tokenizer_config_json(&self) -> String {
        let name = |id: Option<u32>| id.and_then(|id| self.tokenizer.id_to_token(id)).map_or(Value::Null, Value::from);
        let config = json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": name(self.begin),
            "eos_token": name(Some(self.end_id())),
            "pad_token": name(self.pad),
            "unk_token": name(self.unknown),
            "clean_up_tokenization_spaces": false, // else ` :` would be glued to the word before it
            "model_input_names": ["input_ids", "attention_mask"],
        });
        format!("{config:#}\n")
    }

    /// A context: the begin token, if the tokenizer has one, and each turn's parts in order. Tokens are taken as they
    /// are; images, actions and numbers have no tokens here and are left out.
    pub fn encode_context(&self, context: &[Turn]) -> Vec<u32> {
        let mut tokens = self.encode("", true);
        for part in context.iter().flat_map(|turn| &turn.content.0) {
            match part {
                Part::Text(text) => tokens.extend(self.encode(text, false)),
                Part::Tokens(ids) => tokens.extend(ids),
                Part::Image { .. } | Part::Actions(_) | Part::Numbers(_) => {}
            }
        }
        tokens
    }

    /// An answer: its tokens and the end token.
    pub fn encode_answer(&self, text: &str) -> Vec<u32> {
        let mut tokens = self.encode(text, false);
        tokens.push(self.end_id());
        tokens
    }

    /// The text of tokens, without special tokens. Of a small world: words joined by single spaces.
    pub fn decode(&self, tokens: &[u32]) -> String {
        // A decoder that cannot take these tokens is replaced by their spelling, so that nothing is lost unseen.
        self.tokenizer.decode(tokens, true).unwrap_or_else(|_| self.spellings(tokens).join(" "))
    }

    /// The token that ends an answer.
    pub fn end_id(&self) -> u32 {
        self.ends[0] // `new` refuses a tokenizer without one
    }

    /// Whether a token ends an answer: chat models have several.
    pub fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// The token that begins a context, if there is one.
    pub fn begin_id(&self) -> Option<u32> {
        self.begin
    }

    /// The token that fills, if there is one.
    pub fn pad_id(&self) -> Option<u32> {
        self.pad
    }

    /// How many rows an embedding table needs: one more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        let largest = self.tokenizer.get_vocab(true).into_values().max();
        largest.map_or(0, |id| id as usize + 1)
    }

    /// Whether the model knows every word of a text that someone typed; the error names the first that it does not.
    pub fn check_known(&self, text: &str) -> Outcome<()> {
        let encoding = self.tokenizer.encode(text, false).expect(PROBED);
        let words = encoding.get_ids().iter().zip(encoding.get_offsets());
        for (&id, &(from, to)) in words {
            let word = text.get(from..to).unwrap_or(text).to_owned();
            if Some(id) == self.unknown {
                return Err(TokensFault::UnknownWord { word, known: self.tokenizer.get_vocab_size(false) }.into());
            }
            if [self.begin, self.pad].contains(&Some(id)) || self.is_end(id) {
                return Err(TokensFault::Reserved { word }.into());
            }
        }
        Ok(())
    }

    /// Each token of a stream as it is spelled, and whether it is taught.
    pub fn show_mask(&self, stream: &Stream) -> Vec<(String, bool)> {
        let taught = stream.weights.iter().map(|&weight| weight != 0.0);
        self.spellings(&stream.tokens).into_iter().zip(taught).collect()
    }

    /// Each token as it is spelled in the vocabulary, special tokens included.
    fn spellings(&self, tokens: &[u32]) -> Vec<String> {
        let spelling = |&id: &u32| self.tokenizer.id_to_token(id).unwrap_or_else(|| format!("<{id}?>"));
        tokens.iter().map(spelling).collect()
    }

    fn encode(&self, text: &str, special: bool) -> Vec<u32> {
        self.tokenizer.encode_fast(text, special).expect(PROBED).get_ids().to_vec()
    }
}

fn unreadable(error: tokenizers::Error) -> TokensFault {
    TokensFault::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests;
