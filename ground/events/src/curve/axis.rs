/// The vertical axis: which numbers it spans, and what stands beside it.
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// From one labelled number to the next.
    tick: f64,
    rows: usize,
    /// Dots that a row of characters holds, one below the other.
    dots: usize,
    percent: bool,
}

impl Axis {
    /// An axis that holds these values, from zero if they are not negative; `None` if there is no
    /// value.
    pub(super) fn fitting(values: &[f64], rows: usize, dots: usize) -> Option<Self> {
        let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let least = finite.iter().copied().reduce(f64::min)?;
        let most = finite.iter().copied().reduce(f64::max)?;
        let rows = rows.max(2);
        let percent = least >= 0.0 && most <= 1.0;
        let low = least.min(0.0);
        let span = if most > low && (most - low).is_finite() { most - low } else { 1.0 };
        let tick = round_number(span / (rows as f64 / 2.0).max(1.0));
        let ticks = ((most - low) / tick).ceil().max(1.0);
        let high = (low + ticks * tick).min(if percent { 1.0 } else { f64::MAX });
        let even = (rows - 1) / (ticks as usize).max(1) * ticks as usize + 1; // ticks an equal number of rows apart
        let rows = if even + 2 >= rows { even } else { rows };
        Some(Axis { low, high, tick, rows, dots, percent })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How high a value stands, from 0 (the bottom) to 1.
    pub(super) fn height_of(&self, value: f64) -> f64 {
        let height = (value - self.low) / (self.high - self.low);
        if height.is_finite() { height.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The row, from the top, that holds a value.
    pub(super) fn row_of(&self, value: f64) -> usize {
        let last = self.rows * self.dots - 1;
        (last - ((self.height_of(value) * last as f64).round() as usize).min(last)) / self.dots
    }

    /// A value as it stands beside the curve: one digit more than the axis has.
    pub(super) fn value(&self, value: f64) -> String {
        self.written(value, if self.tick < 10.0 { 1 } else { 0 })
    }

    fn written(&self, value: f64, more: usize) -> String {
        let digits = (-self.tick.log10()).ceil().clamp(0.0, 6.0) as usize;
        match self.percent {
            true => format!("{:.more$} %", 100.0 * value),
            false if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) => format!("{value:.1e}"),
            false => format!("{value:.*}", digits + more),
        }
    }

    /// Room that the widest label takes.
    pub(super) fn gutter(&self) -> usize {
        (0..self.rows).map(|row| self.tick_at(row).chars().count()).max().unwrap_or(0)
    }

    /// What stands left of a row: its label, if a labelled number falls into it, and the axis.
    pub(super) fn edge(&self, row: usize, unicode: bool) -> String {
        let label = self.tick_at(row);
        let line = match (unicode, label.is_empty()) {
            (true, true) => "│",
            (true, false) => "┤",
            (false, _) => "|",
        };
        format!("{label:>width$} {line}", width = self.gutter())
    }

    /// The horizontal axis below.
    pub(super) fn floor(&self, columns: usize, unicode: bool) -> String {
        let (corner, line) = if unicode { ("└", "─") } else { ("+", "-") };
        format!("{} {corner}{}", " ".repeat(self.gutter()), line.repeat(columns))
    }

    /// The label of the number that falls into a row, or nothing.
    fn tick_at(&self, row: usize) -> String {
        let ticks = (0..=self.rows).map(|index| self.low + index as f64 * self.tick);
        let mut here = ticks.filter(|&tick| tick <= self.high + 1e-9 * self.tick && self.row_of(tick) == row);
        here.next_back().map(|tick| self.written(tick, 0)).unwrap_or_default()
    }
}

/// The nearest of 1, 2, 5, 10, 20, ... that is not smaller.
fn round_number(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= at_least * (1.0 - 1e-9)).unwrap_or(10.0);
    let number = factor * power;
    if number.is_finite() && number > 0.0 { number } else { 1.0 }
}
