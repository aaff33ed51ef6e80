use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with a model's folder, or with what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// A line of a file that cannot be read.
    #[error("line {line}: {why}")]
    BadLine {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A line that says too little or too much.
    #[error("{wanted} is needed")]
    UnclearLine {
        /// What would do.
        wanted: &'static str,
    },
    /// A file beside a model that cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A format that a folder cannot have.
    #[error("weights are stored as {word} in GGUF files alone")]
    GgufAlone {
        /// The format.
        word: &'static str,
    },
    /// Something is there already.
    #[error("{path} is there already")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
}

impl FolderFault {
    /// A failure, with the line that it is about.
    pub(crate) fn on_line(line: u64, failure: &faults::Failure) -> FolderFault {
        FolderFault::BadLine { line, why: failure.to_string() }
    }
}

impl Fault for FolderFault {
    fn code(&self) -> Code {
        match self {
            FolderFault::BadLine { .. } | FolderFault::UnclearLine { .. } => Code::Data,
            FolderFault::Unreadable { .. } | FolderFault::GgufAlone { .. } => Code::Model,
            FolderFault::Taken { .. } => Code::Store,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            FolderFault::BadLine { .. } | FolderFault::UnclearLine { .. } => {
                "a line is an object such as {\"prompt\": \"…\"}, {\"messages\": […]} or {\"tokens\": […]}; docs/json.md has all"
            }
            FolderFault::Unreadable { .. } => "check the path and who may read it",
            FolderFault::GgufAlone { .. } => "name a file that ends in .gguf, or another format: --dtype bf16",
            FolderFault::Taken { .. } => "name a folder or file that is not there yet",
        };
        Some(hint.into())
    }
}
