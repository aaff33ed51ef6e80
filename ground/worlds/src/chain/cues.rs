//! How cues are followed: what a model made from nothing is shown of answering once more, and of hints.
//!
//! ```text
//! x = 7 ; + 5 ; * 3 mod 11 : 7 + 5 = 2 ; 2 * 3 = 6 ; answer 6 retry :      once more, behind an answer
//! x = 7 ; + 5 ; * 3 mod 11 hint 6 + 5 = 0 :                                 a hint: the line of the tables beside the hardest
//! ```

use nouns::{Content, Cue, Example, Random, Role, Turn};

use super::entries::{bent_program, rarity, skewed_program};
use super::program::{Op, Program, Slip};
use super::{MODULUS, length};

/// Words that only a model that is taught cues has.
pub(crate) const WORDS: [&str; 2] = ["retry", "differ"];

/// Of second answers: a wrong answer mended; a right one kept; the rest, a right one spoiled. So whoever follows them blindly loses.
const MENDED: f64 = 0.4;
const KEPT: f64 = 0.3;

/// What is said behind an answer; a hint stands in the prompt.
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
    if cue == Cue::Hint {
        let (program, slip) = bent_program(random, length)?;
        return (!held_out(&program.id())).then(|| of_hint(&program, slip));
    }
    let program = skewed_program(random, length)?;
    if held_out(&program.id()) {
        return None;
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
fn slip(random: &mut Random, program: &Program) -> Slip {
    let step = random.below(program.steps.len());
    let off = 1 + random.below(MODULUS as usize - 1) as i64;
    Slip { step, result: (program.values()[step] + off).rem_euclid(MODULUS) }
}

/// The tables of this example are made up in one line, and the hint is what says so: what is learned is to follow hints, and nothing
/// of the tables.
fn of_hint(program: &Program, slip: Slip) -> Example {
    let (op, right) = program.steps[slip.step];
    let left = program.lefts()[slip.step];
    let beside = match op {
        Op::Add | Op::Subtract => slip.result - 1,
        Op::Multiply => slip.result - right,
    };
    let fact = Fact { left: (left - 1).rem_euclid(MODULUS), op, right, result: beside.rem_euclid(MODULUS) };
    Example { prompt: program.prompt(Some(&fact.to_string())), response: program.derivation(Some(slip)) }
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

/// A hint at the step that examples show most rarely: the line of the tables beside it, whose first number is one less. From
/// there the step is one more (of products: the second number more). It is no line of the program's own derivation.
pub(crate) fn hint(program: &Program) -> Option<String> {
    let lefts = program.lefts();
    let taken: Vec<(i64, Op, i64)> =
        lefts.iter().zip(&program.steps).map(|(&left, &(op, right))| (left, op, right)).collect();
    let beside = |&(left, op, right): &(i64, Op, i64)| ((left - 1).rem_euclid(MODULUS), op, right);
    let hardest = taken.iter().filter(|entry| !taken.contains(&beside(entry))).max_by_key(|entry| rarity(entry))?;
    let (left, op, right) = beside(hardest);
    Some(Fact { left, op, right, result: op.apply(left, right) }.to_string())
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
    fn an_example_with_a_hint_follows_it_and_is_true_elsewhere() {
        for example in examples(Cue::Hint) {
            let prompt = example.prompt[0].content.as_text();
            let (problem, fact) = prompt.split_once(" mod 11 hint ").expect("a hint");
            let words: Vec<&str> = fact.trim_end_matches(" :").split(' ').collect();
            let number = |word: &str| word.parse::<i64>().expect("a number");
            let (left, right, beside) = (number(words[0]), number(words[2]), number(words[4]));
            let more = if words[1] == "*" { right } else { 1 };
            let line = format!("{} {} {right} = {} ;", (left + 1) % 11, words[1], (beside + more).rem_euclid(11));
            assert!(format!("{} ;", example.response).contains(&line), "{prompt}: {} has no {line}", example.response);
            let program = Program::read(problem).expect("a program");
            let wrong = steps::check(&program, &example.response).iter().filter(|step| step.is_err()).count();
            assert!(wrong <= 1, "{prompt}: {}", example.response);
        }
    }

    #[test]
    fn a_hint_is_true_and_no_line_of_the_derivation() {
        let mut given_away = 0;
        for n in 0..300 {
            let program = super::super::entries::even_program(&mut Key::root(5).at(n).random(), 5);
            let Some(hint) = hint(&program) else { continue };
            assert!(!program.derivation(None).contains(&hint), "{hint}");
            let (left, said) = hint.rsplit_once(" = ").expect("a line");
            let fact = Program::read(left).expect("a line");
            assert_eq!(fact.result().to_string(), said);
            given_away += usize::from(said == program.result().to_string());
        }
        assert!(
            given_away < 300 / 5,
            "{given_away}: what a hint ends with is the answer about as often as chance has it"
        );
    }
}
