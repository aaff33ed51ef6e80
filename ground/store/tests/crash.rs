//! A run that is stopped at any operation ends up with the bytes of one that is not.

mod common;

use std::path::Path;
use std::process::Command;

use common::{Diary, PARTS, STAGES, failing, finished, folder, work};
use store::{Disk, Failing, Reason, RunFolder, differing_files, without_timing};

/// How many operations a whole run takes.
fn operations() -> u64 {
    let home = folder();
    let (disk, faulty) = failing(Failing::Kill, u64::MAX);
    work(disk, &home.path().join("run"), &mut Diary::default()).expect("nothing is in the way");
    faulty.operations()
}

/// Every stage whose manifest exists is whole.
fn assert_honest(path: &Path) {
    let Ok(run) = RunFolder::read_only(path) else { return };
    for name in STAGES {
        let verified = run.stage(1, name).verify();
        assert!(verified.is_ok() || verified == Err(Reason::NeverRan), "{name}: {verified:?}");
    }
}

fn assert_same(reference: &Path, path: &Path, when: &str) {
    assert_eq!(differing_files(reference, path, without_timing).expect("both can be read"), [""; 0], "{when}");
}

#[test]
fn a_run_stopped_at_any_operation_ends_up_the_same() {
    let (_home, reference) = finished();
    for kind in [Failing::Kill, Failing::Tear, Failing::NoSpace, Failing::ReadOnly] {
        for stop in 0..operations() {
            let home = folder();
            let path = home.path().join("run");
            let mut before = Diary::default();
            let stopped = work(failing(kind, stop).0, &path, &mut before);
            assert_honest(&path);

            let mut after = Diary::default();
            work(Disk::real(), &path, &mut after).unwrap_or_else(|error| panic!("{kind:?} at {stop}: {error}"));
            assert_same(&reference, &path, &format!("{kind:?} at {stop}"));
            if !after.reused.contains(&"attempted") {
                assert!(after.kept >= before.parts, "{kind:?} at {stop} lost a committed part");
            }
            let harmless = stop + 1 >= operations() || kind == Failing::NoSpace; // the lock's signature; removals
            assert!(stopped.is_err() || harmless, "{kind:?} at {stop} went unnoticed");
        }
    }
}

#[test]
fn a_run_stopped_again_and_again_ends_up_the_same() {
    let (_home, reference) = finished();
    for step in [3, 7, 11, 13, 17] {
        let home = folder();
        let path = home.path().join("run");
        let mut tries = 0;
        while work(failing(Failing::Tear, step + tries).0, &path, &mut Diary::default()).is_err() {
            assert_honest(&path);
            tries += 1;
            assert!(tries < 200, "no progress with {step} operations at a time");
        }
        assert_same(&reference, &path, &format!("{step} at a time"));
    }
}

#[test]
fn a_process_that_dies_leaves_no_lock_and_loses_nothing() {
    let (_home, reference) = finished();
    for stop in (0..operations()).step_by(5) {
        let home = folder();
        let path = home.path().join("run");
        assert!(!die_at(stop, &path), "the child should have died at operation {stop}");
        assert_honest(&path);
        work(Disk::real(), &path, &mut Diary::default()).expect("a dead process holds no lock");
        assert_same(&reference, &path, &format!("died at {stop}"));
    }
}

/// Runs [`child`] in a process of its own.
fn die_at(stop: u64, path: &Path) -> bool {
    let program = std::env::current_exe().expect("a test knows its program");
    let mut child = Command::new(program);
    child.args(["--exact", "child", "--nocapture"]).env("STORE_FAULT", format!("abort@{stop}")).env("STORE_RUN", path);
    child.output().expect("the child starts").status.success()
}

/// Not a test: what the process that dies does.
#[test]
fn child() {
    let (Ok(fault), Ok(path)) = (std::env::var("STORE_FAULT"), std::env::var("STORE_RUN")) else { return };
    let disk = Disk::faulty(std::sync::Arc::new(fault.parse().expect("a fault")));
    let _ = work(disk, Path::new(&path), &mut Diary::default());
}

#[test]
fn an_unfinished_stage_says_how_far_it_is() {
    let said: Vec<String> = (0..operations()).filter_map(reason_after).collect();
    for expected in [
        "it has not run yet".to_owned(),
        "it was interrupted before its first part was written".to_owned(),
        "it was interrupted; 1 part is there and is kept".to_owned(),
        format!("it was interrupted; {PARTS} parts are there and are kept"),
    ] {
        assert!(said.contains(&expected), "{expected}");
    }
}

fn reason_after(stop: u64) -> Option<String> {
    let home = folder();
    let path = home.path().join("run");
    let _ = work(failing(Failing::Kill, stop).0, &path, &mut Diary::default());
    let stage = RunFolder::read_only(&path).ok()?.stage(1, "attempted");
    stage.status(&common::inputs("attempted")).reason().map(Reason::to_string)
}
