use faults::Outcome;
use models::ScoreHead;
use nouns::{Lesson, LessonKind, Pair, Stage, Stream, Update};
use serde::{Deserialize, Serialize};

use crate::fault::LearnFault;
use crate::objective::{Batch, Objective, Term, log_sigmoid, sigmoid};
use crate::reads::Reads;
use crate::student::Student;
use crate::takes::only;
use crate::training::learner;

learner! {
    /// A reward model: a head of one score, read at the last token, learns to put the chosen answer of a pair above the rejected
    /// one. `d` is the difference of the two scores; the loss of a pair is `-log sigmoid(d)` (Bradley & Terry 1952), and a
    /// batch's the mean. A model without a head of scores gets one whose scores are all 0.
    pub struct Reward = "reward", version 1 {
        /// Peak learning rate.
        pub lr: f64 = 1e-4, "ours, for models of about a million parameters; TRL takes 1e-4 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "Ouyang et al. 2022, arXiv 2203.02155, appendix C.2: more overfits";
        /// What the difference of a pair's rewards is to the loss.
        pub gap: Gap = Gap::Unused, "Ouyang et al. 2022, arXiv 2203.02155, equation 1";
        /// Weight of the squared sum of both scores, which keeps them around 0.
        pub center: f64 = 0.0, "none; Eisenstein et al. 2023, arXiv 2312.09244, section 2, take 0.01";
    }
}

/// What the difference of a pair's rewards is to the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Nothing.
    Unused,
    /// The margin by which the chosen one is to be ahead: `-log sigmoid(d - gap)` (Touvron et al. 2023, arXiv 2307.09288,
    /// equation 2).
    Margin,
    /// How sure the label is: the chosen one is the better with probability `p = sigmoid(gap)`, and the loss is the cross-entropy
    /// `-p log sigmoid(d) - (1 - p) log sigmoid(-d)`.
    Odds,
}

impl Reward {
    /// Learns from pairs: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        student.gain_scores(ScoreHead::REWARD)?;
        self.training().descend(stage, student, &self.objective(lessons)?)
    }

    /// The loss over these pairs.
    pub(crate) fn objective<'a>(&'a self, lessons: &'a [Lesson]) -> Result<Ranking<'a>, LearnFault> {
        let pairs = only("reward", LessonKind::Pair, lessons, |lesson| match lesson {
            Lesson::Pair(pair) => Some(pair),
            _ => None,
        })?;
        Ok(Ranking { settings: self, pairs })
    }
}

/// The objective over pairs.
pub(crate) struct Ranking<'a> {
    settings: &'a Reward,
    pairs: Vec<&'a Pair>,
}

impl Ranking<'_> {
    /// Loss of a pair and its derivative by `d`.
    fn of_difference(&self, d: f64, gap: f64) -> (f64, f64) {
        match self.settings.gap {
            Gap::Unused => (-log_sigmoid(d), -sigmoid(-d)),
            Gap::Margin => (-log_sigmoid(d - gap), -sigmoid(gap - d)),
            Gap::Odds => {
                let p = sigmoid(gap);
                (-p * log_sigmoid(d) - (1.0 - p) * log_sigmoid(-d), sigmoid(d) - p)
            }
        }
    }
}

impl Objective for Ranking<'_> {
    fn reads(&self) -> Reads {
        Reads::Scores
    }

    fn lessons(&self) -> usize {
        self.pairs.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.pairs[lesson].chosen, &self.pairs[lesson].rejected]
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let at_end = |scores: &Vec<f64>| scores.last().copied().unwrap_or(0.0);
        let (chosen, rejected) = (at_end(&seen[0]), at_end(&seen[1]));
        let (loss, slope) = self.of_difference(chosen - rejected, self.pairs[lesson].gap);
        let sum = chosen + rejected;
        let (center, drift) = (self.settings.center * sum * sum, 2.0 * self.settings.center * sum);
        let alone = |scores: &Vec<f64>, slope: f64| {
            let mut slopes = vec![0.0; scores.len()];
            slopes.iter_mut().last().into_iter().for_each(|last| *last = slope / batch.total);
            slopes
        };
        Term {
            loss: (loss + center) / batch.total,
            slopes: vec![alone(&seen[0], slope + drift), alone(&seen[1], drift - slope)],
            metrics: vec![
                ("mean_reward", 0.5 * sum, 1.0),
                ("margin", chosen - rejected, 1.0),
                ("accuracy", f64::from(u8::from(chosen > rejected)), 1.0),
                ("length/chosen", self.pairs[lesson].chosen.taught() as f64, 1.0),
                ("length/rejected", self.pairs[lesson].rejected.taught() as f64, 1.0),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn pair(gap: f64) -> Pair {
        Pair { chosen: Stream::new("c", &[1], &[2, 3], 1.0), rejected: Stream::new("r", &[1], &[4], 1.0), gap }
    }

    #[test]
    fn slopes_are_derivatives_and_lie_at_the_last_token_alone() {
        let (pair, at) = (pair(0.7), vec![vec![vec![9.0, 9.0, 0.4], vec![9.0, -0.3]]]);
        for gap in [Gap::Unused, Gap::Margin, Gap::Odds] {
            let settings = Reward { gap, center: 0.1, ..Reward::default() };
            let ranking = Ranking { settings: &settings, pairs: vec![&pair] };
            check::slopes(&ranking, &at);
            let term = ranking.term(0, &Batch { total: 1.0, level: 0.0 }, &at[0]);
            assert_eq!(term.slopes[0][..2], [0.0, 0.0]);
        }
    }

    #[test]
    fn a_label_that_is_a_coin_toss_asks_for_equal_scores() {
        let (settings, pair) = (Reward { gap: Gap::Odds, ..Reward::default() }, pair(0.0));
        let ranking = Ranking { settings: &settings, pairs: vec![&pair] };
        assert_eq!(ranking.of_difference(0.0, 0.0), (2f64.ln(), 0.0));
        assert!(ranking.of_difference(1.0, 0.0).1 > 0.0 && ranking.of_difference(-1.0, 0.0).1 < 0.0);
    }
}
