//! A failure as people and as programs read it.

use std::fmt::Write;

use faults::{Code, Failure};
use serde_json::{Value, json};

use super::Style;

/// `error:` with its causes, the picture of the place, and after a blank line what to try.
pub(super) fn rendered(failure: &Failure, style: Style) -> String {
    let chain = failure.chain();
    let mut text = String::new();
    for (depth, message) in chain.iter().enumerate() {
        // A cause that only repeats what was said is no news.
        match depth {
            0 => _ = writeln!(text, "{} {message}", style.bad("error:")),
            _ if chain[depth - 1].contains(message.as_str()) => {}
            _ => _ = writeln!(text, "  {} {message}", style.quiet("cause:")),
        }
    }
    if let Some(picture) = failure.picture() {
        text += picture.trim_end_matches('\n');
        text.push('\n');
    }
    if let Some(hint) = failure.hint() {
        _ = writeln!(text, "\n{} {hint}", style.hint("hint:"));
    }
    text
}

/// The same for programs.
pub(crate) fn as_json(failure: &Failure) -> Value {
    let (code, message) = (failure.code().word(), failure.chain().join(": "));
    json!({ "error": { "code": code, "message": message, "hint": failure.hint() } })
}

/// What the parser refused, for programs.
pub(super) fn usage_as_json(said: &str) -> Value {
    let message = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
    json!({ "error": { "code": Code::Usage.word(), "message": message, "hint": "`autodidact --help` shows what can be typed." } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::CliFault;

    const PLAIN: Style = Style { colour: false };

    #[test]
    fn a_failure_has_its_cause_and_a_hint() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        let failure = Failure::from(CliFault::RecipeFile { path: "x.toml".into(), source });
        insta::assert_snapshot!(rendered(&failure, PLAIN), @r"
        error: could not read the recipe `x.toml`
          cause: entity not found

        hint: Check the path; `autodidact list` shows the methods.
        ");
    }

    #[test]
    fn a_wrong_setting_is_underlined() {
        let failure = Failure::from(recipe::Override::parse("repeat..rounds=3").expect_err("an empty step"));
        insta::assert_snapshot!(rendered(&failure, PLAIN));
        assert_eq!(as_json(&failure)["error"]["code"], "recipe");
    }

    #[test]
    fn colour_is_used_only_where_it_may_be() {
        let failure = Failure::from(CliFault::NoPuzzle);
        assert!(!rendered(&failure, PLAIN).contains('\x1b'));
        assert!(rendered(&failure, Style { colour: true }).starts_with("\x1b[1;31merror:\x1b[0m"));
    }
}
