//! A Hugging Face folder as a GGUF file.

mod model;
mod vocabulary;

use serde_json::{Map, Value as Json};

use crate::architecture::Architecture;
use crate::blocks::quantise;
use crate::header::MAGIC;
use crate::kind::Kind;
use crate::metadata::Value;
use crate::names;

/// Where tensors begin: multiples of this.
const ALIGNMENT: usize = 32;

/// A tensor of `transformers` that is to be written. Its numbers are asked for when it is its turn,
/// so that no more than one tensor is in memory twice.
pub struct Outgoing<'a> {
    /// Its name in `transformers`.
    pub name: String,
    /// `[rows, width]` or `[width]`.
    pub shape: Vec<usize>,
    /// Makes its numbers, row by row.
    pub values: Box<dyn Fn() -> Vec<f32> + 'a>,
}

/// A tensor as it goes into the file.
struct Placed<'a> {
    name: String,
    shape: Vec<usize>,
    kind: Kind,
    /// Heads whose rows are interleaved.
    heads: Option<usize>,
    lessened: bool,
    values: Box<dyn Fn() -> Vec<f32> + 'a>,
}

/// The bytes of a GGUF file of a model: its `config.json`, the texts of its tokenizer by name
/// (`tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`), and its tensors. Matrices
/// are stored as `kind` (F32, F16, BF16 or Q8_0; F16 where a row is no whole number of blocks), the
/// rest as F32. What llama.cpp would compute otherwise is refused: an error says why.
pub fn to_bytes(
    config: &Map<String, Json>,
    texts: &[(String, Vec<u8>)],
    kind: Kind,
    tensors: Vec<Outgoing<'_>>,
) -> Result<Vec<u8>, String> {
    if !quantise::WRITTEN.contains(&kind) {
        return Err(format!("{} is not written", kind.word()));
    }
    let architecture = model::architecture(config)?;
    let mut metadata = model::metadata(architecture, config, kind)?;
    metadata.extend(vocabulary::metadata(texts, config)?);
    let mut placed: Vec<Placed> = model::factors(config)?
        .into_iter()
        .map(|(name, factors)| Placed {
            name: name.into(),
            shape: vec![factors.len()],
            kind: Kind::F32,
            heads: None,
            lessened: false,
            values: Box::new(move || factors.clone()),
        })
        .collect();
    for tensor in tensors {
        placed.push(place(tensor, architecture, config, kind)?);
    }
    Ok(assemble(&metadata, &placed))
}

fn place<'a>(
    tensor: Outgoing<'a>,
    architecture: &Architecture,
    config: &Map<String, Json>,
    kind: Kind,
) -> Result<Placed<'a>, String> {
    let Outgoing { name, shape, values } = tensor;
    let inside = names::inside(&name, architecture);
    let inside =
        inside.ok_or_else(|| format!("GGUF has no name for the tensor `{name}` of `{}`", architecture.name))?;
    let width = shape.last().copied().unwrap_or(1);
    let kind = match shape.len() {
        2 if width.is_multiple_of(kind.block()) => kind,
        2 => Kind::F16,
        _ => Kind::F32,
    };
    let heads = architecture.heads(&name, config);
    let lessened = architecture.norms_plus_one && name.ends_with("norm.weight");
    Ok(Placed { name: inside, shape, kind, heads, lessened, values })
}

/// The file: header, then tensors in the order of their names' places in the header.
fn assemble(metadata: &[(String, Value)], tensors: &[Placed]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(3u32.to_le_bytes());
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in metadata {
        text(&mut file, key);
        put(&mut file, value);
    }
    let mut start = 0;
    for tensor in tensors {
        text(&mut file, &tensor.name);
        file.extend((tensor.shape.len() as u32).to_le_bytes());
        tensor.shape.iter().rev().for_each(|&size| file.extend((size as u64).to_le_bytes()));
        file.extend(tensor.kind.number().to_le_bytes());
        file.extend((start as u64).to_le_bytes());
        start = (start + bytes_of(tensor)).next_multiple_of(ALIGNMENT);
    }
    file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
    file.reserve(start);
    for tensor in tensors {
        file.extend(quantise::quantise(tensor.kind, &numbers(tensor)));
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
    }
    file
}

fn bytes_of(tensor: &Placed) -> usize {
    tensor.shape.iter().product::<usize>() / tensor.kind.block() * tensor.kind.block_bytes()
}

fn numbers(tensor: &Placed) -> Vec<f32> {
    let mut numbers = (tensor.values)();
    if tensor.lessened {
        numbers.iter_mut().for_each(|number| *number += 1.0);
    }
    match tensor.heads {
        Some(heads) => pairs(&numbers, tensor.shape[0] / heads.max(1), numbers.len() / tensor.shape[0].max(1)),
        None => numbers,
    }
}

/// Rows of heads with the first of all pairs before the second, as pairs that lie side by side.
fn pairs(rows: &[f32], head: usize, width: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(rows.len());
    for one in rows.chunks_exact(head * width) {
        for pair in 0..head / 2 {
            for place in [pair, pair + head / 2] {
                out.extend_from_slice(&one[place * width..][..width]);
            }
        }
    }
    out
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}

/// A value with its type. Whole numbers are u32 and numbers f32, as llama.cpp reads them.
fn put(file: &mut Vec<u8>, value: &Value) {
    let kind = |file: &mut Vec<u8>, kind: u32| file.extend(kind.to_le_bytes());
    let list = |file: &mut Vec<u8>, of: u32, count: usize| {
        kind(file, 9);
        kind(file, of);
        file.extend((count as u64).to_le_bytes());
    };
    match value {
        Value::Integer(number) => {
            kind(file, 4);
            file.extend((*number as u32).to_le_bytes());
        }
        Value::Number(number) => {
            kind(file, 6);
            file.extend((*number as f32).to_le_bytes());
        }
        Value::Flag(flag) => {
            kind(file, 7);
            file.push(u8::from(*flag));
        }
        Value::Text(words) => {
            kind(file, 8);
            text(file, words);
        }
        Value::Integers(all) => {
            list(file, 5, all.len());
            all.iter().for_each(|&number| file.extend((number as i32).to_le_bytes()));
        }
        Value::Numbers(all) => {
            list(file, 6, all.len());
            all.iter().for_each(|number| file.extend(number.to_le_bytes()));
        }
        Value::Flags(all) => {
            list(file, 7, all.len());
            all.iter().for_each(|&flag| file.push(u8::from(flag)));
        }
        Value::Texts(all) => {
            list(file, 8, all.len());
            all.iter().for_each(|words| text(file, words));
        }
    }
}
