//! How well what is kept of the attempts at some questions would serve training: the query effect.

use std::borrow::Cow;

/// An attempt at a question: its reward and what it says.
pub type Seen<'a> = (f64, Cow<'a, str>);

/// Whether a reward is that of a right answer: one that adds something less than a half to 1 for
/// right and 0 for wrong says so.
pub fn is_right(reward: f64) -> bool {
    reward > 0.5
}

/// The query effect of keeping the attempts whose reward exceeds a threshold (Zeng et al. 2024,
/// arXiv 2412.17256, equation 2): for each question `min(n' / target, 1) * n' / n`, where `n`
/// attempts are kept and `n'` different ones of them are right; 0 where none is kept. The mean over
/// the questions; 0 without any.
pub fn query_effect(questions: &[Vec<Seen>], threshold: f64, target: f64) -> f64 {
    let effect = |attempts: &Vec<Seen>| {
        let kept = || attempts.iter().filter(|(reward, _)| *reward > threshold);
        let right = kept().filter(|(reward, _)| is_right(*reward));
        let mut right: Vec<&str> = right.map(|(_, said)| said.as_ref()).collect();
        right.sort_unstable();
        right.dedup();
        let (kept, right) = (kept().count() as f64, right.len() as f64);
        if kept > 0.0 { (right / target).min(1.0) * right / kept } else { 0.0 }
    };
    questions.iter().map(effect).sum::<f64>() / questions.len().max(1) as f64
}

/// The threshold with the greatest query effect, the first of equals, and that effect.
pub fn best_threshold(questions: &[Vec<Seen>], thresholds: &[f64], target: f64) -> Option<(f64, f64)> {
    let effects = thresholds.iter().map(|&threshold| (threshold, query_effect(questions, threshold, target)));
    effects.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The numbers from `lowest` to `highest` in steps.
pub fn grid(lowest: f64, highest: f64, step: f64) -> Vec<f64> {
    let count = if step > 0.0 { ((highest - lowest) / step + 1e-6).max(0.0) as usize } else { 0 };
    (0..=count).map(|number| lowest + number as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_wrong_answers_and_too_few_right_ones_cost() {
        let effect = |attempts: &[Seen], threshold: f64| query_effect(&[attempts.to_vec()], threshold, 4.0);
        assert_eq!(effect(&[(1.0, "a".into()), (1.0, "b".into()), (1.0, "c".into()), (1.0, "d".into())], 0.0), 1.0);
        assert_eq!(
            effect(&[(1.0, "a".into()), (1.0, "a".into()), (1.0, "b".into()), (1.0, "b".into())], 0.0),
            0.5 * 0.5
        );
        assert_eq!(effect(&[(1.0, "a".into()), (0.1, "b".into())], 0.0), 0.25 * 0.5);
        assert_eq!(effect(&[(1.0, "a".into()), (0.1, "b".into())], 0.2), 0.25);
        assert_eq!(effect(&[(0.1, "b".into())], 0.2), 0.0, "nothing is kept");
        assert_eq!(query_effect(&[], 0.0, 4.0), 0.0);
    }

    #[test]
    fn more_than_the_target_is_worth_no_more() {
        let many: Vec<Seen> = ["a", "b", "c", "d", "e", "f"].map(|text| (1.0, text.into())).to_vec();
        assert_eq!(query_effect(&[many.clone(), many], 0.0, 4.0), 1.0);
    }

    #[test]
    fn the_best_threshold_keeps_what_is_wrong_away() {
        let questions = vec![vec![(1.1, "a".into()), (0.9, "b".into()), (0.1, "c".into()), (-0.1, "d".into())]];
        let (threshold, effect) = best_threshold(&questions, &grid(-1.0, 1.0, 0.1), 4.0).expect("a grid");
        assert!((0.1 - 1e-9..0.9).contains(&threshold), "{threshold}");
        assert_eq!(effect, 0.5);
        assert_eq!(best_threshold(&questions, &[], 4.0), None);
    }

    #[test]
    fn a_grid_has_both_its_ends() {
        assert_eq!(grid(0.5, 1.25, 0.25), [0.5, 0.75, 1.0, 1.25]);
        assert_eq!((grid(0.3, 1.6, 0.1).len(), grid(1.0, 1.0, 0.1)), (14, vec![1.0]));
    }
}
