//! The record of a run.

mod made_up;
mod shared;

use events::{Event, Jsonl, Sink, Time, read_lines, without_clock};
use nouns::Step;
use serde_json::Value;
use shared::{Full, Shared};

fn record(ticks: u64, shift: u64) -> String {
    let file = Shared::default();
    let sink = Jsonl::new(file.clone());
    for (at, event) in made_up::run(ticks) {
        sink.see(Time(at.0 + shift), &event);
    }
    file.text()
}

#[test]
fn every_event_reads_back_except_progress() {
    let told: Vec<(Time, Event)> = made_up::run(3).into_iter().filter(|(_, event)| event.is_recorded()).collect();
    let read: Vec<(Time, Event)> = read_lines(&record(3, 0)).map(|line| (line.time, line.event)).collect();
    assert_eq!(read, told);
    assert!(!record(3, 0).contains("progress"));
}

#[test]
fn a_line_says_when_and_what() {
    insta::assert_snapshot!(record(1, 0).lines().nth(1).unwrap_or_default(), @r#"{"time":1764000000100000,"event":{"held-out":{"dropped":100,"by":"hard.txt"}}}"#);
}

#[test]
fn runs_are_equal_but_for_the_clock() {
    let plain = |record: String| -> Vec<Value> {
        record.lines().map(|line| without_clock(serde_json::from_str(line).expect("a line is JSON"))).collect()
    };
    assert_ne!(record(3, 0), record(5, 1_000_000));
    assert_eq!(plain(record(3, 0)), plain(record(5, 1_000_000)));
}

#[test]
fn a_step_that_diverged_reads_back() {
    let file = Shared::default();
    let step =
        Step { step: 1, loss: f64::NAN, grad_norm: f64::INFINITY, learning_rate: 1e-4, tokens: 8, ..Step::default() };
    Jsonl::new(file.clone()).see(Time(0), &Event::Step { round: 1, step });
    let lines: Vec<_> = read_lines(&file.text()).collect();
    let Event::Step { step, .. } = &lines[0].event else { panic!("{lines:?}") };
    assert!(step.loss.is_nan() && step.grad_norm.is_nan() && step.learning_rate == 1e-4);
}

#[test]
fn a_cut_or_foreign_line_is_left_out() {
    let whole = record(1, 0);
    let cut = format!("{}\n{}", r#"{"time":1,"event":{"from-the-future":{}}}"#, &whole[..whole.len() - 9]);
    assert_eq!(read_lines(&cut).count(), whole.lines().count() - 1);
}

#[test]
fn a_full_disk_is_reported_once_and_stops_nothing() {
    let sink = Jsonl::new(Full { room: 300 });
    made_up::run(1).iter().for_each(|(at, event)| sink.see(*at, event));
    insta::assert_snapshot!(sink.trouble().unwrap_or_default(), @"events are no longer recorded: no storage space");
}
