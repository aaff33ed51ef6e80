//! Whether a numeral in prose stands for itself, or what is around it denies it, bounds it, or
//! makes another number of it: "not 18", "more than 18", "twice 18", "18 squared", `x^18`.

use crate::{lexicon, unit};

/// Words that stand right before a number and bound or deny it, or operate on it.
const BEFORE: [&str; 18] = [
    "than", "least", "most", "exceeds", "exceed", "longer", "under", "nearly", "almost", "never", "choose", "mod",
    "modulo", "within", "below", "above", "beyond", "nobody",
];

/// Words that stand right before a number, or with one word between, and make another of it.
const OPERATING: [&str; 33] = [
    "twice",
    "half",
    "double",
    "triple",
    "thrice",
    "times",
    "third",
    "quarter",
    "plus",
    "minus",
    "square",
    "cube",
    "root",
    "squares",
    "cubes",
    "log",
    "logarithm",
    "sine",
    "cosine",
    "tangent",
    "factorial",
    "reciprocal",
    "inverse",
    "opposite",
    "negative",
    "multiple",
    "multiples",
    "power",
    "digits",
    "remainder",
    "sqrt",
    "percent",
    "divisible",
];

/// Words that stand right behind a number and make another of it.
const BEHIND: [&str; 24] = [
    "plus",
    "minus",
    "short",
    "point",
    "squared",
    "cubed",
    "th",
    "root",
    "away",
    "tens",
    "choose",
    "mod",
    "modulo",
    "factorial",
    "halves",
    "thirds",
    "fourths",
    "quarters",
    "fifths",
    "sixths",
    "eighths",
    "tenths",
    "hundredths",
    "base",
];

/// The same of two words.
const PAIRS: [&str; 8] =
    ["at most", "at least", "or more", "or less", "or fewer", "out of", "below zero", "degrees below"];

/// What is taken of several numbers.
const OF_SEVERAL: [&str; 12] = [
    "sum",
    "product",
    "average",
    "mean",
    "difference",
    "ratio",
    "quotient",
    "between",
    "gcd",
    "lcm",
    "maximum",
    "minimum",
];

/// Whether the last place of a numeral in a text is part of something else than that number.
pub(crate) fn is_changed(text: &str, numeral: &str) -> bool {
    let Some(at) = text.rfind(numeral) else { return false };
    let (before, behind) = (&text[..at], &text[at + numeral.len()..]);
    is_attached(before, behind) || is_changed_before(before) || is_changed_behind(behind)
}

/// Letters and signs that touch a numeral: `x^3`, `f(3)`, `3x`, `>3`, `3!`; a unit may.
fn is_attached(before: &str, behind: &str) -> bool {
    let run = |text: &str, back: bool| -> String {
        // scripts that put no blanks between words say nothing by that
        let is_letter = |letter: &char| letter.is_ascii_alphabetic() || ('α'..='ω').contains(letter);
        match back {
            true => text.chars().rev().take_while(is_letter).collect::<Vec<_>>().into_iter().rev().collect(),
            false => text.chars().take_while(is_letter).collect(),
        }
    };
    let (ahead, after) = (run(before, true), run(behind, false));
    let is_ending = matches!(after.as_str(), "st" | "nd" | "rd" | "th");
    let counts = |word: &str| word.is_empty() || unit::known(word).is_some() || word.chars().count() > 2;
    // "2x3", a product
    let is_times = |word: &str, beyond: &str| word == "x" && beyond.ends_with(|sign: char| sign.is_ascii_digit());
    let is_command = before[..before.len() - ahead.len()].ends_with('\\');
    if !is_command && !counts(&ahead) && !is_times(&ahead, &before[..before.len() - ahead.len()])
        || !is_ending && !counts(&after)
    {
        return true;
    }
    let bare = before.trim_end_matches(['$', '\\', ' ']);
    let root = bare.trim_end_matches(['(', '{']);
    let of_one = before.strip_suffix('(').map(|before| run(before, true)).is_some_and(|name| name.chars().count() == 1);
    let functions = ["sqrt", "log", "ln", "sin", "cos", "tan", "\\le", "\\ge", "\\pm", "\\neq", "\\vec"];
    let factorial = behind.strip_prefix('!').map(str::trim_start);
    of_one
        || before.ends_with(['^', '_'])
        || root.ends_with(['^', '_'])
        || bare.ends_with(['<', '>', '≤', '≥', '±', '√', '≠'])
        || functions.iter().any(|name| root.ends_with(name))
        || behind.starts_with(['^', '√', '\\'])
            && !behind.starts_with("\\)")
            && !behind.starts_with("\\]")
            && !["\\ ", "\\,", "\\;", "\\text", "\\%", "\\mathrm", "\\$", "\\n"]
                .iter()
                .any(|unit| behind.starts_with(unit))
        || behind.starts_with("-digit")
        || factorial
            .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_lowercase() || letter.is_ascii_digit()))
        || behind.starts_with('+') && !behind[1..].trim_start().starts_with(|letter: char| letter.is_ascii_digit())
}

/// Words of the same sentence that lead to a numeral.
fn is_changed_before(before: &str) -> bool {
    let sentence = before.rsplit(['?', '!', '\n']).next().unwrap_or(before);
    let sentence = sentence.rsplit(". ").next().unwrap_or(sentence);
    let touching = sentence.trim_end_matches(['$', '\\', ' ', '*', '(']);
    let lower = sentence.to_lowercase();
    let mut words: Vec<&str> = lexicon::words(&lower).collect();
    words.reverse();
    let word = |place: usize| words.get(place).copied().unwrap_or("");
    let is_number = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_digit())
            || ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"].contains(&word)
    };
    // "is 2 × 3 = 6" says what it is
    if touching.ends_with(['=', ':', '≈']) {
        return false;
    }
    let is_touching = touching.ends_with(|letter: char| letter.is_alphabetic());
    if !is_touching {
        return false;
    }
    let over = word(0) == "over" && !is_number(word(1)) && word(1) != "left";
    let counted = word(0) == "of" && (is_number(word(1)) || ["out", "half", "each", "any", "none"].contains(&word(1)));
    let divided = word(0) == "by" && ["divided", "multiplied"].contains(&word(1));
    let range = word(0) == "to" && (is_number(word(1)) || word(1) == "up");
    let several = matches!(word(0), "and" | "to")
        && is_number(word(1))
        && words.iter().skip(2).take(4).any(|word| OF_SEVERAL.contains(word));
    // "it cannot be 3"
    let denied = lexicon::negates(word(0)) || matches!(word(0), "be" | "equal") && lexicon::negates(word(1));
    // "I doubt that it is 3", but "no doubt it is 3"
    let doubted = words.iter().position(|word| *word == "doubt").is_some_and(|at| {
        let ahead = word(at + 1);
        !lexicon::negates(ahead) && !matches!(ahead, "no" | "without" | "never" | "any")
    });
    denied
        || doubted
        || BEFORE.contains(&word(0))
        || words.iter().take(2).any(|word| OPERATING.contains(word))
        || over
        || counted
        || divided
        || range
        || several
}

/// Words behind a numeral.
fn is_changed_behind(behind: &str) -> bool {
    let touching = behind.trim_start_matches(['$', ' ']);
    if !touching.starts_with(|letter: char| letter.is_alphabetic()) {
        return false;
    }
    let lower = behind.to_lowercase();
    let next: Vec<&str> = lexicon::words(&lower).take(4).collect();
    let word = |place: usize| next.get(place).copied().unwrap_or("");
    let compares = ["as", "more", "less", "larger", "smaller", "greater", "the", "that", "his", "her", "its", "what"];
    let multiplied = word(0) == "times"
        && (compares.contains(&word(1)) || word(1).starts_with(|letter: char| letter.is_ascii_digit()));
    // "3 to the fourth power"
    let raised = word(0) == "to" && word(1) == "the" && next.contains(&"power");
    // "3 is wrong", "3 is not enough", "3 isn't enough"
    let judged =
        lexicon::negates(word(0)) || matches!(word(0), "is" | "was" | "seems" | "looks") && lexicon::denies(word(1));
    let operates = BEHIND.contains(&word(0)) && (word(0) != "th" || behind.starts_with(' '));
    // "3 more than x", but "3 more than Sally" is a result
    let than = next.iter().take(3).position(|word| *word == "than").map(|at| word(at + 1));
    operates
        || multiplied
        || raised
        || judged
        || than.is_some_and(|other| other.chars().count() < 2)
        || next.windows(2).take(2).any(|pair| PAIRS.contains(&pair.join(" ").as_str()))
}

#[cfg(test)]
mod tests {
    use super::is_changed;

    #[test]
    fn words_and_signs_around_a_numeral_make_another_number_of_it() {
        for text in [
            "the sum of 5 and 3",
            "It goes from 5 to 3.",
            "one of 3",
            "It is up to 3",
            "a 3-digit number",
            "so x^3",
            "so f(3)",
            "so 3x",
            "so 3π",
            "over 3 apples",
            "half of 3",
            "3 times as many",
            "3 or more",
            "so > 3",
            "5 choose 3",
            "3 halves",
            "3 cm less than x",
            "x_3",
            "\\sqrt{3}",
            "3^2",
            "never 3",
            "It cannot be 3",
            "I doubt that it is 3",
            "It can't equal 3",
            "3 is wrong",
            "3 isn't enough",
            "3 to the fourth power",
            "3 degrees below zero",
        ] {
            assert!(is_changed(text, "3"), "{text}");
        }
        for text in [
            "a total of 3",
            "It comes to 3",
            "He ran 3 times",
            "It is 3 more than Sally has",
            "She has 3 apples",
            "5 and then 3 remain",
            "3 kg",
            "3kg",
            "5 + 3 = 3",
            "5 times 1 is 3",
            "He came 3rd",
            "$3$ apples",
            "We get \\(3\\).",
            "3\\text{ cm}",
            "It has to be 3",
            "No doubt it is 3",
            "3 to the baker and 1 to the smith",
        ] {
            assert!(!is_changed(text, "3"), "{text}");
        }
    }
}
