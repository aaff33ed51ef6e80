//! Critiques of answers, and answers anew in view of them.

use std::sync::{Arc, Mutex};

use faults::Outcome;
use nouns::{
    Answerers, Check, Content, Cost, Digest, Finish, Generate, Progress, Prompt, Reply, Stage, Task, Trace, Verdict,
};

use crate::toy::{NoCheck, attempt_among, attempt_behind, part, policy, tasks};

/// Two answers to each task, then critiques; short words, so that they fit the toy's context.
const SAMPLES: &str = r#"{"sample": {"per_task": 2, "max_tokens": 6}}"#;
const CRITIQUES: &str = r#"{"critique": {"model": "critic", "ask": "x", "ask_shown": "{{ question }} {{ answer }}",
    "revise": "x", "max_tokens": 6, MORE}}"#;

/// A critic in words, which says one thing and keeps what it was shown.
struct Critic {
    says: &'static str,
    heard: Mutex<Vec<String>>,
}

impl Generate for Critic {
    fn digest(&self) -> Digest {
        Digest::of(self.says.as_bytes())
    }

    fn generate(&self, prompts: &[Prompt], _: &dyn Progress) -> Outcome<Vec<Reply>> {
        let shown = |prompt: &Prompt| prompt.turns.iter().map(|turn| turn.content.to_string()).collect::<String>();
        self.heard.lock().expect("one at a time").extend(prompts.iter().map(shown));
        let cost = Cost { generated_tokens: 5, ..Cost::default() };
        Ok(vec![Reply { content: Content::text(self.says), finish: Finish::Stop, cost }; prompts.len()])
    }
}

/// Finds the first answer to each task right and the others wrong; of the last task all are wrong.
struct FirstIsRight(String);

impl Check for FirstIsRight {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let right = |trace: &Trace| trace.sample == 0 && trace.task != self.0;
        let verdict = |trace| if right(trace) { Verdict::Right } else { Verdict::Wrong("no".into()) };
        Ok(traces.iter().map(verdict).collect())
    }
}

/// What comes of a critic that says this, and what it was shown.
fn criticised(says: &'static str, more: &str, checker: &dyn Check, tasks: &[Task]) -> (Vec<Trace>, Vec<String>) {
    let critic = Arc::new(Critic { says, heard: Mutex::default() });
    let models = Answerers::from([("critic".to_owned(), critic.clone() as Arc<dyn Generate>)]);
    let policy = policy();
    let samples = attempt_behind(&part(SAMPLES), &policy, &NoCheck, tasks, Vec::new()).0;
    let part = part(&CRITIQUES.replace("MORE", more));
    let traces = attempt_among(&part, &policy, &models, checker, tasks, samples).expect("traces").0;
    let heard = critic.heard.lock().expect("done").clone();
    (traces, heard)
}

/// The kind of each turn: what its name ends in.
fn kinds(traces: &[Trace]) -> Vec<&str> {
    traces.iter().map(|trace| trace.id.rsplit('/').next().unwrap_or_default()).collect()
}

#[test]
fn what_is_found_wrong_is_written_anew_behind_its_critique_and_taught_as_a_first_answer() {
    let tasks = tasks(2);
    let (traces, _) = criticised("no", r#""rewrites": 2"#, &NoCheck, &tasks);
    let one = |n| [n, "critique", "rewrite-0", "rewrite-1"];
    assert_eq!(kinds(&traces), [one("0"), one("1"), one("0"), one("1")].concat());
    for chain in traces.chunks(4) {
        let [answer, critique, anew, other] = chain else { panic!("{chain:?}") };
        assert_eq!((critique.turn, anew.turn, other.turn), (1, 2, 2));
        assert_eq!(critique.parent.as_ref(), Some(&answer.id));
        assert_eq!(anew.parent.as_ref(), Some(&critique.id));
        assert_eq!(critique.text(), "no");
        let said: Vec<String> = anew.generated_under.iter().map(|turn| turn.content.to_string()).collect();
        let question = answer.trained_under[0].content.to_string();
        assert_eq!(said, [question.as_str(), answer.text().as_ref(), "x", "no", "x"]);
        assert_eq!(anew.trained_under, answer.trained_under, "as if it had been the first");
        assert_ne!(anew.id, other.id);
    }
    let (traces, _) = criticised("no", r#""under": "both""#, &NoCheck, &tasks);
    assert_eq!(kinds(&traces)[..4], ["0", "critique", "rewrite-0", "in-place"]);
    assert_eq!(traces[3].trained_under, traces[2].generated_under);
    assert_eq!(traces[3].tokens, traces[2].tokens, "the same answer, taught twice");
    assert_eq!(traces[3].cost, Cost::default(), "and drawn once");
}

#[test]
fn what_is_found_right_stays_and_what_is_said_again_is_criticised_where_that_is_asked() {
    let tasks = tasks(1);
    let (traces, _) = criticised("yes", r#""rewrites": 2"#, &NoCheck, &tasks);
    assert_eq!(kinds(&traces), ["0", "critique", "1", "critique"]);
    let (traces, _) = criticised("no", r#""again": true"#, &NoCheck, &tasks);
    assert_eq!(kinds(&traces)[..4], ["0", "critique", "rewrite-0", "critique"]);
    assert_eq!(traces[3].parent.as_ref(), Some(&traces[2].id));
}

#[test]
fn a_critic_is_shown_the_right_answer_only_where_that_is_asked_and_nobody_is_taught_so() {
    let tasks = tasks(1);
    let (plain, heard) = criticised("no", r#""shown": false"#, &NoCheck, &tasks);
    let (told, heard_more) = criticised("no", r#""shown": true"#, &NoCheck, &tasks);
    let world = crate::toy::world();
    let hinted = world.oracle().hinted(&tasks[0]).expect("a hint");
    let hinted = Task { prompt: hinted, ..tasks[0].clone() }.prompt_text();
    assert!(heard.iter().all(|shown| !shown.contains(&hinted)));
    assert!(heard_more.iter().all(|shown| shown.contains(&hinted)), "{heard_more:?}");
    let taught = |traces: &[Trace]| traces.iter().map(|trace| trace.trained_under.clone()).collect::<Vec<_>>();
    assert_eq!(taught(&plain), taught(&told));
    let without = part(&CRITIQUES.replace("MORE", r#""shown": false"#));
    assert!(!without.needs_oracle() && part(&CRITIQUES.replace("MORE", r#""shown": true"#)).needs_oracle());
}

#[test]
fn only_wrong_answers_are_criticised_and_harder_tasks_get_more_tries() {
    let tasks = tasks(2);
    let judge = FirstIsRight(tasks[1].id.clone());
    let more = r#""of": "wrong", "rewrites": 4, "by_difficulty": true"#;
    let (traces, _) = criticised("no", more, &judge, &tasks);
    let of = |task: &Task| {
        let own: Vec<Trace> = traces.iter().filter(|trace| trace.task == task.id).cloned().collect();
        (own.iter().filter(|trace| trace.is_critique()).count(), own.iter().filter(|one| one.is_rewritten()).count())
    };
    assert_eq!(of(&tasks[0]), (1, 2), "half of its answers are wrong: one, with half of the tries");
    assert_eq!(of(&tasks[1]), (2, 8), "all are wrong: two, with all tries each");
}

#[test]
fn the_last_answer_alone_is_kept_for_answering_and_bears_the_whole_cost() {
    let tasks = tasks(2);
    let (all, _) = criticised("no", r#""rewrites": 1"#, &NoCheck, &tasks);
    let (last, _) = criticised("no", r#""rewrites": 1, "keep": "last""#, &NoCheck, &tasks);
    assert_eq!(kinds(&last), ["rewrite-0"; 4]);
    let paid = |traces: &[Trace]| traces.iter().map(|trace| trace.cost.generated_tokens).sum::<u64>();
    assert_eq!(paid(&last), paid(&all));
    let (content, _) = criticised("yes", r#""keep": "last""#, &NoCheck, &tasks);
    assert_eq!(kinds(&content), ["0", "1", "0", "1"]);
}
