use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with a classifier or with what it is shown.
#[derive(Debug, thiserror::Error)]
pub enum ClassifierFault {
    /// Features that are not as many as the model takes.
    #[error("{what} has {found} features; the classifier takes {wanted}")]
    Features {
        /// What was shown.
        what: String,
        /// How many it has.
        found: usize,
        /// How many are taken.
        wanted: usize,
    },
    /// A feature that is no finite number.
    #[error("feature {place} of {what} is {value}")]
    NotANumber {
        /// What was shown.
        what: String,
        /// Which feature, from 0.
        place: usize,
        /// Its value.
        value: f64,
    },
    /// A prompt that is no feature vector.
    #[error("a classifier reads feature vectors, and was shown {kind}")]
    NoFeatures {
        /// What it was shown.
        kind: &'static str,
    },
    /// A label that the model does not know.
    #[error("the classifier knows no label `{label}`; it knows {known}")]
    Label {
        /// The label.
        label: String,
        /// Those it knows, joined.
        known: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that does not hold a classifier.
    #[error("{path} holds no classifier: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Fault for ClassifierFault {
    fn code(&self) -> Code {
        match self {
            ClassifierFault::Features { .. }
            | ClassifierFault::NotANumber { .. }
            | ClassifierFault::NoFeatures { .. }
            | ClassifierFault::Label { .. } => Code::Data,
            ClassifierFault::Unreadable { .. } | ClassifierFault::Malformed { .. } => Code::Model,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ClassifierFault::Features { .. } => "give every row the features that the model was made for".into(),
            ClassifierFault::NotANumber { .. } => "leave the row out, or put a number in".into(),
            ClassifierFault::NoFeatures { .. } => {
                "give tasks as `features`, a list of numbers, or name a language model".into()
            }
            ClassifierFault::Label { .. } => "use the labels of the data that the model was made for".into(),
            ClassifierFault::Unreadable { .. } | ClassifierFault::Malformed { .. } => {
                "name a folder that holds `config.json` and `model.safetensors` of a classifier".into()
            }
        })
    }
}
