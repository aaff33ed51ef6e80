//! The end of a run: a short summary, the curve, and what to type next.

use std::fmt::Write;
use std::path::Path;

use events::{Event, Look, curve, duration, figure};
use faults::{Code, Outcome};
use repeat::Ending;
use store::RunFolder;

use super::progress::Progress;
use crate::console::{Console, Style, table};

/// Prints how a run ended; its exit status.
pub(crate) fn finish(
    progress: Progress,
    ended: Outcome<Ending>,
    folder: Option<&Path>,
    console: &Console,
) -> Outcome<u8> {
    let (begun, troubles) = progress.end();
    troubles.iter().for_each(|trouble| console.tell(&format!("warning: {trouble}\n")));
    let ending = ended.inspect_err(|_| {
        let run = folder.map(Path::to_owned).or(begun).filter(|run| RunFolder::read_only(run).is_ok());
        if let Some(run) = run {
            console.tell(&format!("What is committed is kept: `autodidact resume {}` goes on.\n", run.display()));
        }
    })?;
    if console.json {
        console.tell(&summary(&ending, &console.message_look));
        console.print_json(&ending)?;
    } else {
        console.print(&summary(&ending, &console.look))?;
    }
    let in_vain = ending.learns && !ending.learned;
    Ok(if in_vain { Code::NothingLearned.exit_status() } else { 0 })
}

/// The end in words and a curve.
fn summary(ending: &Ending, look: &Look) -> String {
    let style = Style { colour: look.colour };
    let mut text = drawing(ending, look, style);
    let verdict = match (ending.learns, ending.learned) {
        (true, true) => style.good("learned"),
        (true, false) => style.caution("nothing was learned"),
        (false, _) => style.strong("done"),
    };
    let best =
        if ending.best_round == 0 { "the base model".to_owned() } else { format!("round {}", ending.best_round) };
    _ = writeln!(text, "{verdict} in {}; the result is {best}", duration(ending.seconds));
    ending.why.iter().for_each(|sentence| _ = writeln!(text, "  {sentence}"));
    let mut rows = vec![vec![String::new(), "base".to_owned(), "result".to_owned()]];
    rows.extend(ending.metrics.iter().map(|(name, value)| {
        let base = ending.rounds.first().and_then(|round| round.metrics.get(name));
        vec![name.clone(), base.map_or_else(String::new, |base| figure(*base)), figure(*value)]
    }));
    _ = write!(text, "\n{}\n{}", table::aligned(&rows), held_out(&ending.run));
    text + &next(&ending.run, style)
}

/// The curve of the figure that matters most, if more than one round has it.
fn drawing(ending: &Ending, look: &Look, style: Style) -> String {
    let names = || ending.metrics.keys();
    let headline = names().find(|name| {
        ["accuracy on", "reward on"].iter().any(|metric| name.starts_with(metric)) && name.ends_with("/test")
    });
    let Some(headline) = headline.or_else(|| names().next()) else { return String::new() };
    let points: Vec<(String, f64)> = ending
        .rounds
        .iter()
        .filter_map(|round| Some((round.round.to_string(), *round.metrics.get(headline)?)))
        .collect();
    if points.len() < 2 {
        return String::new();
    }
    let drawn = curve(&points, look.width.min(72), 12, look.unicode);
    format!("\n{}\n{drawn}\n", style.strong(&format!("{headline}, by round")))
}

/// How many tasks were kept out of training, as the record tells it.
fn held_out(run: &Path) -> String {
    let record = RunFolder::read_only(run).and_then(|run| store::read_text(&run.events_path())).unwrap_or_default();
    let (mut tasks, mut is_told) = (0, false);
    for line in events::read_lines(&record) {
        if let Event::HeldOut { dropped, .. } = line.event {
            (tasks, is_told) = (tasks + dropped, true);
        }
    }
    match is_told {
        true => format!("{tasks} training tasks were left out because they are evaluated on or held out\n"),
        false => String::new(),
    }
}

fn next(run: &Path, style: Style) -> String {
    let run = run.display();
    let rows = [
        (format!("autodidact try {run}"), "let it answer"),
        (format!("autodidact report {run}"), "everything on one page"),
        (format!("autodidact why {run}"), "what would run again, and why"),
    ];
    let rows: Vec<(&str, String)> = rows.iter().map(|(command, what)| (command.as_str(), style.quiet(what))).collect();
    format!("{} {run}\n\nNext:\n{}", style.quiet("run"), table::described(rows))
}
