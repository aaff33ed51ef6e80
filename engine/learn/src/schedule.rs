//! The learning rate over an update: a linear warm-up, then a fall.

use serde::{Deserialize, Serialize};

/// How the rate falls after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// As half a cosine (Loshchilov & Hutter 2017, arXiv 1608.03983).
    Cosine,
    /// In a straight line.
    Linear,
    /// Not at all.
    Constant,
}

/// A schedule over `steps` steps.
pub(crate) struct Schedule {
    pub(crate) shape: Shape,
    pub(crate) peak: f64,
    pub(crate) warmup_steps: u32,
    pub(crate) steps: u32,
    /// The last step's rate, as a fraction of the peak.
    pub(crate) last: f64,
}

impl Schedule {
    /// The rate of step `step`, counted from 1.
    pub(crate) fn rate(&self, step: u32) -> f64 {
        if step <= self.warmup_steps {
            return self.peak * f64::from(step) / f64::from(self.warmup_steps);
        }
        let span = f64::from((self.steps - self.warmup_steps).max(1));
        let progress = (f64::from(step - self.warmup_steps) / span).min(1.0);
        let left = match self.shape {
            Shape::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            Shape::Linear => 1.0 - progress,
            Shape::Constant => 1.0,
        };
        self.peak * (self.last + (1.0 - self.last) * left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(shape: Shape) -> Schedule {
        Schedule { shape, peak: 1.0, warmup_steps: 4, steps: 104, last: 0.1 }
    }

    #[test]
    fn it_rises_linearly_and_falls_as_a_cosine() {
        let schedule = schedule(Shape::Cosine);
        assert_eq!(schedule.rate(1), 0.25);
        assert_eq!(schedule.rate(4), 1.0);
        assert!((schedule.rate(54) - 0.55).abs() < 1e-12, "halfway between 1 and 0.1");
        assert!((schedule.rate(104) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn or_in_a_line_or_not_at_all() {
        assert!((schedule(Shape::Linear).rate(29) - 0.775).abs() < 1e-12);
        assert!((schedule(Shape::Linear).rate(104) - 0.1).abs() < 1e-12);
        assert_eq!(schedule(Shape::Constant).rate(104), 1.0);
    }
}
