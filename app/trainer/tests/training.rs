//! The trainer without a loop: stopped anywhere, it goes on and ends in the same bytes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use checkpoint::{Model, model_files};
use choose::Advantages;
use faults::Outcome;
use networks::Decoder;
use nouns::{Key, Progress, Silent, Tick};
use repeat::{Base, shape_of_nothing};
use sources::rows::{Columns, Rows};
use store::Disk;
use trainer::{Checkpoints, Examples, Train, Trained, objective};

/// A model of the world's language, and examples of it.
fn set(folder: &Path) -> (PathBuf, PathBuf) {
    let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
    let small = Base { width: 16, layers: 1, heads: 2, key_value_heads: 1, feed_forward: 32, ..Base::default() };
    let (config, tokens) = shape_of_nothing(&small, world.as_ref()).expect("a shape");
    let device = networks::device(networks::DeviceKind::Cpu).expect("the processor");
    let decoder = Decoder::random(config, &Key::root(1).of("weights"), &device);
    let files = model_files(&Model::new(0, decoder, tokens, device)).expect("files");
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let model = folder.join("model");
    Disk::real().write_folder(&model, &files).expect("written");
    let line = |number: u64| {
        let example =
            world.language().expect("a language").example(&Key::root(5).at(number), &|_| false).expect("an example");
        let prompt = example.prompt.iter().map(|turn| turn.content.as_text()).collect::<String>();
        format!("{}\n", serde_json::json!({ "prompt": prompt, "completion": example.response }))
    };
    let data = folder.join("data.jsonl");
    std::fs::write(&data, (0..40).map(line).collect::<String>()).expect("written");
    (model, data)
}

fn train(model: &Path, out: &Path, checkpoints: &Path, settings: &[&str]) -> Train {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let (name, settings) = match settings.split_first() {
        Some((first, rest)) if !first.contains('=') => (first.as_str(), rest),
        _ => ("imitate", settings.as_slice()),
    };
    Train {
        device: networks::DeviceKind::Cpu,
        part: objective(name, settings).expect("a learner"),
        advantages: Advantages::default(),
        adapter: None,
        model: model.to_owned(),
        reference: None,
        seed: 3,
        out: Some(out.to_owned()),
        held_share: 0.25,
        evaluate_every: 4,
        checkpoints: Some(Checkpoints { folder: checkpoints.to_owned(), every: 3 }),
    }
}

fn go(train: &Train, data: &Path, progress: &dyn Progress) -> Outcome<Trained> {
    train.run(Examples::of(Rows::open(data, &Columns::default()).expect("rows")), progress)
}

/// Asks to stop after a number of steps.
struct Stop(AtomicU64);

impl Progress for Stop {
    fn tick(&self, _: Tick) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

#[test]
fn a_training_that_was_stopped_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (model, data) = set(folder.path());
    let adapter = ["lora.rank=2", "lora.dropout=0.1", "lora.targets=q_proj,down_proj"];
    for (number, (optimizer, lora)) in
        [("adamw", &[][..]), ("muon", &[]), ("adafactor", &[]), ("sgd", &[]), ("adamw", &adapter)]
            .into_iter()
            .enumerate()
    {
        let optimizer = format!("optimizer.rule={optimizer}");
        let settings = [&["epochs=3", "batch.size=6", &*optimizer], lora].concat();
        let (whole, cut) = (at(&format!("whole-{number}")), at(&format!("cut-{number}")));
        let plain = train(&model, &whole, &at(&format!("a-{number}")), &settings);
        let trained = go(&plain, &data, &Silent).expect("a training");
        assert_eq!((trained.update.steps.len(), trained.held), (15, 10));
        let seen: Vec<u32> = trained.evaluations.iter().map(|evaluation| evaluation.step).collect();
        assert_eq!(seen, [0, 4, 8, 12, 15]);
        let stopped = train(&model, &cut, &at(&format!("b-{number}")), &settings);
        for steps in [1, 4, 5] {
            assert!(go(&stopped, &data, &Stop(AtomicU64::new(steps))).is_err(), "it was to be stopped");
        }
        assert_eq!(go(&stopped, &data, &Silent).expect("the rest"), trained, "{optimizer}");
        let differing = store::differing_files(&whole, &cut, |value| value).expect("two folders");
        assert_eq!(differing, Vec::<String>::new(), "{optimizer}");
    }
}

#[test]
fn a_teacher_that_follows_the_student_goes_on_from_the_checkpoint_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (model, data) = set(folder.path());
    let settings = ["distill", "epochs=2", "batch.size=6", "average=0.8", "future=1", "nll=0.5"];
    let trained = go(&train(&model, &at("whole"), &at("a"), &settings), &data, &Silent).expect("a training");
    let stopped = train(&model, &at("cut"), &at("b"), &settings);
    assert!(go(&stopped, &data, &Stop(AtomicU64::new(5))).is_err(), "it was to be stopped");
    assert_eq!(go(&stopped, &data, &Silent).expect("the rest"), trained);
    assert_eq!(store::differing_files(&at("whole"), &at("cut"), |value| value).expect("folders"), Vec::<String>::new());
}

#[test]
fn what_a_reference_says_is_stored_and_not_asked_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (model, data) = set(folder.path());
    let pairs = std::fs::read_to_string(&data).expect("examples").lines().fold(String::new(), |all, line| {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let pair = serde_json::json!({ "prompt": row["prompt"], "chosen": row["completion"], "rejected": "0" });
        format!("{all}{pair}\n")
    });
    std::fs::write(&data, pairs).expect("written");
    let settings = ["prefer", "epochs=2", "batch.size=6"];
    let trained = go(&train(&model, &at("whole"), &at("a"), &settings), &data, &Silent).expect("a training");
    let stopped = train(&model, &at("cut"), &at("b"), &settings);
    assert!(go(&stopped, &data, &Stop(AtomicU64::new(4))).is_err(), "it was to be stopped");
    let file = at("b").join("reference/log_probs.f32");
    let said = std::fs::read(&file).expect("what the reference said");
    assert_eq!(go(&stopped, &data, &Silent).expect("the rest"), trained);
    assert_eq!(std::fs::read(&file).expect("still there"), said);
    // What is stored is what is used: with other numbers the same training goes another way.
    let other = train(&model, &at("other"), &at("c"), &settings);
    assert!(go(&other, &data, &Stop(AtomicU64::new(1))).is_err(), "it was to be stopped");
    std::fs::write(at("c").join("reference/log_probs.f32"), vec![0; said.len()]).expect("written");
    assert_ne!(go(&other, &data, &Silent).expect("the rest").update.to, trained.update.to);
}

#[test]
fn another_file_has_its_share_of_what_is_learned() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, data) = set(folder.path());
    let open = || Rows::open(&data, &Columns::default()).expect("rows");
    let plain = Train {
        out: None,
        held_share: 0.0,
        ..train(&model, folder.path(), &folder.path().join("c"), &["optimizer.max_steps=1"])
    };
    let plain = Train { checkpoints: None, ..plain };
    let lessons = |shares: &[f64]| {
        let others = shares.iter().map(|share| (open(), *share)).collect();
        plain.run(Examples { others, ..Examples::of(open()) }, &Silent).map(|trained| trained.update.lessons)
    };
    assert_eq!(lessons(&[]).expect("a training"), 40);
    assert_eq!(lessons(&[0.2]).expect("a training"), 50, "10 of 50 are a fifth");
    assert_eq!(lessons(&[0.25, 0.5]).expect("a training"), 160, "40, 40 and 80");
    assert!(lessons(&[0.5, 0.5]).is_err(), "nothing is left for the first");
}

#[test]
fn where_an_answer_first_goes_wrong_teaches_the_value_of_every_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, _) = set(folder.path());
    let said = |line: serde_json::Value| {
        let data = folder.path().join("steps.jsonl");
        std::fs::write(&data, format!("{line}\n").repeat(4)).expect("written");
        let part = objective("value", &["epochs=1".to_owned(), "measure=binary".to_owned()]).expect("a learner");
        let plain = train(&model, Path::new("unwritten"), Path::new("none"), &[]);
        go(&Train { part, out: None, checkpoints: None, evaluate_every: 0, ..plain }, &data, &Silent)
    };
    let steps = ["1 + 1 = 2", "2 + 1 = 4", "answer 4"];
    let lines = [
        (
            serde_json::json!({ "input": "1 + 1 + 1", "steps": steps, "mistake_index": 1, "answer": "4", "target": "3" }),
            1.0 / 3.0,
        ),
        (serde_json::json!({ "input": "1 + 1 + 1", "steps": steps, "mistake_index": null }), 1.0),
        (serde_json::json!({ "problem": "1 + 1 + 1", "steps": steps, "label": 0, "id": "x" }), 0.0),
        (serde_json::json!({ "problem": "1 + 1 + 1", "steps": steps, "label": -1 }), 1.0),
        (serde_json::json!({ "prompt": "1 + 1 + 1", "completions": steps, "labels": [true, false, false] }), 1.0 / 3.0),
    ];
    for (line, right) in lines {
        let trained = said(line.clone()).expect("a training");
        let metrics = &trained.evaluations[0].metrics;
        // A head that knows nothing says a half of everything: which is wrong by a half, and calls the first step wrong.
        assert!((metrics["value/target"] - right).abs() < 1e-6, "{line}: {metrics:?}");
        assert!(
            (metrics["value/brier"] - 0.25).abs() < 1e-6 && (metrics["value/ece"] - (0.5 - right).abs()).abs() < 1e-6
        );
        let share = if right == 1.0 { "first_error/none" } else { "first_error/found" };
        assert_eq!(metrics[share], f64::from(u8::from(right == 0.0)), "{line}");
    }
    for wrong in [
        serde_json::json!({ "input": "x", "steps": steps }),
        serde_json::json!({ "problem": "x", "steps": steps, "label": 3 }),
    ] {
        let refused = said(wrong).expect_err("no place of a first mistake").to_string();
        assert!(refused.contains("mistake_index"), "{refused}");
    }
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (model, data) = set(folder.path());
    let one = train(&model, &at("one"), &at("checkpoints"), &["batch.size=6"]);
    assert!(go(&one, &data, &Stop(AtomicU64::new(4))).is_err());
    let other = train(&model, &at("other"), &at("checkpoints"), &["batch.size=6", "optimizer.lr=0.5"]);
    let refused = go(&other, &data, &Silent).expect_err("another training's");
    assert!(refused.to_string().ends_with("is a checkpoint of another training"), "{refused}");
}

#[test]
fn a_chat_template_that_drops_the_end_token_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, _) = set(folder.path());
    let data = folder.path().join("chat.jsonl");
    let turn = |role: &str, content: &str| serde_json::json!({ "role": role, "content": content });
    let line = serde_json::json!({ "messages": [turn("user", "1 + 1 :"), turn("assistant", "answer 2")] });
    std::fs::write(&data, format!("{line}\n")).expect("written");
    let tokens = tokens::Tokens::from_folder(&model).expect("a tokenizer");
    let end = tokens.show_mask(&nouns::Stream::new("end", &[], &[tokens.end_id()], 1.0))[0].0.clone();
    let with_template = |name: &str, end: &str| {
        let model_folder = folder.path().join(name);
        std::fs::create_dir(&model_folder).expect("a folder");
        for file in std::fs::read_dir(&model).expect("files").map(|file| file.expect("a file").path()) {
            std::fs::copy(&file, model_folder.join(file.file_name().expect("a name"))).expect("a copy");
        }
        let loop_over = "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}";
        let template = format!(
            "{loop_over} {end}{{% endgeneration %}}{{% else %}}{{{{ m.content }}}} {{% endif %}}{{% endfor %}}"
        );
        std::fs::write(model_folder.join("chat_template.jinja"), template).expect("written");
        let settings = ["epochs=1"];
        go(
            &train(
                &model_folder,
                &folder.path().join(format!("{name}-out")),
                &folder.path().join(format!("{name}-c")),
                &settings,
            ),
            &data,
            &Silent,
        )
    };
    let refused = with_template("dropping", "").expect_err("no end token");
    assert!(refused.to_string().contains("writes no end token after an answer"), "{refused}");
    let kept = with_template("ending", &end).map(|trained| trained.update.steps.len() + trained.held);
    assert!(kept.is_ok_and(|count| count > 0), "with it the same conversation is learned");
}

/// A text is learned as it stands, after the begin token: no template, one end token; the first
/// token, which nothing predicts, is in no mean.
#[test]
fn a_text_is_learned_as_it_stands_and_ends_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, _) = set(folder.path());
    let tokens = tokens::Tokens::from_folder(&model).expect("a tokenizer");
    let words = tokens.encode_fragment("1 + 2").len() as f64;
    let read = |number: usize, line: &str| {
        let data = folder.path().join(format!("texts-{number}.jsonl"));
        std::fs::write(&data, line).expect("written");
        let (out, checkpoints) = (folder.path().join(format!("o{number}")), folder.path().join(format!("c{number}")));
        let train = Train { held_share: 0.0, ..train(&model, &out, &checkpoints, &["max_steps=1"]) };
        go(&train, &data, &Silent)
    };
    for (number, line) in
        [r#"{"text": "1 + 2"}"#, r#"{"text": "1 + 2 <eos>"}"#, r#"{"prompt": "1", "completion": "+ 2 <eos>"}"#]
            .into_iter()
            .enumerate()
    {
        let step = &read(number, line).expect(line).update.steps[0];
        assert_eq!(step.metrics["num_tokens"], words + 2.0, "{line}");
    }
    for (number, (line, why)) in (10..).zip([
        ("", "has no line"),
        (r#"{"text": "1", "weight": -1}"#, "a `weight` of 0 or more"),
        (r#"{"messages": [{"role": "user", "content": "1"}]}"#, "no chat template"),
        (r#"{"text": 3}"#, "invalid type"),
        (r#"{"prompt": 3, "completion": "1"}"#, "a text or a list of messages is needed"),
    ]) {
        let fault = read(number, line).expect_err(line).to_string();
        assert!(fault.contains(why), "{line}: {fault}");
    }
}
