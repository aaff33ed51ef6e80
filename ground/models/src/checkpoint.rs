//! Hugging Face model folders, in and out.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::path::Path;

use burn::tensor::{Device, Tensor};
use half::{bf16, f16};
use nouns::{Digest, Key};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::json;

use crate::decoder::{Weight, WeightMut};
use crate::{Config, Decoder, ModelFault, values};

/// A model folder's files of the model itself, by name: `config.json`, `generation_config.json`, `model.safetensors`.
/// With the tokenizer's files beside them, `transformers` loads the folder unchanged. Only `store` writes them.
pub fn to_files(decoder: &Decoder) -> Result<Vec<(String, Vec<u8>)>, ModelFault> {
    Ok(vec![
        ("config.json".into(), pretty(&decoder.config.to_json())),
        ("generation_config.json".into(), pretty(&generation_config(&decoder.config))),
        ("model.safetensors".into(), to_safetensors(decoder)?),
    ])
}

/// The weights as a safetensors file: f32, matrices transposed to Hugging Face's `[out, in]`.
pub fn to_safetensors(decoder: &Decoder) -> Result<Vec<u8>, ModelFault> {
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    decoder.visit(&mut |name, weight| {
        let (shape, values) = stored(weight);
        tensors.push((name, shape, bytemuck::cast_slice(&values).to_vec()));
    });
    let malformed = |source: safetensors::SafeTensorError| ModelFault::Safetensors {
        path: "model.safetensors".into(),
        why: source.to_string(),
    };
    let views = tensors.iter().map(|(name, shape, bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(malformed)?))
    });
    let views: Vec<(&str, TensorView)> = views.collect::<Result<_, ModelFault>>()?;
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize(views, Some(metadata)).map_err(malformed)
}

/// Names the weights: the digest of every tensor's bytes, in order.
pub fn digest(decoder: &Decoder) -> Digest {
    let mut fields: Vec<Vec<u8>> = vec![decoder.config.to_json().to_string().into_bytes()];
    decoder.visit(&mut |name, weight| {
        fields.push(name.into_bytes());
        fields.push(bytemuck::cast_slice(&values(&tensor_of(&weight))).to_vec());
    });
    Digest::of_fields(fields.iter().map(Vec::as_slice))
}

/// Reads the configuration of a model folder alone.
pub fn read_config(folder: &Path) -> Result<Config, ModelFault> {
    Config::from_json(&String::from_utf8_lossy(&read(folder, "config.json")?))
}

/// Loads the model of a folder.
pub fn from_folder(folder: &Path, device: &Device) -> Result<Decoder, ModelFault> {
    let weights = read(folder, WEIGHTS)?;
    from_safetensors(read_config(folder)?, &weights, &folder.join(WEIGHTS), device)
}

const WEIGHTS: &str = "model.safetensors";

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, ModelFault> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|source| ModelFault::Read { path, source })
}

/// Loads the weights of a configuration from the bytes of a safetensors file.
pub fn from_safetensors(config: Config, bytes: &[u8], path: &Path, device: &Device) -> Result<Decoder, ModelFault> {
    let malformed = |why: String| ModelFault::Safetensors { path: path.to_owned(), why };
    let file = SafeTensors::deserialize(bytes).map_err(|source| malformed(source.to_string()))?;
    let mut decoder = Decoder::random(config, &Key::root(0), device);
    let mut wanted: Vec<(String, Kind)> = Vec::new();
    decoder.visit(&mut |name, weight| wanted.push((name, kind_of(&weight))));
    refuse_extra(&file, &wanted, decoder.config.tie_word_embeddings)?;
    let mut order = wanted.into_iter();
    let mut failed = None;
    decoder.map(&mut |slot| {
        let Some((name, kind)) = order.next() else { return };
        if let Err(fault) = fill(&file, &name, kind, slot, device) {
            failed.get_or_insert(fault);
        }
    });
    failed.map_or(Ok(decoder), Err)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Vector,
    Matrix,
    Table,
}

fn kind_of(weight: &Weight<'_>) -> Kind {
    match weight {
        Weight::Vector(_) => Kind::Vector,
        Weight::Matrix(_) => Kind::Matrix,
        Weight::Table(_) => Kind::Table,
    }
}

fn tensor_of(weight: &Weight<'_>) -> Tensor<1> {
    match weight {
        Weight::Vector(gain) => (*gain).clone(),
        Weight::Matrix(matrix) | Weight::Table(matrix) => {
            let length = matrix.dims().iter().product::<usize>();
            (*matrix).clone().reshape([length])
        }
    }
}

/// A weight's shape and values as the file has them.
fn stored(weight: Weight<'_>) -> (Vec<usize>, Vec<f32>) {
    let values = values(&tensor_of(&weight));
    match weight {
        Weight::Vector(_) => (vec![values.len()], values),
        Weight::Table(table) => (table.dims().to_vec(), values),
        Weight::Matrix(matrix) => {
            let [rows, columns] = matrix.dims();
            (vec![columns, rows], transposed(&values, rows, columns))
        }
    }
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns).map(|at| values[(at % rows) * columns + at / rows]).collect()
}

fn refuse_extra(file: &SafeTensors<'_>, wanted: &[(String, Kind)], tied: bool) -> Result<(), ModelFault> {
    let known: BTreeSet<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let allowed = |name: &str| {
        known.contains(name) || name.ends_with("rotary_emb.inv_freq") || (tied && name == "lm_head.weight")
    };
    let mut names = file.names();
    names.sort_unstable();
    match names.into_iter().find(|name| !allowed(name)) {
        Some(extra) => Err(ModelFault::ExtraTensor(extra.to_owned())),
        None => Ok(()),
    }
}

fn fill(
    file: &SafeTensors<'_>,
    name: &str,
    kind: Kind,
    slot: WeightMut<'_>,
    device: &Device,
) -> Result<(), ModelFault> {
    let view = file.tensor(name).map_err(|_| ModelFault::MissingTensor(name.to_owned()))?;
    let found = view.shape().to_vec();
    let check = |wanted: Vec<usize>| match found == wanted {
        true => Ok(()),
        false => Err(ModelFault::Shape { name: name.to_owned(), found: found.clone(), wanted }),
    };
    match slot {
        WeightMut::Vector(gain) => {
            check(gain.dims().to_vec())?;
            *gain = kernels::from_vec(numbers(name, &view)?, gain.dims(), device);
        }
        WeightMut::Matrix(matrix) => {
            let [rows, columns] = matrix.dims();
            let values = numbers(name, &view);
            let values = if kind == Kind::Matrix {
                check(vec![columns, rows])?;
                transposed(&values?, columns, rows)
            } else {
                check(vec![rows, columns])?;
                values?
            };
            *matrix = kernels::from_vec(values, [rows, columns], device);
        }
    }
    Ok(())
}

fn numbers(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, ModelFault> {
    let bytes = view.data();
    let pairs = || bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    match view.dtype() {
        Dtype::F32 => {
            Ok(bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
        }
        Dtype::F16 => Ok(pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect()),
        Dtype::BF16 => Ok(pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect()),
        other => Err(ModelFault::Dtype { name: name.to_owned(), found: format!("{other:?}") }),
    }
}

fn generation_config(config: &Config) -> serde_json::Value {
    let ends = match config.eos_token_ids.as_slice() {
        [one] => json!(one),
        many => json!(many),
    };
    json!({
        "bos_token_id": config.bos_token_id,
        "eos_token_id": ends,
        "pad_token_id": config.pad_token_id,
        "do_sample": false,
        "max_length": config.max_position_embeddings,
    })
}

fn pretty(json: &serde_json::Value) -> Vec<u8> {
    format!("{json:#}\n").into_bytes()
}
