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
        | "doesnt exist"
        | "does not exist"
        | "limit does not exist"
        | "it does not exist"
        | "dne" => Some("\\emptyset"),
        "all real numbers" | "all reals" | "all real x" | "real numbers" | "any real number" | "every real number" => {
            Some("\\mathbb{R}")
        }
        "positive real numbers" | "all positive real numbers" | "positive reals" | "all positive numbers" => {
            Some("(0,\\infty)")
        }
        "negative real numbers" | "all negative real numbers" | "negative reals" | "all negative numbers" => {
            Some("(-\\infty,0)")
        }
        "nonnegative real numbers" | "non negative real numbers" | "all nonnegative real numbers" => {
            Some("[0,\\infty)")
        }
        "natural numbers" | "all natural numbers" | "naturals" => Some("\\mathbb{N}"),
        "integers" | "all integers" | "any integer" | "every integer" => Some("\\mathbb{Z}"),
        "rational numbers" | "all rational numbers" | "rationals" => Some("\\mathbb{Q}"),
        "complex numbers" | "all complex numbers" => Some("\\mathbb{C}"),
        "infinity"
        | "positive infinity"
        | "infinite"
        | "infinitely many"
        | "infinitely many solutions"
        | "there are infinitely many solutions"
        | "there are infinitely many"
        | "infinite solutions"
        | "infinite number of solutions" => Some("\\infty"),
        "negative infinity" | "minus infinity" => Some("-\\infty"),
        _ => None,
    }
}
