//! A model folder in another number format, or with an adapter merged into it; the folder of a GGUF
//! file, or the file of a folder.

use std::path::{Path, PathBuf};

use faults::Outcome;
use gguf::{Gguf, Kind};
use networks::{Decoder, DeviceKind, Need, NumberFormat, device};
use serde::Serialize;
use store::Disk;
use tokens::Tokens;

use crate::fault::FolderFault;
use crate::files::files;
use checkpoint::{Whereabouts, refuse_need};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Convert {
    /// The folder of the model, or a GGUF file; it is not changed.
    pub model: PathBuf,
    /// Where the converted model goes: a folder that is not there yet, or a file whose name ends in
    /// `.gguf`.
    pub out: PathBuf,
    /// How weights are stored; without one, as most of the model's numbers are. [`Kind::Q8_0`] is
    /// for GGUF files alone.
    pub format: Option<Kind>,
    /// The folder of an adapter that is merged into the weights.
    pub merge: Option<PathBuf>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Converted {
    /// Where the model is.
    pub out: PathBuf,
    /// The weights' format, in the words of `config.json` or, of a GGUF file, of that.
    pub dtype: &'static str,
    /// Files that came along as they were.
    pub carried: Vec<String>,
    /// Files and folders that did not: weights in other forms, hidden files, folders.
    pub left_out: Vec<String>,
}

/// Endings of weights and of what belongs to them.
const WEIGHTS: [&str; 13] = [
    ".safetensors",
    ".index.json",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".gguf",
    ".h5",
    ".msgpack",
    ".onnx",
    ".onnx_data",
    ".ot",
    ".npz",
];
/// What is written anew, or tells of other weights.
const OURS: [&str; 3] = ["config.json", "update.json", "adapter_config.json"];
/// A file that is carried is no longer than this: tokenizers of a million tokens have some 30 MiB.
const LONGEST: u64 = 1 << 28;

impl Convert {
    /// Writes the folder or the file: whole, or not at all. Of a folder that holds an adapter alone
    /// the model below it, with the adapter merged.
    pub fn run(&self) -> Outcome<Converted> {
        if self.out.exists() {
            return Err(FolderFault::Taken { path: self.out.clone() }.into());
        }
        let place = Whereabouts::of(&self.model, self.merge.as_deref())?;
        Convert { model: place.weights.clone(), merge: place.adapter.clone(), ..self.clone() }.write(&place)
    }

    fn write(&self, place: &Whereabouts) -> Outcome<Converted> {
        let config = networks::read_config(&self.model)?;
        let kind = match self.format {
            Some(kind) => kind,
            None => stored(&self.model)?,
        };
        let into_gguf = self.out.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("gguf"));
        let format = number_format(kind).filter(|_| !into_gguf);
        if format.is_none() && !into_gguf {
            return Err(FolderFault::GgufAlone { word: kind.word() }.into());
        }
        let numbers = config.parameters();
        let written = numbers / kind.block() as u64 * kind.block_bytes() as u64;
        let merged = if self.merge.is_some() { numbers.saturating_mul(4) } else { 0 };
        let need = Need { parts: vec![("weights", numbers.saturating_mul(4)), ("merged", merged), ("file", written)] };
        refuse_need("converting", &need)?;
        let decoder = place.decoder(&device(DeviceKind::Cpu)?)?.merged();
        match format {
            Some(format) => self.write_folder(&decoder, format),
            None => self.write_gguf(&decoder, kind),
        }
    }

    fn write_gguf(&self, decoder: &Decoder, kind: Kind) -> Outcome<Converted> {
        let texts = Tokens::from_folder(&self.model)?.to_files();
        Disk::real().write_file(&self.out, &networks::to_gguf(decoder, kind, &texts)?)?;
        Ok(Converted { out: self.out.clone(), dtype: kind.word(), carried: Vec::new(), left_out: Vec::new() })
    }

    fn write_folder(&self, decoder: &Decoder, format: NumberFormat) -> Outcome<Converted> {
        let mut all = networks::to_files(decoder, format)?;
        let Beside { carried, left_out } = self.beside()?;
        // the model's own way of drawing tokens stays
        all.retain(|(name, _)| !carried.iter().any(|(own, _)| own == name));
        all.extend(carried.iter().cloned());
        let borrowed: Vec<(&str, &[u8])> = all.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        Disk::real().write_folder(&self.out, &borrowed)?;
        let carried = carried.into_iter().map(|(name, _)| name).collect();
        Ok(Converted { out: self.out.clone(), dtype: format.word(), carried, left_out })
    }

    fn beside(&self) -> Outcome<Beside> {
        let mut beside = Beside::default();
        if gguf::is_gguf(&self.model) {
            let texts = Gguf::open(&self.model)?.tokenizer_texts()?;
            beside.carried = texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
            return Ok(beside);
        }
        for file in files(&self.model)? {
            let name = file.name;
            let weights = WEIGHTS.iter().any(|ending| name.ends_with(ending));
            if weights || name.starts_with('.') || name.ends_with('/') || file.bytes > LONGEST {
                beside.left_out.push(name);
            } else if !OURS.contains(&name.as_str()) {
                let path = self.model.join(&name);
                let read = std::fs::read(&path);
                beside.carried.push((name, read.map_err(|source| FolderFault::Unreadable { path, source })?));
            }
        }
        let replaced = |name: &String| name.ends_with(".safetensors") || name == "model.safetensors.index.json";
        beside.left_out.retain(|name| !replaced(name));
        Ok(beside)
    }
}

/// What stands beside the weights.
#[derive(Default)]
struct Beside {
    /// Comes along as it is.
    carried: Vec<(String, Vec<u8>)>,
    /// Does not.
    left_out: Vec<String>,
}

/// The format of most numbers of a folder; f32, which holds every value, of a file in which some
/// are quantised.
fn stored(folder: &Path) -> Outcome<Kind> {
    let formats = networks::formats(folder)?;
    let plain = |name: &str| [Kind::F32, Kind::F16, Kind::Bf16].into_iter().find(|kind| kind.word() == name);
    if gguf::is_gguf(folder) && formats.keys().any(|name| plain(name).is_none()) {
        return Ok(Kind::F32);
    }
    let known = formats.iter().filter_map(|(name, count)| Some((*count, plain(name)?)));
    Ok(known.max_by_key(|(count, _)| *count).map_or(Kind::F32, |(_, kind)| kind))
}

/// The same in a folder, where it can be there.
fn number_format(kind: Kind) -> Option<NumberFormat> {
    match kind {
        Kind::F32 => Some(NumberFormat::F32),
        Kind::F16 => Some(NumberFormat::F16),
        Kind::Bf16 => Some(NumberFormat::Bf16),
        _ => None,
    }
}
