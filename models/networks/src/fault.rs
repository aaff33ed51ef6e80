use std::path::PathBuf;

use faults::{Code, Fault};

use crate::decoders::family::Family;

/// What a model is.
const FOLDER: &str = "a model is a folder with config.json, tokenizer.json and model.safetensors (or shards and their index), as \
                      save_pretrained writes it, or a GGUF file of llama.cpp";

/// What can be wrong with a model folder.
#[derive(Debug, thiserror::Error)]
pub enum ModelFault {
    /// The family is not one this program computes.
    #[error("the architecture `{0}` is not supported")]
    Architecture(String),
    /// The family is known, and needs what the decoder does not have.
    #[error("the architecture `{named}` is not supported: {what}")]
    Lacking {
        /// Its name in `architectures`.
        named: String,
        /// What its layers need.
        what: &'static str,
    },
    /// `config.json` is unreadable or says something this program would compute wrongly.
    #[error("config.json: {0}")]
    Config(String),
    /// A file is missing or unreadable.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A safetensors file is malformed.
    #[error("{path}: {why}")]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A GGUF file that cannot be read.
    #[error(transparent)]
    Gguf(gguf::GgufFault),
    /// A tensor that the architecture needs is not there.
    #[error("the tensor `{0}` is missing")]
    MissingTensor(String),
    /// A tensor that the architecture does not have.
    #[error("the tensor `{0}` does not belong to this architecture")]
    ExtraTensor(String),
    /// A tensor of the wrong shape.
    #[error("the tensor `{name}` has shape {found:?} where its configuration asks for {wanted:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape that the configuration asks for.
        wanted: Vec<usize>,
    },
    /// A score head that gives another number of them.
    #[error("the model's head gives {found} scores where {wanted} are wanted")]
    ScoreHead {
        /// Scores per token.
        found: usize,
        /// Scores that are wanted.
        wanted: usize,
    },
    /// The device is not in this binary.
    #[error("this binary was built without `{0}`")]
    NoDevice(&'static str),
    /// No driver on this machine shows such a device.
    #[error("this machine shows no device to `{0}`")]
    AbsentDevice(&'static str),
    /// An adapter that this program would compute wrongly.
    #[error("adapter_config.json: {0}")]
    Adapter(String),
    /// An adapter on a module that the model does not have, or that none can be on here.
    #[error("`{name}` is no module that an adapter can be on in this model")]
    NoModule {
        /// What was named.
        name: String,
        /// The last words of those that there are.
        known: Vec<String>,
    },
    /// An adapter alone, where a model is needed, and no model below it.
    #[error("{folder} holds an adapter alone, and names {base} as its model, which is not there")]
    NoBase {
        /// The adapter's folder.
        folder: PathBuf,
        /// What it names.
        base: String,
    },
    /// A number that the format does not hold.
    #[error("the tensor `{name}` has {value}, which {format} does not hold")]
    TooLarge {
        /// The tensor.
        name: String,
        /// The number.
        value: f32,
        /// The format.
        format: &'static str,
    },
    /// A folder of an encoder that this program would compute wrongly.
    #[error("{0}")]
    Encoder(String),
    /// A model that llama.cpp would not compute as it is.
    #[error("this model cannot be a GGUF file: {0}")]
    Unwritable(String),
    /// A tensor in a number format that is not read.
    #[error("the tensor `{name}` is stored as {found}")]
    Dtype {
        /// The tensor.
        name: String,
        /// Its format.
        found: String,
    },
}

impl Fault for ModelFault {
    fn code(&self) -> Code {
        match self {
            ModelFault::NoDevice(_) | ModelFault::AbsentDevice(_) => Code::Device,
            _ => Code::Model,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            ModelFault::Gguf(fault) => return fault.hint(),
            ModelFault::Lacking { .. } => {
                let known = Family::supported().join(", ");
                return Some(format!("dense decoders with softmax attention are supported: {known}"));
            }
            ModelFault::Architecture(_) => return Some(format!("supported: {}", Family::supported().join(", "))),
            ModelFault::Config(_) => "the file must be a config.json as transformers 4 or 5 writes it",
            ModelFault::Read { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                let folder = path.parent();
                let known = folder.and_then(|folder| crate::known::hint(folder).or_else(|| crate::hub::hint(folder)));
                return Some(known.unwrap_or_else(|| FOLDER.to_owned()));
            }
            ModelFault::Read { .. } => FOLDER,
            ModelFault::Safetensors { .. } => {
                "the file may be cut off: compare its size with the original, or copy it again"
            }
            ModelFault::MissingTensor(_) | ModelFault::ExtraTensor(_) | ModelFault::Shape { .. } => {
                "config.json and the weights may come from different models"
            }
            ModelFault::ScoreHead { .. } => "begin with a model without a score head, or with one of that size",
            ModelFault::AbsentDevice(_) => {
                "see that the driver is installed whole (NVIDIA's for Vulkan needs libX11 and libXext, too; `vulkaninfo` says what it sees), or use --device cpu"
            }
            ModelFault::NoDevice(device) => {
                return Some(format!("build it with `cargo build --release --features {device}`, or use --device cpu"));
            }
            ModelFault::Adapter(_) => {
                "adapters of PEFT's kind LORA are read, DoRA and modules saved whole beside them too, without trained \
                 biases; others have to be merged with PEFT first"
            }
            ModelFault::NoModule { known, .. } => {
                return Some(format!("adapters can be on {}, or on all of these: all-linear", known.join(", ")));
            }
            ModelFault::NoBase { .. } => "name the model's folder, and this one with --adapter",
            ModelFault::TooLarge { .. } => "bf16 has the range of f32: --dtype bf16",
            ModelFault::Encoder(_) => {
                "an encoder is a folder of BERT as sentence-transformers saves it; `cargo xtask models minilm` brings one"
            }
            ModelFault::Unwritable(_) => "write a Hugging Face folder instead: a path that does not end in .gguf",
            ModelFault::Dtype { .. } => "F32, F16 and BF16 are read",
        };
        Some(hint.into())
    }
}
