//! From numbers to places on the drawing.

/// An axis from `low` to `high`, drawn from `start` to `end`, with labelled numbers on it.
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    start: f64,
    end: f64,
    pub(super) ticks: Vec<f64>,
}

impl Scale {
    /// An axis that holds the values, with at most about `ticks` labelled numbers at round places;
    /// it begins at zero unless a value is negative. `whole`: nothing between whole numbers is
    /// labelled.
    pub(super) fn fitting(values: impl Iterator<Item = f64>, ticks: usize, whole: bool, place: (f64, f64)) -> Scale {
        let (mut low, mut high) = (0.0f64, 0.0f64);
        for value in values.filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if high <= low {
            high = low + 1.0;
        }
        let least = if whole { 1.0 } else { f64::MIN_POSITIVE };
        let step = round_number((high - low) / ticks.max(1) as f64).max(least);
        let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
        let ticks = (first..=last).map(|index| index as f64 * step).collect();
        Scale { low: first as f64 * step, high: last as f64 * step, start: place.0, end: place.1, ticks }
    }

    /// The same axis ending exactly at a value, without ticks beyond it.
    pub(super) fn up_to(mut self, high: f64) -> Scale {
        if high > self.low && high < self.high {
            self.high = high;
            self.ticks.retain(|&tick| tick <= high);
        }
        self
    }

    /// Where a number stands.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.start + share * (self.end - self.start)
    }
}

/// The nearest of 1, 2, 5, 10, 20, ... that is not smaller.
fn round_number(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= at_least * (1.0 - 1e-9)).unwrap_or(10.0);
    let number = factor * power;
    if number.is_finite() && number > 0.0 { number } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        let scale = Scale::fitting([0.084, 0.687].into_iter(), 5, false, (0.0, 100.0));
        let ticks: Vec<String> = scale.ticks.iter().map(|tick| format!("{tick:.1}")).collect();
        assert_eq!(ticks, ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!((scale.at(0.0), scale.at(0.8), scale.at(f64::MAX)), (0.0, 100.0, 100.0));
    }

    #[test]
    fn odd_values_make_an_axis_all_the_same() {
        for values in [vec![], vec![f64::NAN], vec![0.0], vec![-3.0, 1e9], vec![f64::INFINITY, 1.0]] {
            let scale = Scale::fitting(values.into_iter(), 5, false, (0.0, 10.0));
            assert!(scale.high > scale.low && scale.ticks.len() >= 2 && scale.ticks.len() < 20);
        }
    }
}
