//! The objectives beside PyTorch's autograd: `golden/objectives.py` made the numbers.

use nouns::{Lesson, Stream};
use serde::Deserialize;

use crate::LearnPart;
use crate::distill::{Said, Teacher};
use crate::kto::Refers;
use crate::objective::{Batch, Objective};
use crate::reference_scores::ReferenceScores;

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
    gradients: Vec<Vec<f64>>,
}

/// A reference that returns what was recorded.
struct Recorded(Vec<Vec<f64>>);

impl Refers for Recorded {
    fn scores(&self, _: &[Stream]) -> Vec<Vec<f64>> {
        self.0.clone()
    }
}

impl Case {
    /// What the reference says, lessons having this many streams.
    fn held(&self, streams: usize) -> Option<ReferenceScores> {
        self.reference
            .as_ref()
            .map(|scores| ReferenceScores::Fixed(scores.chunks(streams).map(<[_]>::to_vec).collect()))
    }

    fn objective(&self) -> Box<dyn Objective + '_> {
        match &self.part {
            LearnPart::Classify(_) => panic!("a classifier's training has its own tests"),
            LearnPart::Prefer(part) => Box::new(part.objective(&self.lessons, self.held(2)).expect("pairs")),
            LearnPart::PolicyGradient(part) => Box::new(part.objective(&self.lessons, self.held(1)).expect("rollouts")),
            LearnPart::Kto(part) => {
                let reference = self.reference.clone().map(|scores| Box::new(Recorded(scores)) as Box<dyn Refers>);
                Box::new(part.objective(&self.lessons, reference).expect("labels"))
            }
            LearnPart::ActorCritic(part) => {
                let (before, reference) = (self.before.as_ref().expect("values"), self.reference.clone());
                Box::new(part.objective(&self.lessons, before, reference).expect("rollouts"))
            }
            LearnPart::Improvement(part) => Box::new(part.objective(&self.lessons).expect("pairs")),
            LearnPart::Reward(part) => Box::new(part.objective(&self.lessons).expect("pairs")),
            LearnPart::Value(part) => Box::new(part.objective(&self.lessons).expect("values")),
            LearnPart::Imitate(part) => {
                let streams = self.lessons.iter().flat_map(Lesson::streams);
                Box::new(part.objective(streams.collect()))
            }
            LearnPart::Distill(part) => {
                let taught = self.lessons.iter().flat_map(Lesson::streams).zip(self.reference.iter().flatten());
                let said = |(stream, teacher): (&Stream, &Vec<f64>)| {
                    let rows = teacher.chunks(teacher.len() / stream.tokens.len()).zip(&stream.weights);
                    rows.map(|(row, &weight)| (weight != 0.0).then(|| Said::of(row, part.top_k))).collect()
                };
                Box::new(part.objective(&self.lessons, Teacher::Fixed(taught.map(said).collect())).expect("views"))
            }
        }
    }

    fn agree(&self) {
        let objective = self.objective();
        let lessons: Vec<usize> = (0..objective.lessons()).collect();
        let batch = match self.level {
            Some(level) => Batch { total: lessons.len() as f64, level },
            None => objective.batch(&lessons, &|_| Vec::new()),
        };
        let (mut left, mut loss, mut gradients) = (self.log_probs.iter().cloned(), 0.0, Vec::new());
        for &lesson in &lessons {
            let own: Vec<Vec<f64>> = left.by_ref().take(objective.streams(lesson).len()).collect();
            let term = objective.term(lesson, &batch, &own);
            loss += term.loss;
            gradients.extend(term.gradients);
        }
        assert!((loss - self.loss).abs() < 1e-6, "{}: the loss is {loss}, not {}", self.name, self.loss);
        for (stream, (found, wanted)) in gradients.iter().zip(&self.gradients).enumerate() {
            let near = found.len() == wanted.len() && found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 1e-6);
            assert!(near, "{}, stream {stream}: {found:?} is not {wanted:?}", self.name);
        }
    }
}

#[test]
fn every_loss_and_every_gradient_is_what_autograd_finds() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden.json")).expect("cases");
    assert_eq!(cases.len(), 41);
    cases.iter().for_each(Case::agree);
}
