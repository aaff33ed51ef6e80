//! How the hidden states of a text's tokens become one vector: the modules of
//! sentence-transformers.

use std::path::Path;

use serde_json::Value;

use crate::ModelFault;
use crate::files::read_text;

/// One vector of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The mean of all tokens.
    Mean,
    /// That of the first token.
    First,
    /// The largest of every number.
    Most,
}

/// What follows the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pooling {
    way: Way,
    /// Whether the vector is divided by its length.
    unit: bool,
    /// Most tokens of a text, if the folder says it.
    pub(super) longest: Option<usize>,
}

const MODULES: &str = "modules.json";

impl Pooling {
    /// By `modules.json` and what it names; the mean of the tokens where there is none.
    pub(super) fn of(folder: &Path) -> Result<Pooling, ModelFault> {
        let mut pooling = Pooling { way: Way::Mean, unit: false, longest: None };
        let own = json(folder, "sentence_bert_config.json")?;
        pooling.longest = own["max_seq_length"].as_u64().filter(|&most| most > 0).map(|most| most as usize);
        if own["do_lower_case"] == true {
            return Err(wrong("sentence_bert_config.json", "do_lower_case is not supported".into()));
        }
        for module in json(folder, MODULES)?.as_array().into_iter().flatten() {
            let (kind, path) = (module["type"].as_str().unwrap_or(""), module["path"].as_str().unwrap_or(""));
            match kind.rsplit('.').next().unwrap_or("") {
                "Transformer" => {}
                "Pooling" => pooling.way = way(folder, path)?,
                "Normalize" => pooling.unit = true,
                _ => return Err(wrong(MODULES, format!("the module {kind} is not supported"))),
            }
        }
        Ok(pooling)
    }

    /// `hidden [tokens, width]` to `[width]`.
    pub(super) fn pool(&self, hidden: &[f32], width: usize) -> Vec<f32> {
        let rows = hidden.chunks_exact(width);
        let count = rows.len().max(1) as f32;
        let mut vector = vec![0.0f32; width];
        match self.way {
            Way::Mean => {
                rows.for_each(|row| vector.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
                vector.iter_mut().for_each(|sum| *sum /= count);
            }
            Way::First => vector.iter_mut().zip(hidden).for_each(|(own, x)| *own = *x),
            Way::Most => {
                vector.fill(f32::NEG_INFINITY);
                rows.for_each(|row| vector.iter_mut().zip(row).for_each(|(most, x)| *most = most.max(*x)));
            }
        }
        if self.unit {
            // as torch's: a vector of nothing stays one
            let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt().max(1e-12);
            vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        }
        vector
    }

    /// What tells it from others.
    pub(super) fn said(&self) -> String {
        format!("{self:?}")
    }
}

fn way(folder: &Path, path: &str) -> Result<Way, ModelFault> {
    let name = format!("{path}/config.json");
    if path.split(['/', '\\']).any(|part| part.is_empty() || part == "..") {
        return Err(wrong(MODULES, format!("the path {path:?} is not that of a folder in this one")));
    }
    let config = json(folder, &name)?;
    let modes = config.as_object().into_iter().flatten();
    let on: Vec<&str> = modes
        .filter(|(key, on)| key.starts_with("pooling_mode_") && **on == true)
        .map(|(key, _)| key.as_str())
        .collect();
    match on.as_slice() {
        ["pooling_mode_mean_tokens"] => Ok(Way::Mean),
        ["pooling_mode_cls_token"] => Ok(Way::First),
        ["pooling_mode_max_tokens"] => Ok(Way::Most),
        other => Err(wrong(&name, format!("{other:?} is on; one of mean_tokens, cls_token, max_tokens is supported"))),
    }
}

/// A file's JSON; null if it is not there.
fn json(folder: &Path, name: &str) -> Result<Value, ModelFault> {
    let path = folder.join(name);
    match path.exists() {
        false => Ok(Value::Null),
        true => serde_json::from_str(&read_text(&path)?).map_err(|why| wrong(name, why.to_string())),
    }
}

fn wrong(file: &str, why: String) -> ModelFault {
    ModelFault::Encoder(format!("{file}: {why}"))
}
