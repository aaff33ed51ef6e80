//! The tokens that are not text.

/// Fills short sequences of a batch.
pub(crate) const PAD: &str = "<pad>";
/// Begins a context.
pub(crate) const BEGIN: &str = "<bos>";
/// Ends an answer.
pub(crate) const END: &str = "<eos>";
/// Stands for every word that is not in the vocabulary.
pub(crate) const UNKNOWN: &str = "<unk>";

/// The special tokens of a small world's tokenizer, in the order of their ids, from 0.
pub(crate) const OURS: [&str; 4] = [PAD, BEGIN, END, UNKNOWN];

/// What published tokenizers call the token that ends an answer. A chat model's end of turn comes
/// before the end of text: it is what such a model writes.
pub(crate) const ENDS: &[&str] =
    &[END, "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "<|end_of_text|>", "<|endoftext|>"];

/// What they call the token that begins a context.
pub(crate) const BEGINS: &[&str] = &[BEGIN, "<s>", "<|begin_of_text|>"];

/// What they call the token that fills.
pub(crate) const PADS: &[&str] = &[PAD, "<|finetune_right_pad_id|>", "<|endoftext|>"];

/// What they call the token that stands for unknown words.
pub(crate) const UNKNOWNS: &[&str] = &[UNKNOWN];
