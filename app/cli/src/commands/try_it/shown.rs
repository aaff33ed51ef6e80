//! An answer as a person reads it.

use repeat::{Answer, AnswerTurn};

use crate::console::Style;

/// The puzzle, the derivation, the expression, and whether it checks.
pub(super) fn answer(answer: &Answer, style: Style) -> String {
    let before: String = answer.turns.iter().rev().skip(1).rev().map(|turn| played(turn, style)).collect();
    let attempt: String = answer.attempt.lines().map(|line| format!("  {line}\n")).collect();
    let expression = answer.expression.iter().map(|expression| format!("  {}\n", style.strong(expression)));
    let verdict = match answer.correct {
        Some(true) => style.good("right"),
        Some(false) => style.caution(&answer.verdict),
        None => style.quiet(&answer.verdict),
    };
    let components = answer.components.iter();
    let components =
        components.map(|one| style.quiet(&format!("  {} (weight {}): {}\n", one.name, one.weight, one.verdict)));
    let votes = match answer.samples {
        1 => String::new(),
        samples => style.quiet(&format!("  ({} of {samples} samples agree)", answer.agreeing)),
    };
    let votes = match answer.value_calls {
        0 => votes,
        calls => votes + &style.quiet(&format!("  ({} tokens, {calls} value calls)", answer.generated_tokens)),
    };
    let shows: String = answer.shows.iter().map(|picture| format!("  {}\n", style.quiet(picture))).collect();
    let task = style.strong(&answer.task);
    let expression: String = expression.collect();
    let components: String = components.collect();
    format!("{task}\n{shows}{before}{attempt}{expression}  {verdict}{votes}\n{components}")
}

/// A turn before the last: the action, the observation, and its reward.
fn played(turn: &AnswerTurn, style: Style) -> String {
    let lines = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let seen: String =
        turn.observation.lines().map(|line| format!("  {}\n", style.quiet(&format!("→ {line}")))).collect();
    let given = turn.reward.filter(|&reward| reward != 0.0);
    let given = given.map(|reward| format!("  {}\n", style.quiet(&format!("reward {reward}")))).unwrap_or_default();
    format!("{}{seen}{given}", lines(&turn.action))
}
