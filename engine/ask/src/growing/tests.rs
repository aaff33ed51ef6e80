use super::*;
use nouns::{Silent, Turn};

fn world() -> std::sync::Arc<dyn World> {
    sources::find("chain", &sources::Options::default()).expect("a world")
}

fn problems(count: usize) -> Vec<Task> {
    world().tasks(nouns::Split::Train).expect("tasks").into_iter().take(count).collect()
}

/// Answers to a task as it is asked, each as good as is said.
fn answers(asked: &Task, qualities: &[f64]) -> Vec<(Trace, f64)> {
    let one = |(sample, &quality): (usize, &f64)| {
        let (id, response) = (format!("1/{}/{sample}", asked.prompt_text()), format!("answer {quality}"));
        let trace = crate::traces::trace(&id, &asked.id, sample, &asked.prompt, &response);
        (trace, quality)
    };
    qualities.iter().enumerate().map(one).collect()
}

fn grown(part: &Growing, before: Vec<Grown>, attempts: &[(Trace, f64)]) -> Vec<Grown> {
    let attempts: Vec<(&Trace, f64)> = attempts.iter().map(|(trace, quality)| (trace, *quality)).collect();
    part.grow(&Key::root(1), world().as_ref(), before, &attempts)
}

fn asked(part: &Growing, trainable: &[Task], grown: &[Grown]) -> Vec<Task> {
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let world = world();
    crate::traces::asked(part, &stage, world.as_ref(), trainable, grown).expect("tasks")
}

#[test]
fn learnability_is_the_variance_of_one_group_and_a_child_inherits_it() {
    let task = &problems(1)[0];
    let family = grown(&Growing::default(), Vec::new(), &answers(task, &[0.0, 0.5, 0.5, 1.0]));
    let [child, parent] = &family[..] else { panic!("{family:?}") };
    assert_eq!((parent.learnability, parent.depth, &parent.answer), (0.125, 0, &None));
    assert_eq!((child.learnability, child.depth), (0.125, 1));
    assert!(
        ["answer 0", "answer 0.5"].contains(&child.answer.as_deref().expect("an answer")),
        "what is right leaves nothing"
    );
    // Asked itself, it has a learnability of its own, and a child that goes on from the latest answer alone.
    let next = child.asked(world().wording(), Cue::Retry);
    let family = grown(&Growing::default(), family.clone(), &answers(&next, &[0.2, 0.4]));
    let of = |depth: u32| family.iter().find(|one| one.depth == depth).expect("one");
    assert!((of(1).learnability - 0.01).abs() < 1e-12 && (of(2).learnability - 0.01).abs() < 1e-12);
    assert_eq!((of(0).learnability, &of(2).task), (0.125, task));
    let shown = of(2).asked(world().wording(), Cue::Differ);
    assert_eq!(shown.prompt.len(), 3, "the problem, the latest answer, and what is said");
    assert_eq!(shown.prompt[2], Turn::user(" differ :"));
}

#[test]
fn the_buffer_keeps_what_teaches_most_and_only_problems_where_no_answer_is_gone_on_from() {
    let tasks = problems(3);
    let attempts: Vec<(Trace, f64)> = tasks
        .iter()
        .zip([[0.0, 1.0], [0.5, 0.5], [0.2, 0.8]])
        .flat_map(|(task, qualities)| answers(task, &qualities))
        .collect();
    let part = Growing { capacity: 2, steps: false, ..Growing::default() };
    let kept: Vec<(String, Option<String>)> =
        grown(&part, Vec::new(), &attempts).into_iter().map(|one| (one.task.id, one.answer)).collect();
    assert_eq!(kept, [(tasks[0].id.clone(), None), (tasks[2].id.clone(), None)]);
}

#[test]
fn a_share_of_the_tasks_comes_from_the_buffer_once_it_holds_enough_and_none_twice() {
    let tasks = problems(200);
    let attempts: Vec<(Trace, f64)> = tasks[..60].iter().flat_map(|task| answers(task, &[0.0, 0.5])).collect();
    let part = Growing { limit: 100, least: 100, kappa: 0.0, ..Growing::default() };
    let buffer = grown(&part, Vec::new(), &attempts);
    assert_eq!(buffer.len(), 120);
    let round = asked(&part, &tasks, &buffer);
    let distinct: HashSet<(String, String)> = round.iter().map(|task| (task.id.clone(), task.prompt_text())).collect();
    assert_eq!((round.len(), distinct.len()), (100, 100));
    let going_on = round.iter().filter(|task| task.prompt.len() == 3).count();
    assert!((12..40).contains(&going_on), "{going_on}: half from the buffer, half of which goes on");
    let early = asked(&Growing { least: 121, ..part.clone() }, &tasks, &buffer);
    assert!(early.iter().all(|task| task.prompt.len() == 1));
}

#[test]
fn what_teaches_most_is_asked_first() {
    let tasks = problems(2);
    let attempts: Vec<(Trace, f64)> = [answers(&tasks[0], &[0.0, 1.0]), answers(&tasks[1], &[0.4, 0.5])].concat();
    let part = Growing { limit: 1, least: 0, share: 1.0, kappa: 1e6, steps: false, ..Growing::default() };
    assert_eq!(asked(&part, &[], &grown(&part, Vec::new(), &attempts)), [tasks[0].clone()]);
}
