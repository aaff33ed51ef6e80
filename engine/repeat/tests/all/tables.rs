//! The table of models: what each is, what it shares, and what it learns from.

use std::path::Path;

use faults::Code;
use repeat::{Recipe, Source};

use crate::toy::{differing, resume, run, small};

/// A method whose policy imitates its successes, with models beside it.
fn with(models: &[&str], out: &Path) -> faults::Outcome<repeat::Ending> {
    let few = ["repeat.rounds=2", "repeat.gate=always"];
    run("rest-em", &[&few[..], models].concat(), out)
}

/// The files of the folder in which a model learned.
fn files(out: &Path, stage: &str) -> Vec<String> {
    let folder = std::fs::read_dir(out.join(stage)).expect("a folder");
    let mut names: Vec<String> =
        folder.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn weights(out: &Path, stage: &str) -> Vec<u8> {
    std::fs::read(out.join(stage).join("adapter_model.safetensors")).expect("an adapter")
}

/// Two adapters over one body, the base model: one learns from its own attempts, the other from the
/// policy's.
const TWO: [&str; 2] = [
    "models.writer={ lora = 2, attempt = [{ sample = { per_task = 2, max_tokens = 12 } }], learn = { imitate = { lr = 0.05 } } }",
    "models.longer={ lora = 2, learn = { imitate = { lr = 0.05 } } }",
];

#[test]
fn two_adapters_over_one_body_each_learn_from_their_own_lessons_and_are_kept_as_adapters() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    with(&TWO, &out).expect("a run");
    for (stage, own) in [("writer", true), ("longer", false)] {
        let learned = |round: u32| format!("round-{round:03}/learned-{stage}");
        let kept = files(&out, &learned(1));
        assert!(kept.iter().any(|file| file == "adapter_model.safetensors"), "{kept:?}");
        assert!(!kept.iter().any(|file| file == "model.safetensors"), "the body is the base model's: {kept:?}");
        assert_ne!(weights(&out, &learned(1)), weights(&out, &learned(2)), "{stage} goes on learning");
        assert_eq!(out.join(format!("round-001/attempted-{stage}")).exists(), own, "{stage}");
    }
    assert_ne!(weights(&out, "round-001/learned-writer"), weights(&out, "round-001/learned-longer"));

    let traces =
        |stage: &str| store::read_traces(&out.join(format!("round-002/{stage}/part-0000.parquet"))).expect("attempts");
    let own = traces("attempted-writer");
    assert!(own.iter().all(|trace| trace.model_name == "writer" && trace.id.starts_with("writer/")));
    assert!(traces("attempted").iter().all(|trace| trace.model_name == "policy"));
    let taught = store::read_candidates(&out.join("round-002/chosen-writer.parquet")).expect("candidates");
    assert!(
        !taught.is_empty() && taught.iter().all(|one| one.trace.model_name == "writer"),
        "its own attempts teach it"
    );
    let before = store::read_traces(&out.join("round-001/attempted-writer/part-0000.parquet")).expect("attempts");
    assert_ne!(before[0].model, own[0].model, "it attempts as what it has learned to be");
}

#[test]
fn a_killed_run_with_adapters_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole/run");
    with(&TWO, &whole).expect("a run");
    let more = [&["repeat.rounds=2", "repeat.gate=always"][..], &TWO].concat();
    let in_the_middle = |operations: u64| {
        let killed = folder.path().join(format!("killed-{operations}/run"));
        let faulty = std::sync::Arc::new(store::Faulty::new(store::Failing::Kill, operations));
        let ended = crate::toy::run_on(store::Disk::faulty(faulty), "rest-em", &more, &killed);
        let began = killed.join("round-001/learned-writer").exists();
        (ended.is_err() && began && !killed.join("round-002/measured.json").exists()).then_some(killed)
    };
    let killed = (60..400).step_by(30).find_map(in_the_middle).expect("a run that was killed in the middle");
    resume(&killed).expect("resumed");
    assert_eq!(differing(&whole, &killed), Vec::<String>::new());
    let answer = repeat::Answerer::open(&killed).expect("a run with adapters").answer(&["7 + 5".into()], 1, 1.0);
    assert_eq!(answer.expect("an answer").len(), 1);
}

#[test]
fn a_model_may_be_another_a_folder_or_made_from_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = folder.path().join("first");
    with(&[], &first).expect("a run");
    let judge = first.join("round-001/learned").display().to_string();
    let models = [
        &format!("models.judge={{ is = \"{judge}\" }}")[..],
        "models.other={ is = \"fresh\" }",
        "models.itself={ is = \"policy\" }",
        r#"check=["verify", { judge = { model = "judge" } }]"#,
        r#"measure=["accuracy", { drift = { model = "other" } }, { drift = { model = "itself" } }]"#,
        "choose=[\"dedupe\"]",
    ];
    let out = folder.path().join("out");
    let ending = with(&models, &out).expect("a run");
    assert!(out.join("round-000/made-other/model.safetensors").is_file());
    let drift = |round: usize, of: &str| ending.rounds[round].metrics[&format!("drift from {of} on arithmetic/test")];
    assert_eq!(drift(0, "itself"), 0.0, "the policy is itself");
    assert!(drift(2, "other").abs() > 1e-3, "other random weights find other things likely: {}", drift(2, "other"));
    let checked = store::read_verdicts(&out.join("round-001/checked.parquet")).expect("verdicts");
    let names: Vec<&str> = checked[0].judgement.components.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["verify", "judge"]);
}

#[test]
fn models_that_write_tasks_and_criticise_are_inputs_of_what_they_help_to_make() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let asks =
        "ask={ inventing = { model = \"writer\", limit = 8, invented = 4, shown = 2, count = 2, max_tokens = 12 } }";
    let refines = "ways.refined=[{ refine = { critic = \"writer\", rounds = 1, max_tokens = 8 } }]";
    with(&[TWO[0], asks, refines], &out).expect("a run");
    let inputs = |stage: &str| {
        let text = std::fs::read_to_string(out.join(format!("round-002/{stage}.manifest.json"))).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest.to_string()
    };
    for stage in ["asked", "measured"] {
        assert!(inputs(stage).contains("model writer"), "{stage}: {}", inputs(stage));
    }
    assert!(!inputs("attempted").contains("model writer"), "the policy's own samples ask nobody");
    let measured = std::fs::read_to_string(out.join("round-002/measured.json")).expect("scores");
    assert!(measured.contains("answers by refined"), "{measured}");
    assert_eq!(store::read_tasks(&out.join("round-002/asked.parquet")).expect("tasks").len(), 8);
}

#[test]
fn what_cannot_be_is_refused_before_a_folder_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let refused = |models: &[&str]| {
        let failure = with(models, &out).expect_err("refused");
        assert!(failure.hint().is_some(), "{failure}");
        (failure.code(), failure.to_string())
    };
    let (code, what) = refused(&["models.judge={ is = \"https://host:8000/v1\" }"]);
    assert!(code == Code::Recipe && what.contains("https://host:8000/v1"), "{what}");
    let far = |more: &str| format!("models.judge={{ is = \"https://host/v1\"{more} }}");
    let (_, what) = refused(&[&far(", learn = { imitate = {} }")]);
    assert!(what.contains("as they were drawn"), "{what}");
    let (_, what) = refused(&[&far(""), "check=[{ judge = { model = \"judge\" } }]"]);
    assert!(what.contains("probabilities of what it could say"), "{what}");
    let (_, what) = refused(&[&far(""), "check=[{ judge = { model = \"judge\", by = \"score\" } }]"]);
    assert!(what.contains("cannot be asked yet"), "{what}");
    assert_eq!(refused(&["models.a={ is = \"b\" }", "models.b={ is = \"a\" }"]).0, Code::Recipe);
    assert_eq!(refused(&["models.a={ is = \"nobody\" }"]).0, Code::Recipe);
    assert_eq!(refused(&["models.a={ lora = 4 }"]).0, Code::Recipe);
    assert_eq!(refused(&["models.policy={ lora = 4 }"]).0, Code::Recipe);
    assert_eq!(refused(&["check=[{ judge = { model = \"nobody\" } }]"]).0, Code::Recipe);
    assert_eq!(refused(&["models.a={ is = \"./nowhere\" }"]).0, Code::Model);
    let critic = "[{ refine = { critic = \"nobody\" } }]";
    for asking in
        [format!("attempt={critic}"), format!("ways.other={critic}"), format!("models.a={{ begin = {critic} }}")]
    {
        let (code, what) = refused(&[&asking]);
        assert!(code == Code::Recipe && what.contains("`nobody`"), "{asking}: {what}");
    }
    assert_eq!(refused(&["ask={ inventing = { model = \"nobody\" } }"]).0, Code::Recipe);
    let (_, what) = refused(&["models.a={ lora = 4, learn = { imitate = { lora_rank = 2 } } }"]);
    assert!(what.contains("lora.rank"), "{what}");
    assert!(!out.exists());
}

#[test]
fn a_run_folder_with_former_names_of_settings_has_nothing_to_do_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    run("self-rewarding", &["base.abstain=0.1", "repeat.rounds=1"], &out).expect("a run");
    let path = out.join("recipe.toml");
    let text = std::fs::read_to_string(&path).expect("a recipe");
    let former = text.replace("model = \"judge\"", "role = \"judge\"").replace("abstain", "give_up");
    assert!(text.matches("model = \"judge\"").count() > 1 && former.contains("give_up"), "{text}");
    let inputs = |stage: &str| {
        let text = std::fs::read_to_string(out.join(format!("round-{stage}.manifest.json"))).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest["inputs"]["recipe"].to_string()
    };
    assert!(inputs("001/checked").contains(r#""role":"judge""#) && inputs("000/learned").contains(r#""give_up":0.1"#));
    let manifest = std::fs::read(out.join("round-001/checked.manifest.json")).expect("a manifest");
    std::fs::write(&path, former).expect("written");
    let left: Vec<_> = repeat::why(&out).expect("a run").into_iter().filter(|line| !line.done).collect();
    assert!(left.is_empty(), "{left:?}");
    resume(&out).expect("resumed");
    assert_eq!(std::fs::read(out.join("round-001/checked.manifest.json")).expect("a manifest"), manifest);
}

#[test]
fn what_older_recipes_call_roles_is_read_with_a_hint() {
    let old = "paper = \"nobody\"\nattempt = [\"sample\"]\ncheck = [{ critic = { role = \"base\" } }]\n[roles.base]\n";
    let settings = ["roles.base.per_token=true".to_owned()];
    let read = Recipe::with_settings("old", old, &settings).expect("a recipe");
    let (recipe, toml, hints) = (read.value, read.text, read.keys);
    assert!(recipe.models["base"].per_token && recipe.models["base"].is == Source::Base);
    assert!(toml.contains("models = ") || toml.contains("[models"), "{toml}");
    assert!(hints.len() == 1 && hints[0].contains("`models`"), "{hints:?}");
    assert!(Recipe::with_settings("old", &toml, &[]).expect("a recipe").keys.is_empty());
    assert!(small("v-star", &[]).0.models.contains_key("verifier"));
}
