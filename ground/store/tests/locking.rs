//! One process writes a run at a time.

mod common;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{create, finished, folder};
use faults::{Code, Fault};
use store::{Disk, Error, Holder, LOCK, RunFolder};

#[test]
fn a_second_handle_is_refused_and_readers_are_not() {
    let home = folder();
    let path = home.path().join("run");
    let run = create(&path).expect("a run");
    let error = RunFolder::open(Disk::real(), &path).expect_err("it is taken");
    assert_eq!(error.code(), Code::Busy);
    let Error::Busy { holder: Some(holder), .. } = &error else { panic!("{error}") };
    assert_eq!(holder.pid, std::process::id());
    let said = format!("another process works on `{}`: process {} on {}", path.display(), holder.pid, holder.host);
    assert_eq!(error.to_string(), said);
    assert!(RunFolder::read_only(&path).is_ok());
    drop(run);
    assert!(RunFolder::open(Disk::real(), &path).is_ok());
    assert_eq!(std::fs::read(path.join(LOCK)).expect("it stays"), b"", "nothing is left in it");
}

#[test]
fn another_process_is_refused_until_the_first_one_dies() {
    let (_home, path) = finished();
    let mut first = hold(&path);
    let error = RunFolder::open(Disk::real(), &path).expect_err("it is taken");
    let Error::Busy { holder: Some(Holder { pid, .. }), .. } = error else { panic!("{error}") };
    assert_eq!(pid, first.id());
    first.kill().and_then(|()| first.wait()).expect("it can be killed");
    RunFolder::open(Disk::real(), &path).expect("a dead process holds no lock");
}

/// Runs [`holder`] in a process of its own and waits until it has the lock.
fn hold(path: &Path) -> Child {
    let program = std::env::current_exe().expect("a test knows its program");
    let mut command = Command::new(program);
    command.args(["--exact", "holder", "--nocapture"]).env("STORE_RUN", path);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("it was piped")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.ends_with("held")), "it never took the lock");
    child
}

/// Not a test: what the process that holds the lock does.
#[test]
#[allow(clippy::print_stdout, reason = "the parent waits for it")]
fn holder() {
    let Ok(path) = std::env::var("STORE_RUN") else { return };
    let _run = RunFolder::open(Disk::real(), Path::new(&path)).expect("it is free");
    println!("held");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

#[test]
fn two_processes_that_name_the_same_new_folder_do_not_share_it() {
    let home = folder();
    let path = home.path().join("run");
    let _first = create(&path).expect("a run");
    let error = create(&path).expect_err("it is taken");
    assert!(matches!(error, Error::NotEmpty { is_run: true, .. }), "{error}");
}
