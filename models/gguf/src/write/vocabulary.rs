//! `tokenizer.json` and the files beside it to the keys of a file.

use serde_json::{Map, Value as Json};

use crate::metadata::Value;
use crate::tokenizer::{SPACE, Split};

type Wrong<T> = Result<T, String>;

/// The kinds of tokens, by the format's numbers.
const NORMAL: i64 = 1;
const UNKNOWN: i64 = 2;
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;
const UNUSED: i64 = 5;
const BYTE: i64 = 6;

/// The keys of the tokenizer.
pub(super) fn metadata(texts: &[(String, Vec<u8>)], config: &Map<String, Json>) -> Wrong<Vec<(String, Value)>> {
    let file = |name: &str| texts.iter().find(|(own, _)| own == name).map(|(_, bytes)| bytes.as_slice());
    let json = |name: &str| -> Wrong<Json> {
        let Some(bytes) = file(name) else { return Ok(Json::Null) };
        serde_json::from_slice(bytes).map_err(|why| format!("{name}: {why}"))
    };
    let (tokenizer, about) = (json("tokenizer.json")?, json("tokenizer_config.json")?);
    let rows = config.get("vocab_size").and_then(Json::as_u64).unwrap_or(0) as usize;
    let (mut tokens, mut kinds) = listed(&tokenizer, rows)?;
    let mut found = match tokenizer["model"]["byte_fallback"] == true {
        true => pieces(&tokenizer, &tokens, &mut kinds)?,
        false => byte_level(&tokenizer)?,
    };
    for (id, token) in tokens.iter_mut().enumerate().filter(|(_, token)| token.is_empty()) {
        *token = format!("[PAD{id}]");
        kinds[id] = UNUSED;
    }
    let id = |token: &str| tokens.iter().position(|own| own == token).map(|id| id as i64);
    let spelled = |key: &str| about[key].as_str().or_else(|| about[key]["content"].as_str()).map(str::to_owned);
    let mut set = |key: &str, value: Value| found.push((format!("tokenizer.ggml.{key}"), value));
    for (key, outside, known) in [
        ("bos", "bos_token", "bos_token_id"),
        ("eos", "eos_token", "eos_token_id"),
        ("unknown", "unk_token", ""),
        ("padding", "pad_token", "pad_token_id"),
    ] {
        let of_config = || config.get(known).and_then(|found| found.as_i64().or_else(|| found[0].as_i64()));
        if let Some(id) = spelled(outside).and_then(|token| id(&token)).or_else(of_config) {
            set(&format!("{key}_token_id"), Value::Integer(id));
        }
    }
    let around = around(&tokenizer["post_processor"])?;
    set("add_bos_token", Value::Flag(around.0));
    set("add_eos_token", Value::Flag(around.1));
    set("tokens", Value::Texts(tokens));
    set("token_type", Value::Integers(kinds));
    let template = file("chat_template.jinja").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if let Some(template) = template.or_else(|| about["chat_template"].as_str().map(str::to_owned)) {
        found.push(("tokenizer.chat_template".into(), Value::Text(template)));
    }
    Ok(found)
}

/// Tokens by their numbers, empty where there is none, and their kinds.
fn listed(tokenizer: &Json, rows: usize) -> Wrong<(Vec<String>, Vec<i64>)> {
    let kind = tokenizer["model"]["type"].as_str().unwrap_or("none");
    let vocabulary = tokenizer["model"]["vocab"].as_object().filter(|_| kind == "BPE").ok_or_else(|| {
        format!("the tokenizer's model is {kind}; a GGUF file has pairs (BPE), as tokenizers of published models do")
    })?;
    let (mut tokens, mut kinds) = (vec![String::new(); rows], vec![NORMAL; rows]);
    let mut put = |token: &str, id: Option<u64>, kind: i64| match id.map(|id| id as usize).filter(|&id| id < rows) {
        Some(id) => {
            (tokens[id], kinds[id]) = (token.to_owned(), kind);
            Ok(())
        }
        None => Err(format!("the token `{token}` is beyond the {rows} rows of the token table")),
    };
    for (token, id) in vocabulary {
        put(token, id.as_u64(), NORMAL)?;
    }
    for added in tokenizer["added_tokens"].as_array().into_iter().flatten() {
        let kind = if added["special"] == true { CONTROL } else { USER_DEFINED };
        put(added["content"].as_str().unwrap_or_default(), added["id"].as_u64(), kind)?;
    }
    Ok((tokens, kinds))
}

fn merges(tokenizer: &Json) -> Wrong<Vec<[String; 2]>> {
    let pair = |merge: &Json| match (merge.as_str(), merge.as_array().map(Vec::as_slice)) {
        (Some(text), _) => text.split_once(' ').map(|(left, right)| [left.into(), right.into()]),
        (_, Some([left, right])) => Some([left.as_str()?.into(), right.as_str()?.into()]),
        _ => None,
    };
    let all = tokenizer["model"]["merges"].as_array().ok_or("tokenizer.json has no merges")?;
    all.iter().map(|merge| pair(merge).ok_or_else(|| format!("tokenizer.json: the merge {merge} is no pair"))).collect()
}

fn byte_level(tokenizer: &Json) -> Wrong<Vec<(String, Value)>> {
    let whole_words = tokenizer["model"]["ignore_merges"] == true;
    let normalizer = &tokenizer["normalizer"]["type"];
    if !normalizer.is_null() && normalizer != "NFC" {
        return Err(format!(
            "the tokenizer puts texts into a form that llama.cpp does not (its normalizer {normalizer})"
        ));
    }
    let name = Split::name_of(&tokenizer["pre_tokenizer"], whole_words)?;
    let merges = merges(tokenizer)?.into_iter().map(|[left, right]| format!("{left} {right}")).collect();
    Ok(vec![
        ("tokenizer.ggml.model".into(), Value::Text("gpt2".into())),
        ("tokenizer.ggml.pre".into(), Value::Text(name.into())),
        ("tokenizer.ggml.merges".into(), Value::Texts(merges)),
    ])
}

/// Pieces: their scores are the places of the merges that make them.
fn pieces(tokenizer: &Json, tokens: &[String], kinds: &mut [i64]) -> Wrong<Vec<(String, Value)>> {
    let normalizers = tokenizer["normalizer"]["normalizers"].as_array().cloned();
    let normalizers = normalizers.unwrap_or_else(|| vec![tokenizer["normalizer"].clone()]);
    let spaced = |one: &Json| one["type"] == "Replace" && one["pattern"]["String"] == " " && one["content"] == SPACE;
    let prefixed = |one: &Json| one["type"] == "Prepend" && one["prepend"] == SPACE;
    let known = normalizers.iter().all(|one| spaced(one) || prefixed(one)) && normalizers.iter().any(spaced);
    if !known {
        return Err("the tokenizer puts texts into a form that llama.cpp does not (its `normalizer`)".into());
    }
    let mut scores = vec![0.0; tokens.len()];
    let ids: std::collections::HashMap<&str, usize> =
        tokens.iter().enumerate().map(|(id, token)| (token.as_str(), id)).collect();
    for (place, [left, right]) in merges(tokenizer)?.into_iter().enumerate().rev() {
        if let Some(&id) = ids.get(format!("{left}{right}").as_str()) {
            scores[id] = -(place as f32) - 1.0;
        }
    }
    for (id, token) in tokens.iter().enumerate() {
        let hexadecimal = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
        if hexadecimal.is_some_and(|digits| digits.len() == 2 && u8::from_str_radix(digits, 16).is_ok()) {
            kinds[id] = BYTE;
        }
        if tokenizer["model"]["unk_token"].as_str() == Some(token) {
            kinds[id] = UNKNOWN;
        }
    }
    Ok(vec![
        ("tokenizer.ggml.model".into(), Value::Text("llama".into())),
        ("tokenizer.ggml.pre".into(), Value::Text("default".into())),
        ("tokenizer.ggml.scores".into(), Value::Numbers(scores)),
        ("tokenizer.ggml.add_space_prefix".into(), Value::Flag(normalizers.iter().any(prefixed))),
    ])
}

/// Whether a token is put before texts, and whether one behind them.
fn around(processor: &Json) -> Wrong<(bool, bool)> {
    let own = processor["processors"].as_array().cloned().unwrap_or_else(|| vec![processor.clone()]);
    let Some(template) = own.iter().find(|one| one["type"] == "TemplateProcessing") else {
        return match own.iter().all(|one| one.is_null() || one["type"] == "ByteLevel") {
            true => Ok((false, false)),
            false => Err(format!("the tokenizer's post-processor {} is not written as GGUF", own[0]["type"])),
        };
    };
    let parts = template["single"].as_array().cloned().unwrap_or_default();
    let special: Vec<bool> = parts.iter().map(|part| !part["SpecialToken"].is_null()).collect();
    match special.as_slice() {
        [false] => Ok((false, false)),
        [true, false] => Ok((true, false)),
        [false, true] => Ok((false, true)),
        [true, false, true] => Ok((true, true)),
        _ => Err("the tokenizer puts more than one token around texts".into()),
    }
}
