//! How cues are followed: what a model made from nothing is shown of answering once more, and of
//! hints.
//!
//! ```text
//! x = 7 ; + 5 ; * 3 mod 11 : 7 + 5 = 2 ; 2 * 3 = 6 ; answer 6 retry :      once more, after an answer
//! x = 7 ; + 5 ; * 3 mod 11 hint 7 + 5 = 1 :                                 a hint: the hardest step but the last
//! ```

use nouns::{Content, Cue, Example, Random, Role, Turn};

use super::entries::{rarity, skewed_program};
use super::program::{Op, Program, Slip};
use super::{MODULUS, length};

/// Words that only a model that is taught cues has.
pub(crate) const WORDS: [&str; 2] = ["retry", "differ"];

/// Of second answers: a wrong answer mended; a right one kept; the rest, a right one spoiled. So
/// whoever follows them blindly loses.
const MENDED: f64 = 0.4;
const KEPT: f64 = 0.3;

/// What is said after an answer; a hint stands in the prompt.
pub(crate) fn said(cue: Cue) -> &'static str {
    match cue {
        Cue::Retry => " retry :",
        Cue::Differ => " differ :",
        Cue::Hint => "",
    }
}

/// One example of how a cue is followed, unless its program is held out.
pub(crate) fn example(cue: Cue, random: &mut Random, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
    let length = length(random);
    let program = skewed_program(random, length)?;
    if held_out(&program.id()) {
        return None;
    }
    if cue == Cue::Hint {
        return Some(Example { prompt: program.prompt(Some(&hint(&program)?)), response: program.derivation(None) });
    }
    let slip = slip(random, &program);
    let kind = random.uniform();
    let (before, after) = match cue {
        Cue::Differ if kind < 0.5 => (Some(slip), None),
        Cue::Differ => (None, Some(slip)),
        _ if kind < MENDED => (Some(slip), None),
        _ if kind < MENDED + KEPT => (None, None),
        _ => (None, Some(slip)),
    };
    let mut prompt = program.prompt(None);
    let first = Content::text(program.derivation(before));
    prompt.extend([Turn { role: Role::Assistant, content: first }, Turn::user(said(cue))]);
    Some(Example { prompt, response: program.derivation(after) })
}

/// A wrong result at some step.
pub(super) fn slip(random: &mut Random, program: &Program) -> Slip {
    let step = random.below(program.steps.len());
    let off = 1 + random.below(MODULUS as usize - 1) as i64;
    Slip { step, result: (program.values()[step] + off).rem_euclid(MODULUS) }
}

/// A line of the tables.
struct Fact {
    left: i64,
    op: Op,
    right: i64,
    result: i64,
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} = {}", self.left, self.op.word(), self.right, self.result)
    }
}

/// A hint: the step that examples show most rarely, the last apart, which ends with the answer.
/// `None` for a program of one step.
pub(crate) fn hint(program: &Program) -> Option<String> {
    let steps = program.lefts().into_iter().zip(&program.steps).zip(program.values());
    let mut taken: Vec<Fact> = steps.map(|((left, &(op, right)), result)| Fact { left, op, right, result }).collect();
    taken.pop();
    let hardest = taken.into_iter().max_by_key(|fact| rarity(&(fact.left, fact.op, fact.right)))?;
    Some(hardest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::{judge, steps};
    use nouns::Key;

    fn examples(cue: Cue) -> Vec<Example> {
        (0..400).filter_map(|n| example(cue, &mut Key::root(3).at(n).random(), &|_| false)).collect()
    }

    fn right(prompt: &[Turn], response: &str) -> bool {
        let program = Program::read(&prompt[0].content.as_text()).expect("a program");
        judge(&program, response).is_right() == Some(true)
    }

    #[test]
    fn second_answers_mend_keep_and_spoil_in_their_shares() {
        let of = examples(Cue::Retry);
        let share = |before: bool, after: bool| {
            let found = of.iter().filter(|example| {
                let first = example.prompt[1].content.as_text();
                (right(&example.prompt, &first), right(&example.prompt, &example.response)) == (before, after)
            });
            found.count() as f64 / of.len() as f64
        };
        // A slip is made good by luck now and then: a product with 0, for one.
        assert!((share(false, true) - MENDED).abs() < 0.08, "{}", share(false, true));
        assert!((share(true, true) - KEPT).abs() < 0.08);
        assert!(share(true, false) > share(false, false) + 0.15, "as it is taught, a second answer does harm");
        assert_eq!(of[0].prompt[2].content.as_text(), " retry :");
    }

    #[test]
    fn a_different_answer_is_different() {
        for example in examples(Cue::Differ) {
            assert_ne!(example.prompt[1].content.as_text(), example.response);
        }
    }

    #[test]
    fn an_example_with_a_hint_is_right_and_says_its_line() {
        for example in examples(Cue::Hint) {
            let prompt = example.prompt[0].content.as_text();
            let (problem, fact) = prompt.split_once(" mod 11 hint ").expect("a hint");
            let line = format!("{} ;", fact.trim_end_matches(" :"));
            assert!(example.response.contains(&line), "{prompt}: {} has no {line}", example.response);
            let program = Program::read(problem).expect("a program");
            assert!(steps::check(&program, &example.response).iter().all(Result::is_ok), "{}", example.response);
        }
    }

    #[test]
    fn a_hint_is_a_line_of_the_derivation_before_the_last() {
        let mut given_away = 0;
        for n in 0..300 {
            let program = super::super::entries::even_program(&mut Key::root(5).at(n).random(), 5);
            let hint = hint(&program).expect("a hint");
            let derivation = program.derivation(None);
            let lines: Vec<&str> = derivation.split(" ; ").collect();
            assert!(lines[..4].contains(&&*hint), "{derivation} has no {hint}");
            let (_, said) = hint.rsplit_once(" = ").expect("a line");
            given_away += usize::from(said == program.result().to_string());
        }
        assert!(
            given_away < 300 / 5,
            "{given_away}: what a hint ends with is the answer about as often as chance has it"
        );
        assert_eq!(hint(&Program::read("7 + 5").expect("a program")), None);
    }
}
