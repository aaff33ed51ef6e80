use std::sync::Arc;

use nouns::{Silent, claimed};

use super::*;
use crate::traces::trace;

const MADE: [&str; 2] = ["x = 1 ; + 2", "x = 9 ; + 1"];

fn world() -> Arc<dyn World> {
    sources::find("chain", &sources::Options::default()).expect("a world")
}

fn problems(count: usize) -> Vec<Task> {
    world().tasks(nouns::Split::Train).expect("tasks").into_iter().take(count).collect()
}

fn question(made: &str) -> Vec<Turn> {
    let world = world();
    world.wording().ask_ability(&world.read(made).expect("a task")).expect("words")
}

/// Two made tasks with four replies each, as many of which agree as is said; of what was made each
/// agreeing reply says `answer`.
fn made_now(agreeing: [usize; 2]) -> Vec<(Trace, f64)> {
    let like = &problems(1)[0];
    let making = |(number, agreeing): (usize, usize)| {
        let id = format!("1/{}/{number}", like.id);
        let making = trace(&id, &like.id, number, &world().wording().ask_for_task(true, like), MADE[number]);
        let vote = |sample: usize| {
            let (reply, worth) = if sample < agreeing { ("answer", 1.0) } else { ("hint", 0.0) };
            let vote = trace(&format!("{id}/vote-{sample}"), &like.id, sample, &question(MADE[number]), reply);
            (Trace { parent: Some(id.clone()), ..vote }, worth)
        };
        let votes: Vec<(Trace, f64)> = (0..4).map(vote).collect();
        [vec![(making, agreeing as f64 / 4.0)], votes].concat()
    };
    agreeing.into_iter().enumerate().flat_map(making).collect()
}

fn grown(part: &Replaying, before: Vec<Grown>, attempts: &[(Trace, f64)]) -> Vec<Grown> {
    let attempts: Vec<(&Trace, f64)> = attempts.iter().map(|(trace, worth)| (trace, *worth)).collect();
    part.grow(&Key::root(1), world().as_ref(), before, &attempts)
}

fn asked(part: &Replaying, trainable: &[Task], grown: &[Grown]) -> Vec<Task> {
    let stage = Stage { round: 2, key: Key::root(2), progress: &Silent };
    crate::traces::asked(part, &stage, world().as_ref(), trainable, grown).expect("tasks")
}

fn part() -> Replaying {
    Replaying { consensus: 0.75, ..Replaying::default() }
}

#[test]
fn what_has_consensus_is_asked_again_with_what_it_was_made_to_be() {
    let before = grown(&part(), Vec::new(), &made_now([3, 2]));
    let ids: Vec<&str> = before.iter().map(|one| one.task.id.as_str()).collect();
    assert_eq!(ids, [world().read(MADE[0]).expect("a task").id]);
    let trainable = problems(3);
    let tasks = asked(&part(), &trainable, &before);
    assert_eq!(tasks.len(), 4, "behind the world's tasks");
    let (question_of, reply) = claimed(&tasks[3].prompt).expect("a reply");
    assert_eq!((question_of, reply.as_str()), (&question(MADE[0])[..], "answer"));
    assert!(tasks[..3].iter().all(|task| claimed(&task.prompt).is_none()));
}

#[test]
fn it_is_forgotten_once_its_replies_disagree_and_remembered_if_they_do_not() {
    let before = grown(&part(), Vec::new(), &made_now([4, 4]));
    let vote = |(sample, worth): (usize, f64)| {
        let one = &before[0].task;
        let reply = if worth > 0.0 { "answer" } else { "hint" };
        (trace(&format!("2/{}/again/vote-{sample}", one.id), &one.id, sample, &one.prompt, reply), worth)
    };
    let again = |worths: [f64; 4]| {
        let votes: Vec<(Trace, f64)> = worths.into_iter().enumerate().map(vote).collect();
        grown(&part(), before.clone(), &votes)
    };
    assert_eq!(again([1.0, 0.0, 0.0, 1.0]), before[1..]);
    let still = again([0.0, 1.0, 1.0, 1.0]);
    assert_eq!((still.len(), &still[0].task, still[0].learnability), (2, &before[0].task, 0.1875));
}

#[test]
fn at_most_so_many_are_asked_again_and_none_twice() {
    let before = grown(&part(), Vec::new(), &made_now([4, 4]));
    assert_eq!(asked(&Replaying { again: 1, ..part() }, &problems(2), &before).len(), 3);
    assert_eq!(grown(&Replaying { capacity: 1, ..part() }, Vec::new(), &made_now([4, 4])).len(), 1);
    let own: Vec<Task> = MADE.iter().map(|made| world().read(made).expect("a task")).collect();
    assert_eq!(asked(&part(), &own, &before).len(), 2, "the world asks them itself");
}
