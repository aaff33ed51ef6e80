//! Runs on pictures: a model that sees learns from them, every picture is kept once, and a model
//! that cannot see is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::Bus;
use faults::{Code, Outcome};
use networks::{Config, Decoder, DeviceKind, NumberFormat, device};
use nouns::{Key, Task, Trace, Vocabulary};
use pictures::{Pixels, encode_png};
use repeat::{Ending, Options};
use store::Place;
use tokens::Tokens;

use crate::toy::{differing, options, small};

/// Pictures of one shade, all after the same words; which word is right depends on the picture
/// alone.
fn data(folder: &Path) -> String {
    let mut lines = Vec::new();
    for shade in 0..24u8 {
        let pixels = Pixels { width: 8, height: 8, rgb: vec![shade * 10; 192] };
        fs::write(folder.join(format!("{shade}.png")), encode_png(&pixels).expect("png")).expect("written");
        let split = ["train", "train", "train", "valid", "test"][usize::from(shade) % 5];
        let answer = ["a", "b"][usize::from(shade) % 2];
        let line =
            serde_json::json!({"question": "c d", "image": format!("{shade}.png"), "answer": answer, "split": split});
        lines.push(line.to_string());
    }
    let path = folder.join("shades.jsonl");
    fs::write(&path, lines.join("\n")).expect("written");
    path.display().to_string()
}

/// A folder of a random model of four words and a few thousand weights.
fn model(folder: &Path, patch_size: Option<usize>) {
    let words = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let tokens = Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer");
    let config = r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": 8,
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
        "head_dim": 8, "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}"#;
    let config = Config { patch_size, ..Config::from_json(config).expect("a config") };
    let decoder = Decoder::random(config, &Key::root(5), &device(DeviceKind::Cpu).expect("the processor"));
    fs::create_dir(folder).expect("made");
    let files = networks::to_files(&decoder, NumberFormat::F32).expect("files");
    files
        .into_iter()
        .chain(tokens.to_files())
        .for_each(|(name, bytes)| fs::write(folder.join(name), bytes).expect("written"));
}

fn run(on: &str, model: &Path, out: &Path) -> Outcome<Ending> {
    let more = [
        "attempt.sample.per_task=16",
        "attempt.sample.max_tokens=2",
        "repeat.rounds=1",
        "repeat.gate=always",
        "ask.tasks.limit=0",
    ];
    let (recipe, toml) = small("expert-iteration", &more);
    let options = Options { on: on.to_owned(), model: Some(model.to_owned()), ..options("expert-iteration", &recipe) };
    repeat::start(&recipe, &toml, &options, Place::Exactly(out), &mut Bus::silent(), &AtomicBool::new(false))
}

fn tensor(folder: &Path, name: &str) -> Vec<f32> {
    let decoder = networks::from_folder(folder, &device(DeviceKind::Cpu).expect("the processor")).expect("a model");
    let mut found = Vec::new();
    decoder.visit(&mut |own, weight| {
        if let networks::Weight::Matrix(matrix) = weight
            && own == name
        {
            found = networks::values(matrix);
        }
    });
    found
}

#[test]
fn a_run_on_pictures_keeps_each_once_tells_tasks_apart_and_teaches_the_eye() {
    let folder = tempfile::tempdir().expect("a folder");
    let (on, base, out) = (data(folder.path()), folder.path().join("base"), folder.path().join("first/run"));
    model(&base, Some(4));
    run(&on, &base, &out).expect("a run");

    let asked = store::read_tasks(&out.join("round-001/asked.parquet")).expect("tasks");
    let ids: BTreeSet<&str> = asked.iter().map(|task| task.id.as_str()).collect();
    assert_eq!((asked.len(), ids.len()), (15, 15), "the words are the same, the pictures are not");
    let traces = store::read_traces(&out.join("round-001/attempted/part-0000.parquet")).expect("traces");
    assert_eq!(traces.len(), 15 * 16);
    assert!(traces.iter().flat_map(Trace::images).all(|image| Pixels::of(image).is_ok()), "with their bytes");
    let kept: BTreeSet<String> =
        store::entries(&out.join("media")).expect("a folder").into_iter().map(|(_, name)| name).collect();
    let shown: BTreeSet<String> = asked.iter().flat_map(Task::images).map(|image| image.file_name()).collect();
    assert_eq!(kept, shown, "each once, however often it was shown");

    let learned = out.join("round-001/learned");
    let weight = "model.vision_embedding.weight";
    assert_ne!(tensor(&base, weight), tensor(&learned, weight), "gradients reach what it sees with");

    // the record names its folder: this one has the same name
    let again = folder.path().join("again/run");
    run(&on, &base, &again).expect("a run");
    assert_eq!(differing(&out, &again), Vec::<String>::new(), "the same bytes, whichever ids patches had");
    fs::remove_file(again.join("round-001/chosen.manifest.json")).expect("removed");
    crate::toy::resume(&again).expect("resumed");
    // the record tells of the stage that was made again
    let differing: Vec<String> = differing(&out, &again).into_iter().filter(|file| file != "events.jsonl").collect();
    assert_eq!(differing, Vec::<String>::new(), "rows that are read again show what they showed");
}

#[test]
fn a_model_that_cannot_see_is_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let (on, base, out) = (data(folder.path()), folder.path().join("blind"), folder.path().join("run"));
    model(&base, None);
    let failure = run(&on, &base, &out).expect_err("it cannot see");
    let error = failure.to_string();
    for part in ["the task `⟦image:", "c d", "8×8, 0.png, column `image`", "blind cannot see"] {
        assert!(error.contains(part), "{error} has no {part}");
    }
    assert_eq!(failure.code(), Code::Data);
    assert!(!out.exists(), "no run was begun");
}
