//! Killed at any moment, a run ends as if nothing had happened.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use events::Bus;
use faults::Code;
use nouns::Key;
use store::{Disk, Failing, Faulty, RunFolder};

use crate::toy::{differing, resume, run, run_on};

const METHOD: &str = "expert-iteration";
/// Enough tokens that a few sums come out right and something is taught.
const MORE: [&str; 2] = ["attempt.sample.max_tokens=20", "base.examples=600"];

/// How many operations the disk carries out in a whole run.
fn operations() -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let counting = Arc::new(Faulty::new(Failing::Kill, u64::MAX));
    run_on(Disk::faulty(counting.clone()), METHOD, &MORE, &folder.path().join("run")).expect("a whole run");
    counting.operations()
}

#[test]
fn a_run_killed_anywhere_resumes_to_the_identical_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole/run");
    run(METHOD, &MORE, &whole).expect("a whole run");
    let (all, mut random) = (operations(), Key::root(11).random());
    for number in 0..16 {
        let failing = if number % 2 == 0 { Failing::Kill } else { Failing::Tear };
        // The first operations make the run folder itself; before that there is nothing to resume.
        let at = 8 + random.below(all as usize - 8) as u64;
        let killed = folder.path().join(format!("killed-{number}/run"));
        let stopped = run_on(Disk::faulty(Arc::new(Faulty::new(failing, at))), METHOD, &MORE, &killed);
        assert!(stopped.is_err(), "killed at operation {at} of {all}");
        resume(&killed).unwrap_or_else(|failure| panic!("killed at operation {at}: {failure:?}"));
        assert_eq!(differing(&whole, &killed), Vec::<String>::new(), "killed at operation {at} of {all}");
    }
}

#[test]
fn a_run_that_is_stopped_politely_resumes_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, stopped) = (folder.path().join("whole/run"), folder.path().join("stopped/run"));
    run(METHOD, &MORE, &whole).expect("a whole run");
    let (recipe, toml) = crate::toy::small(METHOD, &MORE);
    let options = crate::toy::options(METHOD, &recipe);
    let place = store::Place::Exactly(&stopped);
    let refused = repeat::start(&recipe, &toml, &options, place, &mut Bus::silent(), &AtomicBool::new(true));
    assert_eq!(refused.expect_err("stopped").code(), Code::Interrupted);
    resume(&stopped).expect("resumed");
    assert_eq!(differing(&whole, &stopped), Vec::<String>::new());
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    run(METHOD, &MORE, &out).expect("a run");
    let _held = RunFolder::open(Disk::real(), &out).expect("the lock");
    assert_eq!(resume(&out).expect_err("locked").code(), Code::Busy);
}

#[test]
fn a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, full) = (folder.path().join("whole/run"), folder.path().join("full/run"));
    run(METHOD, &MORE, &whole).expect("a whole run");
    let disk = Disk::faulty(Arc::new(Faulty::new(Failing::NoSpace, operations() / 2)));
    let failure = run_on(disk, METHOD, &MORE, &full).expect_err("the disk is full");
    assert_eq!(failure.code(), Code::Store);
    assert!(failure.hint().is_some(), "{failure:?}");
    resume(&full).expect("resumed");
    assert_eq!(differing(&whole, &full), Vec::<String>::new());
}

#[test]
fn a_truncated_checkpoint_is_found_and_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, cut) = (folder.path().join("whole/run"), folder.path().join("cut/run"));
    run(METHOD, &MORE, &whole).expect("a whole run");
    run(METHOD, &MORE, &cut).expect("another");
    let weights = cut.join("round-002/learned/model.safetensors");
    let bytes = std::fs::read(&weights).expect("weights");
    std::fs::write(&weights, &bytes[..bytes.len() / 2]).expect("cut");
    let lines = repeat::why(&cut).expect("lines");
    let damaged = lines.iter().find(|line| !line.done).expect("a stage that must run");
    assert_eq!((damaged.round, damaged.stage.as_str()), (2, "learned"));
    let fallback = RunFolder::read_only(&cut).expect("a run").last_good_model(2, |_| true);
    assert_eq!(fallback.model.map(|model| model.round), Some(1), "the newest good one");
    assert_eq!(fallback.damaged.len(), 1);
    resume(&cut).expect("resumed");
    let differing: Vec<String> = differing(&whole, &cut).into_iter().filter(|file| file != "events.jsonl").collect();
    assert_eq!(differing, Vec::<String>::new(), "the record alone tells of the repair");
}

#[test]
fn results_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let run_with = |threads: usize| {
        let out = folder.path().join(format!("{threads}/run"));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| run(METHOD, &MORE, &out)).expect("a run");
        out
    };
    assert_eq!(differing(&run_with(1), &run_with(2)), Vec::<String>::new());
}
