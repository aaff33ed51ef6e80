//! Final answers in free text, as the field's data sets mark them.

use answers::{Agreement, Difference, Judgement};

use super::exported;

/// What a data set's reference answers are: it decides what of a response is its final answer, and
/// how both are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every reference is a number, most marked by `####`.
    Gsm8k,
    /// Every reference is a number.
    Numbers,
    /// Every reference is the letter of a choice.
    Choices,
    /// References are formulas in `\boxed{}`.
    Boxed,
    /// References are texts that answers must be letter by letter.
    Exact,
    /// References are texts or formulas, or there are none.
    Texts,
}

impl Kind {
    /// The kind of a data set with these references.
    pub(crate) fn of<'a>(references: impl IntoIterator<Item = &'a str>, choices: bool) -> Kind {
        let references: Vec<&str> = references.into_iter().collect();
        let is_number = |reference: &&str| decimal(&marked(reference)).is_some();
        let all = |has: &dyn Fn(&&str) -> bool| !references.is_empty() && references.iter().all(has);
        match () {
            () if choices => Kind::Choices,
            () if all(&is_number) && all(&|text| text.contains("####")) => Kind::Gsm8k,
            () if all(&is_number) => Kind::Numbers,
            () if all(&|text| text.contains("\\boxed") || text.contains("\\fbox")) => Kind::Boxed,
            () => Kind::Texts,
        }
    }

    /// What it is, in words.
    pub(crate) fn summary(self) -> &'static str {
        match self {
            Kind::Gsm8k => "answers after ####, as GSM8K has them, compared as numbers",
            Kind::Numbers => "answers compared as numbers",
            Kind::Choices => "multiple choice, compared by letter",
            Kind::Boxed => "answers in \\boxed{}, compared as mathematics",
            Kind::Exact => "answers of reasoning-gym, compared letter by letter",
            Kind::Texts => "answers compared as mathematics or words",
        }
    }

    /// The final answer of a text, normalised; `None` if it gives none.
    ///
    /// It stands where [`answers::final_answer`] finds it; without a mark it is the last number, or
    /// the last line where answers are no numbers.
    pub(crate) fn final_answer(self, text: &str) -> Option<String> {
        let marked = answers::final_answer(text);
        match self {
            Kind::Gsm8k | Kind::Numbers => answers::final_number(text),
            Kind::Choices => answers::choice(text).map(String::from),
            Kind::Boxed => marked.or_else(|| last_line(text)).map(|answer| answer.trim().to_owned()),
            Kind::Exact => Some(exported::said(text).to_owned()).filter(|said| !said.is_empty()),
            Kind::Texts => plain(&marked.or_else(|| last_line(text))?),
        }
    }

    /// A reference, normalised in the same way, but taken as a whole where nothing marks the answer
    /// in it.
    pub(crate) fn reference(self, text: &str) -> Option<String> {
        let answer = marked(text);
        match self {
            Kind::Gsm8k | Kind::Numbers => decimal(&answer),
            Kind::Exact => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Kind::Choices | Kind::Boxed | Kind::Texts => (!answer.is_empty()).then_some(answer),
        }
    }

    /// Compares a response with a reference.
    pub(crate) fn judge(self, reference: &str, response: &str) -> Judgement {
        match self {
            Kind::Gsm8k => answers::Kind::Gsm8k.judge(reference, response),
            Kind::Numbers => answers::Kind::Number.judge(reference, response),
            Kind::Choices => answers::Kind::Choice.judge(reference, response),
            Kind::Boxed => answers::Kind::Math.judge(reference, response),
            Kind::Exact => match exported::said(response) == reference {
                true => Judgement::Right(Agreement::Identical),
                false => Judgement::Wrong(Difference::Text),
            },
            Kind::Texts => {
                let whole = answers::Kind::Math.judge(reference, response);
                // words on a line of their own below a derivation
                let unmarked = whole.correct() != Some(true) && answers::final_answer(response).is_none();
                let last = last_line(response).filter(|_| unmarked);
                let last = last.map(|line| answers::Kind::Math.judge(reference, &line));
                last.filter(|last| last.correct() == Some(true)).unwrap_or(whole)
            }
        }
    }
}

/// What a reference marks as its answer, else all of it.
fn marked(reference: &str) -> String {
    answers::final_answer(reference).unwrap_or_else(|| reference.trim().to_owned())
}

fn last_line(text: &str) -> Option<String> {
    text.trim().lines().last().map(str::to_owned)
}

/// A decimal number without currency signs, thousands separators, needless zeros or a final full
/// stop. `1,2` is none.
fn decimal(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', '%']);
    let mut groups = text.split('.').next().unwrap_or(text).split(',').skip(1);
    if !groups.all(|group| group.len() == 3) {
        return None;
    }
    let text = text.replace([',', '$'], "");
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
        assert_eq!(answer("5 - 3").as_deref(), Some("2"));
        assert_eq!(answer("1.5 million").as_deref(), Some("1500000"));
        assert_eq!(answer("2/3").as_deref(), Some("2/3"));
        assert_eq!(answer("1,2"), None);
        assert_eq!(answer("no idea"), None);
        assert_eq!(decimal("-0.0").as_deref(), Some("0"));
        assert_eq!(decimal("1,012.50").as_deref(), Some("1012.5"));
        assert_eq!(decimal("1,2"), None);
        assert_eq!(decimal(""), None);
    }

    #[test]
    fn texts_are_compared_without_case_and_punctuation() {
        assert_eq!(Kind::Texts.final_answer("Well.\nThe answer is (B).").as_deref(), Some("b"));
        assert_eq!(Kind::Texts.final_answer("one\n Two  words! ").as_deref(), Some("two words"));
        assert_eq!(Kind::of(["#### 18", "7"], false), Kind::Numbers);
        assert_eq!(Kind::of(["#### 18", "Paris"], false), Kind::Texts);
        let right = |response| Kind::Texts.judge("Paris", response).correct() == Some(true);
        assert!(right("Paris\n\nExplanation: it is the capital.") && right("We know it:\nParis"));
        assert!(!right("Paris\nLyon"));
        assert!(!right("It is not Paris.") && !right("Well.\nLyon"));
    }
}
