//! Every method says where it comes from.

use toml::{Table, Value};

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "recipes", about: "every recipe opens with a comment, cites its paper, and is in METHODS.md", check };

const COMMENT: &str = "the comment a recipe opens with is what `explain` and `list` say of the method";
const PAPER: &str = "a method is a published one, and its numbers can be looked up";
const LISTED: &str = "METHODS.md is where a reader looks for the methods that there are";

fn check(tree: &Tree) -> Vec<Finding> {
    tree.methods().into_iter().flat_map(|method| of_method(tree, method)).collect()
}

fn of_method(tree: &Tree, method: &str) -> Vec<Finding> {
    let path = format!("recipes/{method}.toml");
    let text = tree.text(&path).unwrap_or_default();
    let mut found = Vec::new();
    if !text.starts_with("# ") {
        found.push(Finding::at(&path, 1, "the recipe does not open with a comment", COMMENT));
    }
    match text.parse::<Table>() {
        Err(error) => found.push(Finding::at(&path, 1, format!("this is no TOML: {}", error.message()), PAPER)),
        Ok(recipe) => {
            let paper = recipe.get("paper").and_then(Value::as_str);
            if !paper.is_some_and(cites) {
                let line = text.lines().position(|line| line.starts_with("paper")).map_or(1, |index| index + 1);
                found.push(Finding::at(&path, line, "`paper` names no arXiv id and no DOI", PAPER));
            }
        }
    }
    let listed = |page: &str| {
        page.contains(&format!("`{method}`")) || page.contains(&format!("({})", crate::pages::path_of(method)))
    };
    if tree.text("METHODS.md").is_some_and(|page| !listed(page)) {
        found.push(Finding::at(&path, 1, "the recipe is not in METHODS.md", LISTED));
    }
    found
}

/// Whether a citation has an arXiv id (`2203.14465`) or a DOI (`10.1038/…`).
fn cites(paper: &str) -> bool {
    let words = || paper.split(|c: char| c.is_whitespace() || ",;()[]:".contains(c));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let arxiv = |word: &str| {
        word.trim_end_matches('.').split_once('.').is_some_and(|(month, number)| {
            digits(month) && month.len() == 4 && digits(number) && (4..=5).contains(&number.len())
        })
    };
    let doi = |word: &str| {
        let (prefix, rest) = word.split_once('/').unwrap_or_default();
        prefix.strip_prefix("10.").is_some_and(|registrant| digits(registrant) && registrant.len() >= 4)
            && !rest.is_empty()
    };
    words().any(|word| arxiv(word) || doi(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_cite_their_paper() {
        let tree = Tree::of(&[
            ("METHODS.md", "| `good` | and `bad` |\n"),
            ("recipes/good.toml", "# What it is.\npaper = \"A et al. 2022, arXiv 2203.14465.\"\n"),
            ("recipes/bad.toml", "\npaper = \"somewhere, 2022\"\n"),
            ("recipes/unlisted.toml", "# What it is.\npaper = \"A 2016, doi:10.1038/nature16961\"\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "recipes/bad.toml:1 the recipe does not open with a comment",
            "recipes/bad.toml:2 `paper` names no arXiv id and no DOI",
            "recipes/unlisted.toml:1 the recipe is not in METHODS.md",
        ];
        assert_eq!(found, expected);
    }
}
