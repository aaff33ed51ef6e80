//! Adapting to one task at a time: each begins with the same model, and none has right answers.

use std::collections::BTreeMap;

use faults::{Code, Outcome};
use nouns::Score;

use crate::toy::run;

/// Its own samples teach it, whatever they say.
const ADAPT: &str = "check = [\"majority\"], choose = [], attempt = [{ sample = { per_task = 4, max_tokens = 40 } }], \
                     learn = { imitate = { lora = { rank = 2 }, optimizer = { lr = 0.05 } } }";

/// What adapting to the first tasks came to, by metric.
fn adapted(tasks: usize, more: &str) -> Outcome<BTreeMap<String, Score>> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let adapt = format!("adapt={{ tasks = {tasks}, {more} }}");
    // Answers that can be read at all: what gives none is not settled, and teaches nothing.
    run("rest-em", &[&adapt, "repeat.rounds=1", "base.examples=1500", "base.learn.epochs=2"], &out)?;
    let scores: Vec<Score> =
        serde_json::from_slice(&std::fs::read(out.join("round-001/measured.json")).expect("scores")).expect("JSON");
    Ok(scores.into_iter().map(|score| (score.metric.clone(), score)).collect())
}

#[test]
fn each_task_begins_with_the_same_model() {
    let (one, four) = (adapted(1, ADAPT).expect("a run"), adapted(4, ADAPT).expect("a run"));
    for metric in ["adapted accuracy", "accuracy before adapting", "tokens to adapt"] {
        let (one, four) = (&one[metric], &four[metric]);
        assert_eq!((one.per_item.len(), four.per_item.len()), (1, 4), "{metric}");
        assert_eq!(one.per_item[0], four.per_item[0], "{metric}: what comes after it changes nothing");
    }
    let (all, before) = (&four["accuracy"], &four["accuracy before adapting"]);
    let of_all = |item: &String| all.items.iter().position(|other| other == item).map(|place| all.per_item[place]);
    let as_it_is: Vec<_> = before.items.iter().map(of_all).collect();
    assert_eq!(as_it_is, before.per_item.iter().copied().map(Some).collect::<Vec<_>>(), "the model itself stays");
}

#[test]
fn where_nothing_teaches_the_model_answers_as_it_is() {
    let none = ADAPT.replace("choose = []", "choose = [{ threshold = { at_least = 2.0 } }]");
    let (found, taught) = (adapted(4, &none).expect("a run"), adapted(4, ADAPT).expect("a run"));
    assert_eq!(found["adapted accuracy"].per_item, found["accuracy before adapting"].per_item);
    let tokens = |scores: &BTreeMap<String, Score>| scores["tokens to adapt"].per_item.clone();
    let (drawn, all) = (tokens(&found), tokens(&taught));
    assert!(drawn.iter().zip(&all).all(|(drawn, all)| drawn <= all) && drawn != all, "learning costs tokens, too");
}

#[test]
fn right_answers_are_refused() {
    let refused = adapted(1, "check = [\"verify\"]").expect_err("the answers to what is reported");
    assert_eq!(refused.code(), Code::Recipe);
    assert_eq!(refused.to_string(), "`adapt` asks for right answers, and it is the reported tasks that it adapts to");
    assert_eq!(adapted(1, "check = [{ critic = { model = \"judge\" } }]").expect_err("nobody").code(), Code::Recipe);
}
