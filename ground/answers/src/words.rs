//! Answers that are words.

/// A text in lower case, without LaTeX around words, articles, punctuation and double blanks.
pub(crate) fn plain(text: &str) -> String {
    let text = unwrapped(text);
    let plain = |letter: char| if is_noise(letter) { ' ' } else { letter };
    let text: String = text.to_lowercase().chars().filter(|letter| !matches!(letter, '\'' | '’')).map(plain).collect();
    let words: Vec<&str> = text.split_whitespace().filter(|word| !matches!(*word, "the" | "a" | "an")).collect();
    if words.is_empty() { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { words.join(" ") }
}

/// A text without the commands that say that something is text.
fn unwrapped(text: &str) -> String {
    let commands = ["\\text{", "\\textbf{", "\\textit{", "\\mathrm{", "\\mbox{", "\\operatorname{"];
    commands.iter().fold(text.to_owned(), |text, command| text.replace(command, "{"))
}

fn is_noise(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '`' | '$' | '{' | '}' | '(' | ')' | '*' | '~' | '-'
        )
        || matches!(letter, '“' | '”' | '\\' | '_')
}

/// Whether a text is words rather than a formula.
pub(crate) fn is_text(text: &str) -> bool {
    if unwrapped(text).contains('\\') {
        return false;
    }
    let plain = plain(text);
    let long = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    !plain.is_empty() && !plain.contains(|letter: char| letter.is_ascii_digit()) && plain.split(' ').any(long)
}

/// Words that say that nothing fulfils a condition, or that everything does.
pub(crate) fn as_mathematics(plain: &str) -> Option<&'static str> {
    match plain {
        "no solution"
        | "no solutions"
        | "no real solution"
        | "no real solutions"
        | "none"
        | "empty set"
        | "no such x"
        | "there are no solutions"
        | "there is no solution"
        | "doesnt exist" => Some("\\emptyset"),
        "all real numbers" | "all reals" | "all real x" | "real numbers" | "any real number" | "every real number" => {
            Some("\\mathbb{R}")
        }
        "infinity" | "positive infinity" => Some("\\infty"),
        "negative infinity" | "minus infinity" => Some("-\\infty"),
        "zero" => Some("0"),
        "one" => Some("1"),
        "two" => Some("2"),
        "three" => Some("3"),
        "four" => Some("4"),
        "five" => Some("5"),
        "six" => Some("6"),
        "seven" => Some("7"),
        "eight" => Some("8"),
        "nine" => Some("9"),
        "ten" => Some("10"),
        "eleven" => Some("11"),
        "twelve" => Some("12"),
        "one half" | "half" => Some("1/2"),
        "one third" => Some("1/3"),
        "one quarter" | "one fourth" => Some("1/4"),
        _ => None,
    }
}
