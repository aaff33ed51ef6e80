//! Every file says what it is.

use super::{Check, Finding};
use crate::source::{Line, without_visibility};
use crate::tree::{Kind, RustFile, Tree};

pub(super) const CHECK: Check =
    Check { name: "headers", about: "a file opens with `//!`, or its first item is documented", check };

const WHY: &str = "a reader who opens one file must learn from it what it is for";

fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust_files();
    files.iter().filter(|file| !is_exempt(file)).filter_map(of_file).collect()
}

/// Build scripts, and `tests.rs` beside the file it tests: their names say it.
fn is_exempt(file: &RustFile) -> bool {
    file.kind == Kind::Build || (file.kind == Kind::Test && file.path.contains("/src/"))
}

fn of_file(file: &RustFile) -> Option<Finding> {
    let first = file.source.numbered().find(|(_, line)| !line.raw.trim().is_empty())?;
    if first.1.raw.starts_with("//!") {
        return None;
    }
    let lines: Vec<&Line> = file.source.lines.iter().collect();
    let items = || (0..lines.len()).filter(|index| is_item(lines[*index]));
    let public = items().find(|index| lines[*index].raw.starts_with("pub") || is_macro(&lines[*index].code));
    let index = public.or_else(|| items().next())?;
    let inside = lines.get(index + 1).is_some_and(|line| line.raw.trim_start().starts_with("///"));
    if documented(&lines, index) || (is_macro(&lines[index].code) && inside) {
        return None;
    }
    Some(Finding::at(file.path, index + 1, "neither the file nor its first item says what it is", WHY))
}

/// Whether a line begins an item that can carry the file's documentation.
fn is_item(line: &Line) -> bool {
    let item = without_visibility(&line.code);
    let kinds = [
        "fn ",
        "struct ",
        "enum ",
        "trait ",
        "const ",
        "static ",
        "type ",
        "union ",
        "async ",
        "unsafe ",
        "extern \"\" fn",
    ];
    kinds.iter().any(|kind| item.starts_with(kind)) || is_macro(&line.code)
}

/// Whether a line begins a declaration by macro, such as `recipe::part! {`.
fn is_macro(code: &str) -> bool {
    let called = code.strip_suffix("! {").or_else(|| code.strip_prefix("macro_rules! "));
    called.is_some_and(|name| !name.starts_with(' '))
}

/// Whether the lines above an item are its documentation, attributes left aside.
fn documented(lines: &[&Line], index: usize) -> bool {
    let above = lines[..index].iter().rev();
    let mut above = above.skip_while(|line| {
        let code = line.code.trim_end();
        code.starts_with("#[") || code.starts_with(")]") || code.starts_with("    ") && line.comment.is_empty()
    });
    above.next().is_some_and(|line| line.raw.trim_start().starts_with("///"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        check(&Tree::of(&[("ground/a/Cargo.toml", ""), ("ground/a/src/a.rs", text)]))
            .iter()
            .map(Finding::short)
            .collect()
    }

    #[test]
    fn a_header_or_a_documented_first_item_will_do() {
        assert_eq!(found("//! A file.\nfn a() {}\n"), [""; 0]);
        assert_eq!(found("use b::c;\n\n/// Says it.\n#[derive(Debug)]\npub struct A;\n"), [""; 0]);
        assert_eq!(
            found("use b::c;\n\nrecipe::part! {\n    /// Says it.\n    pub struct A = \"a\", version 1 {}\n}\n"),
            [""; 0]
        );
        assert_eq!(found("const A: u8 = 1;\n\n/// Says it.\npub(crate) fn a() {}\n"), [""; 0]);
    }

    #[test]
    fn silence_is_found() {
        let what = "neither the file nor its first item says what it is";
        assert_eq!(found("use b::c;\n\npub struct A;\n"), [format!("ground/a/src/a.rs:3 {what}")]);
        assert_eq!(found("fn main() {}\n"), [format!("ground/a/src/a.rs:1 {what}")]);
    }
}
