//! Lessons in batches.

use nouns::{Key, Lesson, Stream};

/// Every batch of an update: indices of lessons. The order is drawn with the key, anew for every epoch.
pub(crate) fn batches(key: &Key, streams: &[&Stream], epochs: f64, batch_tokens: usize) -> Vec<Vec<usize>> {
    let wanted = (epochs * streams.len() as f64).round() as usize;
    let mut order: Vec<usize> = Vec::with_capacity(wanted);
    for epoch in 0.. {
        if order.len() >= wanted || streams.is_empty() {
            break;
        }
        let mut epoch_order: Vec<usize> = (0..streams.len()).collect();
        key.of("order").at(epoch).random().shuffle(&mut epoch_order);
        order.extend(epoch_order.into_iter().take(wanted - order.len()));
    }
    runs(order.into_iter().map(|index| (index, streams[index].tokens.len())), batch_tokens)
}

/// Cuts `(item, tokens)` into runs of at most `limit` tokens; an item that is longer makes a run of its own.
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

/// The streams among the lessons.
pub(crate) fn streams(lessons: &[Lesson]) -> Vec<&Stream> {
    lessons.iter().map(|Lesson::Stream(stream)| stream).filter(|stream| stream.taught() > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_comes_once_an_epoch_and_batches_keep_their_limit() {
        let streams: Vec<Stream> = (1..20).map(|n| Stream::new("t", &[1], &vec![2; n], 1.0)).collect();
        let streams: Vec<&Stream> = streams.iter().collect();
        let batches = batches(&Key::root(1), &streams, 2.0, 40);
        let mut seen = vec![0; streams.len()];
        for batch in &batches {
            assert!(batch.iter().map(|&i| streams[i].tokens.len()).sum::<usize>() <= 40);
            batch.iter().for_each(|&i| seen[i] += 1);
        }
        assert!(seen.iter().all(|&times| times == 2), "{seen:?}");
    }

    #[test]
    fn nothing_makes_no_batch() {
        assert!(batches(&Key::root(1), &[], 3.0, 40).is_empty());
    }
}
