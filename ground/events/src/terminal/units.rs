/// Seconds as people say them: `45 s`, `1m02s`, `2h05m`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "?".to_owned();
    }
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0 if seconds > 0.0 => format!("{seconds:.1} s"),
        0..60 => format!("{whole} s"),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

/// A share as a percentage with one decimal: `31.2 %`.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "?".to_owned() }
}

/// A measured figure: a percentage if it can be a share, else the number itself.
pub fn figure(value: f64) -> String {
    if (0.0..=1.0).contains(&value) { percent(value) } else { loss(value) }
}

/// A large number in three digits: `27.1k`.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        n if !n.is_finite() => "?".to_owned(),
        n if n < 1e3 => format!("{number:.0}"),
        n if n < 1e6 => format!("{:.1}k", number / 1e3),
        n if n < 1e9 => format!("{:.1}M", number / 1e6),
        _ => format!("{:.1}G", number / 1e9),
    }
}

/// A loss, in as many digits as matter.
pub(super) fn loss(loss: f64) -> String {
    if (1e-3..1e4).contains(&loss.abs()) || loss == 0.0 { format!("{loss:.3}") } else { format!("{loss:.1e}") }
}

/// `round 3/12`, `round 3` where the end is open, and what round 0 is.
pub(super) fn round(round: u32, of: u32) -> String {
    match (round, of) {
        (0, _) => "base model".to_owned(),
        (round, 0) => format!("round {round}"),
        (round, of) => format!("round {round}/{of}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_in_per_cent_and_a_count_is_not() {
        assert_eq!([0.0, 0.312, 1.0].map(figure), ["0.0 %", "31.2 %", "100.0 %"]);
        assert_eq!([404.0, -0.05, 2.5].map(figure), ["404.000", "-0.050", "2.500"]);
    }
}
