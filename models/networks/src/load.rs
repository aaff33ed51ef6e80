//! Hugging Face model folders, in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::Device;
use gguf::Gguf;

use crate::decoders::decoder::{HEAD, TOKENS};
use crate::decoders::families::{Layout, Place};
use crate::decoders::patches::PATCH_EMBEDDING;
use crate::decoders::score_head::SCORE;
use crate::files::{Files, read_text};
use crate::weights::{Shape, Wanted};
use crate::{Config, Decoder, ModelFault, ScoreHead};

/// Rows of two tensors that are compared at a time.
const COMPARED: usize = 1024;

/// Reads the configuration of a model folder, or of a GGUF file, alone.
pub fn read_config(folder: &Path) -> Result<Config, ModelFault> {
    if gguf::is_gguf(folder) {
        return Config::from_fields(Gguf::open(folder).map_err(ModelFault::Gguf)?.config().clone());
    }
    Config::from_json(&read_text(&folder.join("config.json"))?)
}

/// How many numbers of a folder's weights are stored in which format, by the names of
/// safetensors or of GGUF.
pub fn formats(folder: &Path) -> Result<BTreeMap<String, u64>, ModelFault> {
    Ok(Files::open(folder)?.formats())
}

/// Loads the model of a folder, one safetensors file or shards with their index, in f32, f16 or
/// bf16; or of a GGUF file, dequantised.
pub fn from_folder(folder: &Path, device: &Device) -> Result<Decoder, ModelFault> {
    if gguf::is_gguf(folder) {
        return from_gguf(Gguf::open(folder).map_err(ModelFault::Gguf)?, device);
    }
    let config = read_config(folder)?;
    load(config, Files::open(folder)?, device)
}

/// Loads the model of a GGUF file.
pub fn from_gguf(file: Gguf, device: &Device) -> Result<Decoder, ModelFault> {
    let config = Config::from_fields(file.config().clone())?;
    load(config, Files::Gguf(Box::new(file)), device)
}

/// Loads the weights of a configuration from the bytes of a safetensors file; `path` is what faults
/// call it.
pub fn from_safetensors(config: Config, bytes: &[u8], path: &Path, device: &Device) -> Result<Decoder, ModelFault> {
    load(config, Files::of_bytes(bytes, path)?, device)
}

fn load(config: Config, mut files: Files, device: &Device) -> Result<Decoder, ModelFault> {
    config.validate()?;
    let config = beside(config, &files);
    let prefix = left_out(&config, &files);
    let named = |config: &Config, weight: &str| {
        let place = config.family.place(config, weight);
        Place { name: place.name.strip_prefix(prefix).unwrap_or(&place.name).to_owned(), ..place }
    };
    let (table, head) = (named(&config, TOKENS).name, named(&config, HEAD).name);
    let config = untied(config, &mut files, &table, &head)?;
    let from_head = config.tie_word_embeddings && files.shape(&table).is_err() && files.shape(&head).is_ok();
    let (shape, mut used) = (config.clone(), BTreeSet::new());
    let decoder = Decoder::build(config, device, &mut |wanted| {
        let place = named(&shape, &wanted.name);
        let name = if from_head && wanted.name == TOKENS { head.clone() } else { place.name };
        let place = Place { name, ..place };
        let values = read(&mut files, &place, wanted)?;
        used.insert(place.name);
        Ok(values)
    })?;
    match files.names().find(|name| !used.contains(*name) && !harmless(name, !shape.has_token_head())) {
        Some(extra) => Err(ModelFault::ExtraTensor(extra.to_owned())),
        None => Ok(decoder),
    }
}

/// What names begin with in a file of the model with its head, if this file is of the model without
/// it and so has the token table under the rest of its name; nothing otherwise.
fn left_out(config: &Config, files: &Files) -> &'static str {
    let prefix = config.family.definition().prefix;
    let table = config.family.place(config, TOKENS).name;
    let bare = table.strip_prefix(prefix).is_some_and(|rest| files.shape(rest).is_ok());
    if bare { prefix } else { "" }
}

/// A configuration that ties the head to the token table, beside weights in which the head is
/// another matrix: the head that is stored is the one that was trained (LoRA merges with an
/// extended vocabulary leave such folders), so the two are not tied. `transformers` keeps it, too.
fn untied(config: Config, files: &mut Files, table: &str, head: &str) -> Result<Config, ModelFault> {
    let both = files.shape(table).is_ok() && files.shape(head).is_ok();
    let apart = Config { tie_word_embeddings: false, ..config.clone() };
    let tied = config.tie_word_embeddings && apart.has_token_head();
    if tied && both && !same(files, table, head)? { Ok(apart) } else { Ok(config) }
}

/// Whether two tensors have the same numbers.
fn same(files: &mut Files, one: &str, other: &str) -> Result<bool, ModelFault> {
    let shape = files.shape(one)?.to_vec();
    if *files.shape(other)? != *shape {
        return Ok(false);
    }
    let (rows, width) = (shape.first().copied().unwrap_or(0), shape.iter().skip(1).product::<usize>());
    for first in (0..rows).step_by(COMPARED) {
        let last = rows.min(first + COMPARED);
        let [one, other] = [straight(files, one, (first, last), width)?, straight(files, other, (first, last), width)?];
        if one.iter().zip(&other).any(|(one, other)| one.to_bits() != other.to_bits()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A policy's own score head, and what a model sees with, are known by the file: nothing in
/// `config.json` tells of them.
fn beside(config: Config, files: &Files) -> Config {
    let outputs = files.shape(&format!("{SCORE}.weight")).ok().and_then(|shape| shape.first().copied());
    let found = outputs.map(|outputs| ScoreHead {
        outputs,
        bias: files.shape(&format!("{SCORE}.bias")).is_ok(),
        ..ScoreHead::VALUE
    });
    // [width, side * side * 3]
    let colours = files.shape(&format!("{PATCH_EMBEDDING}.weight")).ok().and_then(|shape| shape.get(1).copied());
    let side = colours.map(|colours| (colours / 3).isqrt()).filter(|&side| side > 0);
    Config { scores: config.scores.or(found), patch_size: config.patch_size.or(side), ..config }
}

/// Buffers that old files carry, and a head that is the token table or that a model which only
/// scores does without.
fn harmless(name: &str, tied: bool) -> bool {
    let buffers = ["rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"];
    buffers.iter().any(|buffer| name.ends_with(buffer)) || (tied && name == "lm_head.weight")
}

/// A weight's values in our order. Shapes are compared before anything is set aside for them.
pub(crate) fn read(files: &mut Files, place: &Place, wanted: &Wanted) -> Result<Vec<f32>, ModelFault> {
    let name = &place.name;
    let check = |asked: Vec<usize>| match files.shape(name)? {
        found if *found == *asked => Ok(()),
        found => Err(ModelFault::Shape { name: name.clone(), found: found.to_vec(), wanted: asked }),
    };
    let outputs = |own: usize| place.part.map_or((0, own), |part| (part.start, part.total));
    match wanted.shape {
        Shape::Vector(len) => {
            let (start, total) = outputs(len);
            check(vec![total])?;
            straight(files, name, (start, start + len), 1)
        }
        Shape::Table([rows, width]) => {
            check(vec![rows, width])?;
            straight(files, name, (0, rows), width)
        }
        Shape::Matrix([inputs, own]) => {
            let (start, total) = outputs(own);
            match place.layout {
                Layout::OutIn => {
                    check(vec![total, inputs])?;
                    transposed(files, name, (start, start + own), inputs)
                }
                Layout::InOut => {
                    check(vec![inputs, total])?;
                    columns(files, name, inputs, (start, own, total))
                }
            }
        }
    }
}

/// Rows as they lie.
pub(crate) fn straight(
    files: &mut Files,
    name: &str,
    rows: (usize, usize),
    width: usize,
) -> Result<Vec<f32>, ModelFault> {
    let mut values = Vec::with_capacity((rows.1 - rows.0) * width);
    files.rows(name, rows, &mut |_, run| values.extend_from_slice(run))?;
    Ok(values)
}

/// Rows `[out, in]` as `[in, out]`.
fn transposed(files: &mut Files, name: &str, rows: (usize, usize), inputs: usize) -> Result<Vec<f32>, ModelFault> {
    let outputs = rows.1 - rows.0;
    let mut values = vec![0.0; outputs * inputs];
    files.rows(name, rows, &mut |first, run| {
        let first = first - rows.0;
        for (input, to) in values.chunks_exact_mut(outputs).enumerate() {
            let to = &mut to[first..first + run.len() / inputs];
            to.iter_mut().zip(run[input..].iter().step_by(inputs)).for_each(|(to, from)| *to = *from);
        }
    })?;
    Ok(values)
}

/// Columns `start..start + own` of rows of `total`.
fn columns(
    files: &mut Files,
    name: &str,
    inputs: usize,
    (start, own, total): (usize, usize, usize),
) -> Result<Vec<f32>, ModelFault> {
    let mut values = Vec::with_capacity(inputs * own);
    files.rows(name, (0, inputs), &mut |_, run| {
        run.chunks_exact(total).for_each(|row| values.extend_from_slice(&row[start..start + own]));
    })?;
    Ok(values)
}
