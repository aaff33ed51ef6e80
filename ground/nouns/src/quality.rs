//! What partial answers are worth, and how the worths of an answer's steps make the answer's.

use faults::Outcome;
use serde::{Deserialize, Serialize};

use crate::{Progress, ValueModel};

/// The quality value of a partial answer (Zhang et al. 2024, arXiv 2406.03816, section 3.1): that
/// of the answer one step shorter, and of what is missing there to 1 the share that one of
/// `distance` steps to a right answer is, this step itself counted; a step that leads to no right
/// answer takes as much away. Never below 0.
pub fn quality(before: f64, good: bool, distance: u32) -> f64 {
    let share = (1.0 - before) / f64::from(distance.max(1));
    (before + if good { share } else { -share }).max(0.0)
}

/// How the worths of an answer's steps make the answer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregate {
    /// It is worth what it is worth once the last step is read.
    Last,
    /// It is worth as much as its worst step.
    Min,
    /// It is worth the product of its steps.
    Product,
}

impl Aggregate {
    /// One worth of many; nothing is worth 0, and what has a step without a number has none.
    pub fn of(self, steps: &[f64]) -> f64 {
        match self {
            _ if steps.is_empty() => 0.0,
            Aggregate::Last => steps[steps.len() - 1],
            Aggregate::Min => {
                let worse = |least, step: f64| if step < least || step.is_nan() { step } else { least };
                steps.iter().copied().fold(f64::INFINITY, worse)
            }
            Aggregate::Product => steps.iter().product(),
        }
    }

    /// What a model finds these answers worth, (context, answer) each, and how often it was asked
    /// of each. `step_ends` gives the places of the tokens with which an answer's steps end.
    pub fn ask(
        self,
        model: &dyn ValueModel,
        items: &[(&[u32], &[u32])],
        step_ends: &dyn Fn(&[u32]) -> Vec<usize>,
        progress: &dyn Progress,
    ) -> Outcome<Vec<(f64, u64)>> {
        let lengths = |answer: &[u32]| match self {
            Aggregate::Last => vec![answer.len()],
            Aggregate::Min | Aggregate::Product => step_ends(answer).into_iter().map(|place| place + 1).collect(),
        };
        let shown: Vec<Vec<usize>> = items.iter().map(|(_, answer)| lengths(answer)).collect();
        let values = model.values_along(items, &shown, progress)?;
        Ok(values.iter().map(|steps| (self.of(steps), steps.len() as u64)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, Silent};

    #[test]
    fn a_right_answer_rises_to_one_and_a_wrong_step_takes_back() {
        let two = quality(quality(0.0, true, 3), true, 2);
        assert!((two - 2.0 / 3.0).abs() < 1e-12 && quality(two, true, 1) == 1.0);
        assert!((quality(two, false, 2) - (two - (1.0 - two) / 2.0)).abs() < 1e-12);
        assert_eq!(quality(0.1, false, 1), 0.0);
    }

    /// Finds an answer worth its last token, in tenths.
    struct LastToken;

    impl ValueModel for LastToken {
        fn digest(&self) -> Digest {
            Digest::of(b"last token")
        }

        fn values(&self, items: &[(&[u32], &[u32])], _: &dyn Progress) -> Outcome<Vec<f64>> {
            Ok(items.iter().map(|(_, answer)| f64::from(*answer.last().expect("a token")) / 10.0).collect())
        }
    }

    #[test]
    fn steps_are_asked_of_one_by_one_where_they_count() {
        let items: [(&[u32], &[u32]); 2] = [(&[1], &[5, 9, 2, 8]), (&[1], &[6])];
        let ends =
            |answer: &[u32]| (0..answer.len()).filter(|place| place % 2 == 1 || place + 1 == answer.len()).collect();
        let ask = |over: Aggregate| over.ask(&LastToken, &items, &ends, &Silent).expect("values");
        assert_eq!(ask(Aggregate::Last), [(0.8, 1), (0.6, 1)]);
        assert_eq!(ask(Aggregate::Min), [(0.8, 2), (0.6, 1)]);
        assert_eq!(ask(Aggregate::Product), [(0.9 * 0.8, 2), (0.6, 1)]);
        assert_eq!(Aggregate::Min.of(&[]), 0.0);
        assert!([Aggregate::Min, Aggregate::Product].iter().all(|over| over.of(&[0.2, f64::NAN, 0.1]).is_nan()));
    }
}
