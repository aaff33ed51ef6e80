use super::look::Look;
use super::story::Story;
use super::text::{Text, Tone};
use super::units::{duration, figure};
use crate::{Event, Word, curve};

/// Lines that every display prints, and that stay.
pub(super) fn lines(story: &Story, event: &Event, look: &Look) -> Vec<Text> {
    match event {
        Event::RunStarted { .. } => started(event, look),
        Event::Resumed { reused, reasons } => resumed(reused, reasons),
        Event::HeldOut { dropped, by } => {
            vec![labelled("held out", &format!("{dropped} {} of {by}", if *dropped == 1 { "task" } else { "tasks" }))]
        }
        Event::ExampleShown { words, .. } => example(words, look),
        Event::GateDecided { promoted: false, why, .. } => vec![cautious("gate", why)],
        Event::Warned { what } => vec![cautious("warning", what)],
        Event::CheckpointDamaged { path, why, instead } => {
            vec![cautious("damaged", &format!("{path}: {why}; using {instead}"))]
        }
        Event::Ended { .. } => ended(story, event, look),
        _ => Vec::new(),
    }
}

fn started(event: &Event, look: &Look) -> Vec<Text> {
    let Event::RunStarted { run, recipe, world, model, device, seed, .. } = event else { return Vec::new() };
    let dot = look.or(" · ", ", ");
    let title = Text::default().with(Tone::Strong, &format!("{recipe} on {world}"));
    let details = format!("{dot}{model}{dot}{device}{dot}seed {seed}");
    vec![title.with(Tone::Quiet, &details), labelled("run", run)]
}

fn resumed(reused: &[String], reasons: &[String]) -> Vec<Text> {
    let count = reused.len();
    let first = labelled(
        "resumed",
        &format!("{count} finished {} used again", if count == 1 { "stage is" } else { "stages are" }),
    );
    std::iter::once(first).chain(reasons.iter().map(|reason| labelled("", reason))).collect()
}

/// The example with its loss mask. What is taught stands in brackets, so that it can be seen
/// without colour.
fn example(words: &[Word], look: &Look) -> Vec<Text> {
    let mut line = labelled("example", "");
    for group in words.chunk_by(|a, b| a.taught == b.taught) {
        let text = group.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        line = match group[0].taught {
            true => line.with(Tone::Good, &format!("[{text}] ")),
            false => line.with(Tone::Quiet, &format!("{text} ")),
        };
    }
    let taught = words.iter().filter(|word| word.taught).count();
    let tally = format!("in [brackets]: the {taught} of {} tokens that are taught", words.len());
    vec![line.cropped(4 * look.width), labelled("", &tally)]
}

fn ended(story: &Story, event: &Event, look: &Look) -> Vec<Text> {
    let Event::Ended { learned, why, best_round, seconds } = event else { return Vec::new() };
    let mut lines = drawing(story, look);
    let best = if *best_round == 0 { "the base model".to_owned() } else { format!("round {best_round}") };
    let took = format!(" in {}; the result is {best}", duration(*seconds));
    let verdict = match learned {
        true => Text::default().with(Tone::Good, look.or("✓ learned", "learned")),
        false => Text::default().with(Tone::Caution, look.or("✗ nothing was learned", "nothing was learned")),
    };
    lines.push(verdict.with(Tone::Plain, &took));
    lines.extend(why.iter().map(|sentence| Text::plain(&format!("  {sentence}"))));
    lines
}

/// The accuracy curve, if there is more than a point of it.
fn drawing(story: &Story, look: &Look) -> Vec<Text> {
    let points: Vec<(String, f64)> = story.points.iter().map(|(round, value)| (round.to_string(), *value)).collect();
    let (Some((metric, on)), [first, .., last]) = (&story.headline, &points[..]) else { return Vec::new() };
    let title = format!("{metric} on {on}, by round: {} to {}", figure(first.1), figure(last.1));
    let drawing = curve(&points, look.width.min(72), 12, look.unicode);
    let mut lines = vec![Text::default(), Text::default().with(Tone::Strong, &title)];
    lines.extend(drawing.lines().map(|line| Text::default().with(Tone::Bar, line)));
    lines.push(Text::default());
    lines
}

fn labelled(label: &str, text: &str) -> Text {
    Text::default().with(Tone::Quiet, &format!("{label:<9}")).with(Tone::Plain, text)
}

fn cautious(label: &str, text: &str) -> Text {
    Text::default().with(Tone::Caution, &format!("{label:<9}")).with(Tone::Plain, text)
}
