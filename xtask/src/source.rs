//! A Rust file, line by line, with code, comments and strings told apart.
//!
//! This is a reader of tokens, not a parser: it knows where comments and literals begin and end,
//! and counts braces. That is all the checks need, and it cannot fall behind the language.

use std::ops::Range;

/// A Rust file.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) lines: Vec<Line>,
}

/// One line of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// As it stands in the file.
    pub(crate) raw: String,
    /// Without comments, and with the contents of literals left out: `"abc"` is `""`.
    pub(crate) code: String,
    /// The comment on it, with its slashes.
    pub(crate) comment: String,
    /// The string literals that begin on it.
    pub(crate) strings: Vec<String>,
    /// Whether it belongs to an item that only tests build.
    pub(crate) test: bool,
}

/// A `mod name;`.
pub(crate) struct Module {
    pub(crate) name: String,
    /// What `#[path = "…"]` on the line above says.
    pub(crate) at: Option<String>,
    pub(crate) line: usize,
    pub(crate) test: bool,
}

impl Source {
    /// Reads a file.
    pub(crate) fn new(text: &str) -> Self {
        let mut lines = Reader::new(text).read();
        for range in test_items(&lines) {
            lines[range].iter_mut().for_each(|line| line.test = true);
        }
        Source { lines }
    }

    /// The lines with their numbers, from 1.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines that are built into the product, with their numbers.
    pub(crate) fn product(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.numbered().filter(|(_, line)| !line.test)
    }

    /// The modules it declares that have files of their own.
    pub(crate) fn modules(&self) -> impl Iterator<Item = Module> {
        self.numbered().filter_map(|(number, line)| {
            let code = line.code.trim();
            let declaration = code.strip_prefix("#[cfg(test)]").map_or(code, str::trim_start);
            let rest = without_visibility(declaration).strip_prefix("mod ")?;
            let name = rest.strip_suffix(';')?.trim().trim_start_matches("r#").to_string();
            let above = self.lines[..number - 1].last();
            let at =
                above.filter(|above| above.code.contains("#[path =")).and_then(|above| above.strings.first().cloned());
            Some(Module { name, at, line: number, test: line.test })
        })
    }
}

/// An item without its `pub` or `pub(…)`.
pub(crate) fn without_visibility(item: &str) -> &str {
    let Some(rest) = item.strip_prefix("pub") else { return item };
    if let Some(inner) = rest.strip_prefix('(') {
        return inner.split_once(')').map_or(item, |(_, rest)| rest.trim_start());
    }
    rest.strip_prefix(' ').map_or(item, str::trim_start)
}

/// The identifiers of some code, with the byte where each begins.
pub(crate) fn identifiers(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code[at..].find(is_word)?;
        let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |length| start + length);
        at = end;
        Some((start, &code[start..end]))
    })
}

/// Whether `code` has `pattern` as whole words: no letter, digit or underscore continues it on
/// either side.
pub(crate) fn has_words(code: &str, pattern: &str) -> bool {
    let continues = |c: Option<char>, edge: Option<char>| c.is_some_and(is_word) && edge.is_some_and(is_word);
    code.match_indices(pattern).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + pattern.len()..].chars().next();
        !continues(before, pattern.chars().next()) && !continues(after, pattern.chars().next_back())
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The lines of items under `#[cfg(test)]` and the like.
fn test_items(lines: &[Line]) -> Vec<Range<usize>> {
    let starts = lines.iter().enumerate().filter(|(_, line)| is_test_attribute(line.code.trim()));
    starts.map(|(start, _)| start..item_end(lines, start)).collect()
}

fn is_test_attribute(code: &str) -> bool {
    code.starts_with("#[cfg(test)]") || code.starts_with("#[cfg(all(test") || code.starts_with("#[test]")
}

/// The line after the item that begins at `start`: after its closing brace, or after its `;`.
fn item_end(lines: &[Line], start: usize) -> usize {
    let (mut depth, mut opened) = (0i64, false);
    for (index, line) in lines.iter().enumerate().skip(start) {
        for c in line.code.chars() {
            match c {
                '{' => (depth, opened) = (depth + 1, true),
                '}' => depth -= 1,
                ';' if !opened => return index + 1,
                _ => {}
            }
            if opened && depth == 0 {
                return index + 1;
            }
        }
    }
    lines.len()
}

struct Reader<'a> {
    rest: &'a str,
    line: Line,
    lines: Vec<Line>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let raw = text.split('\n').map(|raw| Line { raw: raw.to_string(), ..Line::default() });
        let mut lines: Vec<Line> = raw.collect();
        if text.ends_with('\n') || text.is_empty() {
            lines.pop();
        }
        lines.reverse(); // the next line is taken off the end
        let line = lines.pop().unwrap_or_default();
        Reader { rest: text, line, lines }
    }

    fn read(mut self) -> Vec<Line> {
        let mut done = Vec::new();
        while !self.rest.is_empty() {
            self.token(&mut done);
        }
        if !self.line.raw.is_empty() {
            done.push(self.line);
        }
        done
    }

    /// Takes `length` bytes, which belong to a comment if `comment`, and are left out otherwise.
    fn take(&mut self, length: usize, comment: bool, done: &mut Vec<Line>) {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        for c in taken.chars() {
            if c == '\n' {
                let next = self.lines.pop().unwrap_or_default();
                done.push(std::mem::replace(&mut self.line, next));
            } else if comment {
                self.line.comment.push(c);
            }
        }
    }

    fn token(&mut self, done: &mut Vec<Line>) {
        let rest = self.rest;
        if rest.starts_with("//") {
            return self.take(rest.find('\n').unwrap_or(rest.len()), true, done);
        }
        if rest.starts_with("/*") {
            return self.take(block_comment(rest), true, done);
        }
        let after_word = self.line.code.chars().next_back().is_some_and(is_word);
        if let Some(literal) = literal(rest, after_word) {
            let text = &rest[literal.content.clone()];
            if literal.string {
                self.line.strings.push(text.to_string());
            }
            self.line.code.push_str(if literal.string { "\"\"" } else { "''" });
            return self.take(literal.length, false, done);
        }
        let Some(c) = rest.chars().next() else { return };
        if c == '\n' {
            return self.take(1, false, done);
        }
        self.line.code.push(c);
        self.rest = &rest[c.len_utf8()..];
    }
}

/// The length of the block comment that `text` begins with; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let (change, step) = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (1, 2),
            [b'*', b'/', ..] => (-1, 2),
            _ => (0, 1),
        };
        (depth, at) = (depth + change, at + step);
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

struct Literal {
    length: usize,
    content: Range<usize>,
    string: bool,
}

/// The literal that `text` begins with: a string of any kind, or a character. A lifetime is none.
fn literal(text: &str, after_word: bool) -> Option<Literal> {
    let prefix = ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| {
        let after = text.strip_prefix(prefix);
        after.is_some_and(|rest| rest.starts_with(['"', '#']) || (rest.starts_with('\'') && *prefix == "b"))
            || (prefix.is_empty() && text.starts_with('\''))
    })?;
    if !prefix.is_empty() && after_word {
        return None;
    }
    let body = &text[prefix.len()..];
    if body.starts_with('\'') {
        return character(body).map(|length| Literal { length: prefix.len() + length, content: 0..0, string: false });
    }
    let hashes = body.len() - body.trim_start_matches('#').len();
    let opened = body[hashes..].strip_prefix('"')?;
    if hashes > 0 && !prefix.ends_with('r') {
        return None;
    }
    let start = prefix.len() + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    let length = if prefix.ends_with('r') { opened.find(&closing) } else { closing_quote(opened) };
    let length = length.unwrap_or(opened.len());
    let end = (start + length + closing.len()).min(text.len());
    Some(Literal { length: end, content: start..start + length, string: true })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// The length of the character literal that `text` begins with, unless it is a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = &text[1..];
    if let Some(escape) = inner.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return escape[first..].find('\'').map(|end| 1 + 1 + first + end + 1);
    }
    let first = inner.chars().next()?.len_utf8();
    inner[first..].starts_with('\'').then_some(1 + first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new(text).lines.iter().map(|line| line.code.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn comments_and_literals_are_told_apart() {
        let source = Source::new("let a = \"x // y\"; // then /* \nlet b = 'c'; /* z\n z */ let d: &'a u8 = b'\\'';\n");
        let codes: Vec<&str> = source.lines.iter().map(|line| line.code.trim()).collect();
        assert_eq!(codes, ["let a = \"\";", "let b = '';", "let d: &'a u8 = '';"]);
        assert_eq!(source.lines[0].comment, "// then /* ");
        assert_eq!(source.lines[0].strings, ["x // y"]);
        assert_eq!(source.lines[1].comment, "/* z");
    }

    #[test]
    fn strings_of_every_kind_end_where_they_end() {
        let text = r##"f(r#"a " b"#, "\\", "\"", br"\", '\n', '"') + c"##;
        assert_eq!(code(text), r#"f("", "", "", "", '', '') + c"#);
        assert_eq!(code("f(\"a\n  b\", 1)"), "f(\"\"\n, 1)");
        assert_eq!(code("r#type + for_r"), "r#type + for_r");
        assert_eq!(Source::new("\"a\nb\"\nc").lines.len(), 3);
        assert_eq!(Source::new("").lines.len(), 0);
        assert_eq!(Source::new("a\n\nb\n").lines.len(), 3);
    }

    #[test]
    fn test_items_are_marked() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\"; }\n}\nfn c() {}\n#[cfg(test)]\nmod d;\nmod e;\n";
        let source = Source::new(text);
        let product: Vec<usize> = source.product().map(|(number, _)| number).collect();
        assert_eq!(product, [1, 6, 9]);
        let modules: Vec<(String, bool)> = source.modules().map(|module| (module.name, module.test)).collect();
        assert_eq!(modules, [("d".to_string(), true), ("e".to_string(), false)]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_words("std::fs::write(p)", "fs::write"));
        assert!(!has_words("fs::write_all(p)", "fs::write"));
        assert!(!has_words("eprintln!()", "println!"));
        assert_eq!(identifiers("a.star(b_c)").map(|(_, word)| word).collect::<Vec<_>>(), ["a", "star", "b_c"]);
    }
}
