//! The tokenizer of an encoder of sentences.

use std::path::Path;

use faults::Outcome;
use tokenizers::{Tokenizer, TruncationParams};

use crate::fault::TokensFault;
use crate::read::read_bounded;
use crate::tokens::{guarded, parsed, unreadable};

/// Whole texts to the tokens of an encoder, what stands around them included, cut to a length.
#[derive(Clone, Debug)]
pub struct SentenceTokens(Tokenizer);

impl SentenceTokens {
    /// That of a folder's `tokenizer.json`; of a text with more than `longest` tokens the rest is
    /// left out.
    pub fn from_folder(folder: &Path, longest: usize) -> Outcome<SentenceTokens> {
        let path = folder.join("tokenizer.json");
        let missing = || TokensFault::Unreadable(format!("{} is missing", path.display()));
        let mut tokenizer = parsed(&read_bounded(&path)?.ok_or_else(missing)?)?;
        let truncation = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(unreadable)?;
        guarded(|| tokenizer.encode("two and two is four", true).map(drop))?;
        Ok(SentenceTokens(tokenizer))
    }

    /// A text's tokens.
    pub fn encode(&self, text: &str) -> Outcome<Vec<u32>> {
        Ok(guarded(|| self.0.encode(text, true))?.get_ids().to_vec())
    }
}
