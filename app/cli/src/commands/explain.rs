//! `explain`: a recipe unrolled.

use clap::Args;
use faults::Outcome;
use recipe::{Explained, Read, explain_part, header};
use repeat::Recipe;
use reproduce::reproductions;
use serde_json::json;

use crate::console::Console;
use crate::methods::{self, Method};

/// Show a method in full: every part with its settings, defaults and sources.
///
/// A star marks the settings that the recipe changes; after each default stands where it comes
/// from.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact explain expert-iteration\n  autodidact explain expert-iteration --set attempt.sample.per_task=64"
)]
pub(crate) struct Arguments {
    /// The method: a name from `autodidact list`, or a recipe file.
    recipe: String,
    /// Change one setting first. May be given several times.
    #[arg(long = "set", value_name = "PATH.TO.KEY=VALUE")]
    settings: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let method = methods::find(&arguments.recipe)?;
    let Read { value: recipe, text: toml, renamed, keys } = method.with(&arguments.settings)?;
    console.hint_at_names(&renamed, &keys);
    let parts: Vec<(&str, Explained)> =
        recipe.parts().iter().map(|(verb, part)| (*verb, explain_part(*part))).chain(shared_tables()).collect();
    if console.json {
        let explained = parts.iter().map(|(verb, part)| json!({ "verb": verb, "part": part })).collect::<Vec<_>>();
        console.print_json(&json!({
            "recipe": method.name, "file": method.file, "header": header(&method.source), "paper": recipe.paper,
            "on": recipe.on, "parts": explained, "toml": toml,
        }))?;
        return Ok(0);
    }
    let style = console.style();
    let title = format!("{}  {}", style.strong(&method.name), style.quiet(&method.file));
    let head = format!("{title}\n\n{}\n\n{}\n", header(&method.source), about(&recipe, &method));
    console.print(&(head + &loop_of(&parts, console)))?;
    Ok(0)
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
