//! Models that are updated from the student while it learns: an EMA teacher, or a reference that is
//! mixed with the student every few steps.

use networks::{Decoder, Device};

use crate::between::Between;

/// When and how strongly an EMA model is updated from the student.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmaSchedule {
    /// Steps between updates; 0 never updates.
    pub(crate) every: u32,
    /// Weight of the student in the mixture: 1 - decay.
    pub(crate) share: f64,
    /// Whether it begins as a plain mean: after step `t` the student's weight is `1 / (t + 1)`, as
    /// long as that is more.
    pub(crate) warm_up: bool,
}

/// A model that is updated from the student on a schedule.
pub(crate) struct EmaModel {
    schedule: EmaSchedule,
    device: Device,
    /// Boxed: a decoder is a large thing to be one of two.
    now: Between<Box<Decoder>>,
}

impl EmaModel {
    pub(crate) fn new(begin: Decoder, schedule: EmaSchedule, device: Device) -> EmaModel {
        // means are taken of whole weights
        EmaModel { schedule, device, now: Between::new(Box::new(begin.merged())) }
    }

    /// Whether it is ever updated.
    pub(crate) fn moves(&self) -> bool {
        self.schedule.every > 0
    }

    /// The model as it is now.
    pub(crate) fn now(&self) -> Decoder {
        self.now.read().as_ref().clone()
    }

    /// Puts it where another training left it.
    pub(crate) fn put(&self, decoder: Decoder) {
        **self.now.write() = decoder;
    }

    /// Updates it from the student as it is after this step, counted from 1.
    pub(crate) fn follow(&self, step: u32, student: &Decoder) {
        if self.schedule.every > 0 && step.is_multiple_of(self.schedule.every) {
            let early = if self.schedule.warm_up { 1.0 / (f64::from(step) + 1.0) } else { 0.0 };
            // What an adapter adds counts too.
            let student = student.clone().merged();
            let mixed = networks::mixed(&student, self.schedule.share.max(early), &self.now.read(), &self.device);
            self.put(mixed);
        }
    }
}
