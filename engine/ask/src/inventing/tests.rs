use std::cell::Cell;

use nouns::{Answerers, Cost, Digest, Finish, Progress, Silent, Split, World};

use super::*;

/// A model that always writes this, and keeps what it is asked.
struct Writes(&'static str);

impl Generate for Writes {
    fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    fn generate(&self, prompts: &[Prompt], _: &dyn Progress) -> Outcome<Vec<Reply>> {
        let cost = Cost { generated_tokens: 7, ..Cost::default() };
        let reply = Reply { content: Content::text(self.0), finish: Finish::Stop, cost };
        assert!(prompts.iter().all(|prompt| prompt.turns[0].content.as_text().contains("1. ")), "examples are shown");
        Ok(vec![reply; prompts.len()])
    }
}

fn world() -> Arc<dyn World> {
    sources::find("arithmetic", &sources::Options::default()).expect("a world")
}

fn asked(part: &Inventing, writes: &'static str, held_out: &str) -> Outcome<(Vec<Task>, u64)> {
    let world = world();
    let trainable: Vec<Task> = world.tasks(Split::Train).expect("tasks").into_iter().take(20).collect();
    let models = Answerers::from([("maker".to_owned(), Arc::new(Writes(writes)) as Arc<dyn Generate>)]);
    let cost = Cell::new(Cost::default());
    let cx = AskContext {
        trainable: &trainable,
        world: world.as_ref(),
        grown: &[],
        models: &models,
        held_out: &|task| task.prompt_text().contains(held_out),
        pay: &|more| cost.set([cost.get(), more].into_iter().sum()),
    };
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    Ok((part.ask(&stage, &cx)?, cost.get().generated_tokens))
}

fn part() -> Inventing {
    Inventing { model: "maker".into(), limit: 6, invented: 4, count: 4, ..Inventing::default() }
}

const LIST: &str = "Here they are:\n1. 31 + 45\n2. 31 + 45\n3. what is red?\n4. 77 + 11\n5. 60 + 22";

#[test]
fn items_become_tasks_once_and_what_is_none_or_held_out_is_dropped() {
    let (tasks, tokens) = asked(&part(), LIST, "7 7").expect("tasks");
    let said: Vec<String> = tasks.iter().map(Task::prompt_text).collect();
    assert_eq!(tasks.len(), 6, "the world's take the place of those that did not come: {said:?}");
    let world = world();
    let ids = ["31 + 45", "60 + 22"].map(|line| world.read(line).expect("a task").id);
    assert_eq!([&tasks[0].id, &tasks[1].id], [&ids[0], &ids[1]]);
    let different: HashSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(different.len(), 6);
    assert_eq!(tokens, 14, "a reply for four, and one more for the two that were missing: then patience ends");
}

#[test]
fn enough_is_enough_and_nothing_more_is_asked() {
    let (tasks, tokens) = asked(&Inventing { invented: 2, count: 8, ..part() }, LIST, "never").expect("tasks");
    assert_eq!((tasks.len(), tokens), (6, 7));
    let (tasks, tokens) = asked(&Inventing { invented: 0, ..part() }, LIST, "never").expect("tasks");
    assert_eq!((tasks.len(), tokens), (6, 0));
}

#[test]
fn a_model_that_is_not_there_and_a_prompt_without_examples_are_refused() {
    let fault = asked(&Inventing { model: "teacher".into(), ..part() }, LIST, "never").expect_err("nobody");
    assert!(fault.to_string().contains("`teacher`"), "{fault}");
    let silent = Template::new("Write {{ count }} tasks.").expect("a template");
    let fault = asked(&Inventing { prompt: silent, ..part() }, LIST, "never").expect_err("no examples");
    assert!(fault.to_string().contains("never shows `examples`"), "{fault}");
}
