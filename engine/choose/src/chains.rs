//! What an attempt is credited with where attempts follow one another: turns of a conversation,
//! tasks of a chain. An attempt follows its parent if that is in the pool and its turn is the one
//! before; several may follow the same one.

use std::collections::HashMap;

use nouns::Candidate;
use serde::{Deserialize, Serialize};

use crate::groups::rivals;

/// Whose reward an attempt is credited with, where attempts are turns of one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credit {
    /// Its own.
    Own,
    /// Its own and that of what follows, discounted by turn; of several that follow, the mean.
    ToGo,
    /// That of all turns before it, its own, and that of what follows: every turn of a chain has
    /// the same.
    Chain,
    /// That of the last turn alone; of several, the mean.
    Last,
}

/// The rules of credit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) credit: Credit,
    /// Discount of what comes a turn later.
    pub(crate) gamma: f64,
    /// How far what came of a turn is trusted beside what comes of such turns on the mean.
    pub(crate) lambda: f64,
    /// How much a turn's gain on the turn before counts beside its reward.
    pub(crate) progress: f64,
}

/// Every attempt's return, from its own reward and those of its chain. `[pool]`
pub(crate) fn returns(pool: &[Candidate], rewards: &[f64], rules: Rules) -> Vec<f64> {
    let before = before(pool);
    let gain = |place: usize| before[place].map_or(0.0, |other| rewards[place] - rewards[other]);
    let own: Vec<f64> = (0..pool.len()).map(|place| rewards[place] + rules.progress * gain(place)).collect();
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by_key(|&place| pool[place].trace.turn);
    let plain = |_: usize, found: f64| found;
    match rules.credit {
        Credit::Own => own,
        Credit::ToGo => {
            let on = |own: f64, mean: Option<f64>| own + rules.gamma * mean.unwrap_or(0.0);
            let came = behind(&own, &before, &order, on, plain);
            let means = means(pool, &came);
            let seen = |place: usize, found: f64| rules.lambda * found + (1.0 - rules.lambda) * means[place];
            behind(&own, &before, &order, on, seen)
        }
        Credit::Last => behind(&own, &before, &order, |own, mean| mean.unwrap_or(own), plain),
        Credit::Chain => {
            let mut whole = behind(&own, &before, &order, |own, mean| own + mean.unwrap_or(0.0), plain);
            let mut earlier = vec![0.0; pool.len()];
            for &place in &order {
                earlier[place] = before[place].map_or(0.0, |other| earlier[other] + own[other]);
                whole[place] += earlier[place];
            }
            whole
        }
    }
}

/// What comes on the mean of the turns that an attempt shares a baseline with. `[pool]`
fn means(pool: &[Candidate], came: &[f64]) -> Vec<f64> {
    let mut means = vec![0.0; pool.len()];
    for places in rivals(pool) {
        let mean = places.iter().map(|&place| came[place]).sum::<f64>() / places.len() as f64;
        places.into_iter().for_each(|place| means[place] = mean);
    }
    means
}

/// Folds the chains from their ends: `fold` gets an attempt's own number, and the mean of what
/// follows it, each as it is `seen` from before. `[pool]`
fn behind(
    own: &[f64],
    before: &[Option<usize>],
    order: &[usize],
    fold: impl Fn(f64, Option<f64>) -> f64,
    seen: impl Fn(usize, f64) -> f64,
) -> Vec<f64> {
    let mut sums = vec![(0.0, 0usize); own.len()];
    let mut found = own.to_vec();
    for &place in order.iter().rev() {
        let (sum, count) = sums[place];
        found[place] = fold(own[place], (count > 0).then(|| sum / count as f64));
        if let Some(other) = before[place] {
            sums[other] = (sums[other].0 + seen(place, found[place]), sums[other].1 + 1);
        }
    }
    found
}

/// The place of the attempt that each one follows. `[pool]`
fn before(pool: &[Candidate]) -> Vec<Option<usize>> {
    let places: HashMap<&str, usize> = pool.iter().enumerate().map(|(n, one)| (one.trace.id.as_str(), n)).collect();
    let of = |candidate: &Candidate| {
        let place = *places.get(candidate.trace.parent.as_deref()?)?;
        (pool[place].trace.turn + 1 == candidate.trace.turn).then_some(place)
    };
    pool.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{chained, graded};

    fn found(pool: &[Candidate], rules: Rules) -> Vec<f64> {
        let rewards: Vec<f64> = pool.iter().filter_map(|candidate| candidate.verdict.reward()).collect();
        returns(pool, &rewards, rules)
    }

    const PLAIN: Rules = Rules { credit: Credit::Own, gamma: 1.0, lambda: 1.0, progress: 0.0 };

    /// Two first turns; the second of them is answered twice.
    fn conversations() -> Vec<Candidate> {
        let (one, other) = (graded("a", 0, 1.0), graded("a", 1, 0.0));
        let (kept, right, wrong) = (chained(&one, 2, 1.0), chained(&other, 3, 1.0), chained(&other, 4, 0.0));
        vec![right, one, other, wrong, kept]
    }

    #[test]
    fn each_way_of_crediting_has_its_closed_form() {
        let with = |credit, gamma| found(&conversations(), Rules { credit, gamma, ..PLAIN });
        assert_eq!(with(Credit::Own, 1.0), [1.0, 1.0, 0.0, 0.0, 1.0]);
        assert_eq!(with(Credit::ToGo, 1.0), [1.0, 2.0, 0.5, 0.0, 1.0]);
        assert_eq!(with(Credit::ToGo, 0.5), [1.0, 1.5, 0.25, 0.0, 1.0]);
        assert_eq!(with(Credit::Last, 1.0), [1.0, 1.0, 0.5, 0.0, 1.0]);
        assert_eq!(with(Credit::Chain, 1.0), [1.0, 2.0, 0.5, 0.0, 2.0]);
    }

    #[test]
    fn what_a_turn_gains_on_the_one_before_has_the_sign_of_the_change() {
        for (first, second, wanted) in [(0.0, 0.0, 0.0), (0.0, 1.0, 3.0), (1.0, 0.0, -2.0), (1.0, 1.0, 1.0)] {
            let before = graded("a", 0, first);
            let pool = [before.clone(), chained(&before, 1, second)];
            assert_eq!(found(&pool, Rules { progress: 2.0, ..PLAIN }), [first, wanted]);
        }
    }

    #[test]
    fn a_parent_of_another_kind_is_no_turn_before() {
        let one = graded("a", 0, 1.0);
        let mut retried = chained(&one, 1, 0.0);
        retried.trace.turn = 0;
        assert_eq!(found(&[one, retried], Rules { credit: Credit::ToGo, ..PLAIN }), [1.0, 0.0]);
    }

    #[test]
    fn with_lambda_it_is_generalized_advantage_estimation_with_the_means_of_the_turns_as_values() {
        // Two conversations of three turns; the value of a turn is the mean of what came from it on.
        let rewards = [[0.0, 0.5, 1.0], [1.0, 0.0, 0.25]];
        let chain = |sample: u32, own: [f64; 3]| {
            let first = graded("a", sample, own[0]);
            let second = chained(&first, sample + 2, own[1]);
            let third = chained(&second, sample + 4, own[2]);
            [first, second, third]
        };
        let pool = [chain(0, rewards[0]), chain(1, rewards[1])].concat();
        let (gamma, lambda) = (0.9, 0.6);
        let rules = Rules { credit: Credit::ToGo, gamma, lambda, ..PLAIN };
        let returns = found(&pool, rules);
        let came = |own: [f64; 3], t: usize| (t..3).map(|u| gamma.powi((u - t) as i32) * own[u]).sum::<f64>();
        let value = |t: usize| if t < 3 { (came(rewards[0], t) + came(rewards[1], t)) / 2.0 } else { 0.0 };
        for (place, own) in rewards.into_iter().enumerate() {
            for t in 0..3 {
                let delta = |u: usize| own[u] + gamma * value(u + 1) - value(u);
                let wanted: f64 = (t..3).map(|u| (gamma * lambda).powi((u - t) as i32) * delta(u)).sum();
                let mean = (returns[t] + returns[3 + t]) / 2.0;
                assert!((returns[3 * place + t] - mean - wanted).abs() < 1e-12, "conversation {place}, turn {t}");
            }
        }
    }
}
