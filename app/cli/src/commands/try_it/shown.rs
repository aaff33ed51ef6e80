//! An answer as a person reads it.

use repeat::Answer;

use crate::console::Style;

/// The puzzle, the derivation, the expression, and whether it checks.
pub(super) fn answer(answer: &Answer, style: Style) -> String {
    let attempt: String = answer.attempt.lines().map(|line| format!("  {line}\n")).collect();
    let expression = answer.expression.iter().map(|expression| format!("  {}\n", style.strong(expression)));
    let verdict = match answer.correct {
        Some(true) => style.good("right"),
        Some(false) => style.caution(&answer.verdict),
        None => style.quiet(&answer.verdict),
    };
    let votes = match answer.samples {
        1 => String::new(),
        samples => style.quiet(&format!("  ({} of {samples} samples agree)", answer.agreeing)),
    };
    let votes = match answer.value_calls {
        0 => votes,
        calls => votes + &style.quiet(&format!("  ({} tokens, {calls} value calls)", answer.generated_tokens)),
    };
    format!("{}\n{attempt}{}  {verdict}{votes}\n", style.strong(&answer.task), expression.collect::<String>())
}
