//! What is refused, in words, and that refusing loses nothing.

mod common;

use std::fs;
use std::path::Path;

use common::{create, failing, folder, inputs, new_run};
use faults::{Code, Fault};
use serde_json::{Value, json};
use store::{Appender, Disk, Error, Failing, Place, Reason, RunFolder, latest, read_json};

#[test]
fn a_full_disk_is_named_and_leaves_nothing_half_written() {
    let home = folder();
    let (disk, _) = failing(Failing::NoSpace, 0);
    let path = home.path().join("report.html");
    fs::write(&path, b"old").expect("it can be written");
    let error = disk.write_file(&path, b"something longer").expect_err("it is full");
    let place = home.path().join(".tmp-report.html");
    assert_eq!(error.to_string(), format!("could not write `{}`", place.display()));
    assert!(error.hint().is_some_and(|hint| hint.starts_with("The disk is full. Free some space")), "{error:?}");
    assert_eq!(fs::read(&path).expect("it is there"), b"old");
    assert_eq!(fs::read_dir(home.path()).expect("there").count(), 1, "nothing else is left");
}

#[test]
#[cfg(target_os = "linux")]
fn a_really_full_device_says_so() {
    let full = Appender::open(&Disk::real(), Path::new("/dev/full"), 0).expect("it opens");
    let error = full.append(b"x").expect_err("it is full");
    assert!(
        matches!(&error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull),
        "{error:?}"
    );
    assert_eq!(error.code(), Code::Store);
}

#[test]
fn a_full_disk_in_a_stage_keeps_the_parts_before() {
    let home = folder();
    let path = home.path().join("run");
    drop(create(&path).expect("a run"));
    let (disk, faulty) = failing(Failing::NoSpace, 30);
    let run = RunFolder::open(disk, &path).expect("a run");
    let attempted = run.stage(1, "attempted");
    let mut draft = run.begin(&attempted, &inputs("attempted")).expect("there is space yet");
    let mut committed = 0;
    while draft.part(committed, &common::part(committed), Value::Null).is_ok() {
        committed += 1;
    }
    assert!(committed > 0 && faulty.operations() > 30);
    let interrupted = Reason::Interrupted { parts: usize::try_from(committed).unwrap_or(0) };
    assert_eq!(attempted.status(&inputs("attempted")).reason(), Some(&interrupted));
}

#[test]
fn a_read_only_folder_is_named() {
    let home = folder();
    let (disk, _) = failing(Failing::ReadOnly, 0);
    let error = RunFolder::create(disk, Place::Under(&home.path().join("runs")), &new_run(), &json!({}));
    let error = error.expect_err("it cannot be written");
    assert_eq!(error.to_string(), format!("could not create `{}`", home.path().join("runs").display()));
    assert_eq!(error.hint().as_deref(), Some("Make the folder writable, or choose another with `--out DIR`."));
}

#[test]
#[cfg(unix)]
fn a_folder_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let home = folder();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).expect("it is ours");
    let written = Disk::real().write_file(&home.path().join("x"), b"x");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    if let Err(error) = written {
        assert!(error.hint().is_some_and(|hint| hint.starts_with("Make the folder writable")), "{error:?}");
    } // the superuser may write everywhere: then the test above has to do
}

#[test]
fn a_run_is_never_written_over() {
    let home = folder();
    let runs = home.path().join("runs");
    let make = || RunFolder::create(Disk::real(), Place::Under(&runs), &new_run(), &json!({"cores": 2}));
    let (first, second) = (make().expect("a run"), make().expect("another"));
    assert_ne!(first.path(), second.path());
    assert_eq!(first.recipe_toml().expect("it is there"), "rounds = 1\n");
    assert_eq!(first.environment::<Value>().expect("it is there"), json!({"cores": 2}));
    assert_eq!(latest(&runs).expect("there are two").path().parent(), Some(runs.as_path()));
}

#[test]
fn the_latest_run_is_the_one_made_last() {
    let home = folder();
    assert_eq!(latest(home.path()).expect_err("none").to_string(), format!("no run in `{}`", home.path().display()));
    for name in ["b", "a"] {
        drop(create(&home.path().join(name)).expect("a run"));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    fs::create_dir(home.path().join("c")).expect("it can be made");
    assert_eq!(latest(home.path()).expect("there are two").path(), home.path().join("a"));
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let home = folder();
    fs::write(home.path().join("thesis.tex"), b"mine").expect("it can be written");
    let error = create(home.path()).expect_err("it is not empty");
    assert_eq!(error.to_string(), format!("`{}` is not empty", home.path().display()));
    assert_eq!(error.hint().as_deref(), Some("Choose a folder that does not exist yet, or an empty one."));
    assert_eq!(fs::read_dir(home.path()).expect("there").count(), 1, "not even a lock is left in it");

    let run = home.path().join("run");
    drop(create(&run).expect("a run"));
    let hint = create(&run).expect_err("it is not empty").hint();
    assert_eq!(hint, Some(format!("It holds a run: `resume {}` continues it.", run.display())));
}

#[test]
fn what_is_not_a_run_is_not_opened() {
    let home = folder();
    let missing = home.path().join("missing");
    let error = RunFolder::open(Disk::real(), &missing).expect_err("nothing is there");
    assert_eq!(error.to_string(), format!("`{}` is not a run folder: there is no such folder", missing.display()));
    let error = RunFolder::read_only(home.path()).expect_err("it is empty");
    assert_eq!(error.to_string(), format!("`{}` is not a run folder: it has no recipe.toml", home.path().display()));
    fs::write(home.path().join("x.json"), b"{").expect("it can be written");
    let error = read_json::<Value>(&home.path().join("x.json")).expect_err("it is torn");
    assert_eq!((error.code(), error.hint().is_some()), (Code::Store, true));
}
