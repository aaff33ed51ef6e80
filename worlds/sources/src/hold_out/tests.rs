use std::io::Write;

use super::*;
use crate::{Options, find};

fn hold_out(world: &str, suffix: &str, text: &str) -> Outcome<HoldOut> {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    read(file.path(), &*find(world, &Options::default())?)
}

#[test]
fn every_form_of_file_holds_out_by_canonical_form() {
    let files = [
        (".txt", "# hard ones\n8 8 7 4\n\n1,1,4,6\n"),
        (".jsonl", "{\"task\": \"4 7 8 8\"}\n{\"numbers\": [6, 4, 1, 1]}\n"),
        (".csv", "Rank,Puzzles,\"AMT, s\"\n1,1 1 4 6,4.4\n2,\"4, 8, 7, 8\",5.0\n"),
    ];
    for (suffix, text) in files {
        let hold_out = hold_out("game24", suffix, text).expect("a hold-out");
        assert_eq!(hold_out.len(), 2, "{suffix}");
        assert!(hold_out.covers_id("4 7 8 8") && hold_out.covers_id("1 1 4 6") && !hold_out.covers_id("1 1 4 7"));
    }
}

#[test]
fn bad_lines_are_named() {
    let why = |suffix, text| hold_out("game24", suffix, text).expect_err("bad").to_string();
    assert!(
        why(".txt", "4 7 8 8\n4 7 8 x")
            .ends_with(".txt:2: `4 7 8 x` is not a task of game24: `x` is not a whole number from 1 to 13")
    );
    assert!(why(".jsonl", "{\"task\": ").contains(".jsonl:1: "));
    assert!(why(".csv", "a,b\n1,2").ends_with(".csv:1: no column holds the tasks; the columns are a, b"));
    assert!(why(".csv", "task,b\n4 7 8 8").contains(".csv:2: not CSV: "));
    assert!(why(".csv", "task\n4 7 8 8\n9").contains(".csv:3: `9` is not a task"));
    assert!(why(".txt", "\n").ends_with("holds no tasks"));
}

#[test]
fn what_is_dropped_is_counted() {
    let world = find("game24", &Options::default()).expect("a world");
    let hold_out = hold_out("game24", ".txt", "4 7 8 8\n1 1 1 1\n").expect("a hold-out");
    let tasks = ["4 7 8 8", "1 1 4 6"].map(|typed| world.read(typed).expect("a task")).to_vec();
    let (left, dropped) = hold_out.filter(tasks);
    assert_eq!(left.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["1 1 4 6"]);
    assert_eq!(dropped, Dropped { same: 1, ..Dropped::default() });
}

#[test]
fn texts_are_compared_by_runs_of_words() {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
    file.write_all(b"{\"question\": \"Short one?\"}").expect("written");
    let world = find(&file.path().display().to_string(), &Options::default()).expect("a world");
    let mut hold_out = HoldOut::new(&*world);
    let long = "Tom has three red apples and Ann has four green pears, so how many are there in all?";
    for text in [long, "Two plus two?"] {
        hold_out.add(&world.read(text).expect("a task"));
    }
    let covered = |text: &str| hold_out.covers(&world.read(text).expect("a task"));
    assert!(covered("Today TOM has three red apples and Ann has four green pears - so how about that?"));
    assert!(!covered("Tom has three red apples and Ann has five green pears, so how many are there in all?"));
    assert!(covered("two  plus two") && !covered("Two plus two plus one?"));
    let (_, dropped) =
        hold_out.filter(vec![world.read(long).expect("a task"), world.read("two plus two").expect("a task")]);
    assert_eq!(dropped, Dropped { same: 1, overlapping: 1, shared: Some("two plus two".to_owned()) });
}

/// Most data sets put one instruction before every question: that is no reason to hold out
/// everything.
#[test]
fn an_instruction_before_every_question_holds_nothing_out() {
    let instruction = "Please think about the following question step by step and write only the final number on the very last line of the answer.";
    for number in [8, 300] {
        let line = |n: usize| {
            format!("{{\"question\": \"{instruction} What is {n} plus {}?\", \"answer\": \"{}\"}}\n", 7 * n, 8 * n)
        };
        let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
        file.write_all((0..number).map(line).collect::<String>().as_bytes()).expect("written");
        let world = find(&file.path().display().to_string(), &Options::default()).expect("a world");
        let mut hold_out = HoldOut::new(&*world);
        for split in [Split::Valid, Split::Test] {
            world.tasks(split).expect("tasks").iter().for_each(|task| hold_out.add(task));
        }
        let train = world.tasks(Split::Train).expect("tasks");
        assert!(!train.is_empty());
        assert_eq!(hold_out.filter(train.clone()), (train, Dropped::default()), "{number} questions");
        // The same question once more, in other words before it, is still held out.
        let held =
            world.tasks(Split::Test).expect("tasks").into_iter().chain(world.tasks(Split::Valid).expect("tasks"));
        let again = held.map(|task| Task { id: "another".into(), ..task }).next().expect("a task");
        assert!(hold_out.covers(&again));
    }
}
