//! No clock and no randomness but keys in what decides results.

use super::{Check, Finding};
use crate::source::has_words;
use crate::tree::{Kind, RustFile, Tree};

pub(super) const CHECK: Check =
    Check { name: "ambient", about: "no clock and no ambient randomness where results are decided", check };

const CLOCKS: [&str; 7] = [
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "UNIX_EPOCH.elapsed",
    "clock_gettime",
    "thread::sleep",
];

const RANDOMNESS: [&str; 11] = [
    "rand::rng",
    "rand::random",
    "thread_rng",
    "from_os_rng",
    "from_entropy",
    "OsRng",
    "getrandom",
    "RandomState::new",
    "DefaultHasher::new",
    "Uuid::new_v4",
    "fastrand",
];

/// The crates of `ground` whose results must be the same twice, as those of all models, worlds and
/// verbs must.
const GROUND: [&str; 4] = ["nouns", "recipe", "kernels", "pictures"];

/// Files that may read a clock all the same, and why.
const MEASURING: [(&str, &str); 1] =
    [("ground/kernels/src/rates.rs", "measures the machine; nothing computed depends on it")];

const WHY: &str = "results depend on the recipe, the tasks, the model and the seed alone: every draw has a key, and time decides nothing";

fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust_files();
    let files = files.iter().filter(|file| file.kind == Kind::Product);
    files.flat_map(of_file).collect()
}

fn of_file(file: &RustFile) -> Vec<Finding> {
    let (shelf, room) = file.member.split_once('/').unwrap_or(("", ""));
    let deterministic = match shelf {
        "engine" | "models" | "worlds" => true,
        "ground" => GROUND.contains(&room),
        _ => false,
    };
    let measuring = MEASURING.iter().any(|(path, _)| *path == file.path);
    // Rounds have a budget of time, and the run's events say when: `repeat` may look at the clock.
    let clocks: &[&str] = if deterministic && room != "repeat" && !measuring { &CLOCKS } else { &[] };
    let randomness: &[&str] = if deterministic { &RANDOMNESS } else { &[] };
    let mut found = Vec::new();
    for (number, line) in file.source.product() {
        let pattern = clocks.iter().chain(randomness).find(|pattern| has_words(&line.code, pattern));
        found.extend(pattern.map(|what| Finding::at(file.path, number, format!("`{what}` in {}", file.member), WHY)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_chance_are_found_where_results_are_decided() {
        let text = "let a = Instant::now();\nlet b = rand::rng();\n";
        let tree = Tree::of(&[
            ("engine/choose/Cargo.toml", ""),
            ("engine/choose/src/lib.rs", text),
            ("engine/choose/tests/a.rs", text),
            ("engine/repeat/Cargo.toml", ""),
            ("engine/repeat/src/lib.rs", text),
            ("ground/store/Cargo.toml", ""),
            ("ground/store/src/lib.rs", text),
            ("ground/kernels/Cargo.toml", ""),
            ("ground/kernels/src/rates.rs", "let a = Instant::now();\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "engine/choose/src/lib.rs:1 `Instant::now` in engine/choose",
            "engine/choose/src/lib.rs:2 `rand::rng` in engine/choose",
            "engine/repeat/src/lib.rs:2 `rand::rng` in engine/repeat",
        ];
        assert_eq!(found, expected);
    }
}
