use nouns::Load;
use serde_json::Value;

use crate::event::{SOLVED, TASKS};
use crate::{Event, Facts, Time};

/// What a display knows of the run so far.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) of: u32,
    pub(super) round: Round,
    pub(super) stage: Option<Stage>,
    /// Seconds that each finished round took.
    pub(super) took: Vec<f64>,
    /// The metric whose curve is drawn, and what it is measured on: the first that the run
    /// measures.
    pub(super) headline: Option<(String, String)>,
    /// The curve: rounds with their value.
    pub(super) points: Vec<(u32, f64)>,
    /// Whether the heading of the rounds' lines stands on the screen.
    pub(super) headed: bool,
    /// Tasks with a right answer, and tasks.
    pub(super) solved: Option<(u64, u64)>,
}

/// A round so far.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) number: u32,
    pub(super) started: Time,
    /// Whether it has begun, and its line is still to be printed.
    pub(super) is_open: bool,
    pub(super) value: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) loss: Option<f64>,
    pub(super) solved: Option<(u64, u64)>,
    /// Whether the gate promoted it, and which round goes on.
    pub(super) gate: Option<(bool, u32)>,
}

/// The stage that is running.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    /// Where the first progress was seen: after a resumption a stage does not begin at zero.
    first: Option<(Time, u64)>,
    pub(super) done: u64,
    pub(super) total: u64,
    pub(super) tokens_per_second: f64,
    pub(super) load: Option<Load>,
}

impl Story {
    /// Whether the open round was over before this event.
    pub(super) fn ends_before(&self, event: &Event) -> bool {
        self.round.is_open && matches!(event, Event::RoundStarted { .. } | Event::Ended { .. })
    }

    /// Whether this event is the last of the open round.
    pub(super) fn ends_with(&self, event: &Event) -> bool {
        self.round.is_open && matches!(event, Event::GateDecided { .. })
    }

    pub(super) fn hear(&mut self, at: Time, event: &Event) {
        match event {
            Event::RunStarted { rounds, .. } => self.of = *rounds,
            Event::RoundStarted { round, of } => self.begin_round(*round, *of, at),
            Event::StageStarted { stage, .. } => self.stage = Some(Stage::new(stage)),
            Event::StageProgress { .. } => self.progress(at, event),
            Event::StageFinished { facts, .. } => self.finish_stage(facts),
            Event::StageReused { .. } => self.stage = None,
            Event::Step { step, .. } => self.round.loss = Some(step.loss),
            Event::Scored { .. } => self.score(event),
            Event::GateDecided { promoted, kept_round, .. } => self.round.gate = Some((*promoted, *kept_round)),
            _ => {}
        }
    }

    /// Closes the open round.
    pub(super) fn close_round(&mut self, at: Time) {
        self.took.push(at.since(self.round.started));
        self.round.is_open = false;
    }

    /// Seconds until the last round ends, if the others take as long as those before.
    pub(super) fn run_seconds_left(&self, at: Time) -> Option<f64> {
        let mean = self.took.iter().sum::<f64>() / self.took.len().max(1) as f64;
        let to_come = f64::from(self.of.checked_sub(self.round.number)? + 1) * mean - at.since(self.round.started);
        (self.of > 0 && self.round.number > 0 && mean > 0.0 && to_come > 0.0).then_some(to_come)
    }

    fn begin_round(&mut self, number: u32, of: u32, at: Time) {
        self.of = of;
        self.round = Round { number, started: at, is_open: true, ..Round::default() };
    }

    fn progress(&mut self, at: Time, event: &Event) {
        let Event::StageProgress { stage, done, total, loss, tokens_per_second, load, .. } = event else { return };
        if self.stage.as_ref().is_none_or(|running| running.name != *stage) {
            self.stage = Some(Stage::new(stage));
        }
        if let Some(running) = &mut self.stage {
            running.first.get_or_insert((at, *done));
            (running.done, running.total, running.tokens_per_second) = (*done, *total, *tokens_per_second);
            running.load = *load;
        }
        self.round.loss = loss.or(self.round.loss);
    }

    fn finish_stage(&mut self, facts: &Facts) {
        self.stage = None;
        let fact = |name: &str| facts.get(name).and_then(Value::as_u64);
        if let Some(solved) = fact(SOLVED).zip(fact(TASKS)) {
            (self.solved, self.round.solved) = (Some(solved), Some(solved));
        }
    }

    fn score(&mut self, event: &Event) {
        let Event::Scored { round, metric, on, value, low, high, .. } = event else { return };
        let name = (metric.clone(), on.clone());
        if *self.headline.get_or_insert(name.clone()) != name {
            return;
        }
        if *round == self.round.number {
            (self.round.value, self.round.interval) = (*value, low.zip(*high));
        }
        if let Some(value) = value {
            self.points.retain(|(earlier, _)| earlier != round); // a resumed round may be measured twice
            self.points.push((*round, *value));
        }
    }
}

impl Stage {
    fn new(name: &str) -> Self {
        Stage { name: name.to_owned(), first: None, done: 0, total: 0, tokens_per_second: 0.0, load: None }
    }

    /// How much of it is done, from 0 to 1, if that can be known.
    pub(super) fn share(&self) -> Option<f64> {
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).min(1.0))
    }

    /// Seconds until it is done, at the speed it has had so far.
    ///
    /// Sequences that are drawn at the same time end long after they began, and the short ones
    /// first: those in flight count as half done, and nothing is said before as many have ended as
    /// are drawn at a time, or a quarter of all.
    pub(super) fn seconds_left(&self, at: Time) -> Option<f64> {
        let (since, first) = self.first?;
        let (done, left) = (self.done.checked_sub(first)?, self.total.checked_sub(self.done)?);
        let in_flight = self.load.map_or(0, |load| u64::from(load.sequences)).min(left);
        let told = done > 0 && left > 0 && done >= in_flight.min(self.total / 4);
        let half = in_flight as f64 / 2.0;
        told.then(|| at.since(since) * (left as f64 - half) / (done as f64 + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,000 answers, 100 at a time, each a second long: the estimate is right from the first wave
    /// on.
    #[test]
    fn what_is_in_flight_counts_half_and_the_first_wave_is_waited_for() {
        let left = |done: u64, seconds: f64| {
            let load = Some(Load { sequences: 100, ..Load::default() });
            let stage = Stage { first: Some((Time(0), 0)), done, total: 1000, load, ..Stage::new("attempt") };
            stage.seconds_left(Time((seconds * 1e6) as u64))
        };
        assert_eq!((left(1, 0.2), left(99, 0.99)), (None, None));
        let near = |found: Option<f64>, wanted: f64| (found.expect("told") - wanted).abs() < 0.2 * wanted;
        assert!(near(left(100, 1.5), 8.5) && near(left(500, 5.5), 4.5), "{:?} {:?}", left(100, 1.5), left(500, 5.5));
    }
}
