use nouns::{Action, Call, Content, Key, Observed, Role, Split, Turn, Verdict, World, calls};
use serde_json::json;

use super::problem::Problem;
use super::world;

fn call(expression: &str) -> Action {
    let arguments = json!({ "expression": expression }).as_object().cloned().expect("an object");
    Action::Call(Call { name: "calculator".into(), arguments })
}

#[test]
fn an_episode_goes_from_reset_over_calls_to_an_answer_that_is_rewarded() {
    let world = world();
    let (oracle, task) = (world.oracle(), world.read("624 * 259").expect("a task"));
    let mut desk = world.environment(Some(oracle.as_ref())).expect("an environment");
    let opening = desk.reset(&Key::root(1), &task).expect("it begins");
    assert_eq!((opening[0].role, &opening[1..]), (Role::System, &task.prompt[..]));
    let seen = |text: &str| Observed { reward: Some(0.0), ..Observed::result(Content::text(text)) };
    assert_eq!(desk.step(&call("6 2 4 * 2 5 9")), Ok(seen("= 1 6 1 6 1 6 :")));
    assert_eq!(desk.step(&call("624 /")), Ok(seen("error :")));
    assert_eq!(desk.step(&Action::Say("answer 1 6 1 6 1 6".into())), Ok(Observed::end(Some(1.0))));
    assert_eq!(desk.step(&Action::Say("answer 7".into())), Ok(Observed::end(Some(0.0))));
    // Without the right answers it gives no rewards.
    let mut blind = world.environment(None).expect("an environment");
    blind.reset(&Key::root(1), &task).expect("it begins");
    assert_eq!(blind.step(&Action::Say("answer 1 6 1 6 1 6".into())), Ok(Observed::end(None)));
}

#[test]
fn one_example_in_four_uses_the_calculator_and_what_it_does_works() {
    let world = world();
    let words = world.language().expect("a language").vocabulary().words;
    let mut used = 0;
    for number in 0..400 {
        let key = Key::root(3).at(number);
        let Some(turns) = world.language().expect("a language").episode_example(&key, &|_| false) else { continue };
        used += 1;
        let [prompt, said, seen, answer] = &turns[..] else { panic!("{turns:?}") };
        let texts = turns.iter().map(|turn| turn.content.as_text());
        texts.for_each(|text| assert!(text.split(' ').all(|word| words.iter().any(|known| known == word)), "{text}"));
        let task = world.read(&prompt.content.as_text()).expect("a task");
        let [Ok(made)] = &calls(&said.content.as_text())[..] else { panic!("{said:?}") };
        let mut desk = world.environment(None).expect("an environment");
        desk.reset(&key, &task).expect("it begins");
        assert_eq!(made.fits(&desk.tools()), Ok(()));
        let shown = desk.step(&Action::Call(made.clone())).expect("a result");
        assert_eq!(Turn { role: shown.role, content: shown.content }, *seen);
        assert_eq!(world.oracle().judge(&task, &answer.content.as_text()), Verdict::Right);
    }
    assert!((70..130).contains(&used), "{used} of 400");
    let held_out = world.tasks(Split::Test).expect("tasks").swap_remove(0).id;
    for number in 0..50 {
        let turns =
            world.language().expect("a language").episode_example(&Key::root(3).at(number), &|id| id != held_out);
        assert!(turns.is_none_or(|turns| world.read(&turns[0].content.as_text()).expect("a task").id == held_out));
    }
}

#[test]
fn answers_are_found_as_people_write_them_and_a_call_is_none() {
    let task = Problem::read("624 * 259").expect("a problem").task();
    let judge = |text: &str| world().oracle().judge(&task, text).is_right();
    for text in ["answer 1 6 1 6 1 6", "The answer is 161616.", "It is 161,616", "624 * 259 = 161616"] {
        assert_eq!(judge(text), Some(true), "{text}");
    }
    for text in [
        "answer",
        "answer 1 6 1 6",
        "",
        "<tool_call> {\"name\": \"calculator\", \"arguments\": {\"expression\": \" 1 6 1 6 1 6 \"}} </tool_call>",
    ] {
        assert_eq!(judge(text), Some(false), "{text}");
    }
}
