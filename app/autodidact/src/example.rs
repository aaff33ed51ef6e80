use serde_json::{Value, json};

/// What a model learns from: a prompt with the answer to it, or with a better and a worse one.
///
/// The forms are those of a line of `autodidact train`'s files, so that an objective which takes
/// another form (labels, rewards, steps) can be given it with [`Example::of`].
#[derive(Clone, Debug, PartialEq)]
pub struct Example(Value);

impl Example {
    /// A prompt and the answer that is to be imitated.
    pub fn new(prompt: impl Into<String>, completion: impl Into<String>) -> Example {
        Example(json!({ "prompt": prompt.into(), "completion": completion.into() }))
    }

    /// A prompt, the answer that is preferred, and the one that is not.
    pub fn preferred(prompt: impl Into<String>, chosen: impl Into<String>, rejected: impl Into<String>) -> Example {
        Example(json!({ "prompt": prompt.into(), "chosen": chosen.into(), "rejected": rejected.into() }))
    }

    /// A line of a data file, such as `{"messages": […]}`.
    pub fn of(line: Value) -> Example {
        Example(line)
    }

    /// The line that says the same.
    pub(crate) fn line(&self) -> String {
        format!("{}\n", self.0)
    }
}
