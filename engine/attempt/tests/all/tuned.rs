//! A temperature that is chosen on trials, and a model that is asked about itself.

use std::sync::Mutex;

use attempt::AttemptPart;
use nouns::{
    AttemptContext, Check, Completion, Content, Cost, Digest, DropTrees, Finish, Generate, Key, Policy, Progress,
    Prompt, Reply, Request, Role, Silent, Stage, Task, Trace, Turn, Verdict, generate_by_tokens,
};

use crate::toy::{Counting, attempt, part, tasks, world};

#[test]
fn trials_are_charged_and_a_grid_of_one_needs_none() {
    let one = part(r#"{"tuned": {"per_task": 3, "lowest": 0.7, "highest": 0.7, "max_tokens": 8}}"#);
    let three = part(r#"{"tuned": {"per_task": 3, "lowest": 0.6, "highest": 0.8, "tasks": 2, "max_tokens": 8}}"#);
    for (part, calls) in [(one, vec![15]), (three, vec![6, 6, 6, 15])] {
        let counting = Counting::new();
        let (traces, _) = attempt(&part, &counting, &tasks(5));
        let spent: u64 = traces.iter().map(|trace| trace.cost.generated_tokens).sum();
        assert_eq!((counting.calls.lock().expect("calls").clone(), traces.len()), (calls, 15));
        assert_eq!(spent, *counting.tokens.lock().expect("tokens"));
    }
}

/// Calls answers at a temperature of 0.9 right, all others wrong.
struct Warm;

impl Check for Warm {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> faults::Outcome<Vec<Verdict>> {
        let warm = |trace: &Trace| (trace.sampling.temperature - 0.9).abs() < 1e-3;
        Ok(traces.iter().map(|trace| if warm(trace) { Verdict::Right } else { Verdict::Wrong("no".into()) }).collect())
    }
}

#[test]
fn the_temperature_with_the_best_figure_answers_all_tasks() {
    for by in ["effect", "top"] {
        let part = part(&format!(r#"{{"tuned": {{"per_task": 4, "by": "{by}", "tasks": 3, "max_tokens": 8}}}}"#));
        let traces = under(&part, &crate::toy::policy(), &Warm, &tasks(6));
        let temperatures = traces.iter().map(|trace| trace.sampling.temperature);
        assert!(temperatures.clone().all(|t| (t - 0.9).abs() < 1e-3), "{by}: {:?}", temperatures.collect::<Vec<_>>());
    }
}

fn under(part: &AttemptPart, policy: &dyn Policy, checker: &dyn Check, tasks: &[Task]) -> Vec<Trace> {
    let world = world();
    let held_out = |id: &str| id.starts_with("x = 9");
    let cx = AttemptContext {
        policy,
        models: &Default::default(),
        checker,
        world: world.as_ref(),
        oracle: None,
        value: None,
        trees: &DropTrees,
        held_out: &held_out,
    };
    let stage = Stage { round: 1, key: Key::root(3), progress: &Silent };
    part.attempt(&stage, &cx, tasks, Vec::new()).expect("traces")
}

/// Says the next of these lines, whatever it is asked, and then always the last.
struct Scripted(Mutex<Vec<&'static str>>);

impl Generate for Scripted {
    fn digest(&self) -> Digest {
        Digest::of(b"scripted")
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> faults::Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for Scripted {
    fn encode(&self, context: &[Turn]) -> faults::Outcome<Vec<u32>> {
        Ok(context.iter().flat_map(|turn| turn.content.as_text().chars().map(u32::from).collect::<Vec<_>>()).collect())
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        text.chars().map(u32::from).collect()
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        Content::text(tokens.iter().filter_map(|&token| char::from_u32(token)).collect::<String>())
    }

    fn context_length(&self) -> usize {
        1000
    }

    fn sample(&self, requests: &[Request], _: &dyn Progress) -> faults::Outcome<Vec<Completion>> {
        let mut lines = self.0.lock().expect("one caller");
        let completion = |_: &Request| {
            let line = if lines.len() > 1 { lines.remove(0) } else { lines[0] };
            let tokens = self.encode_fragment(line);
            Completion { log_probs: vec![0.0; tokens.len()], tokens, finish: Finish::Stop, cost: Cost::default() }
        };
        Ok(requests.iter().map(completion).collect())
    }

    fn score(&self, _: &[(&[u32], &[u32])], _: &dyn Progress) -> faults::Outcome<Vec<Vec<f32>>> {
        Ok(Vec::new())
    }
}

#[test]
fn a_model_is_asked_about_new_tasks_of_its_own_and_none_that_are_held_out() {
    let made = vec!["x = 1 ; + 2", "no task", "x = 1 ; + 2", "x = 9 ; + 1", "answer"];
    let part = part(r#"{"introspect": {"per_claim": 2, "votes": 3}}"#);
    let traces = under(&part, &Scripted(Mutex::new(made)), &Warm, &tasks(1));
    let asked: Vec<_> = traces.iter().map(|trace| trace.trained_under[0].content.as_text()).collect();
    let wanted = ["hint answer :", "hint answer :", "hint hint :", "hint hint :"];
    let vote = "hint x = 1 ; + 2 mod 11 :";
    assert_eq!(asked, [&wanted[..], &[vote; 3]].concat());
    assert!(traces[4..].iter().all(|vote| vote.parent.as_ref() == Some(&traces[0].id) && vote.text() == "answer"));
    assert!(traces.iter().all(|trace| trace.task == tasks(1)[0].id && trace.trained_under == trace.generated_under));
}

#[test]
fn about_a_task_of_its_own_from_a_round_before_it_is_only_asked() {
    let world = world();
    let before = world.read("x = 1 ; + 2").expect("a task");
    let question = world.wording().ask_ability(&before).expect("words");
    let reply = Turn { role: Role::Assistant, content: Content::text("answer") };
    let again = Task { prompt: [question.clone(), vec![reply]].concat(), ..before };
    let part = part(r#"{"introspect": {"per_claim": 1, "votes": 3}}"#);
    // What is made now and was made before is not asked about twice.
    let said = vec!["x = 1 ; + 2", "x = 2 ; + 2", "answer"];
    let tasks = [tasks(1), vec![again]].concat();
    let traces = under(&part, &Scripted(Mutex::new(said)), &Warm, &tasks);
    let of = |task: &Task| traces.iter().filter(|trace| trace.task == task.id).collect::<Vec<&Trace>>();
    assert_eq!((of(&tasks[0]).len(), of(&tasks[1]).len()), (2 + 3, 3));
    let only_asked = |vote: &&Trace| vote.parent.is_none() && vote.trained_under == question && vote.text() == "answer";
    assert!(of(&tasks[1]).iter().all(only_asked));
}
