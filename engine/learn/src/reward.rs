use faults::Outcome;
use networks::ScoreHead;
use nouns::{Lesson, LessonKind, Pair, Stage, Stream, Update};
use serde::{Deserialize, Serialize};

use crate::fault::LearnFault;
use crate::objective::{Batch, Objective, Term, log_sigmoid, sigmoid};
use crate::reads::Reads;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};

learner! {
    /// Trains a reward model to score the chosen answer of a pair above the rejected one. The score
    /// is that of a head, read at the last token. `d` is the difference of the two scores; the loss
    /// of a pair is `-log sigmoid(d)` (Bradley & Terry 1952), and a batch's the mean. Where pairs
    /// say by several criteria how probable it is that the one is the better, the head has a score
    /// for each, and the loss is the mean of their cross-entropies. A model without a head gets one
    /// whose scores are all 0.
    pub struct Reward = "reward", version 3, lr 1e-4, "ours, for models of about a million parameters; TRL takes 1e-4 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "Ouyang et al. 2022, arXiv 2203.02155, appendix C.2: more overfits", 0.0..=100_000.0;
        /// How the difference of a pair's rewards enters the loss.
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
    /// The margin by which the chosen one is to be ahead: `-log sigmoid(d - gap)` (Touvron et al.
    /// 2023, arXiv 2307.09288, equation 2).
    Margin,
    /// How sure the label is: the chosen one is the better with probability `p = sigmoid(gap)`, and
    /// the loss is the cross-entropy `-p log sigmoid(d) - (1 - p) log sigmoid(-d)`.
    Odds,
}

impl LearnerSettings for Reward {
    fn takes(&self) -> LessonKind {
        LessonKind::Pair
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let objective = self.objective(lessons)?;
        student.gain_scores(ScoreHead { outputs: objective.criteria.max(1), ..ScoreHead::REWARD })?;
        self.training().descend(stage, student, &objective)
    }

    fn head(&self) -> Option<ScoreHead> {
        Some(ScoreHead::REWARD)
    }
}

impl Reward {
    /// The loss over these pairs.
    pub(crate) fn objective<'a>(&'a self, lessons: &'a [Lesson]) -> Result<Ranking<'a>, LearnFault> {
        let pairs = only("reward", LessonKind::Pair, lessons, |lesson| match lesson {
            Lesson::Pair(pair) => Some(pair),
            _ => None,
        })?;
        let criteria = pairs.first().map_or(0, |pair| pair.better.len());
        let given = |given| LearnFault::Values { part: "reward", wanted: "as many criteria in every pair", given };
        if let Some(other) = pairs.iter().find(|pair| pair.better.len() != criteria) {
            return Err(given(format!("{criteria} and {}", other.better.len())));
        }
        let odd = |pair: &&&Pair| pair.better.iter().any(|share| !(0.0..=1.0).contains(share));
        if let Some(odd) = pairs.iter().find(odd) {
            let given = format!("{:?} in {}", odd.better, odd.chosen.trace);
            return Err(LearnFault::Values { part: "reward", wanted: "probabilities from 0 to 1", given });
        }
        Ok(Ranking { settings: self, pairs, criteria })
    }
}

/// The objective over pairs.
pub(crate) struct Ranking<'a> {
    settings: &'a Reward,
    pairs: Vec<&'a Pair>,
    /// How many criteria have a probability of their own; 0 where only one gap is known.
    criteria: usize,
}

impl Ranking<'_> {
    /// Loss of a pair and its derivative by `d`.
    fn of_difference(&self, d: f64, gap: f64) -> (f64, f64) {
        match self.settings.gap {
            Gap::Unused => (-log_sigmoid(d), -sigmoid(-d)),
            Gap::Margin => (-log_sigmoid(d - gap), -sigmoid(gap - d)),
            Gap::Odds => with_probability(d, sigmoid(gap)),
        }
    }

    /// Loss of a pair by this criterion and its derivative by `d`.
    fn by_criterion(&self, pair: &Pair, criterion: usize, d: f64) -> (f64, f64) {
        match pair.better.get(criterion) {
            Some(&p) => with_probability(d, p),
            None => self.of_difference(d, pair.gap),
        }
    }
}

/// The cross-entropy of a pair whose chosen one is the better with probability `p`, and its
/// derivative by `d`.
fn with_probability(d: f64, p: f64) -> (f64, f64) {
    (-p * log_sigmoid(d) - (1.0 - p) * log_sigmoid(-d), sigmoid(d) - p)
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
        let (pair, outputs) = (self.pairs[lesson], self.criteria.max(1));
        // The scores of the last token stand last.
        let first = [0, 1].map(|side| seen[side].len().saturating_sub(outputs));
        let share = 1.0 / (outputs as f64 * batch.total);
        let mut term =
            Term { gradients: seen.iter().map(|scores| vec![0.0; scores.len()]).collect(), ..Term::default() };
        for criterion in 0..outputs {
            let at = first.map(|first| first + criterion);
            let [chosen, rejected] = [0, 1].map(|side| seen[side].get(at[side]).copied().unwrap_or(0.0));
            let (loss, gradient) = self.by_criterion(pair, criterion, chosen - rejected);
            let sum = chosen + rejected;
            let (center, drift) = (self.settings.center * sum * sum, 2.0 * self.settings.center * sum);
            term.loss += share * (loss + center);
            for (side, gradient) in [gradient + drift, drift - gradient].into_iter().enumerate() {
                term.gradients[side].iter_mut().skip(at[side]).take(1).for_each(|to| *to = share * gradient);
            }
            // Right is the side that is the more probable one, by criteria that know one.
            let right = (chosen > rejected) == pair.better.get(criterion).is_none_or(|&p| p > 0.5);
            term.metrics.extend([
                ("mean_reward", 0.5 * sum, 1.0),
                ("min_reward", chosen.min(rejected), 1.0),
                ("max_reward", chosen.max(rejected), 1.0),
                ("margin", chosen - rejected, 1.0),
                ("accuracy", f64::from(u8::from(right)), 1.0),
            ]);
        }
        term.metrics.extend([
            ("length/chosen", pair.chosen.taught() as f64, 1.0),
            ("length/rejected", pair.rejected.taught() as f64, 1.0),
        ]);
        term
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn pair(gap: f64) -> Pair {
        Pair {
            chosen: Stream::new("c", &[1], &[2, 3], 1.0),
            rejected: Stream::new("r", &[1], &[4], 1.0),
            gap,
            better: Vec::new(),
        }
    }

    #[test]
    fn gradients_are_derivatives_and_lie_at_the_last_token_alone() {
        let (pair, at) = (pair(0.7), vec![vec![vec![9.0, 9.0, 0.4], vec![9.0, -0.3]]]);
        for gap in [Gap::Unused, Gap::Margin, Gap::Odds] {
            let settings = Reward { gap, center: 0.1, ..Reward::default() };
            let ranking = Ranking { settings: &settings, pairs: vec![&pair], criteria: 0 };
            check::gradients(&ranking, &at);
            let term = ranking.term(0, &Batch { total: 1.0, level: 0.0 }, &at[0]);
            assert_eq!(term.gradients[0][..2], [0.0, 0.0]);
        }
    }

    #[test]
    fn a_label_that_is_a_coin_toss_asks_for_equal_scores() {
        let (settings, pair) = (Reward { gap: Gap::Odds, ..Reward::default() }, pair(0.0));
        let ranking = Ranking { settings: &settings, pairs: vec![&pair], criteria: 0 };
        assert_eq!(ranking.of_difference(0.0, 0.0), (2f64.ln(), 0.0));
        assert!(ranking.of_difference(1.0, 0.0).1 > 0.0 && ranking.of_difference(-1.0, 0.0).1 < 0.0);
    }

    #[test]
    fn every_criterion_has_its_score_and_its_own_certainty() {
        let pairs =
            [Pair { better: vec![0.9, 0.5, 0.0], ..pair(0.0) }, Pair { better: vec![0.2, 1.0, 0.5], ..pair(0.0) }];
        let lessons = pairs.map(Lesson::Pair);
        let settings = Reward { center: 0.1, ..Reward::default() };
        let ranking = settings.objective(&lessons).expect("pairs");
        let scores = |tokens: usize, from: f64| (0..3 * tokens).map(|n| from + 0.1 * f64::from(n as u8)).collect();
        let at: Vec<Vec<Vec<f64>>> = (0..2).map(|_| vec![scores(3, -0.2), scores(2, 0.3)]).collect();
        check::gradients(&ranking, &at);
        let plain = Reward::default();
        let ranking = plain.objective(&lessons).expect("pairs");
        let term = ranking.term(0, &Batch { total: 1.0, level: 0.0 }, &at[0]);
        let d: f64 = 0.4 - 0.6;
        let wanted = [0.9, 0.5, 0.0].map(|p| with_probability(d, p).0).iter().sum::<f64>() / 3.0;
        assert!((term.loss - wanted).abs() < 1e-12);
        assert!((term.gradients[0][6] - (sigmoid(d) - 0.9) / 3.0).abs() < 1e-12);
        assert!(term.gradients[0][..6].iter().all(|gradient| *gradient == 0.0), "only the last token is read");
    }

    #[test]
    fn pairs_with_other_criteria_or_impossible_certainties_are_refused() {
        let with = |better: &[f64]| Lesson::Pair(Pair { better: better.to_vec(), ..pair(0.0) });
        let settings = Reward::default();
        assert!(settings.objective(&[with(&[0.5]), with(&[])]).is_err());
        assert!(settings.objective(&[with(&[1.5])]).is_err());
        assert!(settings.objective(&[with(&[0.5, 1.0]), with(&[0.0, 0.3])]).is_ok());
    }
}
