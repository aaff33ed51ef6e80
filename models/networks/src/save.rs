//! Hugging Face model folders, out: the family's own tensor names, and a configuration for readers
//! of both dialects. GGUF files, out.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use gguf::{Kind, Outgoing};
use half::{bf16, f16};
use nouns::Digest;
use safetensors::tensor::{Dtype, View};
use serde_json::json;

use crate::decoders::families::{Layout, Place};
use crate::weights::{Shape, Weight};
use crate::{Config, Decoder, ModelFault, values};

/// How numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberFormat {
    /// 32 bits: what is computed with.
    #[default]
    F32,
    /// 16 bits with the exponent of f32, rounded to the nearest.
    Bf16,
    /// 16 bits by IEEE 754, rounded to the nearest; what is beyond 65504 is refused.
    F16,
}

impl NumberFormat {
    /// Its name in `config.json`.
    pub fn word(self) -> &'static str {
        match self {
            NumberFormat::F32 => "float32",
            NumberFormat::Bf16 => "bfloat16",
            NumberFormat::F16 => "float16",
        }
    }

    /// The format that safetensors gives this name, if it is one of these.
    pub fn named(name: &str) -> Option<NumberFormat> {
        [NumberFormat::F32, NumberFormat::Bf16, NumberFormat::F16]
            .into_iter()
            .find(|format| format!("{:?}", format.dtype()) == name)
    }

    fn dtype(self) -> Dtype {
        match self {
            NumberFormat::F32 => Dtype::F32,
            NumberFormat::Bf16 => Dtype::BF16,
            NumberFormat::F16 => Dtype::F16,
        }
    }

    fn encode(self, values: &[f32]) -> Vec<u8> {
        match self {
            NumberFormat::F32 => bytemuck::cast_slice(values).to_vec(),
            NumberFormat::Bf16 => values.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect(),
            NumberFormat::F16 => values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(),
        }
    }
}

/// A model folder's files of the model itself, by name: `config.json`, `generation_config.json`,
/// `model.safetensors`. With the tokenizer's files beside them, `transformers` loads the folder
/// unchanged. Only `store` writes them. An adapter is merged into them.
pub fn to_files(decoder: &Decoder, format: NumberFormat) -> Result<Vec<(String, Vec<u8>)>, ModelFault> {
    Ok(vec![
        ("config.json".into(), pretty(&decoder.config.to_json(format))),
        ("generation_config.json".into(), pretty(&generation_config(&decoder.config))),
        ("model.safetensors".into(), to_safetensors(decoder, format)?),
    ])
}

/// The weights as one safetensors file, under the family's names and in its layouts; an adapter is
/// merged into them.
pub fn to_safetensors(decoder: &Decoder, format: NumberFormat) -> Result<Vec<u8>, ModelFault> {
    if decoder.adapter().is_some() {
        return to_safetensors(&decoder.clone().merged(), format);
    }
    if format == NumberFormat::F16 {
        refuse_beyond(decoder, F16_LARGEST, "f16")?;
    }
    let tensors = stored(decoder, format);
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize(tensors, Some(metadata))
        .map_err(|source| ModelFault::Safetensors { path: "model.safetensors".into(), why: source.to_string() })
}

/// The model as one GGUF file, its matrices stored as `kind`; `texts` are the tokenizer's files by
/// name. An adapter is merged into the weights. What llama.cpp would compute otherwise is refused.
pub fn to_gguf(decoder: &Decoder, kind: Kind, texts: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ModelFault> {
    if decoder.adapter().is_some() {
        return to_gguf(&decoder.clone().merged(), kind, texts);
    }
    if decoder.config.scores.is_some() || decoder.config.patch_size.is_some() {
        return Err(ModelFault::Unwritable("a GGUF file has no score head, and does not see".into()));
    }
    match kind {
        Kind::F16 => refuse_beyond(decoder, F16_LARGEST, "f16")?,
        // the scale is an f16, and the largest of a block 127 times that
        Kind::Q8_0 => refuse_beyond(decoder, F16_LARGEST * 127.0, "Q8_0")?,
        _ => {}
    }
    let config = decoder.config.to_json(NumberFormat::F32);
    let tensors = stored(decoder, NumberFormat::F32).into_iter();
    let outgoing = tensors.map(|(name, stored)| Outgoing {
        name,
        shape: stored.shape.clone(),
        values: Box::new(move || stored.values()),
    });
    let fields = config.as_object().cloned().unwrap_or_default();
    gguf::to_bytes(&fields, texts, kind, outgoing.collect()).map_err(ModelFault::Unwritable)
}

/// The tensors of the family's files.
fn stored(decoder: &Decoder, format: NumberFormat) -> BTreeMap<String, Stored<'_>> {
    let mut tensors: BTreeMap<String, Stored> = BTreeMap::new();
    decoder.visit(&mut |name, weight| {
        let place = decoder.config.family.place(&decoder.config, &name);
        let stored = tensors.entry(place.name.clone()).or_insert_with(|| Stored::new(&place, &weight, format));
        stored.parts.push((place, weight));
    });
    tensors
}

/// The largest number that rounds to a finite f16.
const F16_LARGEST: f32 = 65519.0;

/// Refuses to make a number infinite.
fn refuse_beyond(decoder: &Decoder, largest: f32, format: &'static str) -> Result<(), ModelFault> {
    let mut found = Ok(());
    decoder.visit(&mut |name, weight| {
        let beyond = |value: &f32| value.is_finite() && value.abs() > largest;
        if let Some(value) = values_of(&weight).into_iter().find(beyond) {
            found = Err(ModelFault::TooLarge { name, value, format });
        }
    });
    found
}

/// Names the weights: the digest of every tensor's values, in order, and of the shape; with an
/// adapter, of that too.
pub fn digest(decoder: &Decoder) -> Digest {
    let config = decoder.config.to_json(NumberFormat::F32);
    Digest::of_each(|see| {
        see(config.to_string().as_bytes());
        decoder.visit(&mut |name, weight| show(see, &name, &weight));
        if let Some(lora) = decoder.adapter() {
            see(lora.scale().to_string().as_bytes());
            if lora.differs_by_module() {
                decoder.scales().iter().for_each(|scale| see(&scale.to_le_bytes()));
            }
            decoder.visit_trained(&mut |name, weight| show(see, &name, &weight));
        }
    })
}

fn show(see: &mut dyn FnMut(&[u8]), name: &str, weight: &Weight<'_>) {
    see(name.as_bytes());
    see(bytemuck::cast_slice(&values_of(weight)));
}

/// A tensor of a file, whose bytes are made when they are written: one tensor at a time is in
/// memory twice.
struct Stored<'a> {
    shape: Vec<usize>,
    format: NumberFormat,
    parts: Vec<(Place, Weight<'a>)>,
}

impl Stored<'_> {
    fn new<'a>(place: &Place, weight: &Weight<'_>, format: NumberFormat) -> Stored<'a> {
        let outputs = |own: usize| place.part.map_or(own, |part| part.total);
        let shape = match Shape::of(weight) {
            Shape::Vector(len) => vec![outputs(len)],
            Shape::Table(shape) => shape.to_vec(),
            Shape::Matrix([inputs, own]) => match place.layout {
                Layout::OutIn => vec![outputs(own), inputs],
                Layout::InOut => vec![inputs, outputs(own)],
            },
        };
        Stored { shape, format, parts: Vec::new() }
    }

    fn values(&self) -> Vec<f32> {
        if let [(Place { part: None, layout, .. }, weight)] = self.parts.as_slice() {
            let values = values_of(weight);
            return match (Shape::of(weight), layout) {
                (Shape::Matrix([inputs, outputs]), Layout::OutIn) => {
                    let mut transposed = vec![0.0; values.len()];
                    kernels::slices::transpose(&values, inputs, outputs, &mut transposed);
                    transposed
                }
                _ => values,
            };
        }
        let mut all = vec![0.0; self.shape.iter().product()];
        for (place, weight) in &self.parts {
            let start = place.part.map_or(0, |part| part.start);
            let values = values_of(weight);
            match (Shape::of(weight), place.layout) {
                (Shape::Matrix([inputs, outputs]), Layout::OutIn) => {
                    let part = &mut all[start * inputs..][..values.len()];
                    kernels::slices::transpose(&values, inputs, outputs, part);
                }
                (Shape::Matrix([_, outputs]), Layout::InOut) => {
                    let rows = all.chunks_exact_mut(self.shape[1]).zip(values.chunks_exact(outputs));
                    rows.for_each(|(to, from)| to[start..start + outputs].copy_from_slice(from));
                }
                _ => all[start..start + values.len()].copy_from_slice(&values),
            }
        }
        all
    }
}

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        self.format.dtype()
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.format.encode(&self.values()).into()
    }

    fn data_len(&self) -> usize {
        self.shape.iter().product::<usize>() * self.format.dtype().bitsize() / 8
    }
}

fn values_of(weight: &Weight<'_>) -> Vec<f32> {
    match weight {
        Weight::Vector(vector) => values(vector),
        Weight::Matrix(matrix) | Weight::Table(matrix) => values(matrix),
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
