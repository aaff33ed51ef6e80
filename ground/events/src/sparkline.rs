/// Draws numbers as one row of bars, the smallest at the bottom and the largest at the top; what is
/// no number is a gap.
pub fn sparkline(values: &[f64], unicode: bool) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const MARKS: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];
    let levels = if unicode { BLOCKS } else { MARKS };
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let level = |value: f64| match value.is_finite() {
        true if high > low => levels[((value - low) / (high - low) * 7.0).round() as usize % 8],
        true => levels[3],
        false => ' ',
    };
    values.iter().map(|&value| level(value)).collect()
}
