//! Text that cannot drive a terminal.
//!
//! What is printed holds untrusted text: answers, names in files, values of configurations. Control
//! characters in them could set the window's title, move the cursor or overwrite what was said;
//! direction marks could turn it round. They are shown spelled out, whoever printed them. Our own
//! colours, and the mark with which a line is drawn over, stay.

use events::steers;

/// How a line is drawn over.
const REDRAWN: [&str; 2] = ["\r\x1b[K", "\r\x1b[2K"];

/// The text with everything spelled out that would drive a terminal. Colours stay only where there
/// may be `colour`.
pub(super) fn harmless(text: &str, colour: bool) -> String {
    if !text.chars().any(|letter| steers(letter) && letter != '\n') {
        return text.to_owned();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(letter) = rest.chars().next() {
        let kept = match letter {
            '\n' | '\t' => 1,
            '\r' if rest.starts_with("\r\n") => {
                rest = &rest[1..];
                1
            }
            '\r' => REDRAWN.iter().find(|mark| rest.starts_with(**mark)).map_or(0, |mark| mark.len()),
            '\x1b' if colour => colour_code(rest),
            letter if steers(letter) => 0,
            letter => letter.len_utf8(),
        };
        match kept {
            0 => {
                out.extend(letter.escape_unicode());
                rest = &rest[letter.len_utf8()..];
            }
            _ => {
                out.push_str(&rest[..kept]);
                rest = &rest[kept..];
            }
        }
    }
    out
}

/// A line of JSON in which characters that JSON lets stand and that would drive a terminal are
/// escaped: the same value.
pub(super) fn harmless_json(line: &str) -> String {
    match line.chars().any(steers) {
        true => line.chars().fold(String::with_capacity(line.len()), |mut out, letter| {
            match steers(letter) && letter != '\n' {
                true => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
                false => out.push(letter),
            }
            out
        }),
        false => line.to_owned(),
    }
}

/// How long the colour is that begins here; 0 if this is none that only makes text look otherwise:
/// not hidden, and not blinking.
fn colour_code(text: &str) -> usize {
    let Some(inner) = text.strip_prefix("\x1b[") else { return 0 };
    let Some((codes, _)) = inner.split_once('m') else { return 0 };
    let harmless = |code: &str| matches!(code.parse(), Ok(0_u8..=4 | 22..=24 | 30..=37 | 39 | 90..=97));
    if codes.split(';').all(harmless) { "\x1b[m".len() + codes.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_drive_a_terminal_is_spelled_out() {
        for (text, coloured, plain) in [
            ("plain\ttext\n", "plain\ttext\n", "plain\ttext\n"),
            ("\x1b]0;owned\x07", "\\u{1b}]0;owned\\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("\x1b[1;31merror:\x1b[0m", "\x1b[1;31merror:\x1b[0m", "\\u{1b}[1;31merror:\\u{1b}[0m"),
            ("\x1b[8mhidden", "\\u{1b}[8mhidden", "\\u{1b}[8mhidden"),
            ("\x1b[2J", "\\u{1b}[2J", "\\u{1b}[2J"),
            ("\r\x1b[Kdone", "\r\x1b[Kdone", "\r\x1b[Kdone"),
            ("one\rtwo\r\n", "one\\u{d}two\n", "one\\u{d}two\n"),
            ("\u{202e}abc\u{2069}", "\\u{202e}abc\\u{2069}", "\\u{202e}abc\\u{2069}"),
            ("\u{9b}31m ä \u{7f}", "\\u{9b}31m ä \\u{7f}", "\\u{9b}31m ä \\u{7f}"),
        ] {
            assert_eq!((harmless(text, true).as_str(), harmless(text, false).as_str()), (coloured, plain), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_steers(text in any::<String>()) {
            let left = harmless(&text, false).replace("\r\x1b[K", "").replace("\r\x1b[2K", "");
            prop_assert!(!left.chars().any(|letter| steers(letter) && !matches!(letter, '\n' | '\t')));
            let json = serde_json::json!({ "text": text }).to_string();
            let line = harmless_json(&json);
            prop_assert!(!line.chars().any(steers));
            let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            prop_assert_eq!(read["text"].as_str(), Some(text.as_str()));
        }
    }
}
