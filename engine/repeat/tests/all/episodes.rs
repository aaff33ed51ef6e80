//! A run whose attempts are episodes in an environment.

use std::sync::Arc;

use store::{Disk, Failing, Faulty};

use crate::toy::{differing, resume, run, run_on};

const METHOD: &str = "tool-grpo";
/// Enough examples that some calls are made, and wrong ones among them.
const MORE: [&str; 2] = ["base.examples=600", "attempt.episode.turns=3"];

#[test]
fn a_run_of_episodes_keeps_its_turns_and_a_killed_one_ends_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, killed) = (folder.path().join("whole/run"), folder.path().join("killed/run"));
    run(METHOD, &MORE, &whole).expect("a whole run");
    let attempted = whole.join("round-001/attempted");
    let parts = std::fs::read_dir(&attempted).expect("a folder").map(|entry| entry.expect("a file").path());
    let parts = parts.filter(|path| path.extension().is_some_and(|kind| kind == "parquet"));
    let traces: Vec<nouns::Trace> = parts.flat_map(|path| store::read_traces(&path).expect("traces")).collect();
    assert_eq!(traces.len(), 32);
    for trace in &traces {
        let episode = trace.episode.as_ref().expect("an episode");
        let tokens: u32 = episode.turns.iter().map(|turn| turn.drawn + turn.observed).sum();
        assert_eq!((tokens as usize, trace.log_probs.len()), (trace.tokens.len(), trace.tokens.len()));
        assert!(episode.turns.len() <= 3 && trace.tokens.len() <= 24);
    }
    let several = traces.iter().filter(|trace| trace.episode.as_ref().is_some_and(|one| one.turns.len() > 1)).count();
    assert!(several > 0, "nobody called the calculator");
    for at in [40, 60] {
        let faulty = Arc::new(Faulty::new(Failing::Kill, at));
        assert!(run_on(Disk::faulty(faulty), METHOD, &MORE, &killed).is_err(), "killed at operation {at}");
        resume(&killed).expect("resumed");
        assert_eq!(differing(&whole, &killed), Vec::<String>::new(), "killed at operation {at}");
        std::fs::remove_dir_all(&killed).expect("removed");
    }
}
