//! Drawing a token from logits.

use nouns::{Random, Sampling};

/// Scratch that a worker keeps between draws, so that drawing allocates nothing.
#[derive(Default)]
pub(crate) struct Scratch {
    order: Vec<u32>,
    weights: Vec<f32>,
}

/// The token drawn from a row of logits `[vocab]`.
///
/// Order of the truncations as in `transformers`: temperature, then top-k, then top-p, then min-p; ties go to the
/// smaller token id. Greedy (temperature 0) uses no randomness at all.
pub(crate) fn draw(logits: &[f32], sampling: &Sampling, random: &mut Random, scratch: &mut Scratch) -> u32 {
    if sampling.temperature <= 0.0 {
        return argmax(logits);
    }
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let Scratch { order, weights } = scratch;
    weights.clear();
    weights.extend(logits.iter().map(|&logit| ((logit - top) / sampling.temperature).exp()));
    if truncates(sampling) {
        truncate(weights, order, sampling);
    }
    pick(weights, random)
}

/// The likeliest token; the smallest id among equals.
fn argmax(logits: &[f32]) -> u32 {
    let best = logits.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(token, _)| token as u32)
}

fn truncates(sampling: &Sampling) -> bool {
    sampling.top_k > 0 || sampling.top_p < 1.0 || sampling.min_p > 0.0
}

/// Sets the weights of the tokens that are cut off to zero. The likeliest token always stays.
fn truncate(weights: &mut [f32], order: &mut Vec<u32>, sampling: &Sampling) {
    order.clear();
    order.extend(0..weights.len() as u32);
    order.sort_unstable_by(|&a, &b| weights[b as usize].total_cmp(&weights[a as usize]).then(a.cmp(&b)));
    let mut kept = if sampling.top_k > 0 { order.len().min(sampling.top_k as usize) } else { order.len() };
    if sampling.top_p < 1.0 {
        kept = nucleus(weights, &order[..kept], sampling.top_p);
    }
    if sampling.min_p > 0.0 {
        // The largest weight is exp(0) = 1, so a weight is its ratio to the likeliest token's.
        kept = order[..kept].iter().take_while(|&&token| weights[token as usize] >= sampling.min_p).count();
    }
    order[kept.max(1)..].iter().for_each(|&token| weights[token as usize] = 0.0);
}

/// How many of the ordered tokens it takes to reach the probability `top_p`.
fn nucleus(weights: &[f32], order: &[u32], top_p: f32) -> usize {
    let total: f64 = order.iter().map(|&token| f64::from(weights[token as usize])).sum();
    let mut reached = 0.0;
    let below = order.iter().take_while(|&&token| {
        let short = reached < f64::from(top_p) * total;
        reached += f64::from(weights[token as usize]);
        short
    });
    below.count()
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
    fn greedy_takes_the_first_of_equals() {
        let greedy = Sampling { temperature: 0.0, ..Sampling::default() };
        let (mut random, mut scratch) = (Key::root(3).random(), Scratch::default());
        assert_eq!(draw(&[0.0, 2.0, 2.0, 1.0], &greedy, &mut random, &mut scratch), 1);
    }
}
