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

/// Run a paper's claims as inequalities between arms, and say of each whether it held
///
/// Arms are ordinary runs below ./runs/reproductions; what is there is gone on with, so that Ctrl-C
/// loses nothing. Results go to reproductions/results/NAME.json, and the tables REPRODUCTIONS.md
/// and reproductions/results/index.html are made of all results there are.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact reproduce --all\n  autodidact reproduce NAME --quick     one seed, short: shows that it runs"
)]
pub(crate) struct Arguments {
    /// Which ones, by name, or as files that end in .toml; without any they are listed.
    names: Vec<String>,
    /// All of them.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// One seed and a short run: the verdicts mean nothing and are not written down.
    #[arg(long)]
    quick: bool,
    /// Arms at work at a time, each with its share of the threads; with more than one, they are
    /// told but not shown live. By default one for every thread, at most 8.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Make the tables anew from the results that there are; run nothing.
    #[arg(long, conflicts_with_all = ["names", "all", "quick", "jobs"])]
    tables: bool,
    /// The folder that the results and tables are written to.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print one JSON array of records.
    #[arg(long)]
    json: bool,
    /// Plain lines of progress, also on a terminal.
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
        let asked = Reproduce { name, source, quick: arguments.quick, jobs, root: &root, machine };
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
        if self.all {
            return Ok(reproductions().iter().map(owned).collect());
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

/// The tables of every result in the folder, by name.
fn write_tables(out: &Path) -> Outcome<()> {
    let folder = out.join(RESULTS);
    let mut records: Vec<Record> = Vec::new();
    for (name, _) in reproductions() {
        let path = folder.join(format!("{name}.json"));
        if path.is_file() {
            records.push(store::read_json(&path)?);
        }
    }
    Disk::real().write_file(&out.join("REPRODUCTIONS.md"), table::markdown(&records).as_bytes())?;
    Ok(Disk::real().write_file(&folder.join("index.html"), dashboard::claims(&table::pages(&records)).as_bytes())?)
}
