//! A text that may not grow without end.

use std::io::{Error, Write};

/// Takes what a template writes, up to a length.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    longest: usize,
}

impl Bounded {
    pub(super) fn new(longest: usize) -> Bounded {
        Bounded { bytes: Vec::new(), longest }
    }

    pub(super) fn into_text(self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.longest {
            return Err(Error::other("the template's text is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
