//! How deep a place of a JSON text lies, byte by byte: enough to find where values end, without
//! reading them.

/// What is open before a place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nesting {
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Nesting {
    /// After these bytes.
    pub(super) fn of(bytes: &[u8]) -> Nesting {
        let mut nesting = Nesting::default();
        bytes.iter().for_each(|&byte| nesting.read(byte));
        nesting
    }

    /// Goes past a byte.
    pub(super) fn read(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            b'{' | b'[' if !self.in_text => self.depth += 1,
            b'}' | b']' if !self.in_text => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether an object, a list or a text is still open.
    pub(super) fn is_open(self) -> bool {
        self.depth > 0 || self.in_text
    }

    /// Whether a text is.
    pub(super) fn in_text(self) -> bool {
        self.in_text
    }
}
