use std::collections::BTreeMap;

use faults::Outcome;
use networks::ScoreHead;
use nouns::{Lesson, LessonKind, Stage, Stream, Update, Valued};
use serde::{Deserialize, Serialize};

use crate::fault::LearnFault;
use crate::objective::{Batch, Objective, Term, log_sigmoid, sigmoid};
use crate::reads::Reads;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};

learner! {
    /// Trains a value model, an outcome reward model or a process reward model. A score head learns
    /// what an answer is worth at the tokens where that is known (its end, the ends of its steps,
    /// all). A batch's loss is the mean over these tokens. A model without a score head gets one
    /// whose scores are all 0.
    pub struct Value = "value", version 2, lr 1e-4, "ours, for models of about a million parameters; use 3e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 2.0, "Zhang et al. 2024, arXiv 2406.03816: two or three", 0.0..=100_000.0;
        /// How far a score is from the value.
        pub measure: Measure = Measure::Squared, "Zhang et al. 2024, arXiv 2406.03816: the mean squared error";
    }
}

/// How far a score is from the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The squared difference; with several criteria the mean over them, one score each.
    Squared,
    /// The score is the logit of the value, which lies between 0 and 1: cross-entropy (Cobbe et al.
    /// 2021, arXiv 2110.14168, train verifiers so with a squared loss; Wang et al. 2023, arXiv
    /// 2312.08935, equation 3).
    Binary,
    /// Two scores are the logits of wrong and right, as of a token classifier: what TRL's trainer
    /// of process reward models learns.
    Classes,
}

impl LearnerSettings for Value {
    fn takes(&self) -> LessonKind {
        LessonKind::Valued
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let objective = self.objective(lessons)?;
        student.gain_scores(self.head_for(objective.criteria))?;
        self.training().descend(stage, student, &objective)
    }

    fn head(&self) -> Option<ScoreHead> {
        Some(self.head_for(1))
    }

    fn scores_are_logits(&self) -> bool {
        self.measure == Measure::Binary
    }
}

impl Value {
    /// A head with this many scores, one per criterion.
    pub(crate) fn head_for(&self, criteria: usize) -> ScoreHead {
        ScoreHead::per_token(if self.measure == Measure::Classes { 2 } else { criteria })
    }

    /// The loss over these answers.
    pub(crate) fn objective<'a>(&'a self, lessons: &'a [Lesson]) -> Result<Regression<'a>, LearnFault> {
        let valued = only("value", LessonKind::Valued, lessons, |lesson| match lesson {
            Lesson::Valued(valued) => Some(valued),
            _ => None,
        })?;
        let valued: Vec<&Valued> = valued.into_iter().filter(|valued| valued.stream.taught() > 0).collect();
        let criteria = valued.first().map_or(1, |valued| valued.targets.len() / valued.stream.tokens.len());
        let given = |wanted| move |given: String| LearnFault::Values { part: "value", wanted, given };
        if let Some(other) = valued.iter().find(|other| other.targets.len() != criteria * other.stream.tokens.len()) {
            let found = other.targets.len() as f64 / other.stream.tokens.len() as f64;
            return Err(given("as many criteria everywhere")(format!("{criteria} and {found}")));
        }
        if self.measure != Measure::Squared {
            let known = |valued: &&&Valued| {
                let pairs = valued.targets.iter().zip(&valued.stream.weights);
                pairs.into_iter().any(|(target, &w)| w != 0.0 && !(0.0..=1.0).contains(target))
            };
            if criteria != 1 {
                return Err(given("one criterion")(format!("{criteria}")));
            }
            if let Some(odd) = valued.iter().find(known) {
                return Err(given("values from 0 to 1")(format!("{:?} in {}", odd.targets, odd.stream.trace)));
            }
        }
        Ok(Regression { measure: self.measure, valued, criteria, outputs: self.head_for(criteria).outputs })
    }
}

/// The objective over valued answers.
pub(crate) struct Regression<'a> {
    measure: Measure,
    valued: Vec<&'a Valued>,
    /// Values that are known of a token.
    criteria: usize,
    /// Scores per token.
    outputs: usize,
}

impl Regression<'_> {
    /// Loss of one token's scores, its derivatives, and the value that they stand for.
    fn of_token(&self, scores: &[f64], targets: &[f32]) -> (f64, Vec<f64>, f64) {
        let target = f64::from(targets[0]);
        match self.measure {
            Measure::Squared => {
                let count = scores.len() as f64;
                let off = scores.iter().zip(targets).map(|(score, &target)| score - f64::from(target));
                let off: Vec<f64> = off.collect();
                let loss = off.iter().map(|off| off * off).sum::<f64>() / count;
                (loss, off.iter().map(|off| 2.0 * off / count).collect(), scores.iter().sum::<f64>() / count)
            }
            Measure::Binary => {
                let loss = -target * log_sigmoid(scores[0]) - (1.0 - target) * log_sigmoid(-scores[0]);
                (loss, vec![sigmoid(scores[0]) - target], sigmoid(scores[0]))
            }
            Measure::Classes => {
                // A softmax of two is the sigmoid of their difference.
                let d = scores[1] - scores[0];
                let loss = -target * log_sigmoid(d) - (1.0 - target) * log_sigmoid(-d);
                let gradient = sigmoid(d) - target;
                (loss, vec![-gradient, gradient], sigmoid(d))
            }
        }
    }
}

impl Objective for Regression<'_> {
    fn reads(&self) -> Reads {
        Reads::Scores
    }

    fn lessons(&self) -> usize {
        self.valued.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.valued[lesson].stream]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        Batch { total: lessons.iter().map(|&lesson| self.valued[lesson].stream.mass()).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let Valued { stream, targets } = self.valued[lesson];
        let criteria = self.criteria;
        let mut term = Term { gradients: vec![vec![0.0; seen[0].len()]], ..Term::default() };
        let mut told = Vec::new();
        for (place, &weight) in stream.weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            let scores = place * self.outputs..(place + 1) * self.outputs;
            let targets = &targets[place * criteria..][..criteria];
            let (loss, gradients, value) = self.of_token(&seen[0][scores.clone()], targets);
            let (weight, target) =
                (f64::from(weight), targets.iter().map(|&t| f64::from(t)).sum::<f64>() / criteria as f64);
            term.loss += weight * loss / batch.total;
            for (gradient, own) in term.gradients[0][scores].iter_mut().zip(gradients) {
                *gradient = weight * own / batch.total;
            }
            term.metrics.extend([
                ("value/mean", value, weight),
                ("value/target", target, weight),
                ("value/error", (value - target).abs(), weight),
                ("value/brier", (value - target).powi(2), weight),
                ("accuracy", f64::from(u8::from((value > 0.5) == (target > 0.5))), weight),
            ]);
            let own = ((value.clamp(0.0, 1.0) * GAPS.len() as f64) as usize).min(GAPS.len() - 1);
            let gap = |(bin, &name)| (name, if bin == own { value - target } else { 0.0 }, weight);
            term.metrics.extend(GAPS.iter().enumerate().map(gap));
            told.push((value, target));
        }
        term.metrics.extend(first_error(&told));
        term
    }

    /// The calibration error (the gap between what is said and what is so in each tenth of what can
    /// be said, by what is in it), and one number of the two shares of answers whose first wrong
    /// step is known.
    fn sum_up(&self, metrics: &mut BTreeMap<String, f64>) {
        let gaps: Vec<f64> = GAPS.iter().filter_map(|name| metrics.remove(*name)).collect();
        if !gaps.is_empty() {
            metrics.insert("value/ece".into(), gaps.iter().map(|gap| gap.abs()).sum());
        }
        if let (Some(&found), Some(&none)) = (metrics.get(FOUND), metrics.get(NONE)) {
            let f1 = if found + none > 0.0 { 2.0 * found * none / (found + none) } else { 0.0 };
            metrics.insert("first_error/f1".into(), f1);
        }
    }
}

/// Steps on the way to the calibration error, one for each tenth of the values.
const GAPS: [&str; 10] = ["gap/0", "gap/1", "gap/2", "gap/3", "gap/4", "gap/5", "gap/6", "gap/7", "gap/8", "gap/9"];
/// Of the answers with a wrong step, the share whose first one is the first that is found wrong; of
/// those without, the share in which none is (ProcessBench, Zheng et al. 2024, arXiv 2412.06559,
/// section 3.4, which takes their harmonic mean).
const FOUND: &str = "first_error/found";
const NONE: &str = "first_error/none";

/// Whether the first wrong step of an answer is where the values say, given values and targets
/// along it; nothing of an answer with one value alone.
fn first_error(told: &[(f64, f64)]) -> Option<(&'static str, f64, f64)> {
    let first = told.iter().position(|(_, target)| *target <= 0.5);
    let said = told.iter().position(|(value, _)| *value <= 0.5);
    let name = if first.is_some() { FOUND } else { NONE };
    (told.len() > 1).then(|| (name, f64::from(u8::from(first == said)), 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn lesson(known: &[(usize, f32)]) -> Lesson {
        Lesson::Valued(Valued::new("v", &[1, 1], &[2, 3, 4], known))
    }

    #[test]
    fn gradients_are_derivatives_and_lie_where_a_value_is_known() {
        let lessons = [lesson(&[(0, 1.0), (2, 0.25)]), lesson(&[(2, 0.0)])];
        for (measure, columns) in [(Measure::Squared, 1), (Measure::Binary, 1), (Measure::Classes, 2)] {
            let settings = Value { measure, ..Value::default() };
            let objective = settings.objective(&lessons).expect("values");
            let at = |from: f64| vec![(0..5 * columns).map(|n| from + 0.3 * f64::from(n as u8)).collect::<Vec<f64>>()];
            check::gradients(&objective, &[at(-0.8), at(0.5)]);
            let batch = objective.batch(&[0, 1], &|_| Vec::new());
            assert_eq!(batch.total, 3.0);
            let term = objective.term(1, &batch, &at(0.5));
            assert!(term.gradients[0][..4 * columns].iter().all(|gradient| *gradient == 0.0), "{measure:?}");
        }
    }

    #[test]
    fn first_errors_and_calibration_follow_their_formulas() {
        assert_eq!(first_error(&[(0.9, 1.0), (0.2, 0.0), (0.1, 0.0)]), Some((FOUND, 1.0, 1.0)));
        assert_eq!(first_error(&[(0.9, 1.0), (0.8, 0.0), (0.1, 0.0)]), Some((FOUND, 0.0, 1.0)));
        assert_eq!(first_error(&[(0.9, 1.0), (0.8, 1.0)]), Some((NONE, 1.0, 1.0)));
        assert_eq!(first_error(&[(0.9, 1.0)]), None);
        let settings = Value::default();
        // Said 0.75 of a right and 0.75 of a wrong step, then 0.25 of a right one: gaps of 0.5 / 3 and -0.75 / 3.
        let lessons = [lesson(&[(0, 1.0), (1, 0.0)]), lesson(&[(2, 1.0)])];
        let objective = settings.objective(&lessons).expect("values");
        let batch = objective.batch(&[0, 1], &|_| Vec::new());
        let mut means = crate::objective::Means::default();
        means.add(&objective.term(0, &batch, &[vec![0.0, 0.0, 0.75, 0.75, 0.0]]).metrics);
        means.add(&objective.term(1, &batch, &[vec![0.0, 0.0, 0.0, 0.0, 0.25]]).metrics);
        let mut metrics = means.take();
        objective.sum_up(&mut metrics);
        assert!((metrics["value/ece"] - (0.5 + 0.75) / 3.0).abs() < 1e-12, "{metrics:?}");
        assert!(metrics.keys().all(|name| !name.starts_with("gap/")) && metrics[FOUND] == 0.0);
    }

    #[test]
    fn several_criteria_have_a_score_each() {
        let mut valued = Valued::new("v", &[1], &[2], &[(0, 0.0)]);
        valued.targets = vec![0.0, 0.0, 0.0, 1.0, 2.0, 3.0];
        let lessons = [Lesson::Valued(valued)];
        let settings = Value::default();
        let objective = settings.objective(&lessons).expect("values");
        assert_eq!(objective.outputs, 3);
        let term = objective.term(0, &Batch { total: 1.0, level: 0.0 }, &[vec![0.0; 6]]);
        assert!((term.loss - 14.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_value_that_is_no_probability_is_refused_where_one_is_learned() {
        let lessons = [lesson(&[(0, 1.5)])];
        for measure in [Measure::Binary, Measure::Classes] {
            let settings = Value { measure, ..Value::default() };
            assert!(settings.objective(&lessons).is_err());
        }
        assert!(Value::default().objective(&lessons).is_ok());
    }
}
