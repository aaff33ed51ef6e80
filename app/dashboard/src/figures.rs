//! Numbers as people read them.

use crate::Unit;

/// A number in a unit.
pub(crate) fn figure(value: f64, unit: Unit) -> String {
    match unit {
        _ if !value.is_finite() => "none".to_owned(),
        Unit::Share => format!("{:.1} %", 100.0 * value),
        Unit::Count => count(value.round().max(0.0) as u64),
        Unit::Number => number(value),
    }
}

/// A count with its thousands set apart: `1,234,567`.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in about three digits, without zeros at its end.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.1e}");
    }
    let digits = if size >= 100.0 {
        0
    } else if size >= 10.0 {
        1
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Seconds as people say them.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        _ if !seconds.is_finite() => "?".to_owned(),
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_counts_are_grouped() {
        assert_eq!([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 0.5, 1.25, 31.62, 345.6, 2.5e-5].map(number), ["0", "0.5", "1.25", "31.6", "346", "2.5e-5"]);
        assert_eq!([4.25, 62.0, 7500.0].map(duration), ["4.2 s", "1m02s", "2h05m"]);
    }
}
