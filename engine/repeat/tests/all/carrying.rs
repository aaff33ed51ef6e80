//! What goes on from round to round: to the bit, also over a kill.

use std::sync::Arc;

use crate::toy::{differing, resume, run, run_on};

/// Every way to go on, in one recipe or another.
const WAYS: [(&str, &[&str]); 6] = [
    ("expert-iteration", &["repeat.carry=optimizer", "attempt.sample.max_tokens=30"]),
    (
        "expert-iteration",
        &["repeat.carry=schedule", "learn.imitate.optimizer.rule=adafactor", "learn.imitate.optimizer.freeze=1"],
    ),
    ("expert-iteration", &["learn.lora.rank=2", "repeat.carry=schedule", "repeat.gate=always"]),
    ("grpo", &["learn.lora.rank=2", "repeat.average=0.5", "repeat.soup=1", "repeat.gate=always"]),
    ("iterative-dpo", &["repeat.average=0.5", "learn.prefer.reference=average", "repeat.gate=always"]),
    (
        "grpo",
        &[
            "repeat.soup=1",
            "learn.policy_gradient.optimizer.layer_decay=0.5",
            "learn.policy_gradient.optimizer.rule=muon",
        ],
    ),
];

#[test]
fn a_killed_run_goes_on_with_what_it_carried() {
    for (name, more) in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let (whole, killed) = (folder.path().join("whole/run"), folder.path().join("killed/run"));
        run(name, more, &whole).unwrap_or_else(|failure| panic!("{name} {more:?}: {failure:?}"));
        let faulty = Arc::new(store::Faulty::new(store::Failing::Kill, 75));
        assert!(run_on(store::Disk::faulty(faulty), name, more, &killed).is_err(), "{name}: it was to be killed");
        resume(&killed).unwrap_or_else(|failure| panic!("{name} {more:?}: {failure:?}"));
        assert_eq!(differing(&whole, &killed), Vec::<String>::new(), "{name} {more:?}");
    }
}

#[test]
fn an_adapter_goes_on_alone_over_the_base() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let more = ["learn.lora.rank=2", "attempt.sample.max_tokens=30", "repeat.gate=always", "repeat.carry=optimizer"];
    run("expert-iteration", &more, &out).expect("a run");
    for round in [1, 2] {
        let learned = out.join(format!("round-00{round}/learned"));
        assert!(learned.join("adapter_model.safetensors").is_file() && learned.join("optimizer.safetensors").is_file());
        assert!(!learned.join("model.safetensors").exists() && !learned.join("tokenizer.json").exists());
        let update: nouns::Update = store::read_json(&learned.join("update.json")).expect("an update");
        let opened = checkpoint::open_model(&learned, repeat::DeviceKind::Cpu).expect("a model");
        assert_eq!(opened.digest, update.to, "the folder is the model that was measured");
    }
    assert!(out.join("round-000/learned/model.safetensors").is_file());
}

#[test]
fn what_the_optimizer_remembers_is_kept_only_where_it_goes_on() {
    for (carry, kept) in [("weights", false), ("optimizer", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("run");
        let more = [&*format!("repeat.carry={carry}"), "attempt.sample.max_tokens=30", "repeat.gate=always"];
        run("expert-iteration", &more, &out).expect("a run");
        assert_eq!(out.join("round-002/learned/optimizer.safetensors").is_file(), kept, "{carry}");
    }
}
