//! What the program says, word for word: the help of every command, and its main output and errors.
//! A change of words is seen in review, in `snapshots/`; CONTRIBUTING.md says how it is accepted.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a command line within a folder, and returns it with its output, errors and exit status.
///
/// Nothing of the machine is in that: no colours, no terminal (so lines are 100 columns), UTF-8,
/// and the folder and all durations are left out.
fn said(line: &str, within: &Path) -> String {
    said_to(line, "", within)
}

/// The same, with a standard input.
fn said_to(line: &str, input: &str, within: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autodidact"));
    command.args(words(line)).current_dir(within).env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env_remove("COLUMNS");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("the program ends");
    let status = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    let mut text = format!("$ autodidact {line}\n");
    for (name, bytes) in [("", output.stdout), ("── stderr\n", output.stderr)] {
        let said = String::from_utf8_lossy(&bytes).replace(&within.display().to_string(), "HERE");
        if !said.is_empty() {
            text += &format!("{name}{}", without_times(&said));
        }
    }
    format!("{text}── status {status}\n")
}

/// A command line as words; what stands in single quotes is one.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    let words = quoted.flat_map(|(place, piece)| match place % 2 {
        0 => piece.split_whitespace().collect(),
        _ => vec![piece],
    });
    words.map(str::to_owned).collect()
}

/// The text with `TIME` for every duration, a number in front of ` s`, and `SPEED` for every number
/// in front of ` tok/s`, with one blank before it.
fn without_times(text: &str) -> String {
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let mut words: Vec<&str> = Vec::new();
        for word in line.split(' ') {
            let measured = match word.trim_end_matches(['\n', ',', ';']) {
                "s" => Some("TIME"),
                "tok/s" => Some("SPEED"),
                _ => None,
            };
            if let Some(measured) = measured.filter(|_| words.last().is_some_and(|last| last.parse::<f64>().is_ok())) {
                words.pop();
                // A column is as wide as its longest duration.
                while words.last().is_some_and(|last| last.is_empty()) {
                    words.pop();
                }
                words.push(measured);
            }
            words.push(word);
        }
        lines += &words.join(" ");
    }
    lines
}

/// Command lines and what is said to them, one after the other.
fn conversation(lines: &[&str], within: &Path) -> String {
    lines.iter().map(|line| said(line, within)).collect::<Vec<_>>().join("\n")
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

/// The commands that the help names.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_help_of_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = said("--help", folder.path());
    insta::assert_snapshot!("help", help);
    let commands = commands(&help);
    assert!(commands.len() >= 19, "{commands:?}");
    for command in commands {
        let help = said(&format!("{command} --help"), folder.path());
        let longest = help.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
        assert!(longest.chars().count() <= 100, "{command} --help has a line over 100 columns:\n{longest}");
        insta::assert_snapshot!(format!("help_{command}"), help);
    }
}

#[test]
fn methods_worlds_and_parts() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    insta::assert_snapshot!("list", said("list", here));
    insta::assert_snapshot!("list_all", said("list --all", here));
    insta::assert_snapshot!("explain", said("explain star", here));
    let parts = [
        "explain differing",
        "explain learn.kto",
        "explain ranked",
        "explain diffring",
        "explain held",
        "explain tree --set a=1",
    ];
    insta::assert_snapshot!("explain_parts", conversation(&parts, here));
    let by_paper = said("explain SCoRe", here);
    let by_file = said("explain self-correction", here);
    assert_eq!(by_paper.lines().skip(1).collect::<Vec<_>>(), by_file.lines().skip(1).collect::<Vec<_>>());
}

/// A run of a second or so, all of whose attempts are wrong.
const SMALL: &str = "--set base.width=16 --set base.layers=1 --set base.heads=2 --set base.feed_forward=32 \
                     --set base.examples=40 --set ask.tasks.limit=4 --set attempt.sample.per_task=2 \
                     --set attempt.sample.max_tokens=8";

#[test]
fn a_run_and_what_can_be_done_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let run = format!("run expert-iteration --on arithmetic --out run --rounds 1 {SMALL}");
    insta::assert_snapshot!("run", said(&run, here));
    let looks =
        ["why run", "resume run", "report run", "compare run run", "inspect run/round-000/learned", "try run '12 + 7'"];
    insta::assert_snapshot!("of_a_run", conversation(&looks, here));
    insta::assert_snapshot!("watch", said("watch run --plain", here));
    insta::assert_snapshot!("of_a_model_folder", of_a_model_folder("run/round-000/learned", here));
    let damaged = here.join("run/round-001/attempted/part-0000.parquet");
    assert!(damaged.is_file());
    std::fs::remove_file(damaged).expect("removed");
    insta::assert_snapshot!("of_a_damaged_run", said("why run", here));
}

/// What is said of a model folder at work without a run.
fn of_a_model_folder(model: &str, here: &Path) -> String {
    write(here, "prompts.jsonl", "{\"prompt\": \"1 2 + 7 :\", \"id\": 7}\n");
    write(here, "answers.jsonl", "{\"prompt\": \"1 2 + 7 :\", \"completion\": \"2 + 7 + 0 = 0 9 ;\"}\n");
    write(here, "pairs.jsonl", "{\"prompt\": \"1 2 + 7 :\", \"chosen\": \"2 + 7\", \"rejected\": \"7 + 2\"}\n");
    let lines = [
        format!("generate {model} prompts.jsonl --max-tokens 4"),
        format!("score {model} answers.jsonl"),
        format!("train sft --model {model} --data answers.jsonl --steps 2 --out taught"),
        format!("train dpo --model {model} --data pairs.jsonl --steps 1"),
        format!("convert {model} half --dtype bf16"),
        format!("evaluate {model} --on arithmetic --limit 4"),
    ];
    let chat = said_to(&format!("chat {model} --max-tokens 4"), "12 + 7\n", here);
    lines.iter().map(|line| said(line, here)).chain([chat]).collect::<Vec<_>>().join("\n")
}

#[test]
fn answers_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [
        r#"{"gold": "\\frac12", "answer": "So it is \\boxed{0.5}.", "id": 7}"#,
        r#"{"gold": 5, "answer": "6"}"#,
        r#"{"gold": "5", "answer": "\\int_0^5 dx"}"#,
        r#"{"gold": "1"}"#,
        r#"{"gold": "1", "#,
    ];
    let (lines, here) = (lines.join("\n"), folder.path());
    let said = ["verify math -", "verify math - --strict", "verify number -"].map(|line| said_to(line, &lines, here));
    insta::assert_snapshot!("verify", said.join("\n"));
}

#[test]
fn mistakes_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [
        "",
        "lst",
        "run",
        "run star --seed x",
        "run star --on game24 --budget 10",
        "run star --adapter a",
        "run star --device gpu",
        "run expert-iteraton",
        "run nothing.toml",
        "explain nothing",
        "run star --on nowhere",
        "verify maths -",
        "reproduce nothing",
        "train sft --data pairs.jsonl",
        "train nothing --model ./nothing --data pairs.jsonl",
        "train self-consistency --model ./nothing --data pairs.jsonl",
        "bench --sizes 3M",
    ];
    insta::assert_snapshot!("mistakes_on_the_command_line", conversation(&lines, folder.path()));
}

#[test]
fn mistakes_in_recipes_and_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here, "key.toml", "# A method.\npaper = \"A 2024, arXiv 2401.00001\"\natempt = []\n");
    write(here, "part.toml", "# A method.\npaper = \"A 2024, arXiv 2401.00001\"\nchoose = [\"keep_rigth\"]\n");
    write(here, "text.toml", "# A method.\npaper = A 2024\n");
    let lines = [
        "explain ./key.toml",
        "explain ./part.toml",
        "explain ./text.toml",
        "explain star --set learn.imitate.lrr=1",
        "explain star --set learn.imitate.optimizer.lr=fast",
        "explain star --set learn.imitate.optimizer.lr=-1",
        "explain star --set attempt.sample.per_taks=1",
        "explain star --set lr=1",
        "explain star --set repeat..rounds=1",
        "explain star --set repeat.start_from=nothing",
    ];
    insta::assert_snapshot!("mistakes_in_recipes_and_settings", conversation(&lines, here));
}

#[test]
fn files_and_folders_that_are_not_what_they_should_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here, "unanswered.jsonl", "{\"prompt\": \"2 + 2\"}\n");
    write(here, "misspelt.jsonl", "{\"question\": \"1 + 1\", \"answer\": \"2\"}\n{\"qestion\": \"2 + 2\"}\n");
    write(here, "cut.jsonl", "{\"question\": \"1 + 1\", \"answer\": \"2\"}\n{\"question\": \n");
    write(here, "empty.jsonl", "");
    let lines = [
        "run star --model ./nothing --on nothing.jsonl",
        "run star --model ./nothing --on unanswered.jsonl",
        "run star --model ./nothing --on misspelt.jsonl",
        "run star --model ./nothing --on cut.jsonl",
        "run star --model ./nothing --on empty.jsonl",
        "run star --on unanswered.jsonl",
        "try latest",
        "why nowhere",
        "resume .",
        "report .",
        "compare . nowhere",
        "chat ./nothing",
        "generate ./nothing unanswered.jsonl",
        "inspect .",
        "convert ./nothing out",
        "train dpo --model ./nothing --data unanswered.jsonl",
        "verify math nothing.jsonl",
    ];
    insta::assert_snapshot!("files_and_folders_that_are_not_what_they_should_be", conversation(&lines, here));
}
