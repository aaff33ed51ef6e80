//! Claims as inequalities between arms: stopped and gone on with, and several seeds at a time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use events::Bus;
use faults::{Code, Outcome};
use repeat::DeviceKind;
use reproduce::{Machine, Record, Reproduce};

/// Two arms small enough for a test. The base model is the same in both: what is replayed among
/// lessons makes no other.
const PLAN: &str = r#"
paper = "nobody, arXiv 0000.00000"
on    = "arithmetic"
seeds = [3, 4]
set   = ["base.width=16", "base.layers=1", "base.heads=2", "base.feed_forward=32", "base.examples=200", "ask.tasks.limit=6", "repeat.rounds=1"]
quick = ["base.examples=100"]

[arms.few]
recipe = "rest-em"
set    = ["attempt=[{ sample = { per_task = 2, max_tokens = 12 } }]", "base.replay=0.5"]
budget = "1Mtok"

[arms.many]
recipe = "rest-em"
set    = ["attempt=[{ sample = { per_task = 4, max_tokens = 12 } }]"]

[[premises]]
says   = "a share"
figure = { arm = "few", metric = "accuracy on arithmetic/test", round = 0 }
above  = 0.0
below  = 1.0

[[claims]]
says   = "more is better"
better = { arm = "many", metric = "accuracy on arithmetic/test" }
than   = { arm = "few", metric = "accuracy on arithmetic/test" }
"#;

/// Runs it; `stop_at` stops at the so-manieth arm.
fn reproduce(root: &Path, jobs: usize, quick: bool, stop_at: Option<usize>) -> Outcome<Record> {
    let asked = Reproduce { name: "toy", source: PLAN, quick, jobs, root, data: root, machine: Machine::default() };
    let (stop, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    let told = |_: &str| {
        let arms = begun.fetch_add(1, Ordering::Relaxed) + 1;
        stop.fetch_or(stop_at == Some(arms), Ordering::Relaxed);
    };
    asked.run(&stop, &told, &silently)
}

fn silently(use_bus: &mut dyn FnMut(&mut Bus) -> Outcome<()>) -> Outcome<()> {
    use_bus(&mut Bus::silent())
}

/// A record without what the clock and the number of jobs decide.
fn timeless(mut record: Record) -> Record {
    (record.seconds, record.jobs) = (0.0, 1);
    record.arms.values_mut().flat_map(|arm| &mut arm.seeds).for_each(|seed| seed.seconds = 0.0);
    record
}

#[test]
fn a_reproduction_that_was_stopped_goes_on_to_the_same_record_and_so_do_several_jobs() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = |name: &str| folder.path().join(name);
    let whole = timeless(reproduce(&root("whole"), 1, false, None).expect("a record"));
    assert_eq!((whole.claims.len(), whole.arms["few"].seeds.len(), whole.premises[0].values.len()), (1, 2, 2));
    for jobs in [1, 2] {
        let root = root(&format!("stopped-{jobs}"));
        let stopped = reproduce(&root, jobs, false, Some(3)).expect_err("it was stopped");
        assert_eq!(stopped.code(), Code::Interrupted);
        let gone_on = reproduce(&root, 3 - jobs, false, None).expect("a record");
        assert!(gone_on.seconds > 0.0, "what was done before counts");
        assert_eq!(timeless(gone_on), whole);
    }
    assert_eq!(timeless(reproduce(&root("jobs"), 3, false, None).expect("a record")), whole);
}

#[test]
fn a_plan_may_name_what_its_numbers_are_crunched_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = format!("device = \"cpu-bf16\"\n{PLAN}");
    let asked = Reproduce {
        name: "toy",
        source: &source,
        quick: true,
        jobs: 1,
        root: folder.path(),
        data: folder.path(),
        machine: Machine::default(),
    };
    let record = asked.run(&AtomicBool::new(false), &|_| {}, &silently).expect("a record");
    assert_eq!(record.device, DeviceKind::CpuBf16);
    let runs = std::fs::read_dir(folder.path().join("toy")).expect("runs");
    let environments =
        runs.map(|run| std::fs::read_to_string(run.expect("a run").path().join("environment.json")).expect("one"));
    let rounded: Vec<bool> = environments.map(|text| text.contains("\"device\": \"cpu-bf16\"")).collect();
    assert_eq!(rounded, [true, true], "every arm");
}

#[test]
fn a_record_is_stale_once_an_arm_or_a_claim_is_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = reproduce(folder.path(), 1, false, None).expect("a record");
    let why = |source: &str| reproduce::stale(&record, source).expect("a plan");
    assert_eq!(why(PLAN), None);
    let changed = why(&PLAN.replace("per_task = 4", "per_task = 3")).expect("stale");
    assert!(changed.contains("many") && !changed.contains("few"), "{changed}");
    let claims = why(&PLAN.replace("more is better", "more is worse")).expect("stale");
    assert!(claims.contains("claims"), "{claims}");
    let mut unnamed = record.clone();
    unnamed.arms.values_mut().for_each(|arm| arm.made_by = None);
    assert!(reproduce::stale(&unnamed, PLAN).expect("a plan").is_some());
}

#[test]
fn a_quick_try_takes_one_seed_and_its_own_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = reproduce(folder.path(), 1, true, None).expect("a record");
    assert_eq!((record.quick, &record.seeds, record.arms["many"].seeds.len()), (true, &vec![3], 1));
    let tokens = |record: &Record| record.arms["few"].seeds[0].tokens;
    assert!(tokens(&record) < tokens(&reproduce(&folder.path().join("whole"), 1, false, None).expect("a record")));
}
