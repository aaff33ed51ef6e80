use std::io::Write;

use super::*;

fn open(text: &str) -> Result<FileWorld, WorldFault> {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    FileWorld::open(file.path(), &Options::default())
}

fn asked(world: &FileWorld, question: &str) -> Task {
    world.read(question).expect("a task")
}

#[test]
fn school_problems_are_judged_by_their_final_number() {
    let world = open(concat!(
        r#"{"question": "How many?", "answer": "3 * 4 = <<3*4=12>>12\n#### 1,012"}"#,
        "\n\n",
        r#"{"Question": "How  much?", "Answer": 7.0}"#,
        "\n",
        r#"{"prompt": "Unanswered?"}"#,
    ))
    .expect("a world");
    let judge = |question, response| world.oracle().judge(&asked(&world, question), response);
    assert_eq!(judge("How many?", "it is 1000 + 12\n#### 1012"), Verdict::Right);
    assert_eq!(judge("How many?", "#### 12"), Verdict::Wrong("answers 12, not 1012".to_owned()));
    assert_eq!(judge("How much?", "That makes 7."), Verdict::Right);
    assert_eq!(judge("How much?", "no idea"), Verdict::Wrong("gives no answer; it should be 7".to_owned()));
    assert_eq!(judge("Unanswered?", "7"), Verdict::Unsettled(Unsettled::NoReference));
    assert_eq!(judge("Never seen?", "7"), Verdict::Unsettled(Unsettled::NoReference));
    let hinted = world.oracle().hinted(&asked(&world, "How many?")).expect("a hint");
    assert_eq!(hinted[0].content.as_text(), "How many?\n(The answer is 1012.)");
}

#[test]
fn a_record_keeps_its_split_and_the_others_are_split_by_hash() {
    let lines: Vec<String> = (0..200).map(|n| format!(r#"{{"question": "What is {n}?", "answer": "{n}"}}"#)).collect();
    let own = r#"{"question": "Mine?", "answer": "1", "split": "dev"}"#;
    let world = open(&format!("{own}\n{}\n{own}", lines.join("\n"))).expect("a world");
    let ids = |split| world.tasks(split).expect("tasks").into_iter().map(|task| task.id).collect::<Vec<_>>();
    assert!(ids(Split::Valid).contains(&"Mine?".to_owned()));
    assert_eq!(Split::ALL.map(|split| ids(split).len()).iter().sum::<usize>(), 201, "the same question is one task");
    assert!(ids(Split::Train).iter().all(|id| split_of(id) == Split::Train));
}

#[test]
fn bad_lines_are_named() {
    let why = |text: &str| open(text).err().expect("bad").to_string();
    let good = r#"{"question": "a", "answer": "b"}"#;
    assert!(why(&format!("{good}\nnonsense")).contains(".jsonl:2: not a JSON record: expected"));
    assert!(why(r#"{"q": "a"}"#).ends_with("prompt, problem, input; it has q"));
    assert!(why(r#"{"question": "a", "split": "best"}"#).ends_with(":1: `best` is not a split: train, valid or test"));
    assert!(why("\n\n").ends_with("holds no tasks"));
}

#[test]
fn columns_can_be_named() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(br#"{"q": "Two and two?", "a": "4"}"#).expect("written");
    let options = Options { problem_column: Some("q".to_owned()), answer_column: Some("a".to_owned()) };
    let world = FileWorld::open(file.path(), &options).expect("a world");
    assert_eq!(world.oracle().judge(&asked(&world, "Two and two?"), "4"), Verdict::Right);
}

#[test]
fn a_compressed_file_is_named_as_such() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&[0x1f, 0x8b, 0xff, 0xfe]).expect("written");
    let fault = FileWorld::open(file.path(), &Options::default()).err().expect("bad");
    assert!(faults::Fault::hint(&fault).expect("a hint").contains("gunzip"));
}
