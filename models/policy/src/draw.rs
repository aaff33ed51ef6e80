//! Drawing a token from logits.

use nouns::{Random, Sampling};

/// Scratch that a worker keeps between draws, so that drawing allocates nothing.
#[derive(Default)]
pub(crate) struct Scratch {
    order: Vec<u32>,
    weights: Vec<f32>,
    row: Vec<f32>,
}

impl Scratch {
    /// What is drawn from a row of logits as if some tokens were impossible.
    pub(crate) fn without(
        &mut self,
        logits: &[f32],
        tokens: &[u32],
        draw: impl FnOnce(&[f32], &mut Scratch) -> u32,
    ) -> u32 {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        row.extend_from_slice(logits);
        for &token in tokens {
            row.get_mut(token as usize).into_iter().for_each(|logit| *logit = f32::NEG_INFINITY);
        }
        let drawn = draw(&row, self);
        self.row = row;
        drawn
    }
}

/// The token drawn from a row of logits `[vocab]`.
///
/// Order of the truncations as in `transformers`: temperature, then top-k, then top-p, then min-p;
/// ties go to the smaller token id. Greedy (temperature 0) uses no randomness at all.
pub(crate) fn draw(logits: &[f32], sampling: &Sampling, random: &mut Random, scratch: &mut Scratch) -> u32 {
    if sampling.temperature <= 0.0 {
        return argmax(logits);
    }
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let Scratch { order, weights, .. } = scratch;
    weights.clear();
    weights.extend(logits.iter().map(|&logit| ((logit - top) / sampling.temperature).exp()));
    if truncates(sampling) {
        truncate(weights, order, sampling);
    }
    pick(weights, random)
}

/// The likeliest token; the smallest id among equals.
fn argmax(logits: &[f32]) -> u32 {
    // folded, not searched: the greatest of a row is read for every token, and this is vectorised
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter().position(|&logit| logit == top).map_or(0, |token| token as u32)
}

fn truncates(sampling: &Sampling) -> bool {
    sampling.top_k > 0 || sampling.top_p < 1.0 || sampling.min_p > 0.0
}

/// Tokens that are put in order at first: a nucleus is seldom larger.
const FEW: usize = 64;

/// Sets the weights of the tokens that are cut off to zero. The likeliest token always stays. Only
/// as many tokens are put in order as it takes.
fn truncate(weights: &mut [f32], order: &mut Vec<u32>, sampling: &Sampling) {
    order.clear();
    order.extend(0..weights.len() as u32);
    let mut kept = order.len();
    if sampling.top_k > 0 {
        kept = kept.min(sampling.top_k as usize);
        put_first(weights, order, kept);
    }
    if sampling.top_p < 1.0 {
        kept = nucleus(weights, order, kept, sampling);
    }
    if sampling.min_p > 0.0 {
        // The largest weight is exp(0) = 1, so a weight is its ratio to the likeliest token's.
        put_first(weights, order, 1);
        let likeliest = order[0];
        let low = |token: u32, weights: &[f32]| token != likeliest && weights[token as usize] < sampling.min_p;
        order[..kept].iter().for_each(|&token| {
            if low(token, weights) {
                weights[token as usize] = 0.0;
            }
        });
    }
    order[kept..].iter().for_each(|&token| weights[token as usize] = 0.0);
}

/// Puts the `count` likeliest tokens first, the likeliest of them first; of equals the smaller id.
fn put_first(weights: &[f32], order: &mut [u32], count: usize) {
    let by = |a: &u32, b: &u32| weights[*b as usize].total_cmp(&weights[*a as usize]).then(a.cmp(b));
    if count > 0 && count < order.len() {
        order.select_nth_unstable_by(count - 1, by);
    }
    order[..count].sort_unstable_by(by);
}

/// How many of the first `kept` tokens it takes to reach the probability `top_p`; puts those in
/// order.
fn nucleus(weights: &[f32], order: &mut [u32], kept: usize, sampling: &Sampling) -> usize {
    let weight = |token: &u32| f64::from(weights[*token as usize]);
    let total: f64 = match sampling.top_k {
        0 => weights.iter().copied().map(f64::from).sum(),
        _ => order[..kept].iter().map(weight).sum(),
    };
    let mut sorted = if sampling.top_k > 0 { kept } else { 0 };
    let (mut reached, mut count) = (0.0, 0);
    while count < kept && (count == 0 || reached < f64::from(sampling.top_p) * total) {
        if count == sorted {
            let more = (3 * sorted).max(FEW).min(kept - sorted);
            put_first(weights, &mut order[sorted..kept], more);
            sorted += more;
        }
        reached += weight(&order[count]);
        count += 1;
    }
    count
}

/// Draws an index in proportion to its weight.
fn pick(weights: &[f32], random: &mut Random) -> u32 {
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let mut left = random.uniform() * total;
    let mut last = 0;
    for (token, &weight) in weights.iter().enumerate() {
        if weight > 0.0 {
            last = token as u32;
            left -= f64::from(weight);
            if left < 0.0 {
                break;
            }
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use nouns::Key;

    use super::*;

    fn frequencies(logits: &[f32], sampling: &Sampling) -> Vec<f64> {
        let (mut random, mut scratch) = (Key::root(3).random(), Scratch::default());
        let mut counts = vec![0.0; logits.len()];
        (0..20_000).for_each(|_| counts[draw(logits, sampling, &mut random, &mut scratch) as usize] += 1.0 / 20_000.0);
        counts
    }

    fn close(found: &[f64], wanted: &[f64]) {
        assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 0.015), "{found:?} is not {wanted:?}");
    }

    /// Logits of the probabilities 0.5, 0.3, 0.15, 0.05.
    fn logits() -> Vec<f32> {
        [0.5f32, 0.3, 0.15, 0.05].iter().map(|p| p.ln()).collect()
    }

    #[test]
    fn frequencies_follow_the_softmax() {
        close(&frequencies(&logits(), &Sampling::default()), &[0.5, 0.3, 0.15, 0.05]);
        let squared = [0.25, 0.09, 0.0225, 0.0025].map(|p: f64| p / 0.365);
        close(&frequencies(&logits(), &Sampling { temperature: 0.5, ..Sampling::default() }), &squared);
    }

    #[test]
    fn truncations_keep_what_they_promise() {
        close(&frequencies(&logits(), &Sampling { top_k: 2, ..Sampling::default() }), &[0.625, 0.375, 0.0, 0.0]);
        let nucleus = Sampling { top_p: 0.79, ..Sampling::default() };
        close(&frequencies(&logits(), &nucleus), &[0.625, 0.375, 0.0, 0.0]);
        let min_p = Sampling { min_p: 0.25, ..Sampling::default() };
        close(&frequencies(&logits(), &min_p), &[0.5263, 0.3158, 0.1579, 0.0]);
        let none_left = Sampling { top_p: 0.0, ..Sampling::default() };
        close(&frequencies(&logits(), &none_left), &[1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn truncations_of_many_tokens_are_those_of_all_in_order() {
        let mut random = Key::root(4).random();
        let logits: Vec<f32> = (0..1500).map(|_| (6.0 * random.uniform()) as f32).collect();
        for (top_k, top_p, min_p) in [
            (0, 0.9, 0.0),
            (0, 0.02, 0.0),
            (700, 1.0, 0.0),
            (300, 0.8, 0.0),
            (0, 1.0, 0.3),
            (40, 0.9, 0.9),
            (0, 0.0, 0.0),
        ] {
            let sampling = Sampling { top_k, top_p, min_p, ..Sampling::default() };
            let weights: Vec<f32> = logits.iter().map(|&logit| (logit - 6.0).exp()).collect();
            let mut order: Vec<usize> = (0..weights.len()).collect();
            order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
            order.truncate(if top_k > 0 { top_k as usize } else { order.len() });
            let total: f64 = order.iter().map(|&token| f64::from(weights[token])).sum();
            let mut reached = 0.0;
            let mut expected: Vec<usize> = order
                .into_iter()
                .take_while(|&token| {
                    let short = reached < f64::from(top_p) * total || top_p >= 1.0;
                    reached += f64::from(weights[token]);
                    short
                })
                .filter(|&token| weights[token] >= min_p)
                .collect();
            expected.sort_unstable();
            let (mut found, mut scratch) = (weights.clone(), Vec::new());
            truncate(&mut found, &mut scratch, &sampling);
            let found: Vec<usize> = (0..found.len()).filter(|&token| found[token] > 0.0).collect();
            if expected.is_empty() {
                assert_eq!(found.len(), 1, "the likeliest stays");
            } else {
                assert_eq!(found, expected, "{sampling:?}");
            }
        }
    }

    #[test]
    fn greedy_takes_the_first_of_equals() {
        let greedy = Sampling { temperature: 0.0, ..Sampling::default() };
        let (mut random, mut scratch) = (Key::root(3).random(), Scratch::default());
        assert_eq!(draw(&[0.0, 2.0, 2.0, 1.0], &greedy, &mut random, &mut scratch), 1);
    }
}
