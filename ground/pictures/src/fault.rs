use faults::{Code, Fault};

use crate::bounds::{MOST_BYTES, MOST_PIXELS};

/// What can be wrong with a picture. `source` is its path or column.
#[derive(Debug, thiserror::Error)]
pub enum PictureFault {
    /// The file cannot be read.
    #[error("the picture {source_name} cannot be read: {why}")]
    Unreadable {
        /// Its path.
        source_name: String,
        /// What the system says.
        why: String,
    },
    /// The bytes are neither PNG nor JPEG.
    #[error("{source_name} is neither a PNG nor a JPEG picture: it begins with {begins}")]
    Format {
        /// Where it came from.
        source_name: String,
        /// Its first bytes.
        begins: String,
    },
    /// The file is larger than a picture may be.
    #[error("the picture {source_name} has {bytes} bytes; {MOST_BYTES} are the most")]
    TooManyBytes {
        /// Where it came from.
        source_name: String,
        /// Its bytes.
        bytes: u64,
    },
    /// It has more pixels than a picture may have, or none.
    #[error("the picture {source_name} has {width}×{height} pixels; {MOST_PIXELS} are the most, and one the least")]
    Size {
        /// Where it came from.
        source_name: String,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// It begins like a picture and is none.
    #[error("the picture {source_name} is broken: {why}")]
    Broken {
        /// Where it came from.
        source_name: String,
        /// What the decoder says.
        why: String,
    },
    /// Text that is to hold a picture, and does not.
    #[error("{source_name} is no picture: {why}")]
    Text {
        /// Where it came from.
        source_name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Fault for PictureFault {
    fn code(&self) -> Code {
        Code::Data
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            PictureFault::Unreadable { .. } => "Paths of pictures are relative to the data file's folder.",
            PictureFault::Format { .. } => "Convert it: `magick picture.webp picture.png`.",
            PictureFault::TooManyBytes { .. } | PictureFault::Size { .. } => "Scale it down.",
            PictureFault::Broken { .. } => "Is the file complete? Write it again, or leave the record out.",
            PictureFault::Text { .. } => "Give a path, or a data URI such as `data:image/png;base64,iVBOR…`.",
        };
        Some(hint.to_owned())
    }
}
