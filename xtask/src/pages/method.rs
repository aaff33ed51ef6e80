//! A page for a method: what it does, its parts, what it sets, and what was measured of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use toml::{Table, Value};

use super::fill::fill;
use super::parts::Parts;
use super::record::Record;
use crate::tree::Tree;

/// The keys of a recipe that name parts, each with the folder of the verb it serves.
const VERBS: [(&str, &str); 7] = [
    ("ask", "ask"),
    ("begin", "attempt"),
    ("attempt", "attempt"),
    ("check", "check"),
    ("choose", "choose"),
    ("learn", "learn"),
    ("measure", "measure"),
];

/// Where the page of a method is.
pub(crate) fn path(name: &str) -> String {
    format!("docs/methods/{name}.md")
}

/// The list of all methods: a sentence for each.
pub(super) fn index(tree: &Tree) -> (String, String) {
    let line = |name: &str| format!("| [{name}]({name}.md) | {} |\n", sentence(tree, name));
    let rows: String = tree.methods().into_iter().map(line).collect();
    let text = format!(
        "# Methods, a page each\n\nMade from `recipes/` by `cargo xtask pages`. [METHODS.md](../../METHODS.md) has them by \
         what they\nlearn from; `autodidact explain NAME` prints one with every default.\n\n| method | what it does |\n|---|---|\n{rows}"
    );
    ("docs/methods/README.md".into(), text)
}

/// The page.
pub(super) fn page(tree: &Tree, parts: &Parts, name: &str) -> String {
    let source = tree.text(&file(name)).unwrap_or_default();
    let recipe: Table = source.parse().unwrap_or_default();
    let mut text = format!("# {name}\n\n");
    for paragraph in paragraphs(source) {
        text += &(fill(&paragraph) + "\n\n");
    }
    let paper = recipe.get("paper").and_then(Value::as_str).unwrap_or("–");
    text += &(fill(&format!("- Paper: {paper}")).replace('\n', "\n  ") + "\n");
    let _ = writeln!(text, "- Recipe: [{0}](../../{0})", file(name));
    let also = words(recipe.get("also"));
    if !also.is_empty() {
        let _ = writeln!(text, "- Also found as: {}", also.join(", "));
    }
    text += "\n## Parts\n\n| verb | part | what it does |\n|---|---|---|\n";
    text += &rows(parts, &recipe);
    let _ = write!(
        text,
        "\n## Recipe\n\n`autodidact explain {name}` has every default and its source.\n\n```toml\n{}\n```\n",
        body(source)
    );
    text += &records(tree, name);
    text
}

fn file(name: &str) -> String {
    format!("recipes/{name}.toml")
}

fn words(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn comment(source: &str) -> impl Iterator<Item = &str> {
    source.lines().map_while(|line| line.strip_prefix('#')).map(str::trim)
}

/// The recipe's first sentence.
fn sentence<'a>(tree: &'a Tree, name: &str) -> &'a str {
    comment(tree.text(&file(name)).unwrap_or_default()).next().unwrap_or_default()
}

/// The comment on top: a paragraph each for what it does, how, and what is claimed, differs and is
/// ours.
fn paragraphs(source: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, line) in comment(source).enumerate() {
        let begins = index < 2 || ["Claim", "Differs", "Ours"].iter().any(|word| line.starts_with(word));
        match found.last_mut() {
            Some(last) if !begins => *last += &format!(" {line}"),
            _ => found.push(line.to_owned()),
        }
    }
    found
}

/// The recipe without the comment on top.
fn body(source: &str) -> String {
    source.lines().skip_while(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A row for each part that is named anywhere in the recipe, in the order of the loop.
fn rows(parts: &Parts, recipe: &Table) -> String {
    let mut named = BTreeSet::new();
    collect(recipe, &mut named);
    let row = |(_, verb, name): &(usize, &str, String)| {
        let part = parts.get(verb, name)?;
        Some(format!("| {verb} | [`{name}`](../../{}) | {} |\n", part.file, part.does.replace('|', "\\|")))
    };
    named.iter().filter_map(row).collect()
}

fn collect(table: &Table, named: &mut BTreeSet<(usize, &str, String)>) {
    for (key, value) in table {
        if let Some(place) = VERBS.iter().position(|(verb, _)| verb == key) {
            let names = names(value).into_iter().map(|name| (place, VERBS[place].1, name));
            named.extend(names);
        }
        for inner in tables(value) {
            collect(inner, named);
        }
    }
}

/// Names of parts: strings, and the keys of tables.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(items) => items.iter().flat_map(names).collect(),
        Value::Table(table) => table.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn tables(value: &Value) -> Vec<&Table> {
    match value {
        Value::Table(table) => vec![table],
        Value::Array(items) => items.iter().filter_map(Value::as_table).collect(),
        _ => Vec::new(),
    }
}

/// What was measured, by each reproduction that bears the method's name, alone or with a word
/// after it.
fn records(tree: &Tree, name: &str) -> String {
    let methods = tree.methods();
    let ours = |found: &str| {
        let of = |method: &str| found == method || found.starts_with(&format!("{method}-"));
        methods.iter().filter(|method| of(method)).max_by_key(|method| method.len()) == Some(&name)
    };
    let results = tree.paths().filter_map(|path| path.strip_prefix("reproductions/results/")?.strip_suffix(".json"));
    let found: Vec<(&str, Record)> =
        results.filter(|found| ours(found)).filter_map(|found| Some((found, Record::read(tree, found)?))).collect();
    if found.is_empty() {
        return "\n## Record\n\nNone: it runs, resumes and explains itself, and nothing more is claimed of it.\n"
            .into();
    }
    let mut text = "\n## Record\n".to_owned();
    for (found, record) in &found {
        let _ = write!(text, "\n[{found}](../../REPRODUCTIONS.md#{found}): {}.\n\n", record.summary());
        text += "| claim | outcome |\n|---|---|\n";
        for (says, verdict) in &record.claims {
            let _ = writeln!(text, "| {says} | {verdict} |");
        }
        for (says, verdict) in &record.controls {
            let outcome = if verdict == "held" { "came out, and should not" } else { "did not come out, as it should" };
            let _ = writeln!(text, "| control: {says} | {outcome} |");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_sentence_the_parts_and_the_record() {
        let recipe = "# Best draws several.\n# Then it\n# stops.\n# Claim: more is better.\npaper = \"A 2024, arXiv 2401.00001\"\n\
                      also = [\"bon\"]\nchoose = [{ top = { n = 1 } }]\n\n[roles.value]\nlearn = \"value\"\n";
        let record = r#"{ "claims": [{ "says": "more is better", "verdict": "did-not-hold" }], "controls": [] }"#;
        let tree = Tree::of(&[
            ("recipes/best.toml", recipe),
            ("engine/choose/src/top.rs", "/// Keeps the best. Yes.\npub struct Top = \"top\", version 1 {\n"),
            ("engine/learn/src/value.rs", "/// Learns values.\npub struct Value = \"value\", version 2 {\n"),
            ("reproductions/results/best-quick.json", record),
        ]);
        let text = page(&tree, &Parts::read(&tree), "best");
        let expected = "# best\n\nBest draws several.\n\nThen it stops.\n\nClaim: more is better.\n\n- Paper: A 2024, arXiv 2401.00001\n\
                        - Recipe: [recipes/best.toml](../../recipes/best.toml)\n- Also found as: bon\n\n## Parts\n\n\
                        | verb | part | what it does |\n|---|---|---|\n\
                        | choose | [`top`](../../engine/choose/src/top.rs) | Keeps the best |\n\
                        | learn | [`value`](../../engine/learn/src/value.rs) | Learns values |\n\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.ends_with(
                "0 of 1 claims held.\n\n| claim | outcome |\n|---|---|\n| more is better | did not hold |\n"
            )
        );
    }
}
