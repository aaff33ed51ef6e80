//! What ends an episode, and what it is then.

use episodes::{Limits, Rolling, Spent, Start};
use nouns::{Finish, Key, Sampling, Silent, Task, Trace, Unsettled, World};

use crate::scripted::{Always, Scripted, Stage, call, task};

const LIMITS: Limits = Limits { turns: 3, tokens: 60, turn_tokens: 0, spent: Spent::Unsettled };

fn roll(policy: &Scripted, chains: &[&[&str]], limits: Limits) -> Vec<Trace> {
    let tasks: Vec<Vec<Task>> = chains.iter().map(|chain| chain.iter().map(|id| task(id)).collect()).collect();
    let chains: Vec<Vec<Start>> = tasks.iter().map(|chain| chain.iter().map(start).collect()).collect();
    let sampling = Sampling::default();
    let rolling = Rolling {
        policy,
        world: &Stage,
        oracle: Some(&Always),
        sampling: &sampling,
        limits,
        round: 1,
        progress: &Silent,
    };
    rolling.roll(&chains).expect("traces").expect("an environment")
}

fn start(task: &Task) -> Start<'_> {
    Start { task, sample: 0, id: format!("1/{}", task.id), key: Key::root(1).of(&task.id) }
}

fn unsettled(trace: &Trace) -> Option<&Unsettled> {
    trace.episode.as_ref().expect("an episode").unsettled.as_ref()
}

fn rewards(trace: &Trace) -> Vec<Option<f64>> {
    trace.episode.as_ref().expect("an episode").turns.iter().map(|turn| turn.reward).collect()
}

#[test]
fn an_episode_is_what_was_drawn_and_what_was_seen_in_turns() {
    let policy = Scripted::new(&[("plain", &[&call("a"), "b"])]);
    let [trace] = &roll(&policy, &[&["plain"]], LIMITS)[..] else { panic!("one trace") };
    assert_eq!(policy.text(&trace.tokens), format!("{} a 1 b", call("a")));
    let drawn = trace.drawn();
    let seen: Vec<u32> = trace.tokens.iter().zip(&drawn).filter(|(_, drawn)| !**drawn).map(|(&id, _)| id).collect();
    assert_eq!(policy.text(&seen), "a 1");
    let of_seen: Vec<f32> = trace.log_probs.iter().zip(&drawn).filter(|(_, drawn)| !**drawn).map(|(&p, _)| p).collect();
    assert_eq!((of_seen, trace.log_probs.len()), (vec![0.0, 0.0], trace.tokens.len()));
    assert_eq!((trace.text().as_ref(), trace.finish, unsettled(trace)), ("b", Finish::Stop, None));
    assert_eq!((rewards(trace), trace.cost.environment_steps), (vec![Some(0.25), Some(0.25)], 2));
}

#[test]
fn a_wrong_call_is_told_and_the_environment_hears_nothing_of_it() {
    let unknown = r#"<tool_call> {"name": "shout", "arguments": {}} </tool_call>"#;
    let broken = "<tool_call> a";
    for wrong in [unknown, broken] {
        let policy = Scripted::new(&[("plain", &[wrong, "b"])]);
        let [trace] = &roll(&policy, &[&["plain"]], LIMITS)[..] else { panic!("one trace") };
        let episode = trace.episode.as_ref().expect("an episode");
        let told = episode.turns[0].observation[0].content.as_text().into_owned();
        assert!(told.starts_with("error: ") && episode.turns[0].observed > 0, "{told}");
        assert_eq!((rewards(trace), trace.cost.environment_steps, unsettled(trace)), (vec![None, Some(0.25)], 1, None));
    }
}

#[test]
fn time_outs_and_crashes_are_unsettled_and_the_others_go_on() {
    let lines: &[&str] = &["b"];
    let policy = Scripted::new(&[("late", lines), ("crash", lines), ("shut", lines), ("plain", lines)]);
    let traces = roll(&policy, &[&["late"], &["crash"], &["plain"], &["shut"]], LIMITS);
    let why: Vec<Option<String>> = traces.iter().map(|trace| unsettled(trace).map(Unsettled::to_string)).collect();
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(
        why,
        [
            said("a bound was reached: no answer within 5 s"),
            said("the environment failed: the room caves in"),
            None,
            said("the environment failed: it does not open"),
        ]
    );
    assert!(traces[3].tokens.is_empty() && !traces[0].tokens.is_empty());
}

#[test]
fn a_spent_budget_is_unsettled_unless_it_is_a_part_of_the_task() {
    let on_and_on = call("a");
    let policy = Scripted::new(&[("plain", &[&on_and_on])]);
    let few_tokens = Limits { tokens: 11, ..LIMITS };
    let cut_off = Limits { turn_tokens: 3, ..LIMITS };
    for limits in [LIMITS, few_tokens, cut_off] {
        let [trace] = &roll(&policy, &[&["plain"]], limits)[..] else { panic!("one trace") };
        assert!(matches!(unsettled(trace), Some(Unsettled::OutOfBounds(_))), "{:?}", trace.episode);
        assert!(trace.finish == Finish::Length && trace.tokens.len() <= limits.tokens as usize);
        assert_eq!(trace.drawn().last(), Some(&true), "nothing is shown that nobody answers");
        let judged = Limits { spent: Spent::Judged, ..limits };
        let [same] = &roll(&policy, &[&["plain"]], judged)[..] else { panic!("one trace") };
        assert_eq!((unsettled(same), &same.tokens, same.finish), (None, &trace.tokens, Finish::Length));
    }
    assert_eq!(Limits::of(&Stage, Stage.environment(None).expect("one").as_ref(), Spent::Unsettled), LIMITS);
}

#[test]
fn the_episodes_of_a_chain_share_an_environment_and_follow_one_another() {
    let policy = Scripted::new(&[("one", &[&call("a"), "b"]), ("two", &[&call("a"), "b"]), ("late", &["b"])]);
    let traces = roll(&policy, &[&["one", "two"], &["two", "late", "one"]], LIMITS);
    let place = |trace: &Trace| (trace.task.clone(), trace.turn, trace.parent.clone());
    let of = |task: &str, turn: u32, parent: Option<&str>| (task.to_owned(), turn, parent.map(str::to_owned));
    assert_eq!(
        traces.iter().map(place).collect::<Vec<_>>(),
        [of("one", 0, None), of("two", 1, Some("1/one")), of("two", 0, None), of("late", 1, Some("1/two"))],
        "a chain ends with what breaks off"
    );
    assert!(policy.text(&traces[1].tokens).contains("a 2"), "the room remembers what was said in it before");
}
