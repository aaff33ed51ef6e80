//! `{% generation %}` blocks: how a template says what the assistant itself writes.
//!
//! The template engine has no such tag. Each is replaced by an `include` of a template that is a
//! single mark; an `include` is a block tag too, so that blanks and line ends around it are trimmed
//! as they would have been.

/// Marks where the assistant's own text begins: a character of a private-use plane that no text
/// has.
pub(super) const BEGIN: char = '\u{f8e00}';
/// Marks where it ends.
pub(super) const END: char = '\u{f8e01}';

/// The templates that are included, by name.
pub(super) const MARKERS: [(&str, &str); 2] = [("generation begins", "\u{f8e00}"), ("generation ends", "\u{f8e01}")];

/// The template with its generation tags replaced, and whether there were any.
pub(super) fn with_marks(source: &str) -> (String, bool) {
    let (mut out, mut rest, mut found) = (String::with_capacity(source.len()), source, false);
    while let Some(at) = rest.find("{%") {
        let Some(length) = rest[at..].find("%}") else { break };
        let tag = &rest[at..at + length + 2];
        out.push_str(&rest[..at]);
        match replaced(tag) {
            Some(mark) => {
                out.push_str(&mark);
                found = true;
            }
            None => out.push_str(tag),
        }
        rest = &rest[at + length + 2..];
    }
    out.push_str(rest);
    (out, found)
}

/// The tag that stands for a generation tag, with the same signs of trimming.
fn replaced(tag: &str) -> Option<String> {
    // A tag may be as short as `{%}`, which the template engine then refuses.
    let inner = tag.get(2..tag.len().checked_sub(2)?)?;
    let (before, inner) = sign(inner, inner.chars().next(), |inner| &inner[1..]);
    let (after, inner) = sign(inner, inner.chars().next_back(), |inner| &inner[..inner.len() - 1]);
    let name = match inner.trim() {
        "generation" => MARKERS[0].0,
        "endgeneration" => MARKERS[1].0,
        _ => return None,
    };
    Some(format!("{{%{before} include \"{name}\" {after}%}}"))
}

fn sign<'a>(inner: &'a str, edge: Option<char>, without: impl Fn(&'a str) -> &'a str) -> (&'static str, &'a str) {
    match edge {
        Some('-') => ("-", without(inner)),
        Some('+') => ("+", without(inner)),
        _ => ("", inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_keep_their_signs_of_trimming_and_others_stay_as_they_are() {
        let (marked, found) = with_marks("a{%- generation %}b{% endgeneration -%}{% if x %}{{ y }}{% endif %}");
        assert!(found);
        assert_eq!(
            marked,
            "a{%- include \"generation begins\" %}b{% include \"generation ends\" -%}{% if x %}{{ y }}{% endif %}"
        );
        assert_eq!(with_marks("{% if generation %}"), ("{% if generation %}".into(), false));
        assert_eq!(with_marks("{% never closed"), ("{% never closed".into(), false));
    }
}
