//! Reading the weights of a folder: safetensors, in one file or in shards, tensor by tensor, so
//! that loading needs little more memory than the model itself.
//!
//! Nothing in a file is believed before it is checked against the file's own length: offsets,
//! shapes and sizes of a header are refused by its parser where they do not fit each other, and
//! here where they do not fit the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde_json::Value;

use crate::ModelFault;

const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// Headers and configurations are text of at most this many bytes: a hundred thousand tensors need
/// about 12 MiB.
const MOST_TEXT: u64 = 32 << 20;
/// Bytes of a tensor in memory beside its numbers.
const CHUNK: usize = 1 << 20;

trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// One safetensors file.
struct Shard<'a> {
    path: PathBuf,
    source: Box<dyn Source + 'a>,
    /// Where its tensors begin.
    start: u64,
}

/// The tensors of a folder.
pub(crate) struct Safetensors<'a> {
    shards: Vec<Shard<'a>>,
    /// Each tensor's shard and place.
    tensors: BTreeMap<String, (usize, TensorInfo)>,
}

/// Reads a text file that is no longer than a configuration can be.
pub(crate) fn read_text(path: &Path) -> Result<String, ModelFault> {
    let fault = |source| ModelFault::Read { path: path.to_owned(), source };
    let mut text = Vec::new();
    open(path).map_err(fault)?.take(MOST_TEXT + 1).read_to_end(&mut text).map_err(fault)?;
    if text.len() as u64 > MOST_TEXT {
        return Err(malformed(path, format!("more than {MOST_TEXT} bytes of text")));
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Opens a file. Pipes and devices are none: they may never begin or never end.
fn open(path: &Path) -> std::io::Result<File> {
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

fn malformed(path: &Path, why: String) -> ModelFault {
    ModelFault::Safetensors { path: path.to_owned(), why }
}

impl<'a> Safetensors<'a> {
    /// The tensors of a folder: of `model.safetensors`, or of the shards that its index names.
    pub(crate) fn open(folder: &Path) -> Result<Safetensors<'static>, ModelFault> {
        let mut files = Safetensors { shards: Vec::new(), tensors: BTreeMap::new() };
        let (whole, index) = (folder.join(WEIGHTS), folder.join(INDEX));
        if whole.exists() || !index.exists() {
            files.add_file(whole)?;
            return Ok(files);
        }
        let named = read_index(&index)?;
        let shards: BTreeSet<&String> = named.values().collect();
        for shard in shards {
            files.add_file(folder.join(shard))?;
        }
        match named.into_keys().find(|tensor| !files.tensors.contains_key(tensor)) {
            Some(absent) => Err(ModelFault::MissingTensor(absent)),
            None => Ok(files),
        }
    }

    /// The tensors of one safetensors file.
    pub(crate) fn one(path: PathBuf) -> Result<Safetensors<'static>, ModelFault> {
        let mut files = Safetensors { shards: Vec::new(), tensors: BTreeMap::new() };
        files.add_file(path)?;
        Ok(files)
    }

    /// The tensors of a safetensors file in memory; `path` is what faults call it.
    pub(crate) fn of_bytes(bytes: &'a [u8], path: &Path) -> Result<Safetensors<'a>, ModelFault> {
        let mut files = Safetensors { shards: Vec::new(), tensors: BTreeMap::new() };
        files.add(path.to_owned(), Box::new(Cursor::new(bytes)), bytes.len() as u64)?;
        Ok(files)
    }

    fn add_file(&mut self, path: PathBuf) -> Result<(), ModelFault> {
        let open = || open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, file) = open().map_err(|source| ModelFault::Read { path: path.clone(), source })?;
        self.add(path, Box::new(file), length)
    }

    fn add(&mut self, path: PathBuf, mut source: Box<dyn Source + 'a>, length: u64) -> Result<(), ModelFault> {
        let (header, start) = header(&path, &mut source, length)?;
        for (name, info) in header.tensors() {
            let tensor = (self.shards.len(), info.clone());
            if let Some((other, _)) = self.tensors.insert(name.clone(), tensor) {
                let other = self.shards[other].path.display();
                return Err(malformed(&path, format!("the tensor `{name}` is also in {other}")));
            }
        }
        self.shards.push(Shard { path, source, start });
        Ok(())
    }

    /// How many numbers are stored in which format.
    pub(crate) fn formats(&self) -> BTreeMap<String, u64> {
        let mut formats = BTreeMap::new();
        for (_, info) in self.tensors.values() {
            *formats.entry(format!("{:?}", info.dtype)).or_default() += info.shape.iter().product::<usize>() as u64;
        }
        formats
    }

    /// Names of the tensors.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], ModelFault> {
        let (_, info) = self.tensors.get(name).ok_or_else(|| ModelFault::MissingTensor(name.to_owned()))?;
        Ok(&info.shape)
    }

    /// Shows the rows from `first` to before `last` of a tensor (numbers, for one of a single
    /// dimension), a run of whole rows at a time: the first row of the run, and its numbers.
    pub(crate) fn rows(
        &mut self,
        name: &str,
        (first, last): (usize, usize),
        see: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<(), ModelFault> {
        let (shard, info) = self.tensors.get(name).ok_or_else(|| ModelFault::MissingTensor(name.to_owned()))?;
        let size = match info.dtype {
            Dtype::F32 => 4,
            Dtype::F16 | Dtype::BF16 => 2,
            other => return Err(ModelFault::Dtype { name: name.to_owned(), found: format!("{other:?}") }),
        };
        let (dtype, width) = (info.dtype, info.shape.iter().skip(1).product::<usize>());
        let Shard { path, source, start } = &mut self.shards[*shard];
        let fault = |source| ModelFault::Read { path: path.clone(), source };
        let at = *start + (info.data_offsets.0 + first * width * size) as u64;
        source.seek(SeekFrom::Start(at)).map_err(fault)?;
        let run = (CHUNK / (width * size).max(1)).max(1);
        let (mut bytes, mut numbers) = (Vec::new(), Vec::new());
        for row in (first..last).step_by(run) {
            let rows = run.min(last - row);
            bytes.resize(rows * width * size, 0);
            source.read_exact(&mut bytes).map_err(fault)?;
            numbers.clear();
            decode(dtype, &bytes, &mut numbers);
            see(row, &numbers);
        }
        Ok(())
    }
}

/// A file's header, and where its tensors begin.
fn header(path: &Path, source: &mut dyn Source, length: u64) -> Result<(Metadata, u64), ModelFault> {
    let fault = |source| ModelFault::Read { path: path.to_owned(), source };
    let mut size = [0; 8];
    if length < size.len() as u64 {
        return Err(malformed(path, format!("a file of {length} bytes has no header")));
    }
    source.read_exact(&mut size).map_err(fault)?;
    let size = u64::from_le_bytes(size);
    if size > MOST_TEXT || size > length - 8 {
        return Err(malformed(path, format!("its header claims {size} bytes of a file of {length}")));
    }
    let mut text = vec![0; size as usize];
    source.read_exact(&mut text).map_err(fault)?;
    let header: Metadata = serde_json::from_slice(&text).map_err(|why| malformed(path, why.to_string()))?;
    let (found, wanted) = (length - 8 - size, header.data_len() as u64);
    if found != wanted {
        return Err(malformed(path, format!("its tensors are {found} bytes where its header claims {wanted}")));
    }
    Ok((header, 8 + size))
}

/// Which shard each tensor is in. A shard is a file of the folder: its name has no other parts.
fn read_index(path: &Path) -> Result<BTreeMap<String, String>, ModelFault> {
    let json: Value = serde_json::from_str(&read_text(path)?).map_err(|why| malformed(path, why.to_string()))?;
    let Some(map) = json["weight_map"].as_object() else {
        return Err(malformed(path, "it has no `weight_map`".into()));
    };
    let one = |(tensor, shard): (&String, &Value)| match shard.as_str() {
        Some(name) if plain(name) => Ok((tensor.clone(), name.to_owned())),
        _ => {
            Err(malformed(path, format!("the shard {shard} of `{tensor}` is not the name of a file beside the index")))
        }
    };
    map.iter().map(one).collect()
}

fn plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let alone = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    alone && !name.contains(['/', '\\', '\0'])
}

fn decode(dtype: Dtype, bytes: &[u8], numbers: &mut Vec<f32>) {
    let pairs = bytes.as_chunks::<2>().0.iter();
    match dtype {
        Dtype::F16 => numbers.extend(pairs.map(|pair| f16::from_le_bytes(*pair).to_f32())),
        Dtype::BF16 => numbers.extend(pairs.map(|pair| bf16::from_le_bytes(*pair).to_f32())),
        _ => numbers.extend(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four))),
    }
}
