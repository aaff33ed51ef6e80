//! Lessons in batches.

use nouns::Key;
use serde::{Deserialize, Serialize};

/// The order of the lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Drawn anew for every pass.
    Shuffled,
    /// As they were chosen.
    Given,
}

/// How lessons are put together.
#[derive(Clone, Debug)]
pub(crate) struct Batching {
    /// Passes over the lessons; may be a fraction.
    pub(crate) epochs: f64,
    /// Tokens per batch, at most.
    pub(crate) tokens: usize,
    /// Lessons per batch, whatever their tokens; 0 lets the tokens decide.
    pub(crate) lessons: usize,
    pub(crate) order: Order,
}

/// Every batch of an update: indices of lessons, whose tokens are `lengths`. An order that is drawn
/// is drawn with the key, anew for every pass. A batch ends where its pass ends: none has a lesson
/// twice.
pub(crate) fn batches(key: &Key, lengths: &[usize], batching: &Batching) -> Vec<Vec<usize>> {
    let mut left = (batching.epochs * lengths.len() as f64).round() as usize;
    let mut batches = Vec::new();
    for epoch in 0.. {
        if left == 0 || lengths.is_empty() {
            break;
        }
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        if batching.order == Order::Shuffled {
            key.of("order").at(epoch).random().shuffle(&mut order);
        }
        order.truncate(left);
        left -= order.len();
        batches.extend(match batching.lessons {
            0 => runs(order.into_iter().map(|index| (index, lengths[index])), batching.tokens),
            lessons => order.chunks(lessons).map(<[usize]>::to_vec).collect(),
        });
    }
    batches
}

/// Cuts `(item, tokens)` into runs of at most `limit` tokens; an item that is longer makes a run of
/// its own.
pub(crate) fn runs<T>(items: impl Iterator<Item = (T, usize)>, limit: usize) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for (item, tokens) in items {
        match runs.last_mut() {
            Some(run) if tokens <= room => run.push(item),
            _ => {
                room = limit.max(tokens);
                runs.push(vec![item]);
            }
        }
        room -= tokens;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batching(epochs: f64, lessons: usize, order: Order) -> Batching {
        Batching { epochs, tokens: 40, lessons, order }
    }

    #[test]
    fn every_lesson_comes_once_an_epoch_and_batches_keep_their_limit() {
        let lengths: Vec<usize> = (2..21).collect();
        let batches = batches(&Key::root(1), &lengths, &batching(2.0, 0, Order::Shuffled));
        let mut seen = vec![0; lengths.len()];
        for batch in &batches {
            assert!(batch.iter().map(|&i| lengths[i]).sum::<usize>() <= 40);
            batch.iter().for_each(|&i| seen[i] += 1);
        }
        assert!(seen.iter().all(|&times| times == 2), "{seen:?}");
    }

    #[test]
    fn lessons_are_counted_and_kept_in_order_where_that_is_asked_for() {
        let found = batches(&Key::root(1), &[100, 1, 1, 1, 1], &batching(1.0, 2, Order::Given));
        assert_eq!(found, [vec![0, 1], vec![2, 3], vec![4]]);
        let found = batches(&Key::root(1), &[1, 1, 1], &batching(1.7, 2, Order::Given));
        assert_eq!(found, [vec![0, 1], vec![2], vec![0, 1]], "no batch reaches into the next pass");
    }

    #[test]
    fn nothing_makes_no_batch() {
        assert!(batches(&Key::root(1), &[], &batching(3.0, 0, Order::Shuffled)).is_empty());
    }
}
