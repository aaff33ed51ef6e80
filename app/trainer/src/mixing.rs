//! Examples of several files, each of which has its share of what is learned.

use nouns::{Key, Lesson};

use crate::fault::TrainerFault;

/// How many examples to take of each other file, so that each makes up its share of all:
/// `first / (1 - sum of shares) · share`, where `first` is how many the first file has.
pub(super) fn counts(first: usize, shares: &[f64]) -> Result<Vec<usize>, TrainerFault> {
    let others: f64 = shares.iter().sum();
    if shares.iter().any(|share| !(*share > 0.0 && *share < 1.0)) || others >= 1.0 {
        return Err(TrainerFault::Shares { sum: others });
    }
    Ok(shares.iter().map(|share| (first as f64 * share / (1.0 - others)).round() as usize).collect())
}

/// `count` lessons: all of them as often as they fit whole, and the remainder drawn without
/// replacement.
pub(super) fn drawn(key: &Key, lessons: &[Lesson], count: usize) -> Vec<Lesson> {
    let mut found = Vec::with_capacity(count);
    for pass in 0.. {
        if found.len() >= count || lessons.is_empty() {
            break;
        }
        let mut order: Vec<usize> = (0..lessons.len()).collect();
        key.at(pass).random().shuffle(&mut order);
        order.truncate(count - found.len());
        order.sort_unstable();
        found.extend(order.into_iter().map(|place| lessons[place].clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use nouns::Stream;

    #[test]
    fn every_file_has_its_share_of_all() {
        assert_eq!(counts(60, &[0.25, 0.15]).expect("shares"), [25, 15]);
        assert!(counts(60, &[0.7, 0.3]).is_err() && counts(60, &[0.0]).is_err());
    }

    #[test]
    fn a_small_file_is_repeated_and_a_large_one_drawn_from() {
        let lessons: Vec<Lesson> =
            (0..4).map(|n| Lesson::Stream(Stream::new(format!("{n}"), &[1], &[n], 1.0))).collect();
        let names = |count| -> Vec<u32> {
            drawn(&Key::root(1), &lessons, count).iter().flat_map(|one| one.streams()[0].tokens[1..].to_vec()).collect()
        };
        assert_eq!(names(8), [0, 1, 2, 3, 0, 1, 2, 3]);
        let three = names(3);
        assert!(three.len() == 3 && three.windows(2).all(|two| two[0] < two[1]), "in their order: {three:?}");
        assert!(drawn(&Key::root(1), &[], 5).is_empty());
    }
}
