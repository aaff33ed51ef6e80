//! What every recipe must keep.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::Bus;
use nouns::{Teaching, Verdict};
use repeat::Recipe;

use crate::toy::{differing, resume, run, small};

fn recipes() -> impl Iterator<Item = (&'static str, &'static str)> {
    repeat::library().iter().copied()
}

#[test]
fn every_recipe_cites_a_paper_and_says_what_it_is() {
    for (name, source) in recipes() {
        let recipe = repeat::read_recipe(name, source, &[]).expect(name).value;
        assert!(recipe.paper.contains("arXiv "), "{name}: {}", recipe.paper);
        let header = recipe::header(source);
        assert!(header.contains("Claim:") && header.contains("Differs from"), "{name}: {header}");
    }
}

#[test]
fn every_part_explains_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (verb, part) in Recipe::catalogue().iter().flat_map(|(verb, parts)| parts.iter().map(move |part| (verb, part)))
    {
        assert!(part.doc().trim().len() > 20, "{verb}: {} has no documentation", part.name());
        assert!(root.join(part.file()).is_file(), "{}: there is no {}", part.name(), part.file());
        for setting in part.settings() {
            assert!(!setting.doc.trim().is_empty() && !setting.source.is_empty(), "{}.{}", part.name(), setting.name);
        }
    }
}

#[test]
fn every_recipe_runs_two_rounds_and_a_killed_run_ends_the_same() {
    for (name, _) in recipes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (whole, killed) = (folder.path().join("whole/run"), folder.path().join("killed/run"));
        let ending = run(name, &[], &whole).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!(ending.rounds.len(), 3, "{name}: the base and two rounds");
        assert!(!ending.metrics.is_empty() && !ending.why.is_empty(), "{name}");
        // Somewhere in the middle: the fortieth operation of the disk never happens, nor anything after it.
        let faulty = std::sync::Arc::new(store::Faulty::new(store::Failing::Kill, 40));
        let stopped = crate::toy::run_on(store::Disk::faulty(faulty), name, &[], &killed);
        assert!(stopped.is_err(), "{name}: it was to be killed");
        resume(&killed).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!(differing(&whole, &killed), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn nothing_unsettled_is_taught_and_nothing_held_out() {
    for (name, _) in recipes() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("run");
        run(name, &[], &out).expect(name);
        let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
        for round in 1..=2 {
            let path = out.join(format!("round-{round:03}/chosen.parquet"));
            let chosen = if path.is_file() { store::read_candidates(&path).expect("candidates") } else { Vec::new() };
            for candidate in chosen {
                let id = &candidate.trace.id;
                assert!(!candidate.verdict.is_unsettled(), "{name}: {id}");
                if matches!(candidate.teaching, Teaching::Example | Teaching::Chosen { .. } | Teaching::Desirable) {
                    let judged = matches!(candidate.verdict, Verdict::Right | Verdict::Graded(_));
                    assert!(judged, "{name}: {id} is to become likelier");
                }
                let split = sources::split_of(&candidate.trace.task);
                assert_eq!(split, nouns::Split::Train, "{name}: {} of {}", candidate.trace.task, world.name());
            }
        }
    }
}

#[test]
fn only_recipes_that_learn_from_labels_are_handed_them() {
    for (name, _) in recipes() {
        let (recipe, _) = small(name, &[]);
        let unlabelled = [
            "self-consistency",
            "best-of-n",
            "tree-of-thoughts",
            "id-sampling",
            "sharpening",
            "sharpening-preference",
            "know-rl",
            "self-refine",
        ];
        assert_eq!(recipe.needs_oracle(), !unlabelled.contains(&name), "{name}");
    }
    let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
    let grants = check::Grants::new(world, None);
    assert!(check::CheckPart::Verify(check::Verify {}).build(&grants).is_err(), "labels without the grant");
    assert!(check::CheckPart::Majority(check::Majority::default()).build(&grants).is_ok());
}

#[test]
fn why_finds_everything_done_and_names_what_an_edit_touches() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    run("expert-iteration", &["attempt.sample.max_tokens=30"], &out).expect("a run");
    assert!(repeat::why(&out).expect("lines").iter().all(|line| line.done));
    let path = out.join("recipe.toml");
    let edited = std::fs::read_to_string(&path).expect("a recipe").replace("lr = 0.001", "lr = 0.002");
    std::fs::write(&path, edited).expect("written");
    let lines = repeat::why(&out).expect("lines");
    let next = lines.iter().find(|line| !line.done).expect("a stage that would run");
    assert_eq!((next.round, next.stage.as_str()), (1, "learned"), "the attempts are used again");
    assert!(next.reason.as_ref().is_some_and(|reason| reason.contains("lr")), "{next:?}");
    repeat::resume(&out, &mut Bus::silent(), &AtomicBool::new(false)).expect("resumed");
    assert!(repeat::why(&out).expect("lines").iter().all(|line| line.done));
}
