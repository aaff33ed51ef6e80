//! A model that follows the student while it learns: a reference that is mixed with it every few steps, a teacher that is its moving
//! average.

use models::{Decoder, Device};

use crate::between::Between;

/// How a model follows the student.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// After so many steps each time.
    pub(crate) every: u32,
    /// It becomes this share of the student, and keeps the rest of itself.
    pub(crate) share: f64,
    /// Whether it begins as a plain mean: after step `t` it takes `1 / (t + 1)` of the student, as long as that is more.
    pub(crate) hurried: bool,
}

/// A model that follows the student.
pub(crate) struct Moving {
    pace: Pace,
    device: Device,
    /// Boxed: a decoder is a large thing to be one of two.
    now: Between<Box<Decoder>>,
}

impl Moving {
    pub(crate) fn new(begin: Decoder, pace: Pace, device: Device) -> Moving {
        Moving { pace, device, now: Between::new(Box::new(begin)) }
    }

    /// Whether it moves at all.
    pub(crate) fn moves(&self) -> bool {
        self.pace.every > 0
    }

    /// The model as it is now.
    pub(crate) fn now(&self) -> Decoder {
        self.now.read().as_ref().clone()
    }

    /// Puts it where another training left it.
    pub(crate) fn put(&self, decoder: Decoder) {
        **self.now.write() = decoder;
    }

    /// Follows the student as it is after this step, counted from 1.
    pub(crate) fn follow(&self, step: u32, student: &Decoder) {
        if self.pace.every > 0 && step.is_multiple_of(self.pace.every) {
            let early = if self.pace.hurried { 1.0 / (f64::from(step) + 1.0) } else { 0.0 };
            // What an adapter adds counts too.
            let student = student.clone().merged();
            let mixed = models::mixed(&student, self.pace.share.max(early), &self.now.read(), &self.device);
            self.put(mixed);
        }
    }
}
