//! From a stage's ticks to events: at most ten a second, with the recent rate.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use events::{Bus, Event};
use nouns::{Progress, Tick};

/// Between two events of a stage's progress.
const INTERVAL: Duration = Duration::from_millis(100);

/// Reports the progress of one stage to the bus.
pub(crate) struct Meter<'a> {
    bus: &'a Bus,
    stop: &'a AtomicBool,
    round: u32,
    stage: &'a str,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    told: Option<Instant>,
    /// Tokens of the piece at work, and of those before it.
    tokens: u64,
    tokens_before: u64,
    done_before: u64,
    total: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(bus: &'a Bus, stop: &'a AtomicBool, round: u32, stage: &'a str) -> Meter<'a> {
        let state = State { began: Instant::now(), told: None, tokens: 0, tokens_before: 0, done_before: 0, total: 0 };
        Meter { bus, stop, round, stage, state: Mutex::new(state) }
    }

    /// For a stage in several pieces: what the pieces before have done, out of what in all.
    pub(crate) fn piece(&self, done_before: u64, total: u64) {
        let mut state = self.lock();
        state.tokens_before += std::mem::take(&mut state.tokens);
        (state.done_before, state.total) = (done_before, total);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Meter<'_> {
    fn tick(&self, tick: Tick) {
        let mut state = self.lock();
        let now = Instant::now();
        state.tokens = tick.tokens;
        if state.told.is_some_and(|told| now - told < INTERVAL) {
            return;
        }
        state.told = Some(now);
        let seconds = (now - state.began).as_secs_f64().max(1e-9);
        let tokens = state.tokens_before + tick.tokens;
        self.bus.tell(&Event::StageProgress {
            round: self.round,
            stage: self.stage.to_owned(),
            done: state.done_before + tick.done,
            total: if state.total > 0 { state.total } else { tick.total },
            tokens,
            loss: tick.loss,
            tokens_per_second: tokens as f64 / seconds,
            load: tick.load,
        });
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
