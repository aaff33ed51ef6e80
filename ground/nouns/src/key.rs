use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// The seed of a random draw: a path such as (run seed, round, verb, task, index).
///
/// Two draws share a key only if they are the same draw. So results do not depend on thread count,
/// batch size, order or interruption. A key is cheap to clone and is never consumed; a [`Random`]
/// made from it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// The root of a run.
    pub fn root(seed: u64) -> Self {
        Key(*blake3::hash(&seed.to_le_bytes()).as_bytes())
    }

    /// The key below this one that is named by a word, for example a verb or a task.
    #[must_use]
    pub fn of(&self, word: &str) -> Self {
        Key(*blake3::keyed_hash(&self.0, word.as_bytes()).as_bytes())
    }

    /// The key below this one that is numbered, for example a round or a sample.
    #[must_use]
    pub fn at(&self, index: u64) -> Self {
        let mut bytes = [0xff; 9]; // 0xff never begins UTF-8, so a number cannot collide with a word
        bytes[1..].copy_from_slice(&index.to_le_bytes());
        Key(*blake3::keyed_hash(&self.0, &bytes).as_bytes())
    }

    /// A stream of random numbers (ChaCha8: the same on every platform and in every version).
    pub fn random(&self) -> Random {
        Random(ChaCha8Rng::from_seed(self.0))
    }
}

/// A stream of random numbers that belongs to one key.
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1), with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..bound` (Lemire's multiply-shift; the bias is below 2⁻⁴⁰ for bounds below
    /// 2²⁴).
    ///
    /// `bound` must be positive.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Standard normal (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// One of the items, uniformly; `None` if there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_path() {
        let root = Key::root(7);
        assert_eq!(root.of("attempt").at(3), Key::root(7).of("attempt").at(3));
        assert_ne!(root.of("attempt").at(3), root.of("attempt").at(4));
        assert_ne!(root.at(3).of("attempt"), root.of("attempt").at(3));
        assert_ne!(Key::root(7), Key::root(8));
    }

    #[test]
    fn draws_are_in_range_and_even() {
        let mut random = Key::root(1).random();
        let mut counts = [0usize; 5];
        for _ in 0..50_000 {
            counts[random.below(5)] += 1;
        }
        assert!(counts.iter().all(|&n| (9_500..10_500).contains(&n)), "{counts:?}");
        let mean = (0..50_000).map(|_| random.normal()).sum::<f64>() / 50_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
    }

    #[test]
    fn the_stream_is_frozen() {
        // Written down on 2026-11-23: a changed stream would make every recorded run irreproducible.
        let mut random = Key::root(0).of("frozen").random();
        let drawn: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(drawn, FROZEN);
    }

    const FROZEN: [u64; 3] = [4462253812837852439, 15588742078556344245, 7341896366591507283];
}
