//! Which paths a Rust file speaks of: what its `use` lines import, and what its code names by path.

use crate::source::Source;

/// What one `use` brings into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// As written, from the first segment; a glob ends in `*`.
    pub(crate) path: Vec<String>,
    /// What it is called in the file; `*` for a glob.
    pub(crate) name: String,
    /// Whether it is handed on: `pub use`, `pub(crate) use`.
    pub(crate) public: bool,
    /// The line on which its last segment stands.
    pub(crate) line: usize,
}

/// What a file's code, tests aside, speaks of.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    pub(crate) imports: Vec<Import>,
    /// Paths outside of `use` lines, a single name being a path too, with their lines.
    pub(crate) named: Vec<(Vec<String>, usize)>,
    /// The items that the file declares.
    pub(crate) declared: Vec<String>,
}

/// Words before the name of an item.
const DECLARING: [&str; 9] = ["struct", "enum", "trait", "fn", "const", "static", "type", "union", "macro_rules"];

impl Paths {
    /// Reads a file.
    pub(crate) fn of(source: &Source) -> Paths {
        let tokens = tokens(source);
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let mut paths = Paths::default();
        while let Some((token, line)) = reader.next() {
            let before = reader.at.checked_sub(2).map_or("", |before| tokens[before].0.as_str());
            if token == "use" && reader.peek() != "<" {
                let public = before == "pub" || before == ")";
                reader.tree(Vec::new(), public, &mut paths.imports);
            } else if is_name(token) && before != "." {
                let mut path = vec![token.to_owned()];
                while reader.peek() == "::" && reader.tokens.get(reader.at + 1).is_some_and(|next| is_name(&next.0)) {
                    reader.at += 1;
                    path.extend(reader.next().map(|(name, _)| name.to_owned()));
                }
                if DECLARING.contains(&before)
                    || (before == "!" && tokens[reader.at.saturating_sub(3)].0 == "macro_rules")
                {
                    paths.declared.push(token.to_owned());
                } else {
                    paths.named.push((path, line));
                }
            }
        }
        paths
    }
}

struct Reader<'a> {
    tokens: &'a [(String, usize)],
    at: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(&'a str, usize)> {
        let (token, line) = self.tokens.get(self.at)?;
        self.at += 1;
        Some((token, *line))
    }

    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |(token, _)| token)
    }

    /// Reads what stands after `use`, or between two commas of a group, below `above`.
    fn tree(&mut self, above: Vec<String>, public: bool, imports: &mut Vec<Import>) {
        let mut path = above;
        while let Some((token, line)) = self.next() {
            match token {
                "::" => {}
                "{" => {
                    while !matches!(self.peek(), "}" | "") {
                        self.tree(path.clone(), public, imports);
                        if self.peek() == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                name => {
                    path.push(name.to_owned());
                    if self.peek() == "::" {
                        continue;
                    }
                    let own = if name == "self" { path.iter().rev().nth(1).cloned() } else { Some(name.to_owned()) };
                    if name == "self" && path.len() > 1 {
                        path.pop();
                    }
                    let mut called = own.unwrap_or_default();
                    if self.peek() == "as" {
                        self.at += 1;
                        called = self.next().map_or(called, |(alias, _)| alias.to_owned());
                    }
                    imports.push(Import { path, name: called, public, line });
                    return;
                }
            }
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and every other character by itself, with their lines.
fn tokens(source: &Source) -> Vec<(String, usize)> {
    let mut tokens = Vec::new();
    for (number, line) in source.product() {
        let mut rest = line.code.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                _ if is_name(rest) => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            tokens.push((rest[..length].to_owned(), number));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(String, String, bool)> {
        let paths = Paths::of(&Source::new(text));
        paths.imports.into_iter().map(|import| (import.path.join("::"), import.name, import.public)).collect()
    }

    #[test]
    fn use_lines_are_read_to_their_leaves() {
        let text = "use super::{a, b::{self, C as D}, e::*};\npub(crate) use x::Y;\nuse crate::{\n    f,\n};\n";
        let expected = [
            ("super::a", "a", false),
            ("super::b", "b", false),
            ("super::b::C", "D", false),
            ("super::e::*", "*", false),
            ("x::Y", "Y", true),
            ("crate::f", "f", false),
        ];
        let expected = expected.map(|(path, name, public)| (path.to_owned(), name.to_owned(), public));
        assert_eq!(imports(text), expected);
    }

    #[test]
    fn paths_and_declarations_are_told_apart() {
        let text = "fn f() -> crate::A { x.super_of(); let y = b::C::new(); }\nstruct S;\n#[cfg(test)]\nuse t::T;\n";
        let paths = Paths::of(&Source::new(text));
        let named: Vec<String> = paths.named.iter().map(|(path, _)| path.join("::")).collect();
        assert!(named.contains(&"crate::A".to_owned()) && named.contains(&"b::C::new".to_owned()), "{named:?}");
        assert!(!named.contains(&"super_of".to_owned()), "{named:?}");
        assert_eq!((paths.declared, paths.imports), (vec!["f".to_owned(), "S".to_owned()], Vec::new()));
    }
}
