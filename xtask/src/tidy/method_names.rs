//! A method is data: no code knows one by name.

use super::{Check, Finding};
use crate::source::{Line, identifiers};
use crate::tree::{Kind, Tree};

pub(super) const CHECK: Check =
    Check { name: "method-names", about: "no recipe's name is a string or an identifier in the product's code", check };

/// Places that may name a method, and why.
const ALLOWED: [(&str, &str, &str); 2] = [
    ("app/cli", "expert-iteration", "the example that help and hints give a newcomer: the README's first command"),
    ("engine/learn", "kto", "the loss has no other name in the field; the recipe of that name is one way to use it"),
];

const WHY: &str = "a method is a recipe; code that asks which one it is serving works for that one only";

fn check(tree: &Tree) -> Vec<Finding> {
    let methods = tree.methods();
    let mut found = Vec::new();
    for file in tree.rust_files().iter().filter(|file| file.kind == Kind::Product) {
        for method in &methods {
            let allowed = |(member, name, _): &(&str, &str, &str)| *member == file.member && name == method;
            if ALLOWED.iter().any(allowed) {
                continue;
            }
            let lines = file.source.product().filter(|(_, line)| names(line, method));
            found.extend(
                lines.map(|(number, _)| Finding::at(file.path, number, format!("the method `{method}` is named"), WHY)),
            );
        }
    }
    found
}

/// Whether a line has the method as a whole string literal, as the file's name in one, or as an
/// identifier of any case.
fn names(line: &Line, method: &str) -> bool {
    let file = format!("{method}.toml");
    let literal = |text: &String| text == method || text.rsplit('/').next() == Some(file.as_str());
    let plain = |word: &str| word.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect::<String>();
    let wanted: String = method.chars().filter(|c| *c != '-' && *c != '_').collect();
    // A method may be called as a keyword is, which names nothing.
    let mut words = identifiers(&line.code).filter(|(_, word)| !word.eq_ignore_ascii_case("self"));
    line.strings.iter().any(literal) || words.any(|(_, word)| plain(word) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_found_and_parts_of_words_are_not() {
        let tree = Tree::of(&[
            ("recipes/star.toml", ""),
            ("recipes/expert-iteration.toml", ""),
            ("recipes/self.toml", ""),
            ("engine/learn/Cargo.toml", ""),
            (
                "engine/learn/src/lib.rs",
                "// star\nfn start(stars: u8) {}\nlet a = \"star: a story\";\nlet b = \"star\";\nenum M { ExpertIteration }\n\
                 impl M { fn a(&self) -> Self { self } }\n\
                 let c = include_str!(\"../recipes/star.toml\");\n#[cfg(test)]\nmod tests { const A: &str = \"star\"; }\n",
            ),
            ("app/cli/Cargo.toml", ""),
            ("app/cli/src/main.rs", "let a = \"expert-iteration\";\nlet star = 1;\n"),
            ("app/cli/tests/run.rs", "let a = \"star\";\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "app/cli/src/main.rs:2 the method `star` is named",
            "engine/learn/src/lib.rs:5 the method `expert-iteration` is named",
            "engine/learn/src/lib.rs:4 the method `star` is named",
            "engine/learn/src/lib.rs:7 the method `star` is named",
        ];
        assert_eq!(found, expected);
    }
}
