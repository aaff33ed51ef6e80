//! What says where in a text its answer is.

/// What says where an answer is, from the most explicit to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// `<answer>…</answer>`, or the field `answer` of a JSON object.
    Field,
    /// `\boxed{…}`.
    Boxed,
    /// `#### …`, as GSM8K has it.
    Hashes,
    /// "The answer is …", "答案：…".
    Announced,
    /// Nothing stands around it.
    Whole,
    /// A line that is nothing but a value.
    Line,
    /// What the last sentence says, or the last formula or emphasis in it.
    Statement,
    /// The last numeral in prose.
    Numeral,
}

impl Mark {
    /// Its name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Field => "field",
            Mark::Boxed => "boxed",
            Mark::Hashes => "hashes",
            Mark::Announced => "announced",
            Mark::Whole => "whole",
            Mark::Line => "line",
            Mark::Statement => "statement",
            Mark::Numeral => "last-numeral",
        }
    }
}
