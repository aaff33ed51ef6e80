use nouns::Vocabulary;
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, Tokenizer};

use crate::special::{BEGIN, OURS, UNKNOWN};

/// The tokenizer of a small world: a token per word, the special tokens first.
pub(crate) fn tokenizer(vocabulary: &Vocabulary) -> tokenizers::Result<Tokenizer> {
    let words = OURS.iter().copied().chain(vocabulary.words.iter().map(String::as_str));
    let ids = words.zip(0u32..).map(|(word, id)| (word.to_owned(), id)).collect();
    let model = WordLevel::builder().vocab(ids).unk_token(UNKNOWN.to_owned()).build()?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(WhitespaceSplit));
    tokenizer.with_post_processor(Some(begin_first()?));
    tokenizer.add_special_tokens(&OURS.map(|word| AddedToken::from(word, true)));
    Ok(tokenizer)
}

/// Puts the begin token before every text: so whoever loads the tokenizer elsewhere prompts the
/// model as it was trained.
fn begin_first() -> tokenizers::Result<TemplateProcessing> {
    let begin = OURS.iter().zip(0u32..).filter(|(word, _)| **word == BEGIN);
    let begin: Vec<(&str, u32)> = begin.map(|(word, id)| (*word, id)).collect();
    let template = TemplateProcessing::builder().try_single(format!("{BEGIN} $A"))?.special_tokens(begin).build();
    template.map_err(Into::into)
}
