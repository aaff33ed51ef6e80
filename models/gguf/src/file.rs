//! A file, shown as a Hugging Face folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::architecture::Architecture;
use crate::fault::GgufFault;
use crate::header::{Header, MAGIC, Tensor};
use crate::metadata::Wrong;
use crate::names::{SAID_ELSEWHERE, outside};
use crate::{blocks, tokenizer};

/// Bytes of a tensor in memory beside its numbers.
const CHUNK: usize = 1 << 20;
/// A tensor that stands for a part of `config.json` has no more numbers.
const MOST_FACTORS: u64 = 1 << 16;

trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// A GGUF file as a Hugging Face folder.
pub struct Gguf<'a> {
    path: PathBuf,
    source: Box<dyn Source + 'a>,
    header: Header,
    architecture: &'static Architecture,
    config: Map<String, Value>,
    /// Tensors by the names of `transformers`, with those in the file.
    names: BTreeMap<String, String>,
}

/// Whether a path is that of a GGUF file: a file that begins as one, or is called one.
pub fn is_gguf(path: &Path) -> bool {
    let named = path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("gguf"));
    let begins = || {
        let mut start = [0; 4];
        File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MAGIC
    };
    // one that is not there is still called one: what cannot be read is then the file
    (named && !path.is_dir()) || (std::fs::metadata(path).is_ok_and(|about| about.is_file()) && begins())
}

impl<'a> Gguf<'a> {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Gguf<'static>, GgufFault> {
        let fault = |source| GgufFault::Read { path: path.to_owned(), source };
        // pipes and devices may never begin or never end
        if !std::fs::metadata(path).map_err(fault)?.is_file() {
            return Err(fault(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file")));
        }
        let file = File::open(path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        Gguf::read(path, Box::new(file), length)
    }

    /// A file in memory; `path` is what faults call it.
    pub fn of_bytes(bytes: &'a [u8], path: &Path) -> Result<Gguf<'a>, GgufFault> {
        Gguf::read(path, Box::new(Cursor::new(bytes)), bytes.len() as u64)
    }

    fn read(path: &Path, mut source: Box<dyn Source + 'a>, length: u64) -> Result<Gguf<'a>, GgufFault> {
        let header = Header::read(&mut source, length, path)?;
        let said = |why| GgufFault::Metadata { path: path.to_owned(), why };
        let name = header.metadata.text("general.architecture").map_err(said)?.unwrap_or("none named").to_owned();
        let experts = header.metadata.size(&format!("{name}.expert_count")).map_err(said)?;
        if experts.unwrap_or(0) > 0 {
            return Err(GgufFault::Experts { path: path.to_owned(), name });
        }
        let unknown = || GgufFault::Architecture { path: path.to_owned(), name: name.clone() };
        let architecture = Architecture::named(&name).ok_or_else(unknown)?;
        let names = header.tensors.keys().filter(|name| !SAID_ELSEWHERE.contains(&name.as_str()));
        let names = names.map(|name| (outside(name, architecture), name.clone())).collect();
        let config = Map::new();
        let mut gguf = Gguf { path: path.to_owned(), source, header, architecture, config, names };
        gguf.config = gguf.read_config()?;
        Ok(gguf)
    }

    fn read_config(&mut self) -> Result<Map<String, Value>, GgufFault> {
        let Gguf { header, source, path, architecture, .. } = self;
        let found = architecture.config(header, &mut |name| {
            let Some(tensor) = header.tensors.get(name) else { return Ok(None) };
            if tensor.numbers().is_none_or(|numbers| numbers > MOST_FACTORS) {
                return Err(format!("`{name}` has the shape {:?}", tensor.shape));
            }
            let mut numbers = Vec::new();
            let count = tensor.numbers().unwrap_or(0) as usize;
            read_run(source.as_mut(), tensor, 0, count, &mut numbers, path).map_err(|fault| fault.to_string())?;
            Ok(Some(numbers))
        });
        found.map_err(|why| self.said(why))
    }

    fn said(&self, why: String) -> GgufFault {
        GgufFault::Metadata { path: self.path.clone(), why }
    }

    /// The `config.json`.
    pub fn config(&self) -> &Map<String, Value> {
        &self.config
    }

    /// The texts that stand beside the weights of a folder, by name: `config.json`,
    /// `generation_config.json`, `tokenizer.json`, `tokenizer_config.json`.
    pub fn texts(&self) -> Result<Vec<(String, String)>, GgufFault> {
        let mut config = self.config.clone();
        config.insert("dtype".into(), json!("float32"));
        let generation = json!({
            "bos_token_id": self.config["bos_token_id"],
            "eos_token_id": self.config["eos_token_id"],
            "pad_token_id": self.config["pad_token_id"],
            "do_sample": false,
        });
        let mut texts = self.tokenizer_texts()?;
        texts.push(("config.json".into(), pretty(&Value::Object(config))));
        texts.push(("generation_config.json".into(), pretty(&generation)));
        Ok(texts)
    }

    /// Of those, the tokenizer's.
    pub fn tokenizer_texts(&self) -> Result<Vec<(String, String)>, GgufFault> {
        let made: Wrong<_> = tokenizer::texts(&self.header.metadata);
        made.map_err(|why| self.said(why))
    }

    /// How many numbers are stored in which type, by the names of the format.
    pub fn formats(&self) -> BTreeMap<String, u64> {
        let mut formats = BTreeMap::new();
        for tensor in self.names.values().filter_map(|name| self.header.tensors.get(name)) {
            *formats.entry(tensor.kind.word().to_owned()).or_default() += tensor.numbers().unwrap_or(0);
        }
        formats
    }

    /// Names of the tensors, as `transformers` has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    fn tensor(&self, name: &str) -> Result<&Tensor, GgufFault> {
        let found = self.names.get(name).and_then(|inside| self.header.tensors.get(inside));
        found.ok_or_else(|| GgufFault::Missing { path: self.path.clone(), name: name.to_owned() })
    }

    /// The shape of a tensor, `[rows, width]` or `[width]`; nothing where there is no such tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensor(name).ok().map(|tensor| tensor.shape.as_slice())
    }

    /// Shows the rows from `first` to before `last` of a tensor (numbers, for one of a single
    /// dimension) as `transformers` has them, a run of whole rows at a time: the first row of the
    /// run, and its numbers.
    pub fn rows(
        &mut self,
        name: &str,
        (first, last): (usize, usize),
        see: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<(), GgufFault> {
        let tensor = self.tensor(name)?.clone();
        let rows = tensor.shape.first().copied().unwrap_or(1);
        let width = if tensor.shape.len() < 2 { 1 } else { tensor.shape[1..].iter().product() };
        let (heads, lessened) = (
            self.architecture.heads(name, &self.config),
            self.architecture.norms_plus_one && name.ends_with("norm.weight"),
        );
        let head = heads.map_or(1, |heads| rows / heads);
        if head == 0 || heads.is_some_and(|_| !head.is_multiple_of(2) || !rows.is_multiple_of(head)) {
            return Err(self.said(format!("`{name}` has {rows} rows, which are not those of whole heads")));
        }
        // a run is of whole heads and, in a vector, of whole blocks
        let step = if tensor.shape.len() < 2 { tensor.kind.block() } else { 1 };
        let step = head.max(1) * step;
        let run = (CHUNK / (width * 4).max(1) / step).max(1) * step;
        let (mut numbers, mut reordered) = (Vec::new(), Vec::new());
        for start in (first / step * step..last).step_by(run) {
            let end = (start + run).min(rows);
            numbers.clear();
            read_run(self.source.as_mut(), &tensor, start * width, (end - start) * width, &mut numbers, &self.path)?;
            if lessened {
                numbers.iter_mut().for_each(|number| *number -= 1.0);
            }
            if heads.is_some() {
                halves(&numbers, head, width, &mut reordered);
                std::mem::swap(&mut numbers, &mut reordered);
            }
            let (from, to) = (first.max(start), last.min(end));
            see(from, &numbers[(from - start) * width..(to - start) * width]);
        }
        Ok(())
    }
}

/// This many numbers of a tensor from the number `from` on; both are whole blocks.
fn read_run(
    source: &mut dyn Source,
    tensor: &Tensor,
    from: usize,
    count: usize,
    numbers: &mut Vec<f32>,
    path: &Path,
) -> Result<(), GgufFault> {
    let fault = |source| GgufFault::Read { path: path.to_owned(), source };
    source.seek(SeekFrom::Start(tensor.start + tensor.bytes_of(from) as u64)).map_err(fault)?;
    let mut bytes = vec![0; tensor.bytes_of(count)];
    source.read_exact(&mut bytes).map_err(fault)?;
    blocks::dequantise(tensor.kind, &bytes, numbers);
    Ok(())
}

/// Rows of heads whose pairs lie side by side, with the first of all pairs before the second.
fn halves(rows: &[f32], head: usize, width: usize, out: &mut Vec<f32>) {
    out.clear();
    for one in rows.chunks_exact(head * width) {
        for place in (0..head).step_by(2).chain((1..head).step_by(2)) {
            out.extend_from_slice(&one[place * width..][..width]);
        }
    }
}

fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}
