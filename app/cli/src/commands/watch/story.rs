//! What the screen shows, as the events tell it.

use std::collections::VecDeque;

use events::{Event, Line, Time, duration, fact, figure};

/// Lines of news that are kept.
const NEWS: usize = 200;

/// A run so far.
#[derive(Default)]
pub(super) struct Story {
    /// What runs on what.
    pub(super) title: String,
    /// Round, and rounds in all.
    pub(super) round: (u32, u32),
    /// The stage at work, and since when.
    pub(super) stage: Option<(String, Time)>,
    /// Name of the curve.
    pub(super) metric: Option<String>,
    /// The curve.
    pub(super) points: Vec<(f64, f64)>,
    /// What happened, newest last.
    pub(super) news: VecDeque<String>,
}

impl Story {
    /// Takes an event in.
    pub(super) fn hear(&mut self, line: &Line) {
        match &line.event {
            Event::RunStarted { recipe, world, device, seed, rounds, .. } => {
                // A record that was cut is told again from its beginning.
                *self = Story { title: format!("{recipe} on {world}, {device}, seed {seed}"), ..Story::default() };
                self.round.1 = *rounds;
            }
            Event::RoundStarted { round, of } => self.round = (*round, *of),
            Event::StageStarted { round, stage } => {
                self.round.0 = *round;
                self.stage = Some((stage.clone(), line.time));
            }
            Event::StageFinished { stage, seconds, facts, .. } => {
                let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {}", fact(value))).collect();
                self.tell(format!("{} {stage} in {}  {}", self.place(), duration(*seconds), facts.join(", ")));
                self.stage = None;
            }
            Event::Scored { round, metric, on, value: Some(value), .. } => self.scored(*round, metric, on, *value),
            Event::GateDecided { round, promoted, why, .. } => {
                let word = if *promoted { "promoted" } else { "refused" };
                self.tell(format!("round {round} gate: {word}, {why}"));
            }
            Event::Warned { what } => self.tell(format!("warning: {what}")),
            Event::CheckpointDamaged { path, why, .. } => self.tell(format!("damaged: {path}: {why}")),
            Event::Ended { why, .. } => why.iter().for_each(|sentence| self.tell(sentence.clone())),
            _ => {}
        }
    }

    fn scored(&mut self, round: u32, metric: &str, on: &str, value: f64) {
        let name = format!("{metric} on {on}");
        self.tell(format!("round {round} {name}: {}", figure(value)));
        if self.metric.is_none() || (matches!(metric, "accuracy" | "reward") && on.ends_with("/test")) {
            if self.metric.as_ref() != Some(&name) {
                self.points.clear();
            }
            self.metric = Some(name.clone());
        }
        if self.metric.as_ref() == Some(&name) {
            self.points.push((f64::from(round), value));
        }
    }

    /// Where the run is.
    pub(super) fn place(&self) -> String {
        match self.round {
            (0, _) => "base model".to_owned(),
            (round, 0) => format!("round {round}"),
            (round, of) => format!("round {round} of {of}"),
        }
    }

    fn tell(&mut self, news: String) {
        self.news.push_back(news);
        while self.news.len() > NEWS {
            self.news.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(round: u32, on: &str, value: f64) -> Line {
        let (metric, on) = ("accuracy".to_owned(), on.to_owned());
        Line {
            time: Time(0),
            event: Event::Scored { round, metric, on, value: Some(value), low: None, high: None, n: 9 },
        }
    }

    #[test]
    fn the_curve_is_that_of_the_reported_tasks() {
        let mut story = Story::default();
        for round in 0..3 {
            story.hear(&scored(round, "toy/valid", 0.9));
            story.hear(&scored(round, "toy/test", f64::from(round) / 10.0));
        }
        assert_eq!(story.metric.as_deref(), Some("accuracy on toy/test"));
        assert_eq!(story.points, [(0.0, 0.0), (1.0, 0.1), (2.0, 0.2)]);
    }
}
