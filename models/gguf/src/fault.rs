use std::path::PathBuf;

use faults::{Code, Fault};

use crate::architecture::ARCHITECTURES;
use crate::kind::Kind;

/// What can be wrong with a GGUF file.
#[derive(Debug, thiserror::Error)]
pub enum GgufFault {
    /// The file is missing or unreadable.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not hold to the format.
    #[error("{path}: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A tensor is quantised in a way that is not read.
    #[error("{path}: the tensor `{name}` is of the quantisation type {kind}, which is not read")]
    Kind {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The number of the type in the format.
        kind: u32,
    },
    /// An architecture that is not read.
    #[error("{path}: the architecture `{name}` is not supported")]
    Architecture {
        /// The file.
        path: PathBuf,
        /// Its name in `general.architecture`.
        name: String,
    },
    /// Mixtures of experts are not computed.
    #[error("{path}: `{name}` with a mixture of experts is not supported")]
    Experts {
        /// The file.
        path: PathBuf,
        /// Its name in `general.architecture`.
        name: String,
    },
    /// Metadata is missing, or says what would be computed wrongly.
    #[error("{path}: {why}")]
    Metadata {
        /// The file.
        path: PathBuf,
        /// What it says.
        why: String,
    },
    /// A tensor that is not there.
    #[error("{path}: the tensor `{name}` is missing")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
}

impl Fault for GgufFault {
    fn code(&self) -> Code {
        Code::Model
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            GgufFault::Read { .. } => "check the path and who may read it".into(),
            GgufFault::Malformed { .. } => {
                "the file may be cut off or damaged: compare its length and checksum with the source's, and fetch it again".into()
            }
            GgufFault::Kind { .. } => {
                let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
                format!("take a file in one of {}", known.join(", "))
            }
            GgufFault::Architecture { .. } => {
                let known: Vec<&str> = ARCHITECTURES.iter().map(|one| one.name).collect();
                format!("supported in GGUF are {}; of other models take the Hugging Face folder", known.join(", "))
            }
            GgufFault::Experts { .. } => {
                "take a dense model: mixtures of experts are not supported as Hugging Face folders either".into()
            }
            GgufFault::Metadata { .. } | GgufFault::Missing { .. } => {
                "take the model's Hugging Face folder, or a file that a newer llama.cpp converted".into()
            }
        })
    }
}
