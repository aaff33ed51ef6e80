//! By what a run's result is graded, and what happens where nothing can be.

use std::path::Path;

use faults::{Code, Outcome};
use repeat::Ending;

use crate::toy::{options, small};

/// A data file of sums whose answers are not given, and a small model that can answer it in some
/// way.
fn without_answers(folder: &Path, more: &[&str]) -> Outcome<Ending> {
    let base = folder.join("base");
    if !base.exists() {
        crate::toy::run("expert-iteration", &["repeat.rounds=1"], &base).expect("a model");
    }
    let data = folder.join("sums.jsonl");
    let line = |n: u32| format!("{{\"question\": \"{n} + {} =\"}}\n", n % 7);
    std::fs::write(&data, (0..40).map(line).collect::<String>()).expect("a file");
    let words = ["check=[\"majority\"]", "attempt.sample.max_tokens=8"];
    let (recipe, toml) = small("expert-iteration", &[&words[..], more].concat());
    let asked = repeat::Options {
        on: data.display().to_string(),
        model: Some(base.join("round-000/learned")),
        ..options("expert-iteration", &recipe)
    };
    let out = folder.join(format!("run-{}", more.join("-").len()));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let place = store::Place::Exactly(&out);
    repeat::start(&recipe, &toml, &asked, place, &mut events::Bus::silent(), &stop)
}

#[test]
fn without_reference_answers_nothing_is_promoted_unless_a_grade_is_named_or_every_round_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = without_answers(folder.path(), &[]).expect("a run");
    assert_eq!((refused.best_round, refused.learned), (0, false), "{:?}", refused.why);
    assert!(refused.why.iter().any(|line| line.contains("nothing could be compared")), "{:?}", refused.why);
    assert!(refused.rounds[1..].iter().all(|round| round.promoted == Some(false)));

    let kept = without_answers(folder.path(), &["repeat.gate=always"]).expect("a run");
    assert_eq!((kept.best_round, kept.learned), (2, false), "{:?}", kept.why);

    let graded =
        without_answers(folder.path(), &["grade=[{ judge = { prompt = \"{{ answer }}\" } }]", "repeat.gate=not-worse"])
            .expect("a run");
    let rewards = graded.rounds.iter().filter(|round| round.metrics.keys().any(|name| name.starts_with("reward on")));
    assert_eq!(rewards.count(), 3, "a mean grade is no accuracy: {:?}", graded.rounds[0].metrics);
    assert_eq!(graded.graded_by, "`judge`");
    assert!(graded.why.iter().any(|line| line.contains("graded by `judge`")), "{:?}", graded.why);
    let compared = |round: &repeat::RoundSummary| round.gate.as_ref().is_some_and(|why| why.contains("held-out tasks"));
    assert!(graded.rounds[1..].iter().all(compared), "{:?}", graded.rounds[1].gate);
}

#[test]
fn a_grade_that_one_answer_cannot_be_given_or_that_learns_itself_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |name: &str, grade: &str| {
        crate::toy::run(name, &[grade], &folder.path().join("run")).expect_err("a grade that does not fit").code()
    };
    assert_eq!(refused("expert-iteration", "grade=[\"majority\"]"), Code::Recipe);
    assert_eq!(refused("v-star", "grade=[{ critic = { model = \"verifier\" } }]"), Code::Recipe);
    assert!(!folder.path().join("run").exists());
}

#[test]
fn components_are_kept_beside_the_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let check = r#"check=[{ weighted = { of = { correct = { check = "verify" }, liked = { check = "judge", weight = 0.25 } } } }]"#;
    let ending = crate::toy::run("rloo", &[check, "repeat.rounds=1"], &out).expect("a run");
    let facts = &ending.rounds[1].facts;
    assert!(facts.contains_key("reward of correct") && facts.contains_key("reward of liked"), "{facts:?}");
    let checked = store::read_verdicts(&out.join("round-001/checked.parquet")).expect("verdicts");
    for row in &checked {
        let rewards = row.judgement.components.iter().filter_map(|one| Some(one.weight * one.verdict.reward()?));
        let names: Vec<&str> = row.judgement.components.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["correct", "liked"]);
        assert_eq!(row.judgement.verdict.reward(), Some(rewards.sum()));
    }
    let answer = repeat::Answerer::open(&out).expect("a run").answer(&["7 + 5".into()], 1, 1.0).expect("an answer");
    assert_eq!(answer[0].components.len(), 2, "{:?}", answer[0]);
}

#[test]
fn other_reference_answers_in_the_same_file_are_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base");
    crate::toy::run("expert-iteration", &["repeat.rounds=1"], &base).expect("a model");
    let data = folder.path().join("sums.jsonl");
    let write = |wrong: u32| {
        let line = |n: u32| format!("{{\"question\": \"{n} + 3 =\", \"answer\": \"{}\"}}\n", n + 3 + wrong);
        std::fs::write(&data, (0..40).map(line).collect::<String>()).expect("a file");
    };
    write(0);
    let (recipe, toml) = small("expert-iteration", &["attempt.sample.max_tokens=8"]);
    let asked = repeat::Options {
        on: data.display().to_string(),
        model: Some(base.join("round-000/learned")),
        ..options("expert-iteration", &recipe)
    };
    let (out, stop) = (folder.path().join("run"), std::sync::atomic::AtomicBool::new(false));
    repeat::start(&recipe, &toml, &asked, store::Place::Exactly(&out), &mut events::Bus::silent(), &stop)
        .expect("a run");
    assert!(repeat::why(&out).expect("lines").iter().all(|line| line.done));
    write(1);
    let lines = repeat::why(&out).expect("lines");
    let next = lines.iter().find(|line| !line.done).expect("a stage that would run");
    assert_eq!(next.stage, "measured", "the base model's scores are by the old answers");
    assert!(next.reason.as_ref().is_some_and(|reason| reason.contains("outside")), "{next:?}");
}
