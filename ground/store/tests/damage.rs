//! Files that are not what was written, and manifests that lie.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Diary, create, finished, folder, inputs, part, work};
use serde_json::{Value, json};
use store::{Disk, Inputs, Reason, RunFolder, RunWriter, Stage, Status, differing_files, read_json, without_timing};

fn stage(path: &Path, name: &str) -> Stage {
    RunFolder::read_only(path).expect("a run").stage(1, name)
}

fn cut(path: &Path, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).expect("it is there");
    file.set_len(bytes).expect("it can be cut");
}

fn alter(stage: &Stage, change: impl FnOnce(&mut Value)) {
    let mut manifest: Value = read_json(&stage.manifest_path()).expect("a manifest");
    change(&mut manifest);
    Disk::real().write_json(&stage.manifest_path(), &manifest).expect("it can be written");
}

fn reason(stage: &Stage) -> String {
    stage.verified_status(&inputs(stage.name())).reason().map_or("done".into(), Reason::to_string)
}

#[test]
fn a_torn_part_is_found_and_only_it_is_made_again() {
    let (_home, path) = finished();
    let (_reference_home, reference) = finished();
    let torn = path.join("round-001/attempted/part-0001.parquet");
    cut(&torn, 10);
    let attempted = stage(&path, "attempted");
    let expected = Reason::FileTruncated { path: "attempted/part-0001.parquet".into(), expected: 300, found: 10 };
    assert_eq!(attempted.status(&inputs("attempted")), Status::Damaged(expected.clone()));
    assert_eq!(expected.to_string(), "`attempted/part-0001.parquet` is torn: it has 10 of 300 bytes");
    assert_lost(&path, &attempted, &expected);

    let mut diary = Diary::default();
    work(Disk::real(), &path, &mut diary).expect("it can be repaired");
    assert_eq!((diary.kept, diary.reused), (2, vec!["asked", "learned", "measured"]));
    assert_eq!(fs::read(&torn).expect("it is there"), part(1));
    let differing = differing_files(&reference, &path, without_timing).expect("both can be read");
    assert_eq!(differing, ["events.jsonl"], "that the stage ran twice is told");
}

fn assert_lost(path: &Path, stage: &Stage, reason: &Reason) {
    let run = RunFolder::open(Disk::real(), path).expect("a run");
    let draft = run.begin(stage, &inputs(stage.name())).expect("it can be begun");
    assert_eq!(draft.lost(), std::slice::from_ref(reason));
    assert_eq!(draft.kept().keys().collect::<Vec<_>>(), [&0, &2]);
    assert_eq!(draft.kept()[&2].facts, json!({"attempts": 2}));
}

#[test]
fn a_part_whose_company_is_damaged_is_given_up_with_it() {
    let (_home, path) = finished();
    fs::write(path.join("round-001/attempted/trees-0001.parquet"), b"no tree").expect("it can be damaged");
    let run = RunFolder::open(Disk::real(), &path).expect("a run");
    let draft = run.begin(&run.stage(1, "attempted"), &inputs("attempted")).expect("it can be begun");
    assert_eq!(draft.kept().keys().collect::<Vec<_>>(), [&0, &2]);
    assert!(!path.join("round-001/attempted/part-0001.parquet").exists(), "it is cleared away");
    assert!(path.join("round-001/attempted/trees-0002.parquet").exists(), "the others keep theirs");
}

#[test]
fn a_changed_byte_is_found_by_reading() {
    let (_home, path) = finished();
    let learned = stage(&path, "learned");
    let model = path.join("round-001/learned/model.safetensors");
    fs::write(&model, [8; 500]).expect("it can be written");
    assert!(matches!(learned.status(&inputs("learned")), Status::Done(_)), "the length is right");
    assert_eq!(reason(&learned), "`learned/model.safetensors` does not hold what was written");
    fs::write(&model, [8; 501]).expect("it can be written");
    assert!(matches!(learned.status(&inputs("learned")), Status::Damaged(_)));
    fs::remove_file(&model).expect("it can be removed");
    assert_eq!(reason(&learned), "`learned/model.safetensors` is gone");
}

#[test]
fn a_lying_manifest_is_refused() {
    let (_home, path) = finished();
    let asked = stage(&path, "asked");
    let original = fs::read(asked.manifest_path()).expect("a manifest");
    type Lie = (fn(&mut Value), &'static str);
    let lies: [Lie; 7] = [
        (|m| m["files"][0]["blake3"] = json!("00"), "its manifest was altered after it was written"),
        (|m| m["files"][0]["bytes"] = json!(1), "its manifest was altered after it was written"),
        (|m| m["facts"]["items"] = json!(13), "its manifest was altered after it was written"),
        (|m| m["round"] = json!(2), "its manifest was altered after it was written"),
        (
            |m| m["files"][0]["path"] = json!("../../x"),
            "its manifest lists `../../x`, which is not a file of this stage",
        ),
        (|m| m["format"] = json!(2), "its manifest cannot be read: it has format 2, and this program reads format 1"),
        (
            |m| drop(m.as_object_mut().map(|m| m.remove("format"))),
            "its manifest cannot be read: it does not say its format",
        ),
    ];
    for (lie, said) in lies {
        fs::write(asked.manifest_path(), &original).expect("it can be written");
        alter(&asked, lie);
        assert_eq!(reason(&asked), said);
    }
    fs::write(asked.manifest_path(), &original[..20]).expect("it can be written");
    assert!(reason(&asked).starts_with("its manifest cannot be read: EOF"), "{}", reason(&asked));
}

#[test]
fn the_clock_is_not_sealed() {
    let (_home, path) = finished();
    let asked = stage(&path, "asked");
    alter(&asked, |manifest| manifest["timing"] = json!({}));
    assert_eq!(reason(&asked), "done");
}

#[test]
fn a_path_that_leaves_the_stage_is_never_touched() {
    let (_home, path) = finished();
    let outside = path.join("precious");
    fs::write(&outside, b"mine").expect("it can be written");
    let attempted = stage(&path, "attempted");
    alter(&attempted, |manifest| manifest["files"][0]["path"] = json!("../precious"));
    work(Disk::real(), &path, &mut Diary::default()).expect("it can be repaired");
    assert_eq!(fs::read(&outside).expect("it is there"), b"mine");
    assert_eq!(reason(&attempted), "done");

    let run = RunFolder::open(Disk::real(), &path).expect("a run");
    let mut draft = run.begin(&run.stage(2, "learned"), &Inputs::default()).expect("it can be begun");
    let refused = draft.folder(&[("../precious", b"theirs")]).expect_err("not its own");
    assert_eq!(refused.to_string(), "`learned/../precious` is not a file name that stage `learned` may write");
}

#[test]
fn what_is_stale_is_made_again_and_leaves_nothing_behind() {
    let (_home, path) = finished();
    let run = RunFolder::open(Disk::real(), &path).expect("a run");
    let attempted = run.stage(1, "attempted");
    let changed = Inputs { seed: 8, ..inputs("attempted") };
    let stale = attempted.status(&changed);
    assert_eq!(stale, Status::Stale(Reason::SeedChanged { from: 7, to: 8 }));
    let mut draft = run.begin(&attempted, &changed).expect("it can be begun");
    assert!(draft.kept().is_empty() && draft.lost().is_empty());
    draft.part(0, b"new", Value::Null).expect("it can be written");
    draft.commit(Value::Null, Value::Null).expect("it can be committed");
    let left: Vec<PathBuf> = fs::read_dir(attempted.folder()).expect("there").flatten().map(|e| e.path()).collect();
    assert_eq!(left, [attempted.folder().join("part-0000.parquet")]);
    assert!(matches!(attempted.verified_status(&changed), Status::Done(_)));
    assert!(matches!(run.stage(1, "asked").verified_status(&inputs("asked")), Status::Done(_)), "the others stay");
}

fn learn(run: &RunWriter, round: u32) {
    let stage = run.stage(round, "learned");
    let mut draft = run.begin(&stage, &Inputs { seed: u64::from(round), ..Inputs::default() }).expect("begun");
    draft.folder(&[("model.safetensors", &[1; 100])]).expect("written");
    draft.commit(Value::Null, Value::Null).expect("committed");
}

#[test]
fn a_damaged_checkpoint_falls_back_to_the_last_good_one() {
    let home = folder();
    let path = home.path().join("run");
    let run = create(&path).expect("a run");
    [0, 1, 2, 4].into_iter().for_each(|round| learn(&run, round));
    cut(&path.join("round-004/learned/model.safetensors"), 50);

    let found = run.last_good_model(5, |_| true);
    assert_eq!(found.model.map(|model| (model.round, model.folder)), Some((2, path.join("round-002/learned"))));
    let said: Vec<String> = found.damaged.iter().map(|(round, why)| format!("round {round}: {why}")).collect();
    assert_eq!(said, ["round 4: `learned/model.safetensors` is torn: it has 50 of 100 bytes"]);

    let promoted = run.last_good_model(5, |round| round < 2);
    assert_eq!((promoted.model.map(|model| model.round), promoted.damaged.len()), (Some(1), 0));
    assert_eq!(run.last_good_model(5, |_| false).model, None);
}
