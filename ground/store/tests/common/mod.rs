//! A small run over every kind of stage, which goes on from wherever it was stopped.

#![allow(dead_code, reason = "every test file uses its own share of this")]

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use store::{Disk, Failing, Faulty, Inputs, NewRun, Place, Result, RunFolder, RunWriter, Stage, Status};

/// How many parts the long stage has.
pub(crate) const PARTS: u32 = 3;
/// The stages, in order.
pub(crate) const STAGES: [&str; 4] = ["asked", "attempted", "learned", "measured"];

pub(crate) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm"); // where there is one: flushing to a disk is what the tests wait for
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(root).expect("a temporary folder")
}

pub(crate) fn failing(failing: Failing, after: u64) -> (Disk, Arc<Faulty>) {
    let faulty = Arc::new(Faulty::new(failing, after));
    (Disk::faulty(faulty.clone()), faulty)
}

pub(crate) fn new_run() -> NewRun<'static> {
    NewRun { recipe: "star", world: "game24", recipe_toml: "rounds = 1\n", seed: 7 }
}

pub(crate) fn create(path: &Path) -> Result<RunWriter> {
    RunFolder::create(Disk::real(), Place::Exactly(path), &new_run(), &json!({"cores": 2}))
}

pub(crate) fn inputs(stage: &str) -> Inputs {
    Inputs { recipe: json!({stage: {"size": 3}}), seed: 7, ..Inputs::default() }
}

/// How far [`work`] got.
#[derive(Default)]
pub(crate) struct Diary {
    /// Parts that the store said were committed.
    pub(crate) parts: u32,
    /// Parts that were there already.
    pub(crate) kept: u32,
    /// Stages that were done already.
    pub(crate) reused: Vec<&'static str>,
}

/// Makes the run at `path`, or goes on with it.
pub(crate) fn work(disk: Disk, path: &Path, diary: &mut Diary) -> Result<()> {
    let run = match path.join("recipe.toml").exists() {
        true => RunFolder::open(disk, path)?,
        false => RunFolder::create(disk, Place::Exactly(path), &new_run(), &json!({"cores": 2}))?,
    };
    let committed = |event: &Value| event["stage"].as_str().is_some_and(|name| run.stage(1, name).manifest().is_ok());
    let (events, _) = run.events(committed)?;
    for name in STAGES {
        let stage = run.stage(1, name);
        match stage.verified_status(&inputs(name)) {
            Status::Done(_) => diary.reused.push(name),
            _ => write(&run, &stage, &events, diary)?,
        }
    }
    Ok(())
}

fn write(run: &RunWriter, stage: &Stage, events: &store::EventLog, diary: &mut Diary) -> Result<()> {
    let mut draft = run.begin(stage, &inputs(stage.name()))?;
    match stage.name() {
        "asked" => draft.file("parquet", b"tasks")?,
        "attempted" => write_parts(&mut draft, diary)?,
        "learned" => draft.folder(&[("config.json", b"{}"), ("model.safetensors", &[7; 500])])?,
        _ => draft.json(&json!({"accuracy": 0.5}))?,
    }
    let seconds = std::time::SystemTime::now().elapsed().map_or(0.0, |passed| passed.as_secs_f64());
    events.append(&json!({"stage": stage.name(), "timing": {"seconds": seconds}}))?;
    events.sync()?;
    draft.commit(json!({"items": 12}), json!({"seconds": seconds})).map(drop)
}

fn write_parts(draft: &mut store::Draft, diary: &mut Diary) -> Result<()> {
    diary.kept = u32::try_from(draft.kept().len()).unwrap_or(u32::MAX);
    for number in 0..PARTS {
        if !draft.kept().contains_key(&number) {
            draft.beside("trees", number, &[1; 40])?;
            draft.part(number, &part(number), json!({"attempts": number}))?;
        }
        diary.parts += 1;
    }
    Ok(())
}

pub(crate) fn part(number: u32) -> Vec<u8> {
    vec![u8::try_from(number).unwrap_or(0); 300]
}

/// A whole run and the path it is at.
pub(crate) fn finished() -> (tempfile::TempDir, std::path::PathBuf) {
    let home = folder();
    let path = home.path().join("run");
    work(Disk::real(), &path, &mut Diary::default()).expect("nothing is in the way");
    (home, path)
}
