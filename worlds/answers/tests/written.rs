//! Answers as people write them: a table of wrappers, words, units and signs, and the sentences
//! around them.

use answers::{Kind, Mark};
use proptest::prelude::*;

/// Verifier, reference, answer and what must be said of them.
const WRITTEN: &str = include_str!("written.tsv");

#[test]
fn answers_as_people_write_them_are_judged_as_labelled() {
    let lines: Vec<&str> = WRITTEN.lines().filter(|line| !line.starts_with('#')).collect();
    let differing: Vec<String> = lines.iter().filter_map(|line| differs(line)).collect();
    assert!(differing.is_empty(), "{} of {}:\n{}", differing.len(), lines.len(), differing.join("\n"));
    assert!(lines.len() >= 1000);
}

fn differs(line: &str) -> Option<String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [verifier, gold, answer, expected] = columns[..] else { return Some(format!("four columns: {line}")) };
    let kind: Kind = verifier.parse().expect("a kind of answers");
    let judged = kind.judged(gold, answer);
    let fits = match expected {
        "right" => judged.correct() == Some(true),
        "wrong" => judged.correct() == Some(false),
        _ => judged.correct() != Some(true),
    };
    (!fits).then(|| format!("{verifier}: {gold}  |  {answer}  should be {expected}, is {}", judged.reason()))
}

#[test]
fn the_most_explicit_mark_is_read_and_named() {
    let read = |answer: &str| Kind::Math.judged("5", answer).mark;
    assert_eq!(read("So \\boxed{4}. <answer>5</answer>"), Some(Mark::Field));
    assert_eq!(read("The answer is 4. \\boxed{5}"), Some(Mark::Boxed));
    assert_eq!(read("The answer is 4.\n#### 5"), Some(Mark::Hashes));
    assert_eq!(read("We get 4, so the answer is 5."), Some(Mark::Announced));
    assert_eq!(read("5"), Some(Mark::Whole));
    assert_eq!(read("5\n\nExplanation: it is odd, and there are 3 of them."), Some(Mark::Line));
    assert_eq!(read("So the total length is 5 metres."), Some(Mark::Statement));
    assert_eq!(read("We counted once more, and 5 remained."), Some(Mark::Numeral));
}

#[test]
fn integers_beyond_a_machine_word_and_very_long_ones_are_exact() {
    let long = "7".repeat(10_000);
    let other = format!("{}8", &long[1..]);
    for kind in [Kind::Math, Kind::Number] {
        assert_eq!(kind.judge(&long, &long).correct(), Some(true));
        assert_eq!(kind.judge(&long, &other).correct(), Some(false));
        assert_eq!(kind.judge("18446744073709551616", "18446744073709551617").correct(), Some(false));
        assert_eq!(kind.judge("1e22", "10000000000000000000000").correct(), Some(true));
    }
}

/// What leads to an answer.
const HEADS: [&str; 14] = [
    "The answer is {}",
    "So the final answer is {}",
    "Final answer: {}",
    "**Answer:** {}",
    "The correct answer is {}",
    "Our answer is therefore {}",
    "The answer would be {}",
    "The answer is equal to {}",
    "#### The answer is {}",
    "La respuesta es {}",
    "Die Antwort lautet {}",
    "La réponse est {}",
    "答案是{}",
    "<think>Perhaps \\boxed{1}.</think>The answer is {}",
];

/// What follows one.
const TAILS: [&str; 15] = [
    "",
    ".",
    " because it is so.",
    ", not 1.",
    " as shown above.",
    " since 2+2 = 4.",
    " when n = 3.",
    " and we are done.",
    " in total.",
    ". I hope it is correct.",
    "\n\nLet me know if you need 3 more examples!",
    " - as expected.",
    "; see above.",
    " by the theorem.",
    " (see step 3).",
];

/// Signs around a value.
const WRAPS: [&str; 4] = ["{}", "${}$", "**{}**", "\\({}\\)"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_value_is_cut_out_of_its_sentence(
        value in 2i64..5000,
        form in 0usize..4,
        head in prop::sample::select(HEADS.to_vec()),
        tail in prop::sample::select(TAILS.to_vec()),
        wrap in prop::sample::select(WRAPS.to_vec()),
    ) {
        let written = |value: i64| match form {
            0 => format!("{value}"),
            1 => format!("-{value}"),
            2 => format!("{value}/7"),
            _ => format!("{value}.5"),
        };
        let said = |value: i64| head.replace("{}", &wrap.replace("{}", &written(value))) + tail;
        for kind in [Kind::Math, Kind::Number] {
            prop_assert_eq!(kind.judge(&written(value), &said(value)).correct(), Some(true), "{}", said(value));
            prop_assert_ne!(kind.judge(&written(value), &said(value + 1)).correct(), Some(true), "{}", said(value + 1));
        }
    }

    #[test]
    fn a_letter_is_cut_out_of_its_sentence(
        letter in 0usize..5,
        head in prop::sample::select(HEADS.to_vec()),
        tail in prop::sample::select(TAILS.to_vec()),
        wrap in prop::sample::select(["{}", "({})", "**{}**", "option {}"].to_vec()),
    ) {
        let name = |place: usize| ["A", "B", "C", "D", "E"][place % 5];
        let said = |place: usize| head.replace("{}", &wrap.replace("{}", name(place))) + tail;
        if !tail.contains("when") && !tail.contains("in total") {
            prop_assert_eq!(Kind::Choice.judge(name(letter), &said(letter)).correct(), Some(true), "{}", said(letter));
        }
        prop_assert_ne!(Kind::Choice.judge(name(letter), &said(letter + 1)).correct(), Some(true), "{}", said(letter + 1));
    }

    #[test]
    fn a_denied_value_is_no_answer(value in 2i64..5000, said in prop::sample::select(DENIALS.to_vec())) {
        let answer = said.replace("{}", &value.to_string());
        for kind in [Kind::Math, Kind::Number, Kind::Choice] {
            prop_assert_ne!(kind.judge(&value.to_string(), &answer).correct(), Some(true), "{}", answer);
        }
    }

    #[test]
    fn an_answer_that_is_supposed_or_taken_back_is_none(
        value in 2i64..5000,
        said in prop::sample::select(SUPPOSED.to_vec()),
        stated in prop::sample::select(STATED.to_vec()),
    ) {
        let (value, other) = (value.to_string(), (value + 1).to_string());
        let announced = |before: &str, value: &str| before.replace("{}", &format!("the answer is {value}"));
        for kind in [Kind::Math, Kind::Number] {
            let supposed = announced(said, &value);
            prop_assert_ne!(kind.judge(&value, &supposed).correct(), Some(true), "{}", supposed);
            let both = format!("{supposed} But {}", announced(stated, &other));
            prop_assert_eq!(kind.judge(&other, &both).correct(), Some(true), "{}", both);
            prop_assert_ne!(kind.judge(&value, &both).correct(), Some(true), "{}", both);
        }
    }

    #[test]
    fn a_numeral_that_is_part_of_something_else_is_no_answer(
        value in 20i64..5000,
        part in prop::sample::select(PARTS.to_vec()),
        frame in prop::sample::select(FRAMES.to_vec()),
    ) {
        let value = value.to_string();
        let said = frame.replace("{}", &part.replace("{}", &value));
        let whole = frame.replace("{}", &value);
        for kind in [Kind::Math, Kind::Number] {
            prop_assert_ne!(kind.judge(&value, &said).correct(), Some(true), "{}", said);
            prop_assert_eq!(kind.judge(&value, &whole).correct(), Some(true), "{}", whole);
        }
    }

    #[test]
    fn a_number_on_the_first_line_is_the_answer_whatever_follows(
        value in 20i64..5000,
        chatter in prop::sample::select(CHATTER.to_vec()),
    ) {
        let answer = format!("{value}\n\n{chatter}");
        for kind in [Kind::Math, Kind::Number, Kind::Gsm8k] {
            prop_assert_eq!(kind.judge(&value.to_string(), &answer).correct(), Some(true), "{}", answer);
            for other in ["2", "6", "9"] {
                prop_assert_ne!(kind.judge(other, &answer).correct(), Some(true), "{}", answer);
            }
        }
    }

    #[test]
    fn words_behind_a_number_that_change_it_are_no_unit(value in 2i64..500, word in prop::sample::select(CHANGES.to_vec())) {
        let answer = format!("{value} {word}");
        for kind in [Kind::Math, Kind::Number] {
            prop_assert_ne!(kind.judge(&value.to_string(), &answer).correct(), Some(true), "{}", answer);
        }
    }

    #[test]
    fn decimals_that_repeat_are_fractions(whole in 0i64..50, start in "[0-9]{0,3}", period in "[0-9]{1,4}") {
        let nines: i64 = 10i64.pow(period.len() as u32) - 1;
        let shift = 10i64.pow(start.len() as u32);
        let digits = |text: &str| text.parse::<i64>().unwrap_or(0);
        let top = (whole * shift + digits(&start)) * nines + digits(&period);
        let gold = format!("\\frac{{{top}}}{{{}}}", nines * shift);
        for answer in [
            format!("{whole}.{start}\\overline{{{period}}}"),
            format!("{whole}.{start}({period})"),
            format!("{whole}.{start}{}...", period.repeat(3)),
        ] {
            prop_assert_eq!(Kind::Math.judge(&gold, &answer).correct(), Some(true), "{} {}", gold, answer);
        }
    }

    #[test]
    fn functions_of_different_variables_differ(names in prop::sample::subsequence((b'a'..=b'z').collect::<Vec<_>>(), 2)) {
        // e and i are numbers
        prop_assume!(!names.contains(&b'e') && !names.contains(&b'i'));
        let of = |name: u8| format!("\\sin {}", char::from(name));
        prop_assert_eq!(Kind::Math.judge(&of(names[0]), &of(names[1])).correct(), Some(false));
    }
}

/// Sentences that name a value and do not give it.
const DENIALS: [&str; 14] = [
    "The answer is not {}.",
    "The answer cannot be {}.",
    "{} is wrong",
    "{} is not correct",
    "It is not {}.",
    "It cannot be {}.",
    "{} is not enough.",
    "I doubt it is {}.",
    "The answer is {} or 1.",
    "The answer is more than {}.",
    "The answer is at least {}.",
    "The answer is somewhere between 1 and {}.",
    "\\boxed{1} and not \\boxed{{}}",
    "<think>The answer is {}.</think>The answer is 1.",
];

/// What models write below their answer.
const CHATTER: [&str; 4] = [
    "Explanation: because 2 + 6 makes it.",
    "Question: Tom has 9 apples and eats 2. How many are left?",
    "This is so because there are 9 of them in all.",
    "Let me know if you need 6 more examples!",
];

/// Sentences that hold an announcement and do not make it.
const SUPPOSED: [&str; 9] = [
    "I don't think {}.",
    "I do not believe that {}.",
    "It is not true that {}.",
    "Suppose {}.",
    "Assuming {}, we are done.",
    "Some would say {}.",
    "Nobody says {}.",
    "I doubt that {}.",
    "It does not follow that {}.",
];

/// Sentences that make one.
const STATED: [&str; 5] =
    ["{}.", "I think {}.", "we find that {}.", "it is not hard to see that {}.", "I am not sure, but I think {}."];

/// Sentences in which a value may stand.
const FRAMES: [&str; 6] = [
    "{}",
    "So the result is {}.",
    "Thus we find {}.",
    "It works out to {}",
    "We have {} in the end.",
    "The answer is {}.",
];

/// What holds a number and is another, or none.
const PARTS: [&str; 42] = [
    "the sum of 5 and {}",
    "the product of 5 and {}",
    "the average of 5 and {}",
    "the ratio of 5 to {}",
    "from 5 to {}",
    "between 2 and {}",
    "5 choose {}",
    "5 divided by {}",
    "a {}-digit number",
    "one of {}",
    "x^{}",
    "f({})",
    "x_{}",
    "\\sqrt{{}}",
    "√{}",
    "{}π",
    "{}x",
    "{}i",
    "> {}",
    "< {}",
    "{} or 4",
    "up to {}",
    "more than {}",
    "at most {}",
    "under {}",
    "nearly {}",
    "never {}",
    "not {}",
    "{} squared",
    "{} halves",
    "{} quarters",
    "{} plus x",
    "{} times 4",
    "{} more than x",
    "{} or more",
    "{} out of 9000",
    "half of {}",
    "twice {}",
    "minus {}",
    "{} = x^2",
    "{} to the fourth power",
    "{} degrees below zero",
];

/// Words that make another number of the one before them, or take it back.
const CHANGES: [&str; 24] = [
    "squared",
    "cubed",
    "factorial",
    "halves",
    "thirds",
    "fifths",
    "tenths",
    "hundredths",
    "million",
    "thousand",
    "dozen",
    "hundred",
    "plus 1",
    "minus 1",
    "times 2",
    "divided by 2",
    "or more",
    "or less",
    "is wrong",
    "is not right",
    "out of 1000",
    "below zero",
    "point five",
    "less than 1000",
];
