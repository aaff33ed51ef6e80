//! A model folder in another number format, or with an adapter merged into it.

use std::path::{Path, PathBuf};

use faults::Outcome;
use models::{DeviceKind, Need, NumberFormat, device};
use serde::Serialize;
use store::Disk;

use crate::fault::FolderFault;
use crate::files::files;
use checkpoint::decoder;
use checkpoint::refuse_need;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Convert {
    /// The folder of the model; it is not changed.
    pub model: PathBuf,
    /// Where the converted model goes: a folder that is not there yet.
    pub out: PathBuf,
    /// The format of the weights; without one, that of most of the model's numbers.
    pub format: Option<NumberFormat>,
    /// The folder of an adapter that is merged into the weights.
    pub merge: Option<PathBuf>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Converted {
    /// Where the model is.
    pub out: PathBuf,
    /// The weights' format, in the words of `config.json`.
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
    /// Writes the folder: whole, or not at all.
    pub fn run(&self) -> Outcome<Converted> {
        if self.out.exists() {
            return Err(FolderFault::Taken { path: self.out.clone() }.into());
        }
        let config = models::read_config(&self.model)?;
        let format = match self.format {
            Some(format) => format,
            None => stored(&self.model)?,
        };
        let numbers = config.parameters();
        let written = numbers.saturating_mul(if format == NumberFormat::F32 { 4 } else { 2 });
        let merged = if self.merge.is_some() { numbers.saturating_mul(4) } else { 0 };
        let need = Need { parts: vec![("weights", numbers.saturating_mul(4)), ("merged", merged), ("file", written)] };
        refuse_need("converting", &need)?;
        let decoder = decoder(&self.model, self.merge.as_deref(), &device(DeviceKind::Cpu)?)?.merged();
        let mut all = models::to_files(&decoder, format)?;
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

/// The format of most numbers of a folder.
fn stored(folder: &Path) -> Outcome<NumberFormat> {
    let formats = models::formats(folder)?;
    let known = formats.iter().filter_map(|(name, count)| Some((*count, NumberFormat::named(name)?)));
    Ok(known.max_by_key(|(count, _)| *count).map_or(NumberFormat::F32, |(_, format)| format))
}
