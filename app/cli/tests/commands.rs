//! The built program, run as a person runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn program(arguments: &[&str], within: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autodidact"));
    command.args(arguments).current_dir(within).env("NO_COLOR", "1");
    command
}

fn autodidact(arguments: &[&str], within: &Path) -> Output {
    program(arguments, within).output().expect("the program starts")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn every_method_on_the_list_explains_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = autodidact(&["list", "--json"], folder.path());
    let listed: serde_json::Value = serde_json::from_slice(&list.stdout).expect("JSON");
    let methods = listed["methods"].as_array().expect("methods");
    assert!(methods.len() >= 5);
    for method in methods {
        let name = method["name"].as_str().expect("a name");
        let (explained, _) = said(&autodidact(&["explain", name], folder.path()));
        assert!(explained.contains("arXiv") && explained.contains("── attempt"), "{name}: {explained}");
    }
}

#[test]
fn mistakes_are_named_with_their_own_exit_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let unknown = autodidact(&["run", "expert-iteraton"], folder.path());
    assert_eq!(unknown.status.code(), Some(3));
    assert!(said(&unknown).1.contains("Did you mean `expert-iteration`?"));
    let setting = autodidact(&["run", "star", "--set", "learn.imitate.optimizer.lrr=1"], folder.path());
    assert_eq!(setting.status.code(), Some(3));
    assert!(said(&setting).1.contains("^^^ did you mean `lr`?"), "{}", said(&setting).1);
    assert_eq!(autodidact(&["why", "nowhere"], folder.path()).status.code(), Some(6));
    assert_eq!(autodidact(&["run"], folder.path()).status.code(), Some(2));
}

#[test]
fn the_doctor_has_a_device_compute_and_names_one_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let examined = autodidact(&["doctor", "--device", "cpu", "--json"], folder.path());
    let findings: serde_json::Value = serde_json::from_slice(&examined.stdout).expect("JSON");
    let agreements = findings["agreements"].as_array().expect("a list");
    assert!(agreements.len() >= 10 && agreements.iter().all(|one| one["value"] == 0.0 && one["gradient"] == 0.0));
    if cfg!(not(feature = "cuda")) {
        let absent = autodidact(&["doctor", "--device", "cuda"], folder.path());
        assert_eq!(absent.status.code(), Some(9));
        assert!(said(&absent).1.contains("--device cpu"), "{}", said(&absent).1);
    }
}

#[test]
fn a_small_run_can_be_resumed_asked_tried_and_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = "base.width=16 base.layers=1 base.heads=2 base.feed_forward=32 base.examples=200 ask.tasks.limit=6 \
                 attempt.sample.per_task=2 attempt.sample.max_tokens=30 repeat.rounds=1";
    let mut arguments = vec!["run", "expert-iteration", "--on", "game24", "--out", "run", "--json"];
    arguments.extend(small.split_whitespace().flat_map(|set| ["--set", set]));
    let ran = autodidact(&arguments, folder.path());
    assert_eq!(ran.status.code(), Some(10), "nothing can be learned from this little: {}", said(&ran).1);
    let ending: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("one JSON object");
    assert_eq!((ending["rounds"].as_array().map(Vec::len), ending["learned"].as_bool()), (Some(2), Some(false)));
    let again = autodidact(&["resume", "run", "--json"], folder.path());
    let again: serde_json::Value = serde_json::from_slice(&again.stdout).expect("one JSON object");
    assert_eq!(again["metrics"], ending["metrics"], "a finished run resumes to its own end");
    let tried = autodidact(&["try", "run", "8 8 7 4", "--json"], folder.path());
    let answer: serde_json::Value = serde_json::from_slice(&tried.stdout).expect("one JSON line");
    assert_eq!(answer["task"], "4 7 8 8");
    assert!(said(&autodidact(&["why", "run"], folder.path())).0.contains("Every stage is done"));
    assert!(autodidact(&["report", "run", "--out", "report.html"], folder.path()).status.success());
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("a page");
    assert!(page.contains("<svg") && !page.contains("src=\"http"), "one self-contained page");
}

/// A run of a second or so.
fn small_run(out: &str) -> Vec<String> {
    let sets = "base.width=16 base.layers=1 base.heads=2 base.feed_forward=32 base.examples=400 ask.tasks.limit=8 \
                attempt.sample.per_task=8 attempt.sample.max_tokens=24 repeat.rounds=2";
    let run = ["run", "expert-iteration", "--on", "arithmetic", "--out", out, "--json"];
    let sets = sets.split_whitespace().flat_map(|set| ["--set", set]);
    run.into_iter().chain(sets).map(str::to_owned).collect()
}

#[test]
fn a_process_that_is_killed_at_any_moment_leaves_a_run_that_resumes_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let run_to = |out: &str| {
        let arguments = small_run(out);
        program(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), folder.path())
    };
    let began = Instant::now();
    let whole = run_to("whole/run").output().expect("the program starts");
    let took = began.elapsed();
    assert!(matches!(whole.status.code(), Some(0 | 10)), "{}", said(&whole).1);
    for part in 1..=6u32 {
        // Where exactly the process dies is the system's choice: wherever it is, the bytes must come out the same.
        let out = format!("killed-{part}/run");
        let mut child = run_to(&out).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        std::thread::sleep(took.mul_f64(f64::from(part) / 7.0).max(Duration::from_millis(1)));
        child.kill().expect("killed");
        child.wait().expect("it is gone");
        let is_run = folder.path().join(&out).join("recipe.toml").is_file();
        let again =
            if is_run { autodidact(&["resume", &out], folder.path()) } else { run_to(&out).output().expect("again") };
        assert!(matches!(again.status.code(), Some(0 | 10)), "{}", said(&again).1);
        let (whole, killed) = (folder.path().join("whole/run"), folder.path().join(&out));
        let differing = store::differing_files(&whole, &killed, events::without_clock).expect("two folders");
        let differing: Vec<_> = differing.into_iter().filter(|file| !file.contains("tfevents")).collect();
        assert_eq!(differing, Vec::<String>::new(), "killed after {part} sevenths of a run");
    }
}

fn json_lines(bytes: &[u8]) -> Vec<serde_json::Value> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line of JSON")).collect()
}

#[test]
fn a_model_folder_generates_and_scores_to_the_same_numbers_and_goes_on_where_it_was_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = small_run("run");
    autodidact(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), folder.path());
    let model = "run/round-000/learned";
    let lines = "{\"id\": \"x\", \"prompt\": \"1 2 + 3 :\"}\n\n{\"tokens\": [1, 5, 6]}\n{\"prompt\": \"7 + 8 :\"}\n";
    std::fs::write(folder.path().join("in.jsonl"), lines).expect("written");
    let generate = |out: &str, n: &str| {
        autodidact(
            &["generate", model, "in.jsonl", "--temperature", "1", "--n", n, "--max-tokens", "6", "--out", out],
            folder.path(),
        )
    };
    assert!(generate("out.jsonl", "2").status.success());
    let whole = std::fs::read(folder.path().join("out.jsonl")).expect("answers");
    let answers = json_lines(&whole);
    assert_eq!(answers.iter().map(|answer| answer["line"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(3), Some(4)]);
    assert_eq!((&answers[0]["id"], answers[0]["completions"].as_array().map(Vec::len)), (&"x".into(), Some(2)));
    std::fs::write(folder.path().join("torn.jsonl"), &whole[..whole.len() * 2 / 3]).expect("torn");
    assert!(generate("torn.jsonl", "2").status.success());
    assert_eq!(
        std::fs::read(folder.path().join("torn.jsonl")).expect("answers"),
        whole,
        "gone on with, the same bytes"
    );
    assert_eq!(generate("torn.jsonl", "3").status.code(), Some(6), "results of other settings are not mixed in");
    let drawn = &answers[1]["completions"][0];
    let line = serde_json::json!({ "tokens": [1, 5, 6], "completion_tokens": drawn["tokens"] });
    std::fs::write(folder.path().join("score.jsonl"), line.to_string()).expect("written");
    let scored = json_lines(&autodidact(&["score", model, "score.jsonl"], folder.path()).stdout);
    assert_eq!(
        scored[0]["log_probs"].as_array().expect("numbers")[3..],
        drawn["log_probs"].as_array().expect("numbers")[..]
    );
    std::fs::write(folder.path().join("bad.jsonl"), "{\"prompt\": \"1\"}\n{\"promt\": 1}\n").expect("written");
    let refused = autodidact(&["score", model, "bad.jsonl"], folder.path());
    assert_eq!(refused.status.code(), Some(4));
    assert!(said(&refused).1.contains("line 2: unknown field `promt`"), "{}", said(&refused).1);
}

#[test]
fn models_are_evaluated_side_by_side_on_a_world_and_on_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = small_run("run");
    autodidact(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), folder.path());
    let model = "run/round-000/learned";
    let json = |more: &[&str]| -> serde_json::Value {
        let done = autodidact(&[&["evaluate", model, "--json"], more].concat(), folder.path());
        assert!(done.status.success(), "{}", said(&done).1);
        serde_json::from_slice(&done.stdout).expect("one object")
    };
    let on_world = json(&[model, "--on", "arithmetic", "--limit", "5", "--n", "4", "--out", "kept"]);
    let metrics: Vec<&str> = on_world["results"][0]["figures"]
        .as_array()
        .expect("figures")
        .iter()
        .filter_map(|f| f["metric"].as_str())
        .collect();
    let wanted = ["accuracy", "pass@2 of 4", "pass@4 of 4", "majority@2 of 4", "majority@4 of 4", "answer tokens"];
    assert_eq!(metrics, wanted);
    let difference = &on_world["differences"][0]["difference"];
    assert_eq!((&difference["mean"], &difference["items"]), (&0.0.into(), &5.into()), "the same model twice");
    let kept = std::fs::read(folder.path().join("kept/learned-arithmetic-2.jsonl")).expect("answers");
    assert_eq!(kept, std::fs::read(folder.path().join("kept/learned-arithmetic.jsonl")).expect("answers"));
    assert_eq!(json_lines(&kept).len(), 5);
    let lines = "{\"question\": \"1 + 2\", \"answer\": \"3\", \"split\": \"train\"}\n{\"question\": \"2 + 2\"}\n";
    std::fs::write(folder.path().join("sums.jsonl"), lines).expect("written");
    let on_file = json(&["--on", "sums.jsonl", "--among", "3", "--among", "4"]);
    let result = &on_file["results"][0];
    assert_eq!(result["unsettled"][0]["answers"], 1, "a question without an answer is no wrong one");
    assert_eq!(result["figures"][0]["items"], 1);
    assert_eq!(result["spent"]["generated_tokens"], 0);
    let refused = autodidact(&["evaluate", model, "--on", "sums.jsonl", "--among", "texts"], folder.path());
    assert!(said(&refused).1.contains("names no answers to choose from"), "{}", said(&refused).1);
    let refused = autodidact(&["evaluate", model, "--on", "arithmetic", "--few-shot", "2"], folder.path());
    assert!(said(&refused).1.contains("is not asked in other words"), "{}", said(&refused).1);
}

#[test]
fn a_file_of_pairs_trains_a_model_folder_and_what_is_wrong_with_a_line_is_said_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = small_run("run");
    assert!(
        autodidact(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), folder.path()).status.code().is_some()
    );
    let model = "run/round-000/learned";
    let pair = r#"{"prompt": "4 7 8 8 :", "chosen": "8 - 4 = 4", "rejected": "8 + 4 = 12"}"#;
    std::fs::write(folder.path().join("pairs.jsonl"), format!("{pair}\n\n{pair}\n")).expect("written");
    let train = |more: &[&str]| {
        let fixed = ["train", "prefer", "--model", model, "--json", "--set", "batch.size=2", "--set", "epochs=3"];
        autodidact(&[&fixed[..], more].concat(), folder.path())
    };
    let done = train(&["--data", "pairs.jsonl", "--out", "taught", "--set", "optimizer.warmup=0"]);
    let update: serde_json::Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", said(&done).1));
    let losses: Vec<f64> =
        update["steps"].as_array().expect("steps").iter().filter_map(|step| step["loss"].as_f64()).collect();
    assert!((losses[0] - 2f64.ln()).abs() < 1e-6 && losses[2] < losses[0] && losses.len() == 3, "{losses:?}");
    assert!(folder.path().join("taught/model.safetensors").is_file());
    assert_eq!(train(&["--data", "pairs.jsonl", "--out", "taught"]).status.code(), Some(6), "it is there already");
    std::fs::write(folder.path().join("bad.jsonl"), format!("{pair}\n{{\"prompt\": \"4 7 8 8 :\"}}\n"))
        .expect("written");
    let refused = said(&train(&["--data", "bad.jsonl"])).1;
    assert!(refused.contains("line 2: `chosen` and `rejected`, with `prompt` or whole is needed"), "{refused}");
}

#[test]
fn an_adapter_is_trained_gone_on_with_spoken_with_merged_and_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = small_run("run");
    arguments.extend(["--set", "learn.lora.rank=2"].map(str::to_owned));
    let ran = autodidact(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), folder.path());
    assert!(matches!(ran.status.code(), Some(0 | 10)), "a recipe trains one too: {}", said(&ran).1);
    let round = folder.path().join("run/round-001/learned");
    assert!(round.join("adapter_model.safetensors").is_file() && !round.join("model.safetensors").exists());
    let model = "run/round-000/learned";
    std::fs::write(folder.path().join("texts.jsonl"), "{\"prompt\": \"1 2 + 3 :\", \"completion\": \"1 5\"}\n")
        .expect("written");
    let json = |arguments: &[&str]| -> serde_json::Value {
        let done = autodidact(arguments, folder.path());
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", said(&done).1))
    };
    let train = ["train", "imitate", "--model", model, "--data", "texts.jsonl", "--json", "--set", "optimizer.lr=0.01"];
    let lora = ["--lora", "4", "--set", "lora.targets=q_proj,v_proj,down_proj", "--set", "epochs=8", "--out", "one"];
    let first = json(&[&train[..], &lora].concat());
    let loss = |update: &serde_json::Value, step: usize| update["steps"][step]["loss"].as_f64().expect("a loss");
    assert!(loss(&first, 7) < loss(&first, 0), "{first}");
    let names = |name: &str| -> Vec<String> {
        let entries = std::fs::read_dir(folder.path().join(name)).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("one"), ["adapter_config.json", "adapter_model.safetensors", "update.json"]);
    let second = json(&[&train[..], &["--adapter", "one", "--out", "two"]].concat());
    assert!(loss(&second, 0) < loss(&first, 7), "it goes on where it was: {second}");
    let again = autodidact(&[&train[..], &["--adapter", "one", "--lora", "2"]].concat(), folder.path());
    assert_eq!(again.status.code(), Some(3), "{}", said(&again).1);

    let sum =
        |arguments: &[&str]| json(&[&["score"], arguments, &["texts.jsonl"]].concat())["sum"].as_f64().expect("a sum");
    let (plain, adapted) = (sum(&[model]), sum(&[model, "--adapter", "one"]));
    assert!(adapted > plain + 0.01, "{adapted} is not likelier than {plain}");
    // a round's folder holds the adapter alone, and is a model wherever one is named
    let of_round = sum(&["run/round-001/learned"]);
    json(&["convert", "run/round-001/learned", "whole", "--json"]);
    assert!((sum(&["whole"]) - of_round).abs() < 1e-4);
    assert_eq!(of_round, sum(&[model, "--adapter", "run/round-001/learned"]));
    let twice = autodidact(&["score", "run/round-001/learned", "--adapter", "one", "texts.jsonl"], folder.path());
    assert!(said(&twice).1.contains("holds an adapter, and another is named"), "{}", said(&twice).1);
    let merged = json(&["convert", model, "merged", "--merge", "one", "--json"]);
    assert_eq!((&merged["dtype"], &merged["out"]), (&"float32".into(), &"merged".into()));
    assert!((sum(&["merged"]) - adapted).abs() < 1e-4);
    let kept: Vec<String> = names(model).into_iter().filter(|name| name != "update.json").collect();
    assert_eq!(names("merged"), kept, "tokenizer and all");
    let taken = autodidact(&["convert", model, "merged"], folder.path());
    assert!(taken.status.code() == Some(6) && said(&taken).1.contains("hint: Name a folder"), "{}", said(&taken).1);
    json(&["convert", "merged", "half", "--dtype", "bf16", "--json"]);
    assert!((sum(&["half"]) - adapted).abs() < 0.1);

    let looked = &json(&["inspect", "half", "--json"])["contents"]["model"];
    assert_eq!((&looked["architecture"], &looked["layers"]), (&"LlamaForCausalLM".into(), &1.into()));
    assert_eq!(looked["numbers"]["BF16"], looked["parameters"]);
    let looked = &json(&["inspect", "one", "--json"])["contents"]["adapter"];
    assert_eq!((&looked["rank"], &looked["scale"], &looked["base"]), (&4.into(), &8.0.into(), &model.into()));
    let (shown, _) = said(&autodidact(&["inspect", "merged"], folder.path()));
    assert!(shown.contains("LlamaForCausalLM") && shown.contains("training an adapter of rank 16"), "{shown}");
    let asked = folder.path().join("prompts.jsonl");
    std::fs::write(&asked, "{\"prompt\": \"1 2 + 3 :\"}\n").expect("written");
    let drawn = |more: &[&str]| {
        let how = ["prompts.jsonl", "--temperature", "1", "--max-tokens", "5"];
        json(&[&["generate", model], more, &how].concat())["completions"][0].clone()
    };
    // a question that a template puts as one text is the prompt that it would be
    std::fs::write(folder.path().join("put.jinja"), "{{ question }}").expect("written");
    std::fs::write(folder.path().join("asked.jsonl"), "{\"question\": \"1 2 + 3 :\", \"id\": \"a\"}\n")
        .expect("written");
    let how = ["--temperature", "1", "--max-tokens", "5", "--as-text", "--template", "put.jinja", "--extract", "[0-9]"];
    let put = json(&[&["generate", model, "asked.jsonl"], &how[..]].concat());
    let (plain, put_one) = (drawn(&[]), &put["completions"][0]);
    assert_eq!((&put["id"], &put_one["tokens"]), (&"a".into(), &plain["tokens"]));
    let digits = plain["text"]
        .as_str()
        .and_then(|text| text.rfind(|letter: char| letter.is_ascii_digit()).map(|at| &text[at..=at]));
    assert_eq!(put_one["extracted"].as_str(), digits);
    let few = autodidact(&["generate", model, "asked.jsonl", "--few-shot", "2"], folder.path());
    assert!(said(&few).1.contains("`--few-shot FILE:N`"), "{}", said(&few).1);
    let adapted = drawn(&["--adapter", "two"]);
    assert_ne!(adapted["log_probs"], drawn(&[])["log_probs"]);
    let line = serde_json::json!({ "prompt": "1 2 + 3 :", "completion_tokens": adapted["tokens"] });
    std::fs::write(folder.path().join("drawn.jsonl"), line.to_string()).expect("written");
    let scored = json(&["score", model, "--adapter", "two", "drawn.jsonl"]);
    let behind = scored["log_probs"].as_array().expect("numbers").iter().filter(|number| !number.is_null());
    assert!(behind.eq(adapted["log_probs"].as_array().expect("numbers")), "scoring has the bits of sampling");
}

#[test]
fn answers_are_verified_line_by_line_with_reasons() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [
        r#"{"gold": "\\frac12", "answer": "So it is \\boxed{0.5}.", "id": 7}"#,
        r#"{"gold": 5, "answer": "6"}"#,
        "",
        r#"{"gold": "5", "answer": "\\int_0^5 dx"}"#,
    ];
    std::fs::write(folder.path().join("pairs.jsonl"), lines.join("\n")).expect("written");
    let verified = autodidact(&["verify", "math", "pairs.jsonl"], folder.path());
    let expected = concat!(
        r#"{"correct":true,"id":7,"read":"boxed","reason":"same-value"}"#,
        "\n",
        r#"{"correct":false,"read":"whole","reason":"different-value"}"#,
        "\n",
        r#"{"correct":null,"read":"whole","reason":"unsupported"}"#,
        "\n"
    );
    assert_eq!(said(&verified).0, expected, "{}", said(&verified).1);
    assert_eq!(autodidact(&["verify", "maths", "-"], folder.path()).status.code(), Some(2));
}

#[test]
fn a_line_that_cannot_be_read_has_no_verdict_and_does_not_end_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [
        "\u{feff}{\"gold\": 18446744073709551617, \"answer\": \"18446744073709551617\"}",
        r#"{"gold": "1", "id": "b"}"#,
        r#"{"gold": "1", "#,
        r#"{"gold": 18446744073709551617, "answer": "18446744073709551616"}"#,
    ];
    std::fs::write(folder.path().join("bad.jsonl"), lines.join("\n")).expect("written");
    let bad = autodidact(&["verify", "number", "bad.jsonl"], folder.path());
    let verdicts: Vec<serde_json::Value> =
        said(&bad).0.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let correct: Vec<Option<bool>> = verdicts.iter().map(|verdict| verdict["correct"].as_bool()).collect();
    assert_eq!(correct, [Some(true), None, None, Some(false)]);
    assert_eq!((&verdicts[1]["id"], &verdicts[1]["detail"]), (&"b".into(), &"there is no `answer`".into()));
    assert_eq!(bad.status.code(), Some(4));
    assert!(said(&bad).1.contains("2 of 4 lines could not be read"), "{}", said(&bad).1);

    let strict = autodidact(&["verify", "number", "bad.jsonl", "--strict"], folder.path());
    assert_eq!((strict.status.code(), said(&strict).0.lines().count()), (Some(4), 1));
    assert!(said(&strict).1.contains("bad.jsonl:2: there is no `answer`"), "{}", said(&strict).1);
}
