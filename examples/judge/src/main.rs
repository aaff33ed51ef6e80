//! Reads a data file (JSON lines or Parquet) and judges one answer to every question of it.
//!
//!     cargo run -p judge -- examples/own-data/problems.jsonl "I think it is 24."
//!
//! The oracle's verdict is right, wrong with a reason, graded, or unsettled: there is no way to
//! mistake "cannot tell" for a zero.

use faults::Outcome;
use nouns::{Split, Verdict};
use sources::Options;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(answer)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: judge FILE ANSWER");
        return;
    };
    match judge(&file, &answer) {
        Ok(table) => print!("{table}"),
        Err(failure) => eprintln!("error: {failure}\n{}", failure.hint().unwrap_or_default()),
    }
}

/// A line for every question: the verdict, and the question.
fn judge(file: &str, answer: &str) -> Outcome<String> {
    let world = sources::find(file, &Options::default())?;
    let oracle = world.oracle();
    let mut table = format!("{}\n", world.recognised().unwrap_or_default());
    for split in Split::ALL {
        for task in world.tasks(split)? {
            let verdict = match oracle.judge(&task, answer) {
                Verdict::Right => "right".to_owned(),
                other => other.to_string(),
            };
            table += &format!("{verdict:40} {}\n", task.id);
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_data_is_judged() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../own-data/problems.jsonl");
        let table = judge(file, "I think it is 24.").expect("a table");
        assert!(table.starts_with("answers after ####, as GSM8K has them, compared as numbers\n"), "{table}");
        assert_eq!(table.lines().filter(|line| line.starts_with("right ")).count(), 2, "{table}");
        assert_eq!(table.lines().filter(|line| line.starts_with("wrong: answers 24, not ")).count(), 18);
        assert!(judge("nowhere.jsonl", "24").is_err());
    }
}
