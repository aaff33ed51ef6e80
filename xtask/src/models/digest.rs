//! SHA-256 of files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

/// A file's digest in hexadecimal digits.
pub(crate) fn sha256(path: &Path) -> Result<String, String> {
    let fault = |why: std::io::Error| format!("cannot read {}: {why}", path.display());
    let (mut file, mut digest) = (File::open(path).map_err(fault)?, Sha256::new());
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(fault)? {
            0 => break,
            count => digest.update(&buffer[..count]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Refuses a file that is not the one that was seen.
pub(crate) fn check(path: &Path, wanted: &str) -> Result<(), String> {
    match sha256(path)? {
        found if found == wanted => Ok(()),
        found => Err(format!("{} has the SHA-256 {found} where {wanted} is expected", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example `abc`.
    #[test]
    fn a_file_has_its_digest() {
        let path = std::env::temp_dir().join(format!("xtask-digest-{}", std::process::id()));
        std::fs::write(&path, "abc").expect("written");
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).as_deref(), Ok(wanted));
        assert!(check(&path, wanted).is_ok());
        let refused = check(&path, "00").expect_err("another digest");
        assert!(refused.contains(wanted), "{refused}");
        std::fs::remove_file(&path).expect("removed");
    }
}
