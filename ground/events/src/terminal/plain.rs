use serde_json::Value;

use super::story::Story;
use super::text::Text;
use super::units::{duration, loss, round, short};
use crate::{Event, Time};

/// The line of a stage that has ended.
pub(super) fn stage(story: &Story, event: &Event) -> Option<Text> {
    let line = match event {
        Event::StageFinished { round: number, stage, facts, seconds } => {
            let facts = facts.iter().map(|(name, value)| format!(", {name} {}", fact(value)));
            let facts: String = facts.collect();
            format!("{}: {stage} took {}{facts}", round(*number, story.of), duration(*seconds))
        }
        Event::StageReused { round: number, stage } => {
            format!("{}: {stage} is used again", round(*number, story.of))
        }
        _ => return None,
    };
    Some(Text::plain(&line))
}

/// The line about progress.
pub(super) fn progress(story: &Story, at: Time) -> Option<Text> {
    let stage = story.stage.as_ref()?;
    let mut facts = Vec::new();
    facts.extend(stage.share().map(|share| format!("{:.0} %", 100.0 * share)));
    if stage.tokens_per_second.is_finite() && stage.tokens_per_second > 0.0 {
        facts.push(format!("{} tok/s", short(stage.tokens_per_second)));
    }
    facts.extend(stage.seconds_left(at).map(|left| format!("{} left", duration(left))));
    facts.extend(story.round.loss.filter(|_| stage.name == "learn").map(|value| format!("loss {}", loss(value))));
    Some(Text::plain(&format!("{}: {} {}", round(story.round.number, story.of), stage.name, facts.join(", "))))
}

/// A fact as people write it.
pub fn fact(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => loss(number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}
