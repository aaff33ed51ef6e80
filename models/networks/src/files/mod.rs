//! The tensors of a model, wherever they are stored: in safetensors or in a GGUF file.

mod safetensors;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gguf::Gguf;

use crate::ModelFault;
use safetensors::Safetensors;

pub(crate) use safetensors::read_text;

/// The tensors of a model under the names of its family's files.
pub(crate) enum Files<'a> {
    /// Those of a folder, or of one of its files.
    Safetensors(Safetensors<'a>),
    /// Those of a file of llama.cpp.
    Gguf(Box<Gguf<'a>>),
}

impl<'a> Files<'a> {
    /// The tensors of a folder, in `model.safetensors` or in the shards that its index names, or
    /// of a GGUF file.
    pub(crate) fn open(place: &Path) -> Result<Files<'static>, ModelFault> {
        match gguf::is_gguf(place) {
            true => Gguf::open(place).map(|file| Files::Gguf(Box::new(file))).map_err(ModelFault::Gguf),
            false => Safetensors::open(place).map(Files::Safetensors),
        }
    }

    /// The tensors of one safetensors file.
    pub(crate) fn one(path: PathBuf) -> Result<Files<'static>, ModelFault> {
        Safetensors::one(path).map(Files::Safetensors)
    }

    /// The tensors of a safetensors file in memory; `path` is what faults call it.
    pub(crate) fn of_bytes(bytes: &'a [u8], path: &Path) -> Result<Files<'a>, ModelFault> {
        Safetensors::of_bytes(bytes, path).map(Files::Safetensors)
    }

    /// How many numbers are stored in which format.
    pub(crate) fn formats(&self) -> BTreeMap<String, u64> {
        match self {
            Files::Safetensors(files) => files.formats(),
            Files::Gguf(file) => file.formats(),
        }
    }

    /// Names of the tensors.
    pub(crate) fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Files::Safetensors(files) => Box::new(files.names()),
            Files::Gguf(file) => Box::new(file.names()),
        }
    }

    /// The shape of a tensor.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], ModelFault> {
        match self {
            Files::Safetensors(files) => files.shape(name),
            Files::Gguf(file) => file.shape(name).ok_or_else(|| ModelFault::MissingTensor(name.to_owned())),
        }
    }

    /// Shows the rows from `first` to before `last` of a tensor (numbers, for one of a single
    /// dimension), a run of whole rows at a time: the first row of the run, and its numbers.
    pub(crate) fn rows(
        &mut self,
        name: &str,
        rows: (usize, usize),
        see: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<(), ModelFault> {
        match self {
            Files::Safetensors(files) => files.rows(name, rows, see),
            Files::Gguf(file) => file.rows(name, rows, see).map_err(ModelFault::Gguf),
        }
    }
}
