use std::fmt;

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    check: &'static str,
    path: String,
    line: usize,
    what: String,
    why: &'static str,
}

impl Finding {
    /// A finding at a line, counted from 1; line 0 means the whole file.
    pub(crate) fn at(path: &str, line: usize, what: impl Into<String>, why: &'static str) -> Self {
        Finding { check: "", path: path.to_string(), line, what: what.into(), why }
    }

    /// Names the check that found it.
    pub(crate) fn by(self, check: &'static str) -> Self {
        Finding { check, ..self }
    }

    /// `path:line what`, for tests.
    #[cfg(test)]
    pub(crate) fn short(&self) -> String {
        format!("{}:{} {}", self.path, self.line, self.what)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.max(1);
        write!(f, "{}:{line}: [{}] {}\n    why: {}", self.path, self.check, self.what, self.why)
    }
}
