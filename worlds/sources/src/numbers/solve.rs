//! The exact solver: finds operations that turn the numbers into the target.

use super::operation::Operation;
use super::rational::Rational;

/// Which intermediate values a solution may pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// Whole numbers from 0 to this one.
    Whole(i64),
    /// Anything but negative numbers.
    Anything,
}

impl Through {
    fn allows(self, value: Rational) -> bool {
        match self {
            Through::Whole(largest) => value.is_whole() && value.is_sayable(largest),
            Through::Anything => true,
        }
    }
}

/// Operations that lead from the numbers to the target, if there are any: the first found, always
/// the same.
pub(crate) fn solve(numbers: &[Rational], target: Rational, through: Through) -> Option<Vec<Operation>> {
    let mut path = Vec::new();
    descend(numbers, target, through, &mut path).then(|| path.into_iter().rev().collect())
}

/// Tries every pair and every operation. The path is gathered on the way back, so it is in reverse.
fn descend(numbers: &[Rational], target: Rational, through: Through, path: &mut Vec<Operation>) -> bool {
    match *numbers {
        [value] => return value == target,
        [one, other] => {
            let last = Operation::of_pair(one, other).find(|&(_, value)| value == target && through.allows(value));
            path.extend(last.map(|(operation, _)| operation));
            return last.is_some(); // most of the search is spent here: no list is made of one number
        }
        _ => {}
    }
    pairs(numbers.len()).any(|(i, j)| {
        let mut ways = Operation::of_pair(numbers[i], numbers[j]).filter(|&(_, value)| through.allows(value));
        ways.any(|(operation, value)| {
            let found = descend(&combined(numbers, i, j, value), target, through, path);
            if found {
                path.push(operation);
            }
            found
        })
    })
}

/// Every pair of positions `i < j`.
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}

/// The numbers with those at `i < j` replaced by their combination.
fn combined(numbers: &[Rational], i: usize, j: usize, value: Rational) -> Vec<Rational> {
    let mut left = numbers.to_vec();
    left.swap_remove(j);
    left[i] = value;
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_found_only_where_allowed() {
        let numbers = [3, 3, 8, 8].map(Rational::whole);
        let target = Rational::whole(24);
        assert!(solve(&numbers, target, Through::Anything).is_some());
        assert!(solve(&numbers, target, Through::Whole(i64::MAX)).is_none());
        assert!(solve(&[1, 1, 1, 1].map(Rational::whole), target, Through::Anything).is_none());
    }
}
