use classifiers::{Classifier, Labelled, features};
use faults::Outcome;
use nouns::{Cost, Lesson, LessonKind, Stage, Step, Update};

use crate::fault::LearnFault;
use crate::imitate::Imitate;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, Training};

recipe::part! {
    /// Trains a classifier of feature vectors on the chosen labels, by cross-entropy with AdamW. An
    /// answer's label is its token, its features are its context; the weights of lessons are the
    /// weights of examples.
    pub struct Classify = "classify", version 1 {
        /// Passes over the examples.
        pub epochs: usize = 30, "ours";
        /// Examples in a step.
        pub batch_size: usize = 32, "ours";
        /// Learning rate.
        pub lr: f64 = 3e-3, "ours";
        /// Decoupled weight decay.
        pub weight_decay: f64 = 1e-3, "ours";
    }
}

impl Descends for Classify {
    /// A classifier needs hardly any memory: the settings of token training are answered as for
    /// imitation.
    fn training(&self) -> Training {
        Imitate::default().training()
    }
}

impl LearnerSettings for Classify {
    fn takes(&self) -> LessonKind {
        LessonKind::Stream
    }

    fn learn(&self, _: &Stage, _: &mut Student, _: &[Lesson]) -> Outcome<Update> {
        Err(LearnFault::OtherKind { part: "classify", wanted: "a classifier", model: "a language model" }.into())
    }
}

impl Classify {
    /// A copy of the classifier that has learned from the lessons.
    pub(crate) fn teach(
        &self,
        stage: &Stage,
        classifier: &Classifier,
        lessons: &[Lesson],
    ) -> Outcome<(Classifier, Update)> {
        let streams = only("classify", LessonKind::Stream, lessons, |lesson| match lesson {
            Lesson::Stream(stream) => Some(stream),
            _ => None,
        })?;
        let taught = streams.iter().filter_map(|stream| {
            let place = stream.weights.iter().position(|&weight| weight != 0.0)?;
            let (context, weight) = (&stream.tokens[..place], f64::from(stream.weights[place]));
            Some(Labelled { features: features(context), class: stream.tokens[place] as usize, weight })
        });
        let examples: Vec<Labelled> = taught.collect();
        let Classify { epochs, batch_size, lr, weight_decay } = self.clone();
        let how = classifiers::Training { epochs, batch: batch_size, lr, weight_decay };
        let (learned, steps) = classifiers::train(classifier, &examples, &how, &stage.key)?;
        let trained_tokens = (epochs * examples.len()) as u64;
        let tokens = batch_size.min(examples.len()) as u64;
        let step = |(number, step): (u32, classifiers::Step)| Step {
            step: number,
            loss: step.loss,
            grad_norm: step.grad_norm,
            learning_rate: lr,
            tokens,
            ..Step::default()
        };
        let update = Update {
            from: classifier.digest(),
            to: learned.digest(),
            lessons: lessons.len() as u64,
            steps: (1..).zip(steps).map(step).collect(),
            cost: Cost { trained_tokens, ..Cost::default() },
        };
        Ok((learned, update))
    }
}
