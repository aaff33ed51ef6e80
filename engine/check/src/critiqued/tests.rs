//! Critiques of a made-up pool, whose answers are right where they say so.

use std::sync::Arc;

use nouns::{Content, Cost, Finish, Key, Sampling, Silent, Turn};

use super::*;
use crate::part::CheckPart;

/// Finds an answer right that says `right`, and cannot tell of one that says `unknown`.
struct Says;

impl Oracle for Says {
    fn judge(&self, _: &Task, response: &str) -> Verdict {
        match response {
            "right" => Verdict::Right,
            "unknown" => Verdict::Unsettled(Unsettled::NoReference),
            _ => Verdict::Wrong("no".into()),
        }
    }

    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}

fn task() -> Task {
    Task { world: "toy".into(), id: "t".into(), prompt: vec![Turn::user("t")] }
}

fn trace(id: &str, parent: Option<&str>, text: &str) -> Trace {
    Trace {
        id: id.into(),
        task: "t".into(),
        round: 1,
        sample: 0,
        model_name: "policy".into(),
        turn: 0,
        parent: parent.map(str::to_owned),
        generated_under: vec![Turn::user("t")],
        trained_under: vec![Turn::user("t")],
        answer: Content::text(text),
        tokens: vec![1],
        log_probs: vec![-1.0],
        sampling: Sampling::default(),
        model: Digest::of(b"toy"),
        finish: Finish::Stop,
        cost: Cost::default(),
        episode: None,
    }
}

/// An answer, its critique, and answers anew.
fn chain(name: &str, answer: &str, critique: &str, anew: &[&str]) -> Vec<Trace> {
    let about = format!("{name}/critique");
    let first = [trace(name, None, answer), trace(&about, Some(name), critique)];
    let rewrite = |(n, text): (usize, &&str)| trace(&format!("{about}/rewrite-{n}"), Some(&about), text);
    first.into_iter().chain(anew.iter().enumerate().map(rewrite)).collect()
}

fn checked(part: &Critiqued, traces: &[Trace]) -> Vec<Verdict> {
    let check: Box<dyn Check> = match part.by {
        By::Answers => Box::new(ByAnswers { helps: part.helps, oracle: Arc::new(Says) }),
        By::Critiques => Box::new(ByCritiques),
    };
    let stage = Stage { round: 1, key: Key::root(1), progress: &Silent };
    check.check(&stage, &[task()], traces).expect("verdicts")
}

/// What the critique of a chain is worth, with this bound on how often it helps.
fn critique(helps: f64, answer: &str, says: &str, anew: &[&str]) -> Verdict {
    let part = Critiqued { helps, ..Critiqued::default() };
    checked(&part, &chain("a", answer, says, anew))[1].clone()
}

fn wrong(why: &str) -> Verdict {
    Verdict::Wrong(why.into())
}

#[test]
fn a_critique_whose_verdict_is_false_or_missing_is_wrong() {
    assert_eq!(critique(0.0, "right", "Every step is right: yes", &[]), Verdict::Right);
    assert_eq!(critique(0.0, "right", "The sum is off: no", &["right"]), wrong("it finds a right answer wrong"));
    assert_eq!(critique(0.0, "off", "Fine: yes", &[]), wrong("it finds a wrong answer right"));
    let mute = wrong("it does not say whether the answer is right");
    assert_eq!(critique(0.0, "off", "Perhaps", &["right"]), mute);
    assert_eq!(critique(0.0, "unknown", "no", &["right"]), Verdict::Unsettled(Unsettled::NoReference));
}

#[test]
fn a_true_critique_of_a_wrong_answer_must_help_often_enough() {
    let of = |helps, anew: &[&str]| critique(helps, "off", "Step 2 is wrong: no", anew);
    assert_eq!(of(0.0, &["off", "right", "off", "off"]), Verdict::Right);
    let one = wrong("of 4 answers rewritten in view of it 1 are right");
    assert_eq!(of(0.25, &["off", "right", "off", "off"]), one, "a quarter is not more than a quarter");
    assert_eq!(of(0.25, &["off", "right", "right", "off"]), Verdict::Right);
    assert_eq!(of(0.25, &["unknown", "right", "off", "unknown"]), Verdict::Right, "half of the settled ones");
    assert_eq!(of(0.0, &["off", "off"]), wrong("of 2 answers rewritten in view of it 0 are right"));
    assert_eq!(of(-1.0, &["off", "off"]), Verdict::Right, "without the soft filter");
    assert_eq!(of(0.0, &[]), Verdict::Unsettled(Unsettled::NoReference), "nobody tried");
}

#[test]
fn by_critiques_an_answer_is_what_its_own_critique_says_whatever_is_right() {
    let mut traces = chain("a", "right", "no", &["off"]);
    let anew = traces[2].id.clone();
    traces.push(trace(&format!("{anew}/critique"), Some(&anew), "yes"));
    traces.push(trace("b", None, "right"));
    traces.extend(chain("c", "right", "Perhaps", &[]));
    let unsettled = Verdict::Unsettled(Unsettled::NoReference);
    let found = checked(&Critiqued { by: By::Critiques, ..Critiqued::default() }, &traces);
    let wanted = [
        wrong("its critique finds it wrong"),
        unsettled.clone(),
        Verdict::Right,
        unsettled.clone(),
        unsettled.clone(),
        unsettled.clone(),
        unsettled,
    ];
    assert_eq!(found, wanted);
}

#[test]
fn labels_are_needed_where_right_answers_decide_and_nowhere_else() {
    let of = |by| CheckPart::Critiqued(Critiqued { by, ..Critiqued::default() });
    let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
    let grants = Grants::new(world, None);
    assert!(of(By::Answers).needs_oracle() && of(By::Answers).build(&grants).is_err());
    assert!(!of(By::Critiques).needs_oracle() && of(By::Critiques).build(&grants).is_ok());
}
