//! Byte-level BPE, as of GPT-2: `tokenizer.ggml.model = "gpt2"`.

use serde_json::{Value, json};

use super::split::Split;
use super::{Vocabulary, whole};
use crate::metadata::Wrong;

/// The `tokenizer.json`.
pub(super) fn tokenizer(vocabulary: &Vocabulary) -> Wrong<Value> {
    let metadata = vocabulary.metadata;
    let missing = "it does not say how texts are split (`tokenizer.ggml.pre`), as files of early 2024 do not";
    let split = Split::named(metadata.text("tokenizer.ggml.pre")?.ok_or(missing)?)?;
    if metadata.flag("tokenizer.ggml.add_space_prefix")? == Some(true) {
        return Err("`tokenizer.ggml.add_space_prefix` is not supported beside byte-level pairs".into());
    }
    let merges = metadata.texts("tokenizer.ggml.merges")?.ok_or("it has no `tokenizer.ggml.merges`")?;
    let pair = |merge: &String| match merge.split_once(' ') {
        Some((left, right)) => Ok(json!([left, right])),
        None => Err(format!("the merge `{merge}` is no pair")),
    };
    let merges = merges.iter().map(pair).collect::<Wrong<Vec<Value>>>()?;
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": null,
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": false,
        "byte_fallback": false,
        "ignore_merges": split.whole_words,
        "vocab": vocabulary.ids(),
        "merges": merges,
    });
    let bytes = json!({ "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true });
    let around = match vocabulary.around(split.begins)? {
        Value::Null => bytes.clone(),
        around => json!({ "type": "Sequence", "processors": [bytes, around] }),
    };
    let normalizer = if split.nfc { json!({ "type": "NFC" }) } else { Value::Null };
    Ok(whole(
        vocabulary,
        [
            ("normalizer", normalizer),
            ("pre_tokenizer", split.pre_tokenizer()),
            ("post_processor", around),
            ("decoder", bytes),
            ("model", model),
        ],
    ))
}
