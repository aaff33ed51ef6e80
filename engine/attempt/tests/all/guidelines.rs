//! Reasoning paths that come of guidelines.

use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Verdict};

use crate::toy::{NoCheck, attempt_behind, part, policy, tasks};

/// Short words, so that they fit the toy's context. Two paths begin with a selection, one with the
/// first guideline.
const PATHS: &str = r#"{"guidelines": {"seeds": ["+ +", "- -"], "selected": 2, "alone": 1, "select": "{{ guidelines }}",
    "adapt": "{{ guideline }}", "structure": "{{ guideline }}", "path": "{{ structure }} ; {{ question }}",
    "plan_tokens": 4, "max_tokens": 6, "hinted": HINTED}}"#;

fn paths(hinted: bool) -> String {
    PATHS.replace("HINTED", if hinted { "true" } else { "false" })
}

/// Finds every attempt wrong at the tasks at even places, and the others right.
struct EveryOther(Vec<Task>);

impl Check for EveryOther {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let place = |trace: &Trace| self.0.iter().position(|task| task.id == trace.task).expect("one of them");
        let wrong = || Verdict::Wrong("no".into());
        Ok(traces.iter().map(|trace| if place(trace) % 2 == 0 { wrong() } else { Verdict::Right }).collect())
    }
}

#[test]
fn a_path_is_drawn_under_its_plan_and_trained_on_under_the_task_alone() {
    let (policy, tasks) = (policy(), tasks(4));
    let traces = attempt_behind(&part(&paths(false)), &policy, &NoCheck, &tasks, Vec::new()).0;
    let of: Vec<(&str, u32)> = traces.iter().map(|trace| (trace.task.as_str(), trace.sample)).collect();
    let wanted: Vec<(&str, u32)> = tasks.iter().flat_map(|task| (0..3).map(|n| (task.id.as_str(), n))).collect();
    assert_eq!(of, wanted);
    for (trace, task) in traces.iter().zip(tasks.iter().flat_map(|task| [task; 3])) {
        assert_eq!(trace.trained_under, task.prompt, "neither guideline nor plan");
        let [shown] = &trace.generated_under[..] else { panic!("one question: {trace:?}") };
        let text = shown.content.as_text().into_owned();
        assert!(text.ends_with(&format!(" ; {}", task.prompt_text())), "{text}");
        assert!(trace.cost.generated_tokens > trace.tokens.len() as u64, "the steps before it are paid too");
    }
    let plans: std::collections::HashSet<_> =
        traces.iter().map(|trace| trace.generated_under[0].content.as_text().into_owned()).collect();
    assert!(plans.len() > tasks.len(), "the paths to a task follow different plans");
}

#[test]
fn only_tasks_without_a_right_path_are_tried_with_the_answer_and_nobody_learns_that_it_was_shown() {
    let (policy, tasks) = (policy(), tasks(4));
    let judge = EveryOther(tasks.clone());
    let traces = attempt_behind(&part(&paths(true)), &policy, &judge, &tasks, Vec::new()).0;
    let (hinted, plain): (Vec<&Trace>, Vec<&Trace>) = traces.iter().partition(|trace| trace.id.contains("/hinted-"));
    let again: Vec<&str> = hinted.iter().map(|trace| trace.task.as_str()).collect();
    let failed: Vec<&str> = [0, 2].iter().flat_map(|&place: &usize| [tasks[place].id.as_str(); 3]).collect();
    assert_eq!(again, failed);
    for trace in hinted {
        let task = tasks.iter().find(|task| task.id == trace.task).expect("one of them");
        let shown = trace.generated_under[0].content.as_text().into_owned();
        assert!(!shown.ends_with(&format!(" ; {}", task.prompt_text())), "the answer is in it: {shown}");
        assert_eq!(trace.trained_under, task.prompt);
    }
    let alone = attempt_behind(&part(&paths(false)), &policy, &NoCheck, &tasks, Vec::new()).0;
    assert_eq!(plain, alone.iter().collect::<Vec<_>>(), "whether there are hints changes no other path");
}

#[test]
fn a_path_does_not_depend_on_those_beside_it() {
    let (policy, tasks) = (policy(), tasks(3));
    let drawn = |tasks: &[Task]| attempt_behind(&part(&paths(false)), &policy, &NoCheck, tasks, Vec::new()).0;
    let alone: Vec<Trace> = tasks.iter().flat_map(|task| drawn(std::slice::from_ref(task))).collect();
    assert_eq!(alone, drawn(&tasks));
}

#[test]
fn a_plan_that_leaves_no_room_is_left_out() {
    let (policy, tasks) = (policy(), tasks(2));
    let long = paths(false).replace("{{ structure }} ;", &"+ ".repeat(200));
    for trace in attempt_behind(&part(&long), &policy, &NoCheck, &tasks, Vec::new()).0 {
        assert_eq!(trace.generated_under, trace.trained_under);
    }
}
