//! Text that is not trusted, on its way into a page.

use serde::Serialize;

/// Text as HTML, inside an element or a quoted attribute. Control characters that HTML has no form
/// for are shown as the replacement character.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('\u{fffd}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// A value as JSON that may stand in a `<script>`: nothing in it can end the element, open a
/// comment, or end a line of a script, because those characters are written by number.
pub(crate) fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    let by_number = |c: char| format!("\\u{:04x}", u32::from(c));
    ['<', '>', '&', '\u{2028}', '\u{2029}'].into_iter().fold(text, |text, c| text.replace(c, &by_number(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        let hostile = "</script><img src=x onerror=\"alert('1')\"> & \u{1b}[2K";
        let escaped = "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; \u{fffd}[2K";
        assert_eq!(html(hostile), escaped);
    }

    #[test]
    fn json_cannot_end_its_element_and_reads_back() {
        let hostile = "</script><!--\u{2028}&\"\\";
        let written = json(&hostile);
        assert!(!written.contains(['<', '>', '&', '\u{2028}']), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), hostile);
    }
}
