//! Whether a program prints what it should.

/// Whether what is printed is what is expected. Lines count, but for empty ones at the end and
/// blanks at their ends. Where what is expected has single blanks between its words and none before
/// them, so that they mean nothing, the words of a line are compared: by their letters, or as
/// numbers.
pub(super) fn agrees(printed: &[u8], expected: &str) -> bool {
    let printed = String::from_utf8_lossy(printed);
    let (printed, expected) = (lines(&printed), lines(expected));
    let plain = |line: &&str| words(line).join(" ") == *line;
    let same = |one: &&str, other: &&str| {
        let (one, other) = (words(one), words(other));
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_word(one, other))
    };
    printed == expected
        || printed.len() == expected.len()
            && expected.iter().all(plain)
            && printed.iter().zip(&expected).all(|(one, other)| same(one, other))
}

/// Lines without blanks at their ends, and without empty lines at the end.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn words(line: &str) -> Vec<&str> {
    line.split([' ', '\t']).filter(|word| !word.is_empty()).collect()
}

/// Whether two words are the same, or numbers that are close, of which one at least is no integer.
/// APPS compares by `numpy.allclose`, whose bounds these are (<https://github.com/hendrycks/apps>,
/// `testing_util.py`); where an integer is expected, its large numbers would let other integers
/// pass, so that a millionth is the bound then.
fn same_word(printed: &str, expected: &str) -> bool {
    if printed == expected {
        return true;
    }
    let (Some(one), Some(other)) = (number(printed), number(expected)) else { return false };
    match (is_integer(printed), is_integer(expected)) {
        (true, true) => false,
        // Beyond 2^53 not every integer is a number of 64 bits.
        (false, true) => other.abs() < 9e15 && (one - other).abs() <= 1e-6,
        _ => (one - other).abs() <= 1e-8 + 1e-5 * other.abs(),
    }
}

fn is_integer(word: &str) -> bool {
    word.trim_start_matches(['-', '+']).chars().all(|letter| letter.is_ascii_digit())
}

/// A finite number in decimals: no names such as `inf`.
fn number(word: &str) -> Option<f64> {
    let digits = word.contains(|letter: char| letter.is_ascii_digit());
    let known = word.chars().all(|letter| letter.is_ascii_digit() || "+-.eE".contains(letter));
    word.parse().ok().filter(|number: &f64| digits && known && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::agrees;

    #[test]
    fn numbers_are_close_and_integers_are_exact() {
        let table = [
            ("0.333333", "0.333333333333", true),
            ("1e-07", "0.0000001", true),
            ("0.5", "0.50", true),
            ("3.0000001 2.9999999", "3 3", true),
            ("3.0", "3", true),
            ("3", "3.0", true),
            ("-0.0", "0.0", true),
            ("1000000000000000000", "1000000000000000001", false),
            ("1e18", "1000000000000000001", false),
            ("100000001", "100000000", false),
            ("100000001.0", "100000000", false),
            ("007", "7", false),
            ("0.33", "0.333333", false),
            ("0.334", "0.333333333333", false),
            ("nan", "1.5", false),
            ("inf", "1e999", false),
            ("0x10", "16.0", false),
            ("1_000.0", "1000.0", false),
            ("yes 0.1", "yes 0.10", true),
            ("Yes 0.1", "yes 0.10", false),
        ];
        for (printed, expected, right) in table {
            assert_eq!(agrees(printed.as_bytes(), expected), right, "{printed} for {expected}");
        }
    }

    #[test]
    fn blanks_count_where_they_mean_something() {
        let table = [
            ("1  2\n3  4", "1 2\n3 4\n", true),
            ("a b  \n\n\n", "a b", true),
            (" 6", "6", true),
            ("*\n***", "  *\n***", false),
            ("a b", "a  b", false),
            ("1 2 3", "1\n2\n3", false),
            ("\n6", "6", false),
            ("ab", "a b", false),
            ("", "", true),
            ("", "0.0", false),
        ];
        for (printed, expected, right) in table {
            assert_eq!(agrees(printed.as_bytes(), expected), right, "{printed:?} for {expected:?}");
        }
    }
}
