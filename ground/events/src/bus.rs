use std::sync::Arc;

use crate::{Event, Time};

/// Receives events. It returns nothing, and its errors do not stop the run: see [`Sink::trouble`].
pub trait Sink: Send + Sync {
    /// This happened, then.
    fn see(&self, at: Time, event: &Event);

    /// What went wrong in the sink, for example a full disk. It has stopped writing; the run goes
    /// on.
    fn trouble(&self) -> Option<String> {
        None
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn see(&self, at: Time, event: &Event) {
        (**self).see(at, event);
    }

    fn trouble(&self) -> Option<String> {
        (**self).trouble()
    }
}

/// Hands every event to every sink, in order.
pub struct Bus {
    sinks: Vec<Box<dyn Sink>>,
    clock: fn() -> Time,
}

impl Bus {
    /// A bus that reads the machine's clock.
    pub fn new(sinks: Vec<Box<dyn Sink>>) -> Self {
        Bus::with_clock(sinks, Time::now)
    }

    /// A bus with a clock of its own: for tests and replays.
    pub fn with_clock(sinks: Vec<Box<dyn Sink>>, clock: fn() -> Time) -> Self {
        Bus { sinks, clock }
    }

    /// A bus without sinks (a no-op).
    pub fn silent() -> Self {
        Bus::new(Vec::new())
    }

    /// Adds a sink, which sees what happens from now on.
    pub fn add(&mut self, sink: impl Sink + 'static) {
        self.sinks.push(Box::new(sink));
    }

    /// Sends an event to every sink.
    pub fn tell(&self, event: &Event) {
        let at = (self.clock)();
        self.sinks.iter().for_each(|sink| sink.see(at, event));
    }

    /// What went wrong in the sinks.
    pub fn troubles(&self) -> Vec<String> {
        self.sinks.iter().filter_map(|sink| sink.trouble()).collect()
    }
}
