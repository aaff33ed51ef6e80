//! `reproduce`: whether a paper's claims hold here.

mod machine;
mod table;

use std::path::{Path, PathBuf};

use clap::Args;
use events::Bus;
use faults::Outcome;
use recipe::nearest;
use reproduce::{Record, Reproduce, reproductions};
use store::Disk;

use super::progress::Progress;
use crate::console::Console;
use crate::fault::CliFault;
use crate::places::RUNS;
use crate::stopping;

/// Test papers' claims: run their arms, and report which inequalities between them hold.
///
/// Arms are ordinary runs below ./runs/reproductions; those that are there are continued, so Ctrl-C
/// loses nothing. Results go to reproductions/results/NAME.json; REPRODUCTIONS.md and
/// reproductions/results/index.html are made from all of them.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact reproduce --all\n  autodidact reproduce NAME --quick     one seed, short: shows that it runs"
)]
pub(crate) struct Arguments {
    /// Reproductions, by name or as .toml files; without any, they are listed.
    names: Vec<String>,
    /// Run all of them that make their model from nothing.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Run all of them that begin with a real model.
    #[arg(long, conflicts_with = "names")]
    real: bool,
    /// The folder with the data files that reproductions on real models name.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Run one seed, briefly, to see that it runs: the verdicts mean nothing and are not saved.
    #[arg(long)]
    quick: bool,
    /// Arms that run at a time, each with its share of the threads; with more than one, progress
    /// is printed as plain lines. By default one per thread, at most 8.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run nothing; write the tables again from the saved results.
    #[arg(long, conflicts_with_all = ["names", "all", "real", "quick", "jobs"])]
    tables: bool,
    /// The folder for results and tables.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print one JSON array of records.
    #[arg(long)]
    json: bool,
    /// Print progress as plain lines, on a terminal too.
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let chosen = arguments.chosen()?;
    if chosen.is_empty() && !arguments.tables {
        let rows: Vec<(&str, String)> =
            reproductions().iter().map(|(name, source)| (*name, first_line(source))).collect();
        console.print(&crate::console::table::described(rows))?;
        return Ok(0);
    }
    let stop = stopping::on_request()?;
    let mut records = Vec::new();
    for (name, source) in &chosen {
        let root = Path::new(RUNS).join(if arguments.quick { "quick-reproductions" } else { "reproductions" });
        let machine = machine::this();
        let jobs = arguments.jobs.unwrap_or(machine.threads.min(8)).max(1);
        let asked =
            Reproduce { name, source, quick: arguments.quick, jobs, root: &root, data: &arguments.data, machine };
        let told = |arm: &str| console.tell(&format!("{name}: {arm}\n"));
        let listening = |use_bus: &mut dyn FnMut(&mut Bus) -> Outcome<()>| {
            let mut progress = Progress::new(console, arguments.plain);
            let done = use_bus(progress.bus());
            progress.end();
            done
        };
        let record = asked.run(&stop, &told, &listening)?;
        console.tell(&table::words(&record));
        if !arguments.quick {
            let path = arguments.out.join(RESULTS).join(format!("{name}.json"));
            Disk::real().create_folder(&arguments.out.join(RESULTS))?;
            Disk::real().write_json(&path, &record)?;
        }
        records.push(record);
    }
    if !arguments.quick {
        write_tables(&arguments.out)?;
    }
    if arguments.json {
        console.print_json(&records)?;
    }
    Ok(0)
}

/// Where results are kept.
const RESULTS: &str = "reproductions/results";

impl Arguments {
    /// Names and sources.
    fn chosen(&self) -> Outcome<Vec<(String, String)>> {
        let owned = |(name, source): &(&str, &str)| ((*name).to_owned(), (*source).to_owned());
        if self.all || self.real {
            let asked = |source: &str| if reproduce::is_real(source) { self.real } else { self.all };
            return Ok(reproductions().iter().filter(|(_, source)| asked(source)).map(owned).collect());
        }
        let known: Vec<String> = reproductions().iter().map(|(name, _)| (*name).to_owned()).collect();
        let find = |name: &String| -> Outcome<(String, String)> {
            if name.ends_with(".toml") {
                let path = Path::new(name);
                let stem = path.file_stem().map_or(name.clone(), |stem| stem.to_string_lossy().into_owned());
                return Ok((stem, store::read_text(path)?));
            }
            let found = reproductions().iter().find(|(known, _)| known == name).map(owned);
            let nearest = nearest(name, &known).map(str::to_owned);
            let unknown = || CliFault::UnknownReproduction { name: name.clone(), nearest, known: known.clone() };
            Ok(found.ok_or_else(unknown)?)
        };
        self.names.iter().map(find).collect()
    }
}

fn first_line(source: &str) -> String {
    recipe::header(source).lines().next().unwrap_or_default().to_owned()
}

/// The tables of every result in the folder, by name, each with the mark that it is stale if it is.
fn write_tables(out: &Path) -> Outcome<()> {
    let folder = out.join(RESULTS);
    let mut records: Vec<(Record, Option<String>)> = Vec::new();
    for (name, source) in reproductions() {
        let path = folder.join(format!("{name}.json"));
        if path.is_file() {
            let record = store::read_json(&path)?;
            let stale = reproduce::stale(&record, source)?;
            records.push((record, stale));
        }
    }
    Disk::real().write_file(&out.join("REPRODUCTIONS.md"), table::markdown(&records).as_bytes())?;
    Ok(Disk::real().write_file(&folder.join("index.html"), dashboard::claims(&table::pages(&records)).as_bytes())?)
}
