//! What `examples/` says can be done is done.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nouns::Key;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn autodidact(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autodidact"));
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1");
    command.output().expect("the program starts")
}

fn json_lines(output: &Output) -> Vec<serde_json::Value> {
    let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line of JSON")).collect()
}

fn reasons(output: &Output) -> Vec<(String, Option<bool>, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |line: &serde_json::Value| (text(&line["id"]), line["correct"].as_bool(), text(&line["reason"]));
    json_lines(output).iter().map(of).collect()
}

fn said(id: &str, correct: Option<bool>, reason: &str) -> (String, Option<bool>, String) {
    (id.to_owned(), correct, reason.to_owned())
}

/// A model folder of a few thousand parameters that takes any text and knows nothing.
fn tiny_model(folder: &Path) {
    let config = networks::Config::from_json(
        r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 268, "hidden_size": 16,
            "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 24,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 256, "tie_word_embeddings": true}"#,
    );
    let device = networks::device(networks::DeviceKind::Cpu).expect("a processor");
    let decoder = networks::Decoder::random(config.expect("a configuration"), &Key::root(0), &device);
    std::fs::create_dir(folder).expect("a folder");
    for (name, bytes) in networks::to_files(&decoder, networks::NumberFormat::F32).expect("files") {
        std::fs::write(folder.join(name), bytes).expect("written");
    }
    std::fs::copy(root().join("fuzz/seeds/tokenizer/bytes.json"), folder.join("tokenizer.json")).expect("copied");
}

#[test]
fn a_method_runs_on_ones_own_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, out) = (folder.path().join("model"), folder.path().join("run"));
    tiny_model(&model);
    let (model, out) = (model.display().to_string(), out.display().to_string());
    let mut arguments =
        vec!["run", "star", "--on", "examples/own-data/problems.jsonl", "--model", &model, "--out", &out];
    let small = ["repeat.rounds=1", "attempt.sample.max_tokens=8", "repeat.unsettled_limit=1.0"];
    arguments.extend(small.iter().flat_map(|set| ["--set", set]));
    let ran = autodidact(&[&arguments[..], &["--json"]].concat());
    assert_eq!(ran.status.code(), Some(10), "nothing is learned: {}", String::from_utf8_lossy(&ran.stderr));
    let told = std::fs::read_to_string(Path::new(&out).join("events.jsonl")).expect("events");
    assert!(told.contains("as GSM8K has them, compared as numbers"), "{told}");
    let taken = autodidact(&[
        "train",
        "imitate",
        "--model",
        &model,
        "--data",
        "golden/tables/instructions.parquet",
        "--json",
        "--columns",
        "prompt=instruction,completion=output",
        "--steps",
        "1",
    ]);
    let update: serde_json::Value = serde_json::from_slice(&taken.stdout).expect("one object");
    assert_eq!(update["lessons"], 5);
    let columns = ["--columns", "prompt=instruction", "--max-tokens", "2"];
    let answered = autodidact(&[&["generate", &model, "golden/tables/instructions.parquet"][..], &columns].concat());
    assert_eq!(json_lines(&answered).len(), 5, "{}", String::from_utf8_lossy(&answered.stderr));
    let absent =
        autodidact(&["generate", &model, "golden/tables/instructions.parquet", "--columns", "prompt=question"]);
    assert_eq!(absent.status.code(), Some(4));
    assert!(
        String::from_utf8_lossy(&absent.stderr).contains("no column `question`; the columns are instruction, input")
    );
}

#[test]
fn the_verifiers_say_what_their_example_says() {
    let answers = autodidact(&["verify", "math", "examples/verify/answers.jsonl"]);
    let expected = [
        said("half", Some(true), "same-value"),
        said("interval", Some(true), "same-region"),
        said("sign", Some(false), "different-value"),
        said("sum", None, "unsupported"),
    ];
    assert_eq!(reasons(&answers), expected);
    let programs = autodidact(&["verify", "code", "examples/verify/programs.jsonl"]);
    let stderr = String::from_utf8_lossy(&programs.stderr);
    let expected = match stderr.starts_with("tests run with Python") {
        true => vec![
            said("right", Some(true), "passed"),
            said("wrong", Some(false), "failed-test"),
            said("leaves", Some(false), "error"),
            said("spins", Some(false), "too-slow"),
            said("peeks", Some(false), "error"),
        ],
        // A machine without Python or without a sandbox: nothing is judged, and nothing is called wrong.
        false => {
            assert!(stderr.contains("no program is judged"), "{stderr}");
            let reason = if stderr.contains("python3") { "no-interpreter" } else { "no-sandbox" };
            ["right", "wrong", "leaves", "spins", "peeks"].map(|id| said(id, None, reason)).to_vec()
        }
    };
    // Beside other work a program may not get the time that it would have been too slow in: then nothing is said of it.
    let busy = said("spins", None, "busy-machine");
    let found = reasons(&programs).into_iter();
    let found: Vec<_> =
        found.map(|one| if one == busy { said("spins", Some(false), "too-slow") } else { one }).collect();
    assert_eq!(found, expected);
}

#[test]
fn without_python_no_program_is_called_wrong() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autodidact"));
    command.args(["verify", "code", "examples/verify/programs.jsonl"]).current_dir(root()).env("PATH", "/nowhere");
    let output = command.output().expect("the program starts");
    assert!(reasons(&output).iter().all(|(_, correct, reason)| correct.is_none() && reason == "no-interpreter"));
    assert_eq!(json_lines(&output).len(), 5);
}
