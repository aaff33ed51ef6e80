//! The range that a setting's values may be in.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};

/// Everything above a number, which itself is left out.
pub fn above<T>(number: T) -> (Bound<T>, Bound<T>) {
    (Bound::Excluded(number), Bound::Unbounded)
}

/// Everything above a number, which itself is left out, up to another.
pub fn above_to<T>(number: T, last: T) -> (Bound<T>, Bound<T>) {
    (Bound::Excluded(number), Bound::Included(last))
}

/// What is wrong with a setting's value, if it is outside of its range. What is no number is in no
/// range.
#[doc(hidden)]
pub fn outside<T, R>(name: &str, value: &T, range: &R) -> Option<String>
where
    T: PartialOrd + Display,
    R: RangeBounds<T>,
{
    (!range.contains(value)).then(|| format!("`{name}` is {value}, and must be {}", wanted(value, range)))
}

/// A range in words; the value says of which type its ends are.
#[doc(hidden)]
pub fn wanted<T, R>(_: &T, range: &R) -> String
where
    T: PartialOrd + Display,
    R: RangeBounds<T>,
{
    match (range.start_bound(), range.end_bound()) {
        (Bound::Included(first), Bound::Included(last)) => format!("from {first} to {last}"),
        (Bound::Included(first), Bound::Excluded(end)) => format!("from {first} to below {end}"),
        (Bound::Included(first), Bound::Unbounded) => format!("{first} or more"),
        (Bound::Excluded(first), Bound::Included(last)) => format!("above {first} and at most {last}"),
        (Bound::Excluded(first), Bound::Excluded(end)) => format!("between {first} and {end}"),
        (Bound::Excluded(first), Bound::Unbounded) => format!("above {first}"),
        (Bound::Unbounded, Bound::Included(last)) => format!("at most {last}"),
        (Bound::Unbounded, Bound::Excluded(end)) => format!("below {end}"),
        (Bound::Unbounded, Bound::Unbounded) => "a number".to_owned(),
    }
}

/// The setting that a fault of [`outside`] speaks of.
pub(crate) fn setting_of(fault: &str) -> Option<&str> {
    let (name, rest) = fault.strip_prefix('`')?.split_once('`')?;
    rest.contains(", and must be ").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_its_range_or_the_range_is_said() {
        assert_eq!(outside("top_p", &1.0, &above_to(0.0, 1.0)), None);
        let fault = |value: f64| outside("top_p", &value, &above_to(0.0, 1.0));
        assert_eq!(fault(0.0).as_deref(), Some("`top_p` is 0, and must be above 0 and at most 1"));
        assert_eq!(fault(f64::NAN).as_deref(), Some("`top_p` is NaN, and must be above 0 and at most 1"));
        assert_eq!(outside("k", &0, &(1..=9)).as_deref(), Some("`k` is 0, and must be from 1 to 9"));
        assert!(outside("lr", &f64::INFINITY, &(0.0..=100.0)).is_some());
        assert_eq!(setting_of("`k` is 0, and must be from 1 to 9"), Some("k"));
        assert_eq!(setting_of("unknown field `k`"), None);
    }
}
