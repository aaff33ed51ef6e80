//! Which lessons are computed together, and what of them once.

use networks::{Alike, Packed};
use nouns::Stream;

use crate::batch::runs;
use crate::objective::Objective;

/// Lessons that are computed together.
pub(crate) struct Micro {
    pub(crate) lessons: Vec<usize>,
    /// Whether what several streams begin with is computed once.
    shares: bool,
}

/// Lessons are put in another order, so that more is shared, where that saves one row in this many.
const WORTH_IT: usize = 8;

/// How a batch is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// Rows that are computed together, about.
    pub(crate) rows: usize,
    /// Whether threads compute micro-batches side by side: then their number is even and their cost
    /// about the same, so that no thread waits for another.
    pub(crate) side_by_side: bool,
    /// Whether what several sequences begin with may be computed once.
    pub(crate) may_share: bool,
}

/// Cuts a batch into micro-batches. Lessons keep their order, unless they begin alike, as a group
/// of answers to one prompt does: those come one after the other, and share what they begin with.
/// Sums of gradients are then rounded otherwise.
pub(crate) fn micro_batches(objective: &dyn Objective, lessons: &[usize], how: Cut) -> Vec<Micro> {
    let first = |lesson: usize| objective.streams(lesson).first().map_or(&[][..], |stream| &stream.tokens);
    let mut alike = lessons.to_vec();
    alike.sort_by(|&one, &other| first(one).cmp(first(other)));
    let tokens = |lesson: usize| objective.streams(lesson).into_iter().map(|stream| &stream.tokens[..]);
    let all = Alike::of(alike.iter().flat_map(|&lesson| tokens(lesson)));
    let shares = how.may_share && WORTH_IT * (all.tokens() - all.rows()) >= all.tokens().max(1);
    let length = |lesson: usize| tokens(lesson).map(<[u32]>::len).sum();
    let lengths = || lessons.iter().map(|&lesson| (lesson, length(lesson)));
    let sequences = || alike.iter().map(|&lesson| (lesson, tokens(lesson).collect()));
    let cut = match (how.side_by_side, shares) {
        (false, false) => runs(lengths(), how.rows),
        (false, true) => sharing_runs(sequences(), how.rows),
        (true, false) => even_runs(&lengths().collect::<Vec<_>>(), how.rows),
        (true, true) => even_runs(&sharing_costs(sequences()), how.rows),
    };
    cut.into_iter().map(|lessons| Micro { lessons, shares }).collect()
}

/// Number of micro-batches for `rows` where threads compute them side by side: even, unless the
/// rows are few, so that no thread waits for a remainder; each has at most an eighth more than
/// `limit` rows.
fn micro_batch_count(rows: usize, limit: usize) -> usize {
    if 2 * rows < limit { 1 } else { (8 * rows).div_ceil(9 * limit.max(1)).next_multiple_of(2) }
}

/// Cuts `(item, its rows)` into runs of about the same number of rows, about `limit` each: an item
/// goes where its middle lies.
fn even_runs<T: Copy>(items: &[(T, usize)], limit: usize) -> Vec<Vec<T>> {
    let rows: usize = items.iter().map(|(_, rows)| rows).sum();
    let pieces = micro_batch_count(rows, limit);
    let mut runs = vec![Vec::new(); pieces];
    let mut before = 0;
    for &(item, own) in items {
        let middle = before + own / 2;
        runs[(middle * pieces / rows.max(1)).min(pieces - 1)].push(item);
        before += own;
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// What each item costs after those before it, in rows: what it shares with them is computed
/// already.
fn sharing_costs<'a, T>(items: impl Iterator<Item = (T, Vec<&'a [u32]>)>) -> Vec<(T, usize)> {
    let mut all = Alike::default();
    let mut rows = 0;
    items
        .map(|(item, sequences)| {
            let laid = sequences.iter().map(|sequence| sequence.len()).sum::<usize>() / LAID_OUT;
            sequences.into_iter().for_each(|sequence| all.add(sequence));
            let before = std::mem::replace(&mut rows, all.rows());
            (item, (rows - before).max(laid))
        })
        .collect()
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

/// Rows that a run's sequences may come to, each with all of its own, as a multiple of those that
/// are computed: attention lays every sequence out whole.
const LAID_OUT: usize = 4;

/// Cuts `(item, its sequences)` into runs of at most `limit` rows, what neighbours share counted
/// once; an item that takes more makes a run of its own.
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
        let cut = |streams: &[Stream], may_share, side_by_side| {
            let part = Imitate::default();
            let objective = part.objective(streams.iter().collect());
            let lessons: Vec<usize> = (0..streams.len()).collect();
            let micros = micro_batches(&objective, &lessons, Cut { rows: 40, side_by_side, may_share });
            let rows = |micro: &Micro| micro.packed(&objective).ids.len();
            micros.iter().map(|micro| (micro.lessons.clone(), rows(micro))).collect::<Vec<_>>()
        };
        let groups: Vec<Stream> = (0..6).map(|number| stream(number % 2, 50 + number)).collect();
        // eleven shared rows, and three of each: two groups of three are exactly forty
        assert_eq!(cut(&groups, true, false), [(vec![0, 2, 4, 1, 3, 5], 40)], "each group in its own order");
        assert_eq!(cut(&groups, false, false), [(vec![0, 1], 28), (vec![2, 3], 28), (vec![4, 5], 28)]);
        let apart: Vec<Stream> = (0..4).map(|number| stream(5 - number, 50)).collect();
        assert_eq!(cut(&apart, true, false), [(vec![0, 1], 28), (vec![2, 3], 28)], "nothing is saved");
        // side by side, for two threads
        assert_eq!(cut(&groups, true, true), [(vec![0, 2, 4], 20), (vec![1, 3, 5], 20)]);
        assert_eq!(cut(&groups, false, true), [(vec![0, 1, 2], 42), (vec![3, 4, 5], 42)], "no rest of two");
        assert_eq!(cut(&groups[..1], false, true), [(vec![0], 14)], "too few to be cut");
    }

    #[test]
    fn micro_batches_for_threads_are_even_in_number_and_about_as_long() {
        let counts = [0, 500, 512, 1024, 2304, 2305, 4280, 4609].map(|rows| micro_batch_count(rows, 1024));
        assert_eq!(counts, [1, 1, 2, 2, 2, 4, 4, 6]);
        let mut random = nouns::Key::root(5).random();
        for _ in 0..200 {
            let items: Vec<(usize, usize)> = (0..random.below(90)).map(|item| (item, 2 + random.below(80))).collect();
            let (runs, longest) = (even_runs(&items, 400), 82);
            assert_eq!(runs.concat(), (0..items.len()).collect::<Vec<_>>(), "all of them, in order");
            let rows: usize = items.iter().map(|(_, rows)| rows).sum();
            for run in &runs {
                let own: usize = run.iter().map(|&item| items[item].1).sum();
                assert!(
                    own.abs_diff(rows / micro_batch_count(rows, 400)) <= longest,
                    "{own} of {rows} in {} runs",
                    runs.len()
                );
            }
        }
        assert_eq!(even_runs(&[(0, 10), (1, 5000), (2, 10)], 1024), [[0], [1], [2]], "what is longer is alone");
    }

    #[test]
    fn what_is_shared_costs_the_first_and_long_sequences_cost_a_quarter_of_themselves() {
        let prompt: Vec<u32> = (0..20).collect();
        let answers: Vec<Vec<u32>> = (0..3).map(|number| [&prompt[..], &[50 + number, 7]].concat()).collect();
        let costs = sharing_costs(answers.iter().enumerate().map(|(place, answer)| (place, vec![&answer[..]])));
        assert_eq!(costs, [(0, 22), (1, 5), (2, 5)], "three rows each, of sequences of 22");
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
