//! Pieces of SentencePiece with scores, bytes for what none covers: `tokenizer.ggml.model =
//! "llama"`.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Vocabulary, whole};
use crate::metadata::Wrong;

/// What stands for a space.
pub(crate) const SPACE: &str = "\u{2581}";
/// A piece is no longer, in bytes; the longest of published vocabularies have some 100.
const LONGEST: usize = 1024;

/// The `tokenizer.json`.
pub(super) fn tokenizer(vocabulary: &Vocabulary) -> Wrong<Value> {
    let metadata = vocabulary.metadata;
    let scores = metadata.numbers("tokenizer.ggml.scores")?.ok_or("it has no `tokenizer.ggml.scores`")?;
    if scores.len() != vocabulary.tokens.len() {
        return Err(format!("it has {} tokens and scores of {}", vocabulary.tokens.len(), scores.len()));
    }
    let prefix = metadata.flag("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
    if metadata.flag("tokenizer.ggml.remove_extra_whitespaces")? == Some(true) {
        return Err("a tokenizer that takes spaces away is not supported".into());
    }
    let unknown =
        vocabulary.special("unknown")?.map(|(_, token)| token).or(vocabulary.tokens.first().map(String::as_str));
    let spaced = json!({ "type": "Replace", "pattern": { "String": " " }, "content": SPACE });
    let normalizer = match prefix {
        true => json!({ "type": "Sequence", "normalizers": [{ "type": "Prepend", "prepend": SPACE }, spaced] }),
        false => spaced,
    };
    let mut decoders = vec![
        json!({ "type": "Replace", "pattern": { "String": SPACE }, "content": " " }),
        json!({ "type": "ByteFallback" }),
        json!({ "type": "Fuse" }),
    ];
    if prefix {
        decoders.push(json!({ "type": "Strip", "content": " ", "start": 1, "stop": 0 }));
    }
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": unknown,
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": true,
        "byte_fallback": true,
        "ignore_merges": false,
        "vocab": vocabulary.ids(),
        "merges": merges(vocabulary, scores)?,
    });
    Ok(whole(
        vocabulary,
        [
            ("normalizer", normalizer),
            ("pre_tokenizer", Value::Null),
            ("post_processor", vocabulary.around(true)?),
            ("decoder", json!({ "type": "Sequence", "decoders": decoders })),
            ("model", model),
        ],
    ))
}

/// Every way to make a piece of two others, those of the likelier pieces first: which pairs
/// SentencePiece merges is said by the scores of what they make alone.
fn merges(vocabulary: &Vocabulary, scores: &[f32]) -> Wrong<Vec<Value>> {
    let ids: HashMap<&str, usize> =
        vocabulary.tokens.iter().enumerate().map(|(id, token)| (token.as_str(), id)).collect();
    // (score, the piece, its parts)
    let mut found: Vec<(f32, usize, [&str; 2])> = Vec::new();
    for (id, token) in vocabulary.tokens.iter().enumerate() {
        if token.len() > LONGEST {
            return Err(format!("the piece {id} has {} bytes; {LONGEST} are allowed", token.len()));
        }
        if ids.get(token.as_str()) != Some(&id) {
            continue; // spelled as a later one, which is the one that is found
        }
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            if ids.contains_key(left) && ids.contains_key(right) {
                found.push((scores[id], id, [left, right]));
            }
        }
    }
    // of one piece's, the order in which `transformers` has them: by the numbers of the parts
    found.sort_by(|(one, id, parts), (other, other_id, other_parts)| {
        let numbers = |parts: &[&str; 2]| parts.map(|part| ids.get(part).copied().unwrap_or(0));
        other.total_cmp(one).then(id.cmp(other_id)).then(numbers(other_parts).cmp(&numbers(parts)))
    });
    Ok(found.into_iter().map(|(_, _, parts)| json!(parts)).collect())
}
