use nouns::Load;

use super::look::Look;
use super::story::{Stage, Story};
use super::text::{Text, Tone};
use super::units::{duration, loss, round, short};
use crate::Time;

/// The line that is drawn over: where the run is. The pieces that matter least are last, and left
/// out if there is no room. Nothing while no round is open.
pub(super) fn line(story: &Story, at: Time, look: &Look) -> Option<Text> {
    let is_open = story.round.is_open || story.stage.is_some();
    let heading = Text::default().with(Tone::Strong, &format!(" {}", round(story.round.number, story.of)));
    let pieces = is_open.then(|| pieces(story, at, look))?;
    let fitting = pieces.into_iter().fold(heading, |line, piece| {
        let is_fitting = line.width() + 2 + piece.width() < look.width;
        if is_fitting { line.with(Tone::Plain, "  ").and(piece) } else { line }
    });
    Some(fitting)
}

fn pieces(story: &Story, at: Time, look: &Look) -> Vec<Text> {
    let mut pieces = Vec::new();
    if let Some(stage) = &story.stage {
        pieces.push(Text::plain(&format!("{:<7}", stage.name)));
        pieces.extend(stage.share().map(|share| bar(share, if look.width < 125 { 10 } else { 24 }, look)));
        pieces.extend(speed(stage));
        pieces.extend(stage.seconds_left(at).map(|left| Text::plain(&format!("{} left", duration(left)))));
    }
    if let Some((solved, tasks)) = story.solved {
        pieces.push(Text::default().with(Tone::Quiet, "solved ").with(Tone::Plain, &format!("{solved}/{tasks}")));
    }
    let loss = story.round.loss.filter(|_| story.stage.as_ref().is_some_and(|stage| stage.name == "learn")).map(loss);
    pieces.extend(loss.map(|loss| Text::default().with(Tone::Quiet, "loss ").with(Tone::Plain, &loss)));
    let run_left = story.run_seconds_left(at).map(|left| format!("run {} left", duration(left)));
    pieces.extend(run_left.map(|left| Text::default().with(Tone::Quiet, &left)));
    pieces.extend(story.stage.as_ref().and_then(|stage| stage.load).map(load));
    pieces
}

fn speed(stage: &Stage) -> Option<Text> {
    let is_known = stage.tokens_per_second.is_finite() && stage.tokens_per_second > 0.0;
    is_known.then(|| Text::plain(&format!("{} tok/s", short(stage.tokens_per_second))))
}

/// Sequences in flight, and what their keys and values take.
fn load(load: Load) -> Text {
    let mebibytes = load.cache_bytes as f64 / f64::from(1 << 20);
    Text::default().with(Tone::Quiet, &format!("{} at a time, {mebibytes:.0} MiB of cache", load.sequences))
}

/// A share as a bar, and in words.
fn bar(share: f64, width: usize, look: &Look) -> Text {
    let filled = (share.clamp(0.0, 1.0) * width as f64).floor() as usize;
    let (done, open) = (look.or("━", "#").repeat(filled), look.or("─", ".").repeat(width - filled));
    let percent = format!(" {:>3.0} %", 100.0 * share);
    Text::default().with(Tone::Bar, &done).with(Tone::Quiet, &open).with(Tone::Plain, &percent)
}
