//! A whole answer: tries that it retracts itself, and a last one that counts.

use super::derivation::Derivation;

/// The word by which an answer retracts a try.
pub(crate) const NO: &str = "no";

/// How many tries an example of the language makes, and an answer has room for.
pub(crate) const TRIES: usize = 5;

/// The most words of an answer. A try without fractions is 10 + 9 + 5 words, and one more gives it
/// up; one with a fraction wherever one can stand has 16 words more.
pub(crate) const LONGEST: usize = TRIES * 25 + 16;

/// An answer as it is written: derivations, each retracted by `no` but the last. An answer that
/// retracts its last try as well gives no answer.
///
/// ```text
/// answer = derivation { "no" derivation } [ "no" ]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tries {
    /// The tries that the answer itself retracts, in order.
    pub(crate) retracted: Vec<Derivation>,
    /// The try that counts.
    pub(crate) last: Option<Derivation>,
}

impl Tries {
    /// Reads an answer; the reason, if it has not the form.
    pub(crate) fn parse(text: &str) -> Result<Tries, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut parts: Vec<&[&str]> = words.split(|&word| word == NO).collect();
        let alone = parts.len() == 1;
        let last = parts.pop().filter(|words| !words.is_empty() || alone);
        let parse = |(index, words): (usize, &&[&str])| {
            Derivation::parse(&words.join(" ")).map_err(|why| placed(index, alone, &why))
        };
        let retracted = parts.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?;
        let last = last.map(|words| parse((retracted.len(), &words))).transpose()?;
        Ok(Tries { retracted, last })
    }
}

/// Says in which try something is wrong, if there are several.
pub(crate) fn placed(index: usize, alone: bool, why: &str) -> String {
    if alone { why.to_owned() } else { format!("try {}, {why}", index + 1) }
}

/// Where the last try begins in the text: what lies before is retracted.
pub(crate) fn last_try(text: &str) -> usize {
    let mark = format!(" {NO} ");
    text.rfind(&mark).map_or(0, |at| at + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_told_apart() {
        let count = |text| Tries::parse(text).map(|tries| (tries.retracted.len(), tries.last.is_some()));
        assert_eq!(count("3 + 8 = 11"), Ok((0, true)));
        assert_eq!(count("3 + 8 = 11 no 3 * 8 = 24"), Ok((1, true)));
        assert_eq!(count("3 + 8 = 11 no 8 - 3 = 5 no"), Ok((2, false)));
        assert_eq!(count("no"), Err("try 1, step 1: ends where a number should follow".into()));
        assert_eq!(count("3 + 8 = 11 no 3 * = 24"), Err("try 2, step 1: `=` stands where a number should".into()));
    }

    #[test]
    fn the_last_try_is_what_follows_the_last_no() {
        let text = "3 + 8 = 11 no 8 - 3 = 5 no 3 * 8 = 24";
        assert_eq!(&text[last_try(text)..], "3 * 8 = 24");
        assert_eq!(last_try("3 * 8 = 24"), 0);
    }
}
