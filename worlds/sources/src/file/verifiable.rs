//! Instructions that a program verifies, as the oracle of a data file (IFEval's columns
//! `instruction_id_list` and `kwargs`).

use std::collections::HashMap;

use instructions::{Instruction, instructions};
use nouns::{Count, Digest, Oracle, Task, Turn, Unsettled, Verdict};
use serde_json::{Map, Value};

use super::columns::find;

/// The column that names a record's instructions.
const NAMES: &str = "instruction_id_list";

/// The instructions of a task, by name.
pub(crate) type Named = Vec<(String, Instruction)>;

/// The instructions of a record, if it has such.
pub(super) fn of(record: &Map<String, Value>) -> Result<Option<Named>, String> {
    let Some(names) = find(record, NAMES).filter(|value| !value.is_null()) else { return Ok(None) };
    let listed = names.as_array().and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<&str>>>());
    let names = listed.ok_or_else(|| format!("`{NAMES}` is no list of names"))?;
    let given = match find(record, "kwargs") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(given)) => given.iter().map(|one| one.as_object().cloned().unwrap_or_default()).collect(),
        Some(_) => return Err("`kwargs` is no list".to_owned()),
    };
    let read = instructions(&names, &given).map_err(|fault| fault.to_string())?;
    Ok(Some(names.into_iter().map(str::to_owned).zip(read).collect()))
}

/// What the tasks of a file ask for.
pub(super) struct Verifiable {
    by_id: HashMap<String, Named>,
}

impl Verifiable {
    pub(super) fn new(by_id: HashMap<String, Named>) -> Verifiable {
        Verifiable { by_id }
    }

    fn of(&self, task: &Task) -> &[(String, Instruction)] {
        self.by_id.get(&task.id).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Oracle for Verifiable {
    /// Right if every instruction is followed, strictly; unsettled if that hangs on one that cannot
    /// be verified.
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        let asked = self.of(task);
        let (told, untold): (Vec<_>, Vec<_>) = asked.iter().partition(|(_, instruction)| instruction.can_be_verified());
        let broken = told.into_iter().filter(|(_, instruction)| !instruction.is_followed(response));
        let broken: Vec<&str> = broken.map(|(name, _)| name.as_str()).collect();
        match (asked.is_empty(), broken.is_empty(), untold.first()) {
            (true, ..) => Verdict::Unsettled(Unsettled::NoReference),
            (_, true, None) => Verdict::Right,
            (_, true, Some((name, _))) => Verdict::Unsettled(Unsettled::CheckerFailed(format!("cannot verify {name}"))),
            (_, false, _) => Verdict::Wrong(format!("does not follow {}", broken.join(", "))),
        }
    }

    /// The instructions that are followed; whether all are, loosely; and those that are, loosely.
    fn counts(&self, task: &Task, response: &str) -> Vec<Count> {
        let asked: Vec<_> = self.of(task).iter().filter(|(_, instruction)| instruction.can_be_verified()).collect();
        let followed = |loosely: bool| {
            let follows = |(_, instruction): &&&(String, Instruction)| match loosely {
                true => instruction.is_followed_loosely(response),
                false => instruction.is_followed(response),
            };
            asked.iter().filter(follows).count() as u32
        };
        let (of, strict, loose) = (asked.len() as u32, followed(false), followed(true));
        vec![
            Count { name: "instructions", has: strict, of },
            Count { name: "loose", has: u32::from(loose == of), of: u32::from(of > 0) },
            Count { name: "loose instructions", has: loose, of },
        ]
    }

    /// The share of the instructions that is followed.
    fn quality(&self, task: &Task, response: &str) -> Option<f64> {
        let asked = self.of(task);
        let followed = asked.iter().filter(|(_, instruction)| instruction.is_followed(response)).count();
        (!asked.is_empty()).then(|| followed as f64 / asked.len() as f64)
    }

    fn digest(&self) -> Option<Digest> {
        let mut known: Vec<(&String, String)> =
            self.by_id.iter().map(|(id, asked)| (id, format!("{asked:?}"))).collect();
        known.sort();
        Some(Digest::of_fields(known.iter().flat_map(|(id, asked)| [id.as_bytes(), asked.as_bytes()])))
    }

    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}
