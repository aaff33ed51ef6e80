//! The learning rate over an update: linear warm-up, then half a cosine (Loshchilov & Hutter 2017, arXiv 1608.03983).

/// A schedule over `steps` steps.
pub(crate) struct Schedule {
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
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
        self.peak * (self.last + (1.0 - self.last) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_linearly_and_falls_as_a_cosine() {
        let schedule = Schedule { peak: 1.0, warmup_steps: 4, steps: 104, last: 0.1 };
        assert_eq!(schedule.rate(1), 0.25);
        assert_eq!(schedule.rate(4), 1.0);
        assert!((schedule.rate(54) - 0.55).abs() < 1e-12, "halfway between 1 and 0.1");
        assert!((schedule.rate(104) - 0.1).abs() < 1e-12);
    }
}
