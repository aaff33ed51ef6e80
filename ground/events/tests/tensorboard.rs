//! The TensorBoard sink against the bytes that tensorboardX writes for the same scalars
//! (`golden/tensorboard_file.py`).

mod shared;

use events::{Event, SOLVED, Sink, TASKS, TensorBoard, Time};
use nouns::Step;
use shared::Shared;

const START: u64 = 1_764_000_000_250_000;

fn scored(round: u32, metric: &str, value: f64) -> Event {
    let (metric, on) = (metric.to_owned(), "game24/test".to_owned());
    Event::Scored { round, metric, on, value: Some(value), low: None, high: None, n: 100 }
}

fn step(loss: f64, grad_norm: f64, learning_rate: f64) -> Event {
    Event::Step { round: 1, step: Step { step: 1, loss, grad_norm, learning_rate, tokens: 4096, ..Step::default() } }
}

/// The events of `golden/tensorboard_file.py`, half a second apart.
fn events() -> Vec<Event> {
    let facts = [(SOLVED.to_owned(), 312.into()), (TASKS.to_owned(), 1162.into()), ("by".to_owned(), "votes".into())];
    vec![
        scored(0, "accuracy", 0.084),
        step(2.5, 1.25, 3e-4),
        step(f64::NAN, 0.0, 1e-5),
        Event::StageFinished { round: 300, stage: "check".to_owned(), facts: facts.into(), seconds: 2.0 },
        scored(300, "pass@16", -0.5),
    ]
}

fn written() -> Vec<u8> {
    let file = Shared::default();
    let sink = TensorBoard::new(file.clone(), Time(START)).expect("memory can be written");
    for (event, at) in events().iter().zip(1..) {
        sink.see(Time(START + at * 500_000), event);
    }
    assert_eq!(sink.trouble(), None);
    file.bytes()
}

#[test]
fn bytes_are_those_of_an_independent_writer() {
    assert_eq!(written(), include_bytes!("golden.tfevents"));
}

#[test]
fn a_full_disk_is_reported_and_stops_nothing() {
    let sink = TensorBoard::new(shared::Full { room: 60 }, Time(START)).expect("the header has room");
    events().iter().for_each(|event| sink.see(Time(START), event));
    insta::assert_snapshot!(sink.trouble().unwrap_or_default(), @"TensorBoard events are no longer written: no storage space");
}
