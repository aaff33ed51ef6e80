use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use nouns::World;

use crate::fault::WorldFault;
use crate::file::FileWorld;
use crate::options::Options;
use crate::prompting::Prompting;
use crate::{arithmetic, calculator, chain, clusters, countdown, game24};

/// One line of the list of worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name in recipes and on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
}

/// Makes a world.
type Make = fn() -> Arc<dyn World>;

/// Every world. A new one is a file, a `mod` line, and a line here.
const WORLDS: [(Entry, Make); 6] = [
    (Entry { name: "arithmetic", summary: "Add numbers of up to five digits, digit by digit with carries." }, || {
        Arc::new(arithmetic::world())
    }),
    (
        Entry { name: "calculator", summary: "Add, subtract and multiply long numbers, with a calculator to call." },
        || Arc::new(calculator::world()),
    ),
    (
        Entry {
            name: "chain",
            summary: "Run straight-line programs modulo 11, a line per step; every step can be checked.",
        },
        || Arc::new(chain::world()),
    ),
    (Entry { name: "clusters", summary: "Classify 1,200 points of twenty numbers, drawn about four centres." }, || {
        Arc::new(clusters::world())
    }),
    (Entry { name: "countdown", summary: "Reach a target with three or four numbers and + - * /." }, || {
        Arc::new(countdown::world())
    }),
    (Entry { name: "game24", summary: "Make 24 of four numbers from 1 to 13: all 1,362 solvable games." }, || {
        Arc::new(game24::world())
    }),
];

/// The names and what they are, in alphabetical order.
pub fn catalogue() -> Vec<Entry> {
    WORLDS.iter().map(|(entry, _)| *entry).collect()
}

/// The world of this name, or of the data file at this path.
pub fn find(name_or_path: &str, options: &Options) -> Outcome<Arc<dyn World>> {
    if let Some((_, make)) = WORLDS.iter().find(|(entry, _)| entry.name == name_or_path) {
        return match options.prompting == Prompting::default() {
            true => Ok(make()),
            false => Err(WorldFault::NotPut { world: name_or_path.to_owned(), what: "a world's own tasks" }.into()),
        };
    }
    let path = Path::new(name_or_path);
    if !path.exists() && !looks_like_a_path(name_or_path) {
        return Err(unknown(name_or_path).into());
    }
    Ok(Arc::new(FileWorld::open(path, options)?))
}

/// Whether someone who wrote this meant a file: then a missing file is the error, not an unknown
/// world.
fn looks_like_a_path(name: &str) -> bool {
    name.contains(['/', '\\']) || Path::new(name).extension().is_some()
}

fn unknown(name: &str) -> WorldFault {
    let known: Vec<&'static str> = WORLDS.iter().map(|(entry, _)| entry.name).collect();
    let similar = known.iter().map(|known| (strsim::jaro_winkler(known, &name.to_lowercase()), *known));
    let nearest = similar.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.7);
    WorldFault::Unknown { name: name.to_owned(), nearest: nearest.map(|(_, name)| name), known }
}
