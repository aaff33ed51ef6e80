use std::collections::HashSet;

use nouns::{Key, Split, Verdict, World};

use super::*;
use crate::numbers::Rational;
use crate::numbers::derivation::Derivation;
use crate::numbers::operation::Op;

fn games() -> [NumberGame; 2] {
    [crate::game24::world(), crate::countdown::world()]
}

/// A solution of the task in the game's own form, through fractions only if it must.
fn solution(game: &NumberGame, task: &Task) -> String {
    let puzzle = read::puzzle(game.rules, &task.id).expect("a puzzle");
    let solve = |through| solve(&puzzle.values(), puzzle.goal(), through);
    let operations = solve(Through::Whole(LARGEST)).or_else(|| solve(Through::Anything)).expect("a solution");
    Derivation::of(&puzzle.values(), &operations).expect("a derivation").to_string()
}

#[test]
fn every_solution_is_right_and_can_be_said() {
    for game in games() {
        let words: HashSet<String> = game.language().expect("a language").vocabulary().words.into_iter().collect();
        for task in Split::ALL.iter().flat_map(|&split| game.tasks(split).expect("tasks")) {
            let text = solution(&game, &task);
            assert_eq!(game.oracle().judge(&task, &text), Verdict::Right, "{}: {text}", task.id);
            assert!(text.split(' ').all(|word| words.contains(word)), "{text}");
            assert!(game.answer(&task, &text).is_some());
        }
    }
}

#[test]
fn examples_are_legal_and_never_solutions() {
    for game in games() {
        let (mut fractions, mut exercises) = (0, 0);
        for index in 0..2_000 {
            let example =
                game.language().expect("a language").example(&Key::root(6).at(index), &|_| false).expect("an example");
            let prompt = example.prompt[0].content.as_text();
            let Ok(task) = game.read(prompt.split(" hint ").next().expect("a prompt")) else {
                exercises += 1;
                continue;
            };
            let puzzle = read::puzzle(game.rules, &task.id).expect("a puzzle");
            let (values, stands) = verify::derived(&puzzle.values(), &example.response).expect("legal");
            assert!(!stands && !values.contains(&puzzle.goal()), "{}", example.response);
            fractions += usize::from(example.response.contains("over"));
        }
        assert!((10..400).contains(&fractions), "{fractions} of 2,000 examples have fractions");
        assert!((400..600).contains(&exercises), "{exercises} of 2,000 examples are exercises");
    }
}

#[test]
fn the_expression_evaluates_to_what_is_derived() {
    for game in games() {
        for index in 0..1_000 {
            let example =
                game.language().expect("a language").example(&Key::root(8).at(index), &|_| false).expect("an example");
            let prompt = example.prompt[0].content.as_text();
            let Ok(task) = game.read(prompt.split(" hint ").next().expect("a prompt")) else { continue };
            let puzzle = read::puzzle(game.rules, &task.id).expect("a puzzle");
            let value = verify::derived(&puzzle.values(), &example.response).expect("legal").0[0];
            let derivation = Tries::parse(&example.response).expect("tries").retracted.swap_remove(0);
            let expression = Expression::of(&puzzle.values(), &derivation).expect("an expression");
            assert_eq!(evaluate(&expression.to_string()), Some(value), "{expression}");
            assert_eq!(evaluate(&expression.canonical()), Some(value), "{}", expression.canonical());
        }
    }
}

/// An independent calculator: operations from left to right, `*` and `/` before `+` and `-`,
/// parentheses.
fn evaluate(text: &str) -> Option<Rational> {
    let text = text.replace('(', "( ").replace(')', " )");
    let mut words = text.split_whitespace().peekable();
    sum(&mut words)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn sum(words: &mut Words) -> Option<Rational> {
    let mut value = product(words)?;
    while let Some(word) = words.next_if(|word| ["+", "-"].contains(word)) {
        let other = product(words)?;
        value = if word == "+" { value.plus(other)? } else { value.minus(other)? };
    }
    Some(value)
}

fn product(words: &mut Words) -> Option<Rational> {
    let mut value = atom(words)?;
    while let Some(word) = words.next_if(|word| ["*", "/"].contains(word)) {
        let other = atom(words)?;
        value = if word == "*" { value.times(other)? } else { value.over(other)? };
    }
    Some(value)
}

fn atom(words: &mut Words) -> Option<Rational> {
    match words.next()? {
        "(" => {
            let value = sum(words);
            words.next_if_eq(&")")?;
            value
        }
        word => Some(Rational::whole(word.parse().ok()?)),
    }
}

/// Replaces each word of right derivations by every other word: the result is wrong, unless it is
/// an operation in place of another and every equation still holds by the independent calculator.
#[test]
fn one_wrong_word_makes_it_wrong() {
    for game in games() {
        let words = game.language().expect("a language").vocabulary().words;
        for task in game.tasks(Split::Test).expect("tasks").iter().step_by(23) {
            let text = solution(&game, task);
            let right: Vec<&str> = text.split(' ').collect();
            for at in 0..right.len() {
                for word in words.iter().filter(|word| *word != right[at]) {
                    let corrupted = [&right[..at], &[word.as_str()], &right[at + 1..]].concat().join(" ");
                    let verdict = game.oracle().judge(task, &corrupted);
                    assert!(
                        verdict != Verdict::Right || Op::of(word).is_some() && still_true(&corrupted),
                        "{text} -> {corrupted}"
                    );
                }
            }
        }
    }
}

/// Whether every equation of a derivation holds, by the independent calculator: `2 * 2 = 4` may
/// become `2 + 2 = 4`.
fn still_true(text: &str) -> bool {
    text.split(" ; ").all(|step| {
        let equation = step.split(" left ").next().unwrap_or_default().replace(" over ", " / ");
        let sides: Vec<_> = equation.split(" = ").map(evaluate).collect();
        matches!(sides[..], [Some(left), Some(right)] if left == right)
    })
}

#[test]
fn dropping_or_adding_a_word_makes_it_wrong() {
    let [game, _] = games();
    for task in game.tasks(Split::Test).expect("tasks").iter().step_by(11) {
        let text = solution(&game, task);
        let words: Vec<&str> = text.split(' ').collect();
        for at in 0..words.len() {
            let dropped = [&words[..at], &words[at + 1..]].concat().join(" ");
            let doubled = [&words[..=at], &words[at..]].concat().join(" ");
            assert_ne!(game.oracle().judge(task, &dropped), Verdict::Right, "{dropped}");
            assert_ne!(game.oracle().judge(task, &doubled), Verdict::Right, "{doubled}");
        }
    }
}

#[test]
fn hints_are_first_operations() {
    let [game, countdown] = games();
    let hint = |game: &NumberGame, typed| {
        let task = game.read(typed).expect("a task");
        game.oracle().hinted(&task).map(|turns| turns[0].content.as_text().into_owned())
    };
    assert_eq!(hint(&game, "4 4 7 7").as_deref(), Some("4 4 7 7 hint 4 / 7 :"));
    assert_eq!(hint(&game, "1 1 1 1"), None);
    assert_eq!(hint(&countdown, "3 5 20 to 35").as_deref(), Some("3 5 20 to 35 hint 5 * 3 :"));
}

#[test]
fn puzzles_are_read_as_people_type_them() {
    let [game, countdown] = games();
    let id = |typed: &str| game.read(typed).expect("a task").id;
    for typed in ["8 8 7 4", "4,7,8,8", " 4, 8, 7, 8 : ", "4 7 8 8 to 24", r#"{"numbers": [8, 7, 8, 4]}"#] {
        assert_eq!(id(typed), "4 7 8 8", "{typed}");
    }
    assert_eq!(id(r#"{"Rank": 1, "Puzzles": "1 1 4 6"}"#), "1 1 4 6");
    let task = countdown.read(r#"{"numbers": [20, 3, 7, 5], "target": 24}"#).expect("a task");
    assert_eq!((task.id.as_str(), task.prompt_text().as_str()), ("3 5 7 20 to 24", "3 5 7 20 to 24 :"));
}

#[test]
fn errors_name_the_bad_word() {
    let [game, countdown] = games();
    let why = |game: &NumberGame, typed: &str| game.read(typed).expect_err("no task").to_string();
    assert_eq!(why(&game, "4 x 8 8"), "`4 x 8 8` is not a task of game24: `x` is not a whole number from 1 to 13");
    assert_eq!(why(&game, "4 7 8 14"), "`4 7 8 14` is not a task of game24: `14` is not a whole number from 1 to 13");
    assert_eq!(why(&game, "4 7 8"), "`4 7 8` is not a task of game24: a puzzle of game24 has 4 numbers, not 3");
    assert!(why(&game, "4 7 8 8 to 25").ends_with("game24 is played to 24, not to `25`"));
    assert!(
        why(&game, r#"{"rank": 3}"#)
            .ends_with("no column task, puzzle, puzzles, numbers, question, prompt, problem, input; it has rank")
    );
    assert!(why(&countdown, "3 5 20").ends_with("the target is missing"));
    assert!(why(&countdown, "3 5 20 to 1000").ends_with("`1000` is not a whole number from 10 to 99"));
}

#[test]
fn votes_compare_expressions_that_claim_the_target() {
    let [game, _] = games();
    let task = game.read("4 7 8 8").expect("a task");
    let answer = |text: &str| game.answer(&task, text);
    let one = "8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 6 * 4 = 24";
    let other = "8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 4 * 6 = 24";
    assert_eq!(answer(one).as_deref(), Some("(7 - (8 / 8)) * 4"));
    assert_eq!(answer(one), answer(other));
    assert_eq!(answer("8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 6 + 4 = 10"), None, "does not claim 24");
    assert!(answer("8 + 8 = 17 left 4 7 17 ; 17 + 7 = 24 left 4 24 ; 24 - 4 = 24").is_some(), "wrong, but an answer");
    assert_eq!(game.expression(&task, one).as_deref(), Some("(7 - 8 / 8) * 4"));
}
