//! Which lessons are computed together, and what of them once.

use models::{Alike, Packed};
use nouns::Stream;

use crate::batch::runs;
use crate::objective::Objective;

/// Lessons that are computed together.
pub(crate) struct Micro {
    pub(crate) lessons: Vec<usize>,
    /// Whether what several streams begin with is computed once.
    shares: bool,
}

/// Of all rows, so many must be saved by sharing that the lessons are put in another order for it: one in eight.
const WORTH_IT: usize = 8;

/// Cuts a batch into micro-batches of at most `limit` rows. Lessons keep their order, unless they begin alike, as a group of answers to one prompt does: those come
/// one behind the other, and share what they begin with. Sums of gradients are then rounded otherwise.
pub(crate) fn micro_batches(objective: &dyn Objective, lessons: &[usize], limit: usize, may_share: bool) -> Vec<Micro> {
    let first = |lesson: usize| objective.streams(lesson).first().map_or(&[][..], |stream| &stream.tokens);
    let mut alike = lessons.to_vec();
    alike.sort_by(|&one, &other| first(one).cmp(first(other)));
    let tokens = |lesson: usize| objective.streams(lesson).into_iter().map(|stream| &stream.tokens[..]);
    let all = Alike::of(alike.iter().flat_map(|&lesson| tokens(lesson)));
    let shares = may_share && WORTH_IT * (all.tokens() - all.rows()) >= all.tokens().max(1);
    let length = |lesson: usize| tokens(lesson).map(<[u32]>::len).sum();
    let cut = match shares {
        true => sharing_runs(alike.iter().map(|&lesson| (lesson, tokens(lesson).collect())), limit),
        false => runs(lessons.iter().map(|&lesson| (lesson, length(lesson))), limit),
    };
    cut.into_iter().map(|lessons| Micro { lessons, shares }).collect()
}

impl Micro {
    /// Its streams, as one batch.
    pub(crate) fn packed(&self, objective: &dyn Objective) -> Packed {
        let streams = || self.lessons.iter().flat_map(|&lesson| objective.streams(lesson));
        match self.shares {
            true => packed(streams()),
            false => Packed::of(streams().map(|stream| stream.tokens.clone())),
        }
    }
}

/// Streams as one batch, in which what neighbours begin with is computed once.
pub(crate) fn packed<'a>(streams: impl Iterator<Item = &'a Stream>) -> Packed {
    Packed::sharing(&Alike::of(streams.map(|stream| &stream.tokens[..])))
}

/// Rows that a run's sequences may come to, each with all of its own, as a multiple of those that are computed: attention lays every sequence out whole.
const LAID_OUT: usize = 4;

/// Cuts `(item, its sequences)` into runs of at most `limit` rows, what neighbours share counted once; an item that takes more makes a run of
/// its own.
pub(crate) fn sharing_runs<'a, T>(items: impl Iterator<Item = (T, Vec<&'a [u32]>)>, limit: usize) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut laid = Alike::default();
    for (item, sequences) in items {
        let mut with = laid.clone();
        sequences.iter().for_each(|sequence| with.add(sequence));
        match runs.last_mut() {
            Some(run) if with.rows() <= limit && with.tokens() / LAID_OUT <= limit => run.push(item),
            _ => {
                with = Alike::of(sequences);
                runs.push(vec![item]);
            }
        }
        laid = with;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Imitate;

    #[test]
    fn lessons_that_begin_alike_come_together_and_others_keep_their_order() {
        let stream = |prompt: u32, answer: u32| {
            let context: Vec<u32> = (0..12).map(|place| 20 * prompt + place).collect();
            Stream::new("t", &context, &[answer, 7], 1.0)
        };
        let cut = |streams: &[Stream], may_share| {
            let part = Imitate::default();
            let objective = part.objective(streams.iter().collect());
            let lessons: Vec<usize> = (0..streams.len()).collect();
            let micros = micro_batches(&objective, &lessons, 40, may_share);
            let rows = |micro: &Micro| micro.packed(&objective).ids.len();
            micros.iter().map(|micro| (micro.lessons.clone(), rows(micro))).collect::<Vec<_>>()
        };
        let groups: Vec<Stream> = (0..6).map(|number| stream(number % 2, 50 + number)).collect();
        // eleven shared rows, and three of each: two groups of three are exactly forty
        assert_eq!(cut(&groups, true), [(vec![0, 2, 4, 1, 3, 5], 40)], "each group in its own order");
        assert_eq!(cut(&groups, false), [(vec![0, 1], 28), (vec![2, 3], 28), (vec![4, 5], 28)]);
        let apart: Vec<Stream> = (0..4).map(|number| stream(5 - number, 50)).collect();
        assert_eq!(cut(&apart, true), [(vec![0, 1], 28), (vec![2, 3], 28)], "nothing is saved");
    }

    #[test]
    fn a_run_counts_what_is_shared_once() {
        let prompt: Vec<u32> = (0..20).collect();
        let answers: Vec<Vec<u32>> = (0..6).map(|number| [&prompt[..], &[50 + number, 7]].concat()).collect();
        let items = || answers.iter().enumerate().map(|(place, answer)| (place, vec![&answer[..]]));
        // nineteen shared rows, and three of each
        assert_eq!(sharing_runs(items(), 28), [vec![0, 1, 2], vec![3, 4, 5]]);
        assert_eq!(sharing_runs(items(), 37), [vec![0, 1, 2, 3, 4, 5]]);
        assert_eq!(sharing_runs(items(), 5).len(), 6, "one that takes more has a run of its own");
        // 200 answers of one token to a prompt of 800: few rows, but long sequences
        let prompt: Vec<u32> = (0..800).collect();
        let answers: Vec<Vec<u32>> = (0..200).map(|number| [&prompt[..], &[900 + number]].concat()).collect();
        let runs = sharing_runs(answers.iter().map(|answer| ((), vec![&answer[..]])), 1024);
        assert!(runs.iter().all(|run| run.len() <= 5), "{:?}", runs.iter().map(Vec::len).collect::<Vec<_>>());
    }
}
