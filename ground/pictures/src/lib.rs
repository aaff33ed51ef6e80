//! Pictures: PNG and JPEG from files, bytes and data URIs, and what they show.
//!
//! A picture is looked at once, when it comes in: what is no picture, too large, animated or cut
//! short is an error that says so, and what comes through is an [`nouns::Image`] whose digest names
//! what it shows. Later [`Pixels`] are what a model sees of it.

mod bounds;
mod fault;
mod jpeg;
mod pixels;
mod png;
mod read;
mod size;
mod uri;

pub use bounds::{MOST_BYTES, MOST_PIXELS};
pub use fault::PictureFault;
pub use pixels::Pixels;
pub use png::encode as encode_png;
pub use read::{read, read_file, whole};
pub use uri::{data_uri, read_base64, read_uri, uri_of_bytes};
