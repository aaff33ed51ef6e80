//! Reading untrusted files: none larger than what a tokenizer can need.

use std::io::Read;
use std::path::Path;

use crate::fault::TokensFault;

/// The largest published tokenizers have about 35 MB.
const LARGEST: u64 = 256 << 20;

/// A file's bytes; nothing if it is not there.
pub(crate) fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, TokensFault> {
    let cannot = |error: std::io::Error| TokensFault::Unreadable(format!("cannot read {}: {error}", path.display()));
    let regular = |path: &Path| match std::fs::metadata(path)?.is_file() {
        true => std::fs::File::open(path),
        // A pipe may never begin, a device never end.
        false => Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file")),
    };
    let file = match regular(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error)),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(TokensFault::Unreadable(format!("{} has more than {} MiB", path.display(), LARGEST >> 20))),
        false => Ok(Some(bytes)),
    }
}
