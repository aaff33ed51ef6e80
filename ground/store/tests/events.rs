//! The event stream: cut back to what is committed, torn lines, and following it.

mod common;

use std::fs;

use common::folder;
use serde_json::{Value, json};
use store::{Disk, EventLog, EventTail, Repair};

fn committed(event: &Value) -> bool {
    event["committed"] == json!(true)
}

#[test]
fn the_stream_is_cut_behind_the_last_committed_line() {
    let home = folder();
    let path = home.path().join("events.jsonl");
    let whole = "{\"a\":1}\nnot json\n{\"committed\":true}\n";
    fs::write(&path, format!("{whole}{{\"b\":2}}\n{{\"committed\":tr")).expect("it can be written");
    let (log, repair) = EventLog::open(&Disk::real(), &path, committed).expect("it opens");
    assert_eq!(repair, Repair { kept: 3, cut: 2, torn: true });
    log.append(&json!({"c": 3})).expect("it can be written");
    assert_eq!(fs::read_to_string(&path).expect("there"), format!("{whole}{{\"c\":3}}\n"));
}

#[test]
fn a_torn_line_is_never_taken_for_a_whole_one() {
    let home = folder();
    let path = home.path().join("events.jsonl");
    fs::write(&path, "{\"committed\":true}").expect("it can be written");
    let (_, repair) = EventLog::open(&Disk::real(), &path, committed).expect("it opens");
    assert_eq!(repair, Repair { kept: 0, cut: 1, torn: true });
    assert_eq!(fs::read(&path).expect("there"), b"");
}

#[test]
fn a_follower_sees_whole_lines_once_and_begins_again_after_a_cut() {
    let home = folder();
    let path = home.path().join("events.jsonl");
    let mut tail = EventTail::new(&path);
    assert_eq!(tail.poll().expect("not there yet"), [Value::Null; 0]);
    fs::write(&path, "{\"a\":1}\n{\"b\"").expect("it can be written");
    assert_eq!(tail.poll().expect("it can be read"), [json!({"a": 1})]);
    fs::write(&path, "{\"a\":1}\n{\"b\":2}\n").expect("it can be written");
    assert_eq!(tail.poll().expect("it can be read"), [json!({"b": 2})]);
    assert_eq!(tail.poll().expect("it can be read"), [Value::Null; 0]);
    fs::write(&path, "{\"c\":3}\n").expect("it can be written");
    assert_eq!(tail.poll().expect("it can be read"), [json!({"c": 3})]);
}

#[test]
fn a_sink_can_own_the_stream_and_its_failures_name_the_cause() {
    use std::io::Write;
    let home = folder();
    let path = home.path().join("events.jsonl");
    let (disk, _) = common::failing(store::Failing::NoSpace, 2);
    let (log, _) = EventLog::open(&disk, &path, committed).expect("it opens");
    let mut sink = log.clone();
    sink.write_all(b"{}\n").expect("there is space");
    let error = sink.write_all(b"{}\n").expect_err("it is full").to_string();
    assert_eq!(error, format!("could not append to `{}`: no storage space", path.display()));
    log.sync().expect("what was written stays");
}
