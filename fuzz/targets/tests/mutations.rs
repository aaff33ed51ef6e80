//! Every target on its seeds, and on keyed changes of them: the same ones in every run.

use std::path::{Path, PathBuf};

use nouns::{Key, Random};
use targets::TARGETS;

/// Changes of a target's seeds, together.
const CHANGES: usize = 3000;
/// The most bytes of changed seeds that a target is given: large seeds are changed less often.
const BYTES: usize = 24 << 20;

/// Memory beyond this is refused to the whole process, so that an input which takes too much fails
/// the test.
const MEMORY: u64 = 8 << 30;

/// What texts are made of that read otherwise than they look, and numbers at the edges.
const PIECES: [&[u8]; 18] = [
    b"\0",
    b"\xff",
    b"\xc3\x28",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\n",
    b"-1",
    b"0",
    b"18446744073709551616",
    b"1e999",
    b"NaN",
    b"null",
    b"{{ x }}",
    b"((((((((((((((((((((((((((((((((",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a path whose names end so, in the order of their names.
fn files(path: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        if path.to_string_lossy().ends_with(ending) {
            found.push(path.to_owned());
        }
        return;
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries.iter().for_each(|entry| files(entry, ending, found));
}

fn changed(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = at + random.below((bytes.len() - at).min(64) + 1);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            3 => drop(bytes.splice(at..end, PIECES[random.below(PIECES.len())].iter().copied())),
            4 => {
                let piece = bytes[at..end].to_vec();
                let again = piece.repeat(1 + random.below(40));
                bytes.splice(at..at, again);
            }
            5 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..other.len().min(from + 200)];
                bytes.splice(at..end, piece.iter().copied());
            }
            _ if at < bytes.len() => bytes[at] = random.bits() as u8,
            _ => {}
        }
    }
    bytes
}

#[test]
fn no_seed_and_no_change_of_one_harms_its_parser() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = Rlimit { current: Some(MEMORY), maximum: None };
        setrlimit(Resource::As, limit).expect("a limit of memory");
    }
    for target in &TARGETS {
        let mut paths = Vec::new();
        target.seeds.iter().for_each(|seeds| files(&root().join(seeds), target.ending, &mut paths));
        assert!(!paths.is_empty(), "{} has no seeds", target.name);
        let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).expect("a seed")).collect();
        seeds.iter().for_each(|seed| (target.parse)(seed));
        (target.parse)(b"");
        let key = Key::root(0).of(target.name);
        let mut room = BYTES;
        for number in 0..CHANGES {
            let mut random = key.at(number as u64).random();
            let seed = &seeds[number % seeds.len()];
            let bytes = changed(seed, &seeds[random.below(seeds.len())], &mut random);
            let Some(left) = room.checked_sub(bytes.len()) else { break };
            room = left;
            (target.parse)(&bytes);
        }
    }
}

#[test]
fn every_target_has_its_file_for_cargo_fuzz() {
    let folder = root().join("fuzz/fuzz_targets");
    let mut found = Vec::new();
    files(&folder, ".rs", &mut found);
    let names: Vec<String> =
        found.iter().filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).collect();
    assert_eq!(names, TARGETS.map(|target| target.name.to_owned()));
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("a manifest");
    for (name, path) in names.iter().zip(&found) {
        let text = std::fs::read_to_string(path).expect("a target");
        assert!(text.contains(&format!("targets::{name}(bytes)")) && manifest.contains(&format!("name = \"{name}\"")));
    }
}
