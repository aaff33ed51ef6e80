//! `list`: methods, worlds, parts.

use clap::Args;
use faults::Outcome;
use recipe::Describe;
use repeat::Recipe;
use serde_json::json;

use crate::console::{Console, table};
use crate::methods::Method;

/// List the methods and the worlds, one line each; with --all, the parts of recipes too.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  autodidact list\n  autodidact list --all")]
pub(crate) struct Arguments {
    /// List the parts that recipes are made of too, by verb.
    #[arg(long)]
    all: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let methods: Vec<Method> = repeat::library().iter().map(|(name, source)| method(name, source)).collect();
    let parts = Recipe::catalogue();
    if console.json {
        console.print_json(&as_json(&methods, &parts))?;
        return Ok(0);
    }
    let style = console.style();
    let mut text = style.strong("Methods") + "  autodidact run METHOD\n";
    let named = |method: &Method| match repeat::abbreviation(&method.source) {
        Some(short) => format!("{} ({short})", method.name),
        None => method.name.clone(),
    };
    let names: Vec<String> = methods.iter().map(named).collect();
    text += &table::described(names.iter().map(String::as_str).zip(methods.iter().map(Method::summary)));
    text += &format!("\n{}  --on WORLD\n", style.strong("Worlds"));
    text += &table::described(sources::catalogue().iter().map(|entry| (entry.name, entry.summary.to_owned())));
    text += &match arguments.all {
        true => described_parts(&parts, console),
        false => "\n`autodidact list --all` shows the parts, `autodidact explain METHOD` a method in full\n".to_owned(),
    };
    console.print(&text)?;
    Ok(0)
}

/// Every part under its verb, with what it does.
fn described_parts(parts: &[(&'static str, Vec<Box<dyn Describe>>)], console: &Console) -> String {
    let style = console.style();
    let mut text =
        format!("\n{}  by the verb they serve; `autodidact explain PART` shows its settings\n", style.strong("Parts"));
    for (verb, parts) in parts {
        text += &format!("  {}\n", style.quiet(verb));
        let rows = parts.iter().map(|part| (part.name(), first_sentence(part.as_ref())));
        text += &table::described(rows).lines().map(|line| format!("  {line}\n")).collect::<String>();
    }
    text
}

fn method(name: &str, source: &str) -> Method {
    Method { name: name.to_owned(), file: format!("recipes/{name}.toml"), source: source.to_owned() }
}

fn as_json(methods: &[Method], parts: &[(&'static str, Vec<Box<dyn Describe>>)]) -> serde_json::Value {
    let method = |method: &Method| json!({ "name": method.name, "summary": method.summary() });
    let world = |entry: &sources::Entry| json!({ "name": entry.name, "summary": entry.summary });
    let part = |verb: &'static str, part: &dyn Describe| json!({ "verb": verb, "name": part.name(), "summary": first_sentence(part), "file": part.file() });
    let all = parts.iter().flat_map(|(verb, parts)| parts.iter().map(move |found| part(verb, found.as_ref())));
    json!({
        "methods": methods.iter().map(method).collect::<Vec<_>>(),
        "worlds": sources::catalogue().iter().map(world).collect::<Vec<_>>(),
        "parts": all.collect::<Vec<_>>(),
    })
}

/// What a part does, in one sentence.
fn first_sentence(part: &dyn Describe) -> String {
    let doc = part.doc().split_whitespace().collect::<Vec<_>>().join(" ");
    let end = doc.find([';', ':']).into_iter().chain(doc.find(". ")).min();
    format!("{}.", end.map_or(doc.as_str(), |end| &doc[..end]).trim_end_matches('.'))
}
