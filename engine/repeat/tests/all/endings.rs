//! How runs end: what the gate refuses, and what is said when nothing was learned.

use std::sync::atomic::AtomicBool;

use events::Bus;
use faults::Code;
use repeat::Budget;
use store::Place;

use crate::toy::{options, run, small};

#[test]
fn without_signal_nothing_is_learned_and_the_ending_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let ending = run("expert-iteration", &["attempt.sample.max_tokens=1"], &folder.path().join("run")).expect("a run");
    assert!(!ending.learned && ending.learns);
    assert!(ending.why.iter().any(|line| line.contains("every attempt was wrong")), "{:?}", ending.why);
}

#[test]
fn a_round_that_does_not_pass_the_gate_leaves_the_model_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    // Two rounds on a handful of tasks improve nothing surely, and this gate asks for that.
    let more = ["repeat.gate=better", "attempt.sample.max_tokens=20"];
    let ending = run("expert-iteration", &more, &folder.path().join("run")).expect("a run");
    assert_eq!((ending.best_round, ending.learned), (0, false), "{:?}", ending.why);
    assert!(ending.rounds[1..].iter().all(|round| round.promoted == Some(false)));
    assert!(ending.why.iter().any(|line| line.contains("the gate refused 2 of 2 rounds")), "{:?}", ending.why);
    assert_eq!(ending.metrics, ending.rounds[0].metrics, "the model in force is the base");
}

#[test]
fn what_is_reported_now_and_then_is_measured_of_the_base_and_at_the_end_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let reported = |every: &str| {
        let measures = r#"measure=["accuracy", { best_of = { k = 2 } }]"#;
        let more = ["repeat.rounds=3", "repeat.gate=always", measures, every];
        run("expert-iteration", &more, &folder.path().join(every)).expect("a run").rounds
    };
    let (always, seldom) = (reported("repeat.report_every=1"), reported("repeat.report_every=2"));
    let sampled = |round: &repeat::RoundSummary| round.metrics.contains_key("pass@2 on arithmetic/test");
    assert_eq!(always.iter().map(sampled).collect::<Vec<_>>(), [true; 4]);
    assert_eq!(seldom.iter().map(sampled).collect::<Vec<_>>(), [true, false, true, true]);
    let greedy = |round: &repeat::RoundSummary| round.metrics["accuracy on arithmetic/test"];
    assert_eq!(always.iter().map(greedy).collect::<Vec<_>>(), seldom.iter().map(greedy).collect::<Vec<_>>());
    assert_eq!(always[3].metrics, seldom[3].metrics);
}

#[test]
fn a_budget_of_tokens_ends_the_run_early() {
    let folder = tempfile::tempdir().expect("a folder");
    let (recipe, toml) = small("expert-iteration", &["repeat.rounds=50"]);
    let mut options = options("expert-iteration", &recipe);
    options.budget = Budget::parse("30ktok").expect("a budget");
    let out = folder.path().join("run");
    let stop = AtomicBool::new(false);
    let ending =
        repeat::start(&recipe, &toml, &options, Place::Exactly(&out), &mut Bus::silent(), &stop).expect("a run");
    assert!(
        ending.rounds.len() < 50 && ending.tokens < 40_000,
        "{} rounds, {} tokens",
        ending.rounds.len(),
        ending.tokens
    );
}

#[test]
fn tasks_of_a_hold_out_file_are_never_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
    let tasks = world.tasks(nouns::Split::Train).expect("tasks");
    let held: Vec<String> = tasks.iter().take(tasks.len() / 2).map(|task| task.id.clone()).collect();
    let file = folder.path().join("held.txt");
    std::fs::write(&file, held.join("\n")).expect("a file");
    let (recipe, toml) = small("expert-iteration", &["ask.tasks.limit=0", "attempt.sample.per_task=1"]);
    let mut options = options("expert-iteration", &recipe);
    options.hold_out = vec![file];
    let out = folder.path().join("run");
    let stop = AtomicBool::new(false);
    repeat::start(&recipe, &toml, &options, Place::Exactly(&out), &mut Bus::silent(), &stop).expect("a run");
    let asked = store::read_tasks(&out.join("round-001/asked.parquet")).expect("tasks");
    assert_eq!(asked.len(), tasks.len() - held.len());
    assert!(asked.iter().all(|task| !held.contains(&task.id)));
    let events = std::fs::read_to_string(out.join("events.jsonl")).expect("events");
    assert!(events.contains(&format!("\"dropped\":{}", held.len())), "the record counts them");
}

#[test]
fn what_must_not_be_forgotten_is_measured_and_never_trained_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let more = ["repeat.forgetting=arithmetic", "repeat.forgetting_tasks=400", "ask.tasks.limit=0"];
    let more = [&more[..], &["attempt.sample.per_task=1"]].concat();
    let ending = run("expert-iteration", &more, &out).expect("a run");
    let remembered = |round: &repeat::RoundSummary| round.metrics.contains_key("accuracy on arithmetic/forgetting");
    assert!(ending.rounds.iter().all(remembered), "{:?}", ending.rounds[0].metrics);
    let events = std::fs::read_to_string(out.join("events.jsonl")).expect("events");
    assert!(events.contains("the evaluation set arithmetic/forgetting"), "the record says who is held out for it");
    let elsewhere = run("expert-iteration", &["repeat.forgetting=game24"], &folder.path().join("no"));
    let failure = elsewhere.expect_err("a model that knows no word of it");
    assert_eq!(failure.code(), Code::Data, "{failure:?}");
}

#[test]
fn what_cannot_begin_is_refused_before_a_folder_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let refused = |more: &[&str]| run("expert-iteration", more, &out).expect_err("refused").code();
    assert_eq!(refused(&["base.width=65536", "base.layers=400"]), Code::Memory);
    assert_eq!(refused(&["attempt=[]"]), Code::Recipe);
    assert_eq!(refused(&["on=nowhere"]), Code::Data);
    assert!(!out.exists());
}

#[test]
fn a_choice_that_the_learner_cannot_execute_is_refused_before_anything_is_sampled() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let refused = run("dpo", &["choose=[\"keep_right\"]"], &out).expect_err("examples for a learner of pairs");
    let wanted = "`prefer` learns from pairs of answers, and this recipe's `choose` leaves answers to imitate";
    assert_eq!(refused.to_string(), wanted);
    assert!(!out.exists(), "no folder was made");
    assert!(run("dpo", &["base.replay=0.5"], &out).is_err(), "language among pairs");
}
