//! What goes on from round to round: to the bit, also over a kill.

use std::sync::Arc;

use crate::toy::{differing, resume, run, run_on};

/// Every way to go on, in one recipe or another.
const WAYS: [(&str, &[&str]); 4] = [
    ("expert-iteration", &["repeat.carry=optimizer", "attempt.sample.max_tokens=30"]),
    (
        "expert-iteration",
        &["repeat.carry=schedule", "learn.imitate.optimizer.rule=adafactor", "learn.imitate.optimizer.freeze=1"],
    ),
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
fn what_the_optimizer_remembers_is_kept_only_where_it_goes_on() {
    for (carry, kept) in [("weights", false), ("optimizer", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("run");
        let more = [&*format!("repeat.carry={carry}"), "attempt.sample.max_tokens=30", "repeat.gate=always"];
        run("expert-iteration", &more, &out).expect("a run");
        assert_eq!(out.join("round-002/learned/optimizer.safetensors").is_file(), kept, "{carry}");
    }
}
