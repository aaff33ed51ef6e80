use std::sync::LazyLock;

use nouns::{Key, Random};

use super::MODULUS;
use super::program::{Op, Program};

/// One line of the tables of addition, subtraction and multiplication modulo 11, without its
/// result.
pub(crate) type Entry = (i64, Op, i64);

/// Every entry with how often it is seen in examples: entry number r of a fixed random order weighs
/// r to the power −3/2 (Zipf). So a model made from the examples knows the head well and the tail
/// badly, and has something to teach itself. The power is taken by square root, which is exact on
/// every machine, so that draws are too.
static ENTRIES: LazyLock<Vec<(Entry, f64)>> = LazyLock::new(|| {
    let mut entries = entries();
    Key::root(0).of("chain entries").random().shuffle(&mut entries);
    let ranked = entries.into_iter().zip(1u32..);
    ranked.map(|(entry, rank)| (entry, 1.0 / (f64::from(rank) * f64::from(rank).sqrt()))).collect()
});

/// All 330 entries. Nothing is done with 0: it would only copy or erase.
fn entries() -> Vec<Entry> {
    let lefts = 0..MODULUS;
    lefts
        .flat_map(|left| Op::ALL.into_iter().flat_map(move |op| (1..MODULUS).map(move |right| (left, op, right))))
        .collect()
}

/// A program of this many steps whose every step is an even choice: the tasks.
pub(crate) fn even_program(random: &mut Random, length: usize) -> Program {
    let start = random.below(MODULUS as usize) as i64;
    let step =
        |random: &mut Random| (Op::ALL[random.below(Op::ALL.len())], 1 + random.below(MODULUS as usize - 1) as i64);
    Program { start, steps: (0..length).map(|_| step(random)).collect() }
}

/// A program of this many steps drawn from the skewed entries: the first from all of them, each
/// next from those that begin with the value reached. No entry comes twice: else programs would run
/// in circles of the commonest ones. `None` never happens: thirty entries begin with each value.
pub(crate) fn skewed_program(random: &mut Random, length: usize) -> Option<Program> {
    let first = weighted(random, |_| true)?;
    let mut used = vec![first];
    let mut program = Program { start: first.0, steps: vec![(first.1, first.2)] };
    while program.steps.len() < length {
        let value = program.result();
        let entry = weighted(random, |entry| entry.0 == value && !used.contains(entry))?;
        used.push(entry);
        program.steps.push((entry.1, entry.2));
    }
    Some(program)
}

/// Where an entry stands among those that are seen most often, from 0; entries without one are the
/// rarest.
pub(crate) fn rarity(entry: &Entry) -> usize {
    ENTRIES.iter().position(|(known, _)| known == entry).unwrap_or(ENTRIES.len())
}

/// One of the entries that are wanted, by weight.
fn weighted(random: &mut Random, wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
    let candidates: Vec<&(Entry, f64)> = ENTRIES.iter().filter(|(entry, _)| wanted(entry)).collect();
    let total: f64 = candidates.iter().map(|(_, weight)| weight).sum();
    let mut mark = random.uniform() * total;
    let chosen = candidates.iter().find(|(_, weight)| {
        mark -= weight;
        mark < 0.0
    });
    chosen.or(candidates.last()).map(|(entry, _)| *entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_common_and_the_tail_is_rare() {
        let mut random = Key::root(1).random();
        let head = ENTRIES[0].0;
        let mut counts = (0, 0);
        for _ in 0..2_000 {
            let program = skewed_program(&mut random, 1).expect("a program");
            counts.0 += usize::from((program.start, program.steps[0].0, program.steps[0].1) == head);
            counts.1 += usize::from(
                ENTRIES[165..].iter().any(|(e, _)| *e == (program.start, program.steps[0].0, program.steps[0].1)),
            );
        }
        assert!(counts.0 > 600 && counts.1 < 100 && counts.1 > 5, "{counts:?}");
    }
}
