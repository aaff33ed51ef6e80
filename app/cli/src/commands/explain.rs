//! `explain`: a recipe unrolled, or a part with its defaults.

use clap::Args;
use faults::Outcome;
use recipe::{Explained, Read, explain_part, header};
use repeat::Recipe;
use reproduce::reproductions;
use serde_json::json;

use crate::console::Console;
use crate::fault::CliFault;
use crate::methods::{self, Method};

/// Show a method, or one part, in full: settings, defaults and where the defaults come from.
///
/// A star marks the settings that the recipe changes; after each default stands where it comes
/// from. A part is shown with its defaults.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact explain expert-iteration\n  autodidact explain expert-iteration --set attempt.sample.per_task=64\n  autodidact explain differing            a part of `autodidact list --all`\n  autodidact explain learn.kto            a part that is called as a method is"
)]
pub(crate) struct Arguments {
    /// The method: a name from `autodidact list`, or a recipe file. Or a part of `autodidact list
    /// --all`, as `NAME` or `VERB.NAME`.
    #[arg(value_name = "METHOD|PART")]
    recipe: String,
    /// Change one setting first. May be given several times.
    #[arg(long = "set", value_name = "PATH.TO.KEY=VALUE")]
    settings: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let method = match methods::find(&arguments.recipe) {
        Err(CliFault::UnknownMethod { name, nearest }) => return explain_parts(name, nearest, arguments, console),
        found => found?,
    };
    let Read { value: recipe, text: toml, renamed, keys } = method.with(&arguments.settings)?;
    console.hint_at_names(&renamed, &keys);
    let parts: Vec<(&str, Explained)> =
        recipe.parts().iter().map(|(verb, part)| (*verb, explain_part(*part))).chain(shared_tables()).collect();
    if console.json {
        console.print_json(&json!({
            "recipe": method.name, "file": method.file, "header": header(&method.source), "paper": recipe.paper,
            "on": recipe.on, "parts": as_json(&parts), "toml": toml,
        }))?;
        return Ok(0);
    }
    let style = console.style();
    let title = format!("{}  {}", style.strong(&method.name), style.quiet(&method.file));
    let head = format!("{title}\n\n{}\n\n{}\n", header(&method.source), about(&recipe, &method));
    console.print(&(head + &loop_of(&parts, console)))?;
    Ok(0)
}

/// What a name says that no method has: the parts that have it, with their defaults.
fn explain_parts(name: String, nearest: Option<String>, arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let all = Recipe::catalogue().into_iter().flat_map(|(verb, parts)| parts.into_iter().map(move |part| (verb, part)));
    let all: Vec<(&str, Explained)> = all.map(|(verb, part)| (verb, explain_part(part.as_ref()))).collect();
    let wanted = |verb: &str, part: &str| name == part || name.split_once('.') == Some((verb, part));
    let mut parts: Vec<(&str, Explained)> =
        all.iter().filter(|(verb, part)| wanted(verb, part.name)).cloned().collect();
    if parts.is_empty() {
        let names: Vec<String> = all.iter().map(|(_, part)| part.name.to_owned()).collect();
        let today = recipe::renamed_part(&name).map(str::to_owned);
        let nearest = today.or(nearest).or_else(|| recipe::nearest(&name, &names).map(str::to_owned));
        return Err(CliFault::UnknownMethodOrPart { name, nearest }.into());
    }
    if !arguments.settings.is_empty() {
        return Err(CliFault::SettingsOfPart { name }.into());
    }
    if parts.iter().any(|(verb, _)| *verb == "learn") {
        parts.extend(shared_tables());
    }
    match console.json {
        true => console.print_json(&json!({ "parts": as_json(&parts) }))?,
        false => console.print(loop_of(&parts, console).trim_start())?,
    }
    Ok(0)
}

fn as_json(parts: &[(&str, Explained)]) -> Vec<serde_json::Value> {
    parts.iter().map(|(verb, part)| json!({ "verb": verb, "part": part })).collect()
}

/// The tables of settings that all learners have: once, behind the parts, each of which shows what
/// it changes of them.
fn shared_tables() -> impl Iterator<Item = (&'static str, Explained)> {
    Recipe::shared_tables().into_iter().map(|table| ("all learners", explain_part(table.as_ref())))
}

fn about(recipe: &Recipe, method: &Method) -> String {
    let oracle = match recipe.needs_oracle() {
        true => "needs right answers: attempts are checked against them, or hinted by them",
        false => "learns without right answers: they only grade the result",
    };
    let is_reproduced = reproductions().iter().any(|(name, _)| *name == method.name);
    let record = match is_reproduced {
        true => format!("\nrecord REPRODUCTIONS.md#{0}, by `autodidact reproduce {0}`", method.name),
        false => String::new(),
    };
    format!("paper  {}\non     {} unless --on says otherwise\nlabels {oracle}{record}", recipe.paper, recipe.on)
}

/// Every part under its verb, in the order of the loop.
fn loop_of(parts: &[(&str, Explained)], console: &Console) -> String {
    let groups = parts.chunk_by(|a, b| a.0 == b.0);
    let group = |group: &[(&str, Explained)]| {
        let verb = group.first().map_or("", |(verb, _)| verb);
        let parts: Vec<String> = group.iter().map(|(_, part)| part.to_string()).collect();
        format!("\n{}\n{}", console.style().strong(&format!("── {verb} ")), parts.join("\n"))
    };
    groups.map(group).collect()
}
