//! Other names for columns: `--columns prompt=instruction,answer=output`.

use std::fmt;
use std::str::FromStr;

use faults::{Code, Fault};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The columns that mean something here; others are kept, and nobody looks at them.
const KNOWN: [&str; 49] = [
    "question",
    "problem",
    "prompt",
    "input",
    "instruction",
    "task",
    "puzzle",
    "puzzles",
    "numbers",
    "text",
    "messages",
    "tools",
    "answer",
    "answerkey",
    "solution",
    "completion",
    "completions",
    "response",
    "target",
    "output",
    "chosen",
    "rejected",
    "label",
    "rewards",
    "choices",
    "options",
    "split",
    "domain",
    "id",
    "tokens",
    "completion_tokens",
    "test",
    "entry_point",
    "test_list",
    "test_setup_code",
    "input_output",
    "starter_code",
    "sentence",
    "utterance",
    "answers",
    "ground_truth",
    "answer_idx",
    "answer_index",
    "category",
    "endings",
    "image",
    "images",
    "video",
    "videos",
];

/// Which column of a file is meant by which of the usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Columns(Vec<(String, String)>);

/// What can be wrong with a renaming.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsFault {
    /// It does not name two columns.
    #[error("`{0}` does not say which column is meant by which name")]
    Shape(String),
    /// The name means nothing.
    #[error("no column called `{0}` means anything here")]
    Unknown(String),
    /// A name is given twice.
    #[error("`{0}` is named twice")]
    Twice(String),
}

impl Fault for ColumnsFault {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ColumnsFault::Unknown(_) => format!("The usual names are {}.", KNOWN.join(", ")),
            _ => "Write USUAL=OWN, separated by commas: `--columns prompt=instruction,answer=output`.".to_owned(),
        })
    }
}

impl FromStr for Columns {
    type Err = ColumnsFault;

    fn from_str(text: &str) -> Result<Columns, ColumnsFault> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let words = text.split(',').filter(|_| !text.is_empty());
        for word in words {
            let pair = word.split_once('=').map(|(usual, own)| (usual.trim().to_lowercase(), own.trim().to_owned()));
            let (usual, own) = pair.filter(|(_, own)| !own.is_empty()).ok_or(ColumnsFault::Shape(word.to_owned()))?;
            if !KNOWN.contains(&usual.as_str()) {
                return Err(ColumnsFault::Unknown(usual));
            }
            if pairs.iter().any(|(known, other)| *known == usual || *other == own) {
                return Err(ColumnsFault::Twice(usual));
            }
            pairs.push((usual, own));
        }
        Ok(Columns(pairs))
    }
}

impl TryFrom<String> for Columns {
    type Error = ColumnsFault;

    fn try_from(text: String) -> Result<Columns, ColumnsFault> {
        text.parse()
    }
}

impl From<Columns> for String {
    fn from(columns: Columns) -> String {
        columns.to_string()
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|(usual, own)| format!("{usual}={own}")).collect();
        f.write_str(&pairs.join(","))
    }
}

impl Columns {
    /// Which of these usual names a person has given to a column of their own.
    pub(crate) fn named<'a>(&self, usual: &[&'a str]) -> Option<&'a str> {
        usual.iter().copied().find(|name| self.0.iter().any(|(known, _)| known == name))
    }

    /// What a column is called in what comes out; `None` if another column has taken its name.
    pub(super) fn new_name<'a>(&'a self, own: &'a str) -> Option<&'a str> {
        let renamed = self.0.iter().find(|(_, other)| other == own).map(|(usual, _)| usual.as_str());
        renamed.or_else(|| Some(own).filter(|name| !self.0.iter().any(|(usual, _)| usual.eq_ignore_ascii_case(name))))
    }

    /// The first column that a person names and that is not among these.
    pub(super) fn absent(&self, present: &[&str]) -> Option<String> {
        let own = self.0.iter().map(|(_, own)| own.as_str()).find(|own| !present.contains(own))?;
        let has = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
        Some(format!("no column `{own}`; the columns are {has}"))
    }

    /// A JSON object with its columns renamed. Values, and the order of keys, stay as they are
    /// written.
    pub(crate) fn rename(&self, line: String) -> Result<String, String> {
        if self.0.is_empty() {
            return Ok(line);
        }
        let Cells(cells) = serde_json::from_str(&line).map_err(|error| format!("not a JSON record: {error}"))?;
        let present: Vec<&str> = cells.iter().map(|(name, _)| name.as_str()).collect();
        match self.absent(&present) {
            Some(problem) => Err(problem),
            None => Ok(object(cells.iter().filter_map(|(own, cell)| Some((self.new_name(own)?, cell.get()))))),
        }
    }
}

/// The text of a JSON object with these keys and these values, which are JSON already.
pub(super) fn object<'a>(cells: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let cells: Vec<String> = cells.map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name))).collect();
    format!("{{{}}}", cells.join(","))
}

/// An object's keys in the order they are written, with their values unread.
struct Cells(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells, A::Error> {
                let mut cells = Vec::new();
                while let Some(cell) = map.next_entry()? {
                    cells.push(cell);
                }
                Ok(Cells(cells))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
