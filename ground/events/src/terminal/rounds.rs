use super::look::Look;
use super::story::{Round, Story};
use super::text::{Text, Tone};
use super::units::{duration, figure, loss, round};
use crate::Time;

/// The line of the round that has just ended, with the heading above the first. Closes the round.
pub(super) fn lines(story: &mut Story, at: Time, look: &Look) -> Vec<Text> {
    let seconds = at.since(story.round.started);
    story.close_round(at);
    if !look.in_place {
        return vec![in_words(story, seconds)];
    }
    let bar_width = look.width.saturating_sub(62).clamp(8, 40);
    let mut lines = Vec::new();
    if !story.headed {
        story.headed = true;
        lines.push(Text::default());
        lines.push(heading(story, bar_width));
    }
    lines.push(row(&story.round, seconds, bar_width, look));
    lines.into_iter().map(|line| line.cropped(look.width)).collect()
}

fn heading(story: &Story, bar_width: usize) -> Text {
    let measured = story.headline.as_ref().map(|(metric, on)| format!("{metric} on {on}")).unwrap_or_default();
    let column: String = measured.chars().take(bar_width + 8).collect();
    let text = format!(" round  {column:<0$}  {1:<10} {2:<6} {3:<7} gate", bar_width + 8, "solved", "loss", "time");
    Text::default().with(Tone::Quiet, &text)
}

fn row(round: &Round, seconds: f64, bar_width: usize, look: &Look) -> Text {
    let number = if round.number == 0 { " base".to_owned() } else { format!("{:>5}", round.number) };
    let value = round.value.map(figure).unwrap_or_default();
    let solved = round.solved.map(|(solved, tasks)| format!("{solved}/{tasks}")).unwrap_or_default();
    let loss = round.loss.map(loss).unwrap_or_default();
    Text::default()
        .with(Tone::Strong, &format!(" {number}  "))
        .and(bar(round.value.unwrap_or(0.0), bar_width, look).padded(bar_width))
        .with(Tone::Strong, &format!(" {value:>7}"))
        .with(Tone::Plain, &format!("  {solved:<10} {loss:<6} {:<7} ", duration(seconds)))
        .and(gate(round, look))
}

fn gate(round: &Round, look: &Look) -> Text {
    match round.gate {
        Some((true, _)) => Text::default().with(Tone::Good, look.or("✓ promoted", "promoted")),
        Some((false, kept)) => Text::default().with(Tone::Caution, &format!("{}kept round {kept}", look.or("✗ ", ""))),
        None => Text::default(),
    }
}

/// A value as a bar of eighths of a character: the bars of all rounds, one below the other, are the
/// curve.
fn bar(value: f64, width: usize, look: &Look) -> Text {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let value = if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (value * width as f64 * 8.0).round() as usize;
    let rest = if look.unicode { EIGHTHS[eighths % 8] } else { "" };
    Text::default().with(Tone::Bar, &(look.or("█", "#").repeat(eighths / 8) + rest))
}

/// The same as a sentence, for plain output.
fn in_words(story: &Story, seconds: f64) -> Text {
    let now = &story.round;
    let mut facts = Vec::new();
    if let (Some(value), Some((metric, on))) = (now.value, &story.headline) {
        let interval = now.interval.map(|(low, high)| format!(" ({} to {})", figure(low), figure(high)));
        facts.push(format!("{metric} on {on} {}{}", figure(value), interval.unwrap_or_default()));
    }
    facts.extend(now.solved.map(|(solved, tasks)| format!("solved {solved}/{tasks}")));
    facts.extend(now.loss.map(|value| format!("loss {}", loss(value))));
    facts.extend(
        now.gate.map(|(promoted, kept)| if promoted { "promoted".into() } else { format!("kept round {kept}") }),
    );
    facts.push(duration(seconds));
    Text::plain(&format!("{}: {}", round(now.number, story.of), facts.join(", ")))
}
