//! Final answers in free text, as the field's data sets mark them.

/// What a data set's reference answers are: it decides what of a response is its final answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every reference is a number.
    Numbers,
    /// Some reference is not, or there are none.
    Texts,
}

impl Kind {
    /// The kind of a data set with these references.
    pub(crate) fn of<'a>(references: impl IntoIterator<Item = &'a str>) -> Kind {
        let mut references = references.into_iter().peekable();
        let is_number = |reference: &str| decimal(marked(reference).unwrap_or(reference)).is_some();
        let numbers = references.peek().is_some() && references.all(is_number);
        if numbers { Kind::Numbers } else { Kind::Texts }
    }

    /// The final answer of a text, normalised; `None` if it gives none.
    ///
    /// It stands after the last `####` (GSM8K), in the last `\boxed{…}` (MATH) or after the last `answer is` or
    /// `answer:`; without any of these it is the last number, or the last line where answers are texts.
    pub(crate) fn final_answer(self, text: &str) -> Option<String> {
        match (self, marked(text)) {
            (Kind::Numbers, Some(answer)) => numbers(answer).next(),
            (Kind::Numbers, None) => numbers(text).last(),
            (Kind::Texts, Some(answer)) => plain(answer),
            (Kind::Texts, None) => plain(text.trim().lines().last()?),
        }
    }

    /// A reference, normalised in the same way, but taken as a whole where nothing marks the answer in it.
    pub(crate) fn reference(self, text: &str) -> Option<String> {
        let answer = marked(text).unwrap_or(text);
        match self {
            Kind::Numbers => decimal(answer),
            Kind::Texts => plain(answer),
        }
    }
}

/// The part of a text that is marked as its final answer.
fn marked(text: &str) -> Option<&str> {
    if let Some((_, answer)) = text.rsplit_once("####") {
        return answer.trim().lines().next();
    }
    if let Some((_, answer)) = text.rsplit_once("\\boxed{") {
        return braced(answer);
    }
    let lower = text.to_ascii_lowercase(); // ASCII only: positions stay those of the text
    let ends = ["answer is", "answer:"].iter().filter_map(|words| Some(lower.rfind(words)? + words.len()));
    text[ends.max()?..].trim().lines().next()
}

/// The text up to the brace that closes one opened before it.
fn braced(text: &str) -> Option<&str> {
    let mut open = 1;
    let end = text.find(|letter| {
        open += i32::from(letter == '{') - i32::from(letter == '}');
        open == 0
    })?;
    Some(&text[..end])
}

/// The numbers in a text, normalised.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | '$')));
    words.filter_map(|word| decimal(word.trim_start_matches(['.', ',']).trim_end_matches(['.', ',', '-'])))
}

/// A decimal number without currency signs, thousands separators, needless zeros or a final full stop.
fn decimal(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', '%']).replace([',', '$'], "");
    let (sign, digits) = text.strip_prefix('-').map_or(("", &text[..]), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    if !all_digits || whole.is_empty() && part.is_empty() {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match part {
        "" if whole == "0" => "0".to_owned(),
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    })
}

/// A text in lower case with single spaces and without punctuation around it.
fn plain(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").to_lowercase();
    let text = text.trim_matches(|letter: char| letter.is_ascii_punctuation() && letter != '-' || letter == ' ');
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_normalised() {
        let answer = |text| Kind::Numbers.final_answer(text);
        assert_eq!(answer("9 * 2 = 18\n#### 18").as_deref(), Some("18"));
        assert_eq!(answer("#### $1,080.00").as_deref(), Some("1080"));
        assert_eq!(answer("so she has 3 or rather -2.50.").as_deref(), Some("-2.5"));
        assert_eq!(answer("The answer is 7 apples, of 9.").as_deref(), Some("7"));
        assert_eq!(answer("thus \\boxed{12} holds").as_deref(), Some("12"));
        assert_eq!(answer("5 - 3").as_deref(), Some("3"));
        assert_eq!(answer("no idea"), None);
        assert_eq!(decimal("-0.0").as_deref(), Some("0"));
        assert_eq!(decimal(""), None);
    }

    #[test]
    fn texts_are_compared_without_case_and_punctuation() {
        assert_eq!(Kind::Texts.final_answer("Well.\nThe answer is (B).").as_deref(), Some("b"));
        assert_eq!(Kind::Texts.final_answer("one\n Two  words! ").as_deref(), Some("two words"));
        assert_eq!(Kind::of(["#### 18", "7"]), Kind::Numbers);
        assert_eq!(Kind::of(["#### 18", "Paris"]), Kind::Texts);
    }
}
