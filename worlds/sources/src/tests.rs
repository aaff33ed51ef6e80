//! What holds for every world.

use std::collections::HashSet;
use std::sync::Arc;

use nouns::{Cue, Key, Split, Task, Unsettled, Verdict, World};
use proptest::prelude::*;

use crate::{Options, catalogue, find, split_of};

fn worlds() -> Vec<Arc<dyn World>> {
    catalogue().iter().map(|entry| find(entry.name, &Options::default()).expect("a world")).collect()
}

/// Those with a language of their own.
fn told() -> Vec<Arc<dyn World>> {
    worlds().into_iter().filter(|world| world.language().is_some()).collect()
}

fn all_tasks(world: &dyn World) -> Vec<Task> {
    Split::ALL.iter().flat_map(|&split| world.tasks(split).expect("tasks")).collect()
}

#[test]
fn splits_are_disjoint_sorted_and_the_same_every_time() {
    for (world, again) in worlds().iter().zip(worlds()) {
        let mut seen = HashSet::new();
        for split in Split::ALL {
            let tasks = world.tasks(split).expect("tasks");
            assert_eq!(tasks, again.tasks(split).expect("tasks"), "{}", world.name());
            assert!(tasks.len() > 100, "{} {split:?}: {}", world.name(), tasks.len());
            assert!(tasks.windows(2).all(|pair| pair[0].id < pair[1].id), "{}", world.name());
            assert!(tasks.iter().all(|task| seen.insert(task.id.clone()) && split_of(&task.id) == split));
        }
    }
}

#[test]
fn about_three_quarters_may_be_trained_on() {
    for world in worlds() {
        let [train, valid, test] = Split::ALL.map(|split| world.tasks(split).expect("tasks").len() as f64);
        let all = train + valid + test;
        let near = |share: f64, wanted: f64| (share / all - wanted).abs() < 0.03;
        assert!(near(train, 0.75) && near(valid, 0.10) && near(test, 0.15), "{}: {train} {valid} {test}", world.name());
    }
}

#[test]
fn a_task_is_read_back_from_its_id_its_prompt_and_a_record() {
    for world in worlds() {
        for task in all_tasks(&*world).iter().step_by(37) {
            assert_eq!(world.read(&task.id).expect("a task"), *task);
            // a prompt of numbers has no text
            if world.language().is_some() {
                assert_eq!(world.read(&task.prompt_text()).expect("a task"), *task);
            }
            assert_eq!(world.read(&serde_json::json!({ "task": task.id }).to_string()).expect("a task"), *task);
        }
    }
}

#[test]
fn prompts_hints_and_examples_are_made_of_the_vocabulary() {
    for world in told() {
        let words: HashSet<String> = world.language().expect("a language").vocabulary().words.into_iter().collect();
        let check = |text: &str| assert!(text.split(' ').all(|word| words.contains(word)), "{}: {text}", world.name());
        for task in all_tasks(&*world).iter().step_by(7) {
            check(&task.prompt_text());
            check(&world.oracle().hinted(task).expect("a hint")[0].content.as_text());
            let guided = world.oracle().guided(task);
            guided.into_iter().flatten().for_each(|turn| check(&turn.content.as_text()));
        }
        let cued: HashSet<String> =
            words.iter().cloned().chain(world.language().expect("a language").cue_words()).collect();
        for (index, cue) in (0..60).flat_map(|index| [Cue::Retry, Cue::Differ, Cue::Hint].map(|cue| (index, cue))) {
            let Some(example) =
                world.language().expect("a language").cued_example(cue, &Key::root(6).at(index), &|_| false)
            else {
                continue;
            };
            let texts = example.prompt.iter().map(|turn| turn.content.as_text().into_owned()).chain([example.response]);
            texts.for_each(|text| assert!(text.split_whitespace().all(|word| cued.contains(word)), "{text}"));
        }
        for index in 0..300 {
            let example =
                world.language().expect("a language").example(&Key::root(5).at(index), &|_| false).expect("an example");
            check(&example.prompt[0].content.as_text());
            check(&example.response);
            let length = example.response.split(' ').count() as u32 + 1;
            assert!(length <= world.longest_answer(), "{}: {length} tokens", example.response);
        }
    }
}

#[test]
fn examples_never_concern_what_is_held_out() {
    for world in told() {
        let held_out = |id: &str| split_of(id) != Split::Train;
        for index in 0..500 {
            let key = Key::root(9).at(index);
            let example = world.language().expect("a language").example(&key, &held_out).expect("an example");
            assert_eq!(
                world.language().expect("a language").example(&key, &held_out),
                Some(example.clone()),
                "the same key, the same example"
            );
            let prompt = unhinted(&example.prompt[0].content.as_text());
            // What is no task at all (an exercise with fewer numbers) is no task that is held out.
            assert!(world.read(&prompt).map_or(true, |task| !held_out(&task.id)), "{}: {prompt}", world.name());
        }
        assert_eq!(world.language().expect("a language").example(&Key::root(9), &|_| true), None);
    }
}

/// About one prompt in seven to one in fifteen gives a hint.
#[test]
fn some_examples_show_hints() {
    for world in told() {
        let examples = (0..1_000)
            .filter_map(|index| world.language().expect("a language").example(&Key::root(2).at(index), &|_| false));
        let hinted = examples.filter(|example| example.prompt[0].content.as_text().contains("hint")).count();
        assert!((40..200).contains(&hinted), "{}: {hinted}", world.name());
    }
}

/// A prompt without its hint.
fn unhinted(prompt: &str) -> String {
    prompt.split(" hint ").next().unwrap_or(prompt).to_owned()
}

#[test]
fn examples_of_the_sequential_worlds_are_right() {
    for world in ["chain", "arithmetic"].map(|name| find(name, &Options::default()).expect("a world")) {
        for index in 0..300 {
            let example =
                world.language().expect("a language").example(&Key::root(4).at(index), &|_| false).expect("an example");
            let task = world.read(&unhinted(&example.prompt[0].content.as_text())).expect("a task");
            assert_eq!(world.oracle().judge(&task, &example.response), Verdict::Right, "{}", example.response);
            let steps = crate::chain::check_steps(&task, &example.response);
            assert!(world.name() != "chain" || steps.expect("steps").iter().all(Result::is_ok));
        }
    }
}

/// What models that value steps are shown: answers that go astray at some step, and answers that do
/// not.
#[test]
fn drawn_answers_are_right_up_to_some_step() {
    for name in ["chain", "game24", "countdown"] {
        let world = find(name, &Options::default()).expect("a world");
        let (tasks, oracle) = (world.tasks(Split::Train).expect("tasks"), world.oracle());
        let (mut right, mut lengths) = (0, std::collections::BTreeSet::new());
        for (index, task) in (0..120).zip(tasks.iter().cycle()) {
            let key = Key::root(6).at(index);
            let other_way = index % 2 == 1;
            let drawn = || world.language().expect("a language").drawn_answer(&key, task, other_way);
            let answer = drawn().expect("an answer");
            assert_eq!(drawn(), Some(answer.clone()), "the same key, the same answer");
            let (before, last) = answer.split_at(world.last_try(&answer));
            let steps: Vec<&str> = last.split_inclusive(';').collect();
            let so_far = |count: usize| format!("{before}{}", steps[..count].concat());
            let good = |count: &usize| oracle.promise(task, &so_far(*count)) == Some(1.0);
            assert!(good(&0), "{name}: {answer} is lost before its last try");
            let kept = (1..=steps.len()).take_while(good).count();
            assert!(
                (kept + 1..=steps.len()).all(|count| !good(&count)),
                "{name}: {answer} is mended after step {kept}"
            );
            assert_eq!(kept == steps.len(), oracle.judge(task, &answer) == Verdict::Right, "{name}: {answer}");
            right += usize::from(kept == steps.len());
            lengths.insert(kept);
        }
        assert!((10..90).contains(&right) && lengths.len() > 3, "{name}: {right} right, {lengths:?}");
    }
    let world = find("arithmetic", &Options::default()).expect("a world");
    let task = &world.tasks(Split::Train).expect("tasks")[0];
    let drawn = world.language().expect("a language").drawn_answer(&Key::root(0), task, false);
    assert_eq!(drawn, None, "a language without them has none");
}

#[test]
fn an_unknown_world_names_the_nearest() {
    let failure = find("gam24", &Options::default()).err().expect("unknown");
    assert_eq!(failure.to_string(), "there is no world or data file `gam24`");
    let hint = failure.hint().expect("a hint");
    assert!(
        hint.starts_with(
            "Did you mean `game24`? The worlds are arithmetic, calculator, chain, clusters, countdown, game24;"
        ),
        "{hint}"
    );
    let failure = find("no/such.jsonl", &Options::default()).err().expect("no file");
    assert_eq!(failure.to_string(), "cannot read no/such.jsonl");
}

#[test]
fn a_task_of_another_world_is_unsettled() {
    let world = find("game24", &Options::default()).expect("a world");
    let task = Task { id: "nonsense".to_owned(), ..all_tasks(&*world)[0].clone() };
    let verdict = world.oracle().judge(&task, "1 + 1 = 2");
    assert!(matches!(verdict, Verdict::Unsettled(Unsettled::CheckerFailed(_))), "{verdict}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No text makes a verifier panic, nor is random text ever right.
    #[test]
    fn token_soup_is_never_right(seed in any::<u64>(), length in 0usize..40) {
        for world in worlds_once() {
            let Some(language) = world.language() else { continue };
            let words = language.vocabulary().words;
            let mut random = Key::root(seed).random();
            let soup: Vec<&str> = (0..length).filter_map(|_| random.pick(&words)).map(String::as_str).collect();
            let task = &world.tasks(Split::Valid).expect("tasks")[0];
            let response = soup.join(" ");
            let _ = (world.answer(task, &response), world.expression(task, &response));
            // `answer 3` by luck is an answer; a derivation by luck does not happen
            if !response.contains("answer") {
                prop_assert!(world.oracle().judge(task, &response).is_right() == Some(false));
            }
        }
    }

    /// Text from nowhere is a task or an error.
    #[test]
    fn reading_never_panics(line in "\\PC{0,40}") {
        for world in worlds_once() {
            let _ = world.read(&line);
            let task = &world.tasks(Split::Test).expect("tasks")[0];
            let _ = (world.oracle().judge(task, &line), world.answer(task, &line), world.expression(task, &line));
        }
    }
}

/// The worlds, made once for the many cases of a property.
fn worlds_once() -> &'static [Arc<dyn World>] {
    static WORLDS: std::sync::LazyLock<Vec<Arc<dyn World>>> = std::sync::LazyLock::new(worlds);
    &WORLDS
}
