//! A recipe with its comments, tables and keys set off.

use crate::escape::html;

/// TOML as HTML. Light on purpose: a line is a comment, a table's name, or a key and its value.
pub(crate) fn toml(source: &str) -> String {
    source.lines().map(|line| highlighted(line) + "\n").collect()
}

fn highlighted(line: &str) -> String {
    let start = line.trim_start();
    if start.starts_with('#') {
        return format!("<span class=\"comment\">{}</span>", html(line));
    }
    if start.starts_with('[') && line.trim_end().ends_with(']') {
        return format!("<span class=\"table\">{}</span>", html(line));
    }
    match line.split_once('=') {
        Some((key, value)) if is_key(key) => format!("<span class=\"key\">{}</span>={}", html(key), html(value)),
        _ => html(line),
    }
}

fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.\"".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_tables_and_keys() {
        let shown = toml("# <b>\n[repeat]\nrounds = 3\n\"a\"]");
        let wanted = "<span class=\"comment\"># &lt;b&gt;</span>\n<span class=\"table\">[repeat]</span>\n\
                      <span class=\"key\">rounds </span>= 3\n&quot;a&quot;]\n";
        assert_eq!(shown, wanted);
    }
}
