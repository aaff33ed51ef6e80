//! The objectives beside PyTorch's autograd: `golden/objectives.py` made the numbers.

use nouns::{Lesson, Stream};
use serde::Deserialize;

use crate::LearnPart;
use crate::objective::{Batch, Objective};

#[derive(Deserialize)]
struct Case {
    name: String,
    part: LearnPart,
    lessons: Vec<Lesson>,
    /// `[streams][length]`, as everything below.
    log_probs: Vec<Vec<f64>>,
    reference: Option<Vec<Vec<f64>>>,
    /// What was read before the first step, where that matters.
    before: Option<Vec<Vec<f64>>>,
    level: Option<f64>,
    loss: f64,
    slopes: Vec<Vec<f64>>,
}

impl Case {
    fn objective(&self) -> Box<dyn Objective + '_> {
        match &self.part {
            LearnPart::Prefer(part) => {
                Box::new(part.objective(&self.lessons, self.reference.as_deref()).expect("pairs"))
            }
            LearnPart::PolicyGradient(part) => {
                Box::new(part.objective(&self.lessons, self.reference.clone()).expect("rollouts"))
            }
            LearnPart::Prospect(part) => {
                let reference = self.reference.clone();
                Box::new(part.objective(&self.lessons, move |_: &[Stream]| reference.clone()).expect("labels"))
            }
            LearnPart::ActorCritic(part) => {
                let (before, reference) = (self.before.as_ref().expect("values"), self.reference.clone());
                Box::new(part.objective(&self.lessons, before, reference).expect("rollouts"))
            }
            LearnPart::Reward(part) => Box::new(part.objective(&self.lessons).expect("pairs")),
            LearnPart::Value(part) => Box::new(part.objective(&self.lessons).expect("values")),
            LearnPart::Imitate(_) | LearnPart::Distill(_) => panic!("{}: it has its own tests", self.name),
        }
    }

    fn agree(&self) {
        let objective = self.objective();
        let lessons: Vec<usize> = (0..objective.lessons()).collect();
        let batch = match self.level {
            Some(level) => Batch { total: lessons.len() as f64, level },
            None => objective.batch(&lessons, &|_| Vec::new()),
        };
        let (mut left, mut loss, mut slopes) = (self.log_probs.iter().cloned(), 0.0, Vec::new());
        for &lesson in &lessons {
            let own: Vec<Vec<f64>> = left.by_ref().take(objective.streams(lesson).len()).collect();
            let term = objective.term(lesson, &batch, &own);
            loss += term.loss;
            slopes.extend(term.slopes);
        }
        assert!((loss - self.loss).abs() < 1e-6, "{}: the loss is {loss}, not {}", self.name, self.loss);
        for (stream, (found, wanted)) in slopes.iter().zip(&self.slopes).enumerate() {
            let near = found.len() == wanted.len() && found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 1e-6);
            assert!(near, "{}, stream {stream}: {found:?} is not {wanted:?}", self.name);
        }
    }
}

#[test]
fn every_loss_and_every_slope_is_what_autograd_finds() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden.json")).expect("cases");
    assert_eq!(cases.len(), 27);
    cases.iter().for_each(Case::agree);
}
