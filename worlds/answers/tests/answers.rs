//! Equivalence against a table of labelled pairs, and properties of every comparison.

use answers::{Kind, choice, final_answer};
use proptest::prelude::*;

/// Pairs with what must be said of them: reference, answer, `right`, `wrong` or `unsettled`, and
/// why.
const PAIRS: &str = include_str!("pairs.tsv");

fn pairs() -> Vec<[&'static str; 4]> {
    let lines = PAIRS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().expect("four columns")).collect()
}

fn said(gold: &str, answer: &str) -> (&'static str, &'static str) {
    let judgement = Kind::Math.judge(gold, answer);
    let word = match judgement.correct() {
        Some(true) => "right",
        Some(false) => "wrong",
        None => "unsettled",
    };
    (word, judgement.reason())
}

#[test]
fn every_pair_of_the_table_is_settled_as_labelled() {
    let differing = pairs().into_iter().filter_map(|[gold, answer, expected, why]| {
        let (word, reason) = said(gold, answer);
        (word != expected).then(|| format!("{gold}  |  {answer}  should be {expected} ({why}), is {word} ({reason})"))
    });
    let differing: Vec<String> = differing.collect();
    assert!(differing.is_empty(), "{} of {}:\n{}", differing.len(), pairs().len(), differing.join("\n"));
    assert!(pairs().len() >= 300);
}

#[test]
fn every_reference_is_itself() {
    for [gold, _, expected, _] in pairs() {
        if expected != "unsettled" {
            assert_eq!(said(gold, gold).0, "right", "{gold}");
        }
    }
}

#[test]
fn verdicts_have_reasons() {
    let reason = |gold, answer| said(gold, answer).1;
    assert_eq!(reason("1/2", "0.5"), "same-value");
    assert_eq!(reason("0.33", "1/3"), "rounded");
    assert_eq!(reason("5 cm", "50 mm"), "unit-converted");
    assert_eq!(reason("5 cm", "5"), "unit-omitted");
    assert_eq!(reason("5 cm", "5 kg"), "different-unit");
    assert_eq!(reason("x>3", "(3,\\infty)"), "same-region");
    assert_eq!(reason("(1,2)", "(2,1)"), "different-element");
    assert_eq!(reason("5", ""), "no-answer");
    assert_eq!(reason("", "5"), "no-reference");
    assert_eq!(reason("5", "\\int x"), "unsupported");
}

#[test]
fn answers_are_found_where_they_are_marked() {
    let found = |text: &str| final_answer(text);
    let is = |text: &str, answer: &str| assert_eq!(found(text).as_deref(), Some(answer), "{text}");
    is("9 * 2 = 18\n#### 18", "18");
    is("\\boxed{1} so \\boxed{\\frac{1}{\\sqrt{2}}}.", "\\frac{1}{\\sqrt{2}}");
    is("\\boxed 5 apples", "5");
    is("Well. The final answer is: 7 cm.", "7 cm");
    is("**Answer:** 12", "12");
    is("<think>\\boxed{3}</think>The answer is 4.", "4");
    is("<answer>B</answer> Confidence: 95%", "B");
    is("#### Step 1: add\n2 + 3 = 5\n\nSo the answer is 5, not 4.", "5");
    is("The final answer is 7. I hope it is correct.", "7");
    assert_eq!(found("seven"), None);
    assert_eq!(
        ["(A)", "B.", "Answer: C", "the answer is (D) 5", "c"].map(choice),
        [Some('A'), Some('B'), Some('C'), Some('D'), Some('C')]
    );
    assert_eq!(choice("Both (A) and (B)"), None);
}

#[test]
fn hostile_texts_end_in_bounded_work() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(3000), close.repeat(3000));
    for text in [
        deep("(", ")"),
        deep("{", "}"),
        deep("-", ""),
        deep("\\sqrt{", "}"),
        deep("", "!"),
        deep("|", "|"),
        deep("\\frac{", "}{2}"),
        deep("\\boxed{", "}"),
        "9^".repeat(2000) + "9",
        "1/".repeat(2000) + "2",
        "(x+y+z+a+b+c)^{60}".repeat(30),
        "\\{".repeat(4000),
        "1,".repeat(4000),
        "x<".repeat(2000) + "1",
        "99999999!".to_owned(),
        "10^{10^{10^{10^{10}}}}+1".to_owned(),
        "\\sin(10^{10^{10}})".to_owned(),
        "\\binom{10^{9}}{5\\cdot 10^{8}}".to_owned(),
    ] {
        for other in ["5", "x+1", &text] {
            let _ = (said(&text, other), said(other, &text));
        }
        assert_ne!(said(&text, "5").0, "right", "{}", &text[..text.len().min(60)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_it_panic(gold in "\\PC{0,60}", answer in any::<String>()) {
        for kind in Kind::ALL {
            let _ = (kind.judge(&gold, &answer), kind.judge(&answer, &gold));
        }
    }

    #[test]
    fn no_formula_makes_it_panic(parts in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14), gold in "[0-9x]{1,3}") {
        let formula = parts.concat();
        let _ = (said(&formula, &gold), said(&gold, &formula), said(&formula, &format!("{formula} ")));
    }

    #[test]
    fn fractions_and_their_multiples_are_the_same(top in -500i64..500, bottom in 1i64..500, factor in 1i64..50) {
        let gold = format!("\\frac{{{top}}}{{{bottom}}}");
        prop_assert_eq!(said(&gold, &format!("{}/{}", top * factor, bottom * factor)).0, "right");
        prop_assert_eq!(said(&gold, &format!("{}/{}", top * factor + 1, bottom * factor)).0, "wrong");
    }

    #[test]
    fn lists_are_sets(mut items in prop::collection::btree_set(-50i64..50, 2..7)) {
        let text = |items: Vec<i64>| items.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let forwards: Vec<i64> = items.iter().copied().collect();
        let backwards: Vec<i64> = items.iter().rev().copied().collect();
        prop_assert_eq!(said(&text(forwards.clone()), &text(backwards)).0, "right");
        items.pop_first();
        prop_assert_eq!(said(&text(forwards), &text(items.into_iter().collect())).0, "wrong");
    }
}

/// What formulas are made of.
const PIECES: [&str; 42] = [
    "\\frac",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\\{",
    "\\}",
    "1",
    "23",
    "0",
    "x",
    "y",
    "e",
    "i",
    "\\pi",
    "\\sqrt",
    "^",
    "_",
    "!",
    "+",
    "-",
    "*",
    "/",
    "|",
    "=",
    "<",
    "\\le",
    ",",
    "\\cup",
    "\\infty",
    "\\pm",
    "\\log",
    "\\sin",
    "\\text{cm}",
    "%",
    "\\circ",
    ":",
    "&",
    "\\begin{pmatrix}",
    "\\end{pmatrix}",
];
