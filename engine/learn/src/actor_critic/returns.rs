//! Credit by generalized advantage estimation (Schulman et al. 2015, arXiv 1506.02438, equation
//! 16).

/// Advantages and returns of one answer's tokens. `rewards[t]` follows token `t`, `values[t]` was
/// said before it; after the last token there is nothing to come.
/// `delta(t) = r(t) + gamma V(t + 1) - V(t)`, `A(t) = delta(t) + gamma lambda A(t + 1)`, and the
/// return is `A(t) + V(t)`. `[tokens]`
pub(super) fn estimate(rewards: &[f64], values: &[f64], gamma: f64, lambda: f64) -> (Vec<f64>, Vec<f64>) {
    let mut advantages = vec![0.0; rewards.len()];
    let (mut ahead, mut next) = (0.0, 0.0);
    for t in (0..rewards.len()).rev() {
        let delta = rewards[t] + gamma * next - values[t];
        ahead = delta + gamma * lambda * ahead;
        (advantages[t], next) = (ahead, values[t]);
    }
    let returns = advantages.iter().zip(values).map(|(advantage, value)| advantage + value).collect();
    (advantages, returns)
}

/// Takes off the mean of all numbers and divides by their standard deviation (of the sample, plus
/// 1e-8 under the root, as in TRL). Fewer than two numbers stay as they are.
pub(super) fn whiten(numbers: &mut [Vec<f64>]) {
    let all: Vec<f64> = numbers.iter().flatten().copied().collect();
    if all.len() < 2 {
        return;
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (all.len() - 1) as f64;
    let scale = (variance + 1e-8).sqrt();
    numbers.iter_mut().flatten().for_each(|x| *x = (*x - mean) / scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use nouns::Key;

    const REWARDS: [f64; 3] = [0.1, -0.2, 1.0];
    const VALUES: [f64; 3] = [0.5, 0.3, 0.8];

    fn near(found: &[f64], wanted: &[f64]) {
        assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 1e-12), "{found:?} is not {wanted:?}");
    }

    #[test]
    fn with_lambda_one_it_is_what_came_less_what_was_expected() {
        let (advantages, returns) = estimate(&REWARDS, &VALUES, 0.9, 1.0);
        let came = [0.1 + 0.9 * (-0.2 + 0.9), -0.2 + 0.9, 1.0];
        near(&returns, &came);
        near(&advantages, &[0, 1, 2].map(|t| came[t] - VALUES[t]));
    }

    #[test]
    fn with_lambda_zero_it_is_one_step_ahead() {
        let (advantages, _) = estimate(&REWARDS, &VALUES, 0.9, 0.0);
        near(&advantages, &[0.1 + 0.27 - 0.5, -0.2 + 0.72 - 0.3, 1.0 - 0.8]);
    }

    #[test]
    fn in_between_it_is_the_weighted_sum_of_what_is_seen_after_more_and_more_steps() {
        // A(0) = (1 - lambda) sum lambda^(n-1) A_n, with the last weight lambda^2 for the whole way.
        let (gamma, lambda) = (0.95f64, 0.7);
        let ahead = |n: usize| {
            let seen: f64 = (0..n).map(|t| gamma.powi(t as i32) * REWARDS[t]).sum();
            seen + if n < 3 { gamma.powi(n as i32) * VALUES[n] } else { 0.0 } - VALUES[0]
        };
        let wanted = (1.0 - lambda) * (ahead(1) + lambda * ahead(2)) + lambda * lambda * ahead(3);
        near(&estimate(&REWARDS, &VALUES, gamma, lambda).0[..1], &[wanted]);
    }

    #[test]
    fn a_critic_that_knows_leaves_nothing_to_be_surprised_by() {
        let (advantages, _) = estimate(&[0.0, 0.0, 1.0], &[1.0, 1.0, 1.0], 1.0, 0.5);
        near(&advantages, &[0.0, 0.0, 0.0]);
    }

    #[test]
    fn whitened_numbers_have_mean_zero_and_deviation_one() {
        let mut random = Key::root(1).random();
        let mut numbers: Vec<Vec<f64>> = vec![(0..5).map(|_| 3.0 + random.normal()).collect(), vec![7.0]];
        whiten(&mut numbers);
        let all: Vec<f64> = numbers.into_iter().flatten().collect();
        let square = all.iter().map(|x| x * x).sum::<f64>() / 5.0;
        assert!(all.iter().sum::<f64>().abs() < 1e-9 && (square - 1.0).abs() < 1e-6);
    }
}
