//! What a model of a small world is asked about its own ability, and what it replies, in words that
//! the worlds have anyway.
//!
//! ```text
//! hint x = 7 ; + 5 mod 11 :    can you solve this?          reply:  answer    I can answer    hint    I should need a hint
//! hint answer :                make one that you can        reply:  x = 7 ; + 5
//! hint hint :                  make one that you cannot     reply:  x = 4 ; * 7 ; - 2 ; * 9 ; + 6 ; * 8
//! ```
//!
//! In examples someone who does not know the model has guessed: short problems can be solved, long
//! ones cannot, and one guess in four is the other way. So a model made from them knows how to
//! reply, and has something left to find out.

use nouns::{Example, Random, Task, Turn};

/// How often a guess is the other way.
const WRONG: f64 = 0.25;

/// The word for being able.
fn word(able: bool) -> &'static str {
    if able { "answer" } else { "hint" }
}

/// What a reply says.
pub(crate) fn said(reply: &str) -> Option<bool> {
    [true, false].into_iter().find(|&able| reply.trim() == word(able))
}

/// Asks whether a task can be solved.
pub(crate) fn question(task: &Task) -> Vec<Turn> {
    vec![Turn::user(format!("hint {}", task.prompt_text()))]
}

/// Asks for a task.
pub(crate) fn request(able: bool) -> Vec<Turn> {
    vec![Turn::user(format!("hint {} :", word(able)))]
}

/// A guess about a task, or the task, as its prompt writes it, that fits the guess. `short` ones
/// are thought to be solvable.
pub(crate) fn example(random: &mut Random, task: &Task, written: String, short: bool) -> Example {
    let able = short != (random.uniform() < WRONG);
    match random.uniform() < 0.5 {
        true => Example { prompt: request(able), response: written },
        false => Example { prompt: question(task), response: word(able).to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use nouns::{Key, Split};

    use super::*;
    use crate::{Options, find};

    #[test]
    fn replies_are_read_and_what_is_made_is_a_task_in_the_worlds_own_words() {
        for name in ["chain", "arithmetic"] {
            let world = find(name, &Options::default()).expect("a world");
            let words = world.language().expect("a language").vocabulary().words;
            let mut made = 0;
            for number in 0..600 {
                let example = world
                    .language()
                    .expect("a language")
                    .ability_example(&Key::root(3).at(number), &|_| false)
                    .expect("an example");
                let prompt = example.prompt[0].content.as_text();
                let known = |text: &str| text.split(' ').all(|word| words.iter().any(|known| known == word));
                assert!(known(&prompt) && known(&example.response), "{name}: {prompt} {}", example.response);
                if world.wording().says_able(&example.response).is_none() {
                    made += 1;
                    let task = world.read(&example.response).expect("a task");
                    assert!([request(true), request(false)].contains(&example.prompt), "{prompt}");
                    assert_ne!(world.wording().ask_ability(&task).expect("words"), task.prompt);
                }
            }
            assert!((240..360).contains(&made), "{name}: {made}");
        }
    }

    #[test]
    fn three_guesses_in_four_go_by_length() {
        let task =
            find("chain", &Options::default()).expect("a world").tasks(Split::Train).expect("tasks").swap_remove(0);
        let guess = |number: u64| {
            let example = example(&mut Key::root(5).at(number).random(), &task, "made".into(), true);
            said(&example.response).or(Some(example.prompt == request(true))).map(f64::from)
        };
        let share = (0..2_000).filter_map(guess).sum::<f64>() / 2_000.0;
        assert!((share - 0.75).abs() < 0.03, "{share}");
    }

    #[test]
    fn a_world_without_the_words_says_so() {
        let world = find("game24", &Options::default()).expect("a world");
        let task = &world.tasks(Split::Train).expect("tasks")[0];
        assert_eq!(world.wording().ask_ability(task), None);
    }
}
