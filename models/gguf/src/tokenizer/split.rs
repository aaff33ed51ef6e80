//! How texts are split into words before pairs are merged, by `tokenizer.ggml.pre`: what
//! `llm_tokenizer_bpe` of llama.cpp does by that name, and the published `tokenizer.json` with it.

use serde_json::{Value, json};

/// A way to split.
pub(crate) struct Split {
    /// Its names in files.
    names: &'static [&'static str],
    /// Every digit is a word of its own, before anything else.
    digits: bool,
    /// What words are; those of GPT-2 where it is empty.
    words: &'static str,
    /// Texts are put into normal form C.
    pub(super) nfc: bool,
    /// A word that is a token is that token, whatever its pairs would be merged to.
    pub(super) whole_words: bool,
    /// Texts begin with the begin token, where the file does not say.
    pub(super) begins: bool,
}

const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT_4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

const GPT2: Split = Split {
    names: &["gpt-2", "phi-2", "olmo"],
    digits: false,
    words: "",
    nfc: false,
    whole_words: false,
    begins: false,
};

const SPLITS: [Split; 7] = [
    GPT2,
    Split { names: &["smollm", "starcoder", "refact", "command-r"], digits: true, ..GPT2 },
    Split {
        names: &["llama-bpe", "llama3", "llama-v3", "smaug-bpe"],
        words: LLAMA3,
        whole_words: true,
        begins: true,
        ..GPT2
    },
    Split { names: &["dbrx"], words: LLAMA3, ..GPT2 },
    Split { names: &["qwen2", "deepseek-r1-qwen"], words: QWEN2, nfc: true, ..GPT2 },
    Split { names: &["tekken"], words: TEKKEN, whole_words: true, begins: true, ..GPT2 },
    Split { names: &["gpt-4o"], words: GPT_4O, ..GPT2 },
];

impl Split {
    /// The way that a file names.
    pub(super) fn named(name: &str) -> Result<&'static Split, String> {
        let found = SPLITS.iter().find(|split| split.names.contains(&name));
        let known = || SPLITS.iter().flat_map(|split| split.names).copied().collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| format!("`tokenizer.ggml.pre` is `{name}`; supported are {}", known()))
    }

    /// The name of the way that a `pre_tokenizer` of `tokenizer.json` is.
    pub(crate) fn name_of(pre_tokenizer: &Value, whole_words: bool) -> Result<&'static str, String> {
        let own = pre_tokenizer["pretokenizers"].as_array().cloned().unwrap_or_else(|| vec![pre_tokenizer.clone()]);
        let bytes = own.iter().any(|one| one["type"] == "ByteLevel" && one["add_prefix_space"] == false);
        let digits = own.iter().any(|one| one["type"] == "Digits" && one["individual_digits"] == true);
        let words: Vec<&str> = own.iter().filter_map(|one| one["pattern"]["Regex"].as_str()).collect();
        let alike = |split: &&Split| {
            let same = words == [split.words] || (split.words.is_empty() && words.is_empty());
            same && split.digits == digits && split.whole_words == whole_words
        };
        let known = own.len() <= 2 && bytes;
        let found = SPLITS.iter().find(alike).filter(|_| known);
        found.map(|split| split.names[0]).ok_or_else(|| {
            "the tokenizer splits texts in a way that llama.cpp has no name for (its `pre_tokenizer`)".into()
        })
    }

    /// The `pre_tokenizer` of `tokenizer.json`.
    pub(super) fn pre_tokenizer(&self) -> Value {
        let bytes = |words: bool| json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": words });
        let sequence =
            |first: Value, words: bool| json!({ "type": "Sequence", "pretokenizers": [first, bytes(words)] });
        match self.words {
            "" if self.digits => sequence(json!({ "type": "Digits", "individual_digits": true }), true),
            "" => bytes(true),
            words => {
                let pattern = json!({ "Regex": words });
                let split = json!({ "type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": false });
                sequence(split, false)
            }
        }
    }
}
