//! What the calculator computes: whole numbers with `+`, `-`, `*` and brackets, exactly. Blanks may
//! stand anywhere, between the digits of a number too.

/// The longest expression in characters, blanks aside.
const LONGEST: usize = 256;

/// The value of an expression, or what is wrong with it.
pub(crate) fn evaluate(expression: &str) -> Result<i128, String> {
    let letters: Vec<char> = expression.chars().filter(|letter| !letter.is_whitespace()).collect();
    if letters.len() > LONGEST {
        return Err(format!("the expression has more than {LONGEST} characters"));
    }
    let mut reader = Reader { letters: &letters, at: 0 };
    let value = reader.sum()?;
    match reader.peek() {
        None => Ok(value),
        Some(letter) => Err(format!("`{letter}` is not expected at place {}", reader.at + 1)),
    }
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    /// Takes the next character if it is one of these.
    fn take(&mut self, among: &[char]) -> Option<char> {
        let letter = self.peek().filter(|letter| among.contains(letter))?;
        self.at += 1;
        Some(letter)
    }

    fn sum(&mut self) -> Result<i128, String> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            let next = self.product()?;
            let found = if sign == '+' { value.checked_add(next) } else { value.checked_sub(next) };
            value = found.ok_or_else(too_large)?;
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<i128, String> {
        let mut value = self.factor()?;
        while self.take(&['*']).is_some() {
            value = value.checked_mul(self.factor()?).ok_or_else(too_large)?;
        }
        Ok(value)
    }

    fn factor(&mut self) -> Result<i128, String> {
        if self.take(&['-']).is_some() {
            return self.factor()?.checked_neg().ok_or_else(too_large);
        }
        if self.take(&['(']).is_some() {
            let value = self.sum()?;
            return self.take(&[')']).map(|_| value).ok_or_else(|| "a bracket is not closed".to_owned());
        }
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.letters[start..self.at].iter().collect();
        match (digits.is_empty(), self.peek()) {
            (false, _) => digits.parse().map_err(|_| too_large()),
            (true, Some(letter)) => Err(format!("`{letter}` is not expected at place {}", start + 1)),
            (true, None) => Err("a number is missing at the end".to_owned()),
        }
    }
}

fn too_large() -> String {
    "a number is too large".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn products_bind_more_tightly_and_wrong_expressions_say_why() {
        for (expression, value) in
            [(" 1 2 * 3 4 ", 408), ("2+3*4", 14), ("(2+3)*-4", -20), ("7-2-1", 4), ("--3", 3), ("007", 7)]
        {
            assert_eq!(evaluate(expression), Ok(value), "{expression}");
        }
        for (expression, why) in [
            ("", "missing"),
            ("1 +", "missing"),
            ("1 / 2", "`/` is not expected at place 2"),
            ("(1", "not closed"),
            ("1)", "`)` is not expected"),
            ("9999999999999999999999999999999999999999", "too large"),
            ("99999999999999999999 * 99999999999999999999", "too large"),
        ] {
            let said = evaluate(expression).expect_err(expression);
            assert!(said.contains(why), "{expression}: {said}");
        }
        assert!(evaluate(&"(".repeat(1_000_000)).is_err() && evaluate(&"-".repeat(256)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_in_brackets_is_what_is_computed(a in 0i64..9999, b in 0i64..9999, c in 0i64..9999) {
            let wanted = i128::from((a + b) * c - b);
            prop_assert_eq!(evaluate(&format!("({a} + {b}) * {c} - {b}")), Ok(wanted));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9+*() -]{0,40}|.{0,40}") {
            let _ = evaluate(&text);
        }
    }
}
