use faults::Outcome;
use nouns::{Judged, Lesson, LessonKind, Stage, Stream, Update};

use crate::fault::LearnFault;
use crate::objective::{Batch, Objective, Term, log_likelihood, sigmoid, spread};
use crate::reference::Reference;
use crate::student::Student;
use crate::takes::only;
use crate::training::learner;

learner! {
    /// Learning from answers that are wanted or unwanted, without pairs (Ethayarajh et al. 2024, arXiv 2402.01306, equation
    /// 8): with `r` the log-likelihood relative to the reference and `z` its level, a wanted answer loses
    /// `1 - sigmoid(beta (r - z))`, an unwanted one `1 - sigmoid(beta (z - r))`. The level is the mean of `r` over the
    /// batch's questions, each with the next one's answer, and at least 0; no gradient comes from it.
    pub struct Prospect = "prospect", version 1 {
        /// Peak learning rate.
        pub lr: f64 = 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours";
        /// How fast value saturates.
        pub beta: f64 = 0.1, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// Weight of wanted answers.
        pub desirable: f64 = 1.0, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// Weight of unwanted answers; the paper wants wanted and unwanted ones to weigh about the same in all.
        pub undesirable: f64 = 1.0, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// What likelihoods are relative to.
        pub reference: Reference = Reference::Base, "Ethayarajh et al. 2024: the model before";
    }
}

impl Prospect {
    /// Learns from labelled answers: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let training = self.training();
        let reference = self.reference.of(student).cloned();
        let scores = move |streams: &[Stream]| {
            reference.as_ref().map(|decoder| training.scores(decoder, &streams.iter().collect::<Vec<_>>()))
        };
        self.training().descend(stage, student, &self.objective(lessons, scores)?)
    }

    /// The loss over these answers. `reference` gives log-probabilities under the reference, if there is one.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        reference: impl Fn(&[Stream]) -> Option<Vec<Vec<f64>>> + 'a,
    ) -> Result<Values<'a>, LearnFault> {
        let judged = only("prospect", LessonKind::Judged, lessons, |lesson| match lesson {
            Lesson::Judged(judged) => Some(judged),
            _ => None,
        })?;
        let own: Vec<Stream> = judged.iter().map(|judged| judged.stream.clone()).collect();
        let sums = reference(&own).map_or_else(|| vec![0.0; own.len()], |scores| sums(&own, &scores));
        Ok(Values { settings: self, judged, sums, reference: Box::new(reference) })
    }
}

fn sums(streams: &[Stream], scores: &[Vec<f64>]) -> Vec<f64> {
    streams.iter().zip(scores).map(|(stream, scores)| log_likelihood(stream, scores)).collect()
}

/// Log-probabilities of every token under the reference, if there is one. `[streams][length]`
type Scores<'a> = Box<dyn Fn(&[Stream]) -> Option<Vec<Vec<f64>>> + 'a>;

/// The objective over labelled answers.
pub(crate) struct Values<'a> {
    settings: &'a Prospect,
    judged: Vec<&'a Judged>,
    /// The reference's log-likelihoods. `[judged]`
    sums: Vec<f64>,
    reference: Scores<'a>,
}

impl Values<'_> {
    /// The batch's questions, each with the answer of the next.
    fn mismatched(&self, lessons: &[usize]) -> Vec<Stream> {
        let next = lessons.iter().cycle().skip(1);
        let exchange = |(&one, &other): (&usize, &usize)| {
            let (question, answer) = (self.judged[one], self.judged[other]);
            let side = |judged: &Judged| judged.context.min(judged.stream.tokens.len());
            let context = &question.stream.tokens[..side(question)];
            Stream::new("mismatched", context, &answer.stream.tokens[side(answer)..], 1.0)
        };
        lessons.iter().zip(next).map(exchange).collect()
    }
}

impl Objective for Values<'_> {
    fn lessons(&self) -> usize {
        self.judged.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.judged[lesson].stream]
    }

    fn batch(&self, lessons: &[usize], score: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        let mismatched = self.mismatched(lessons);
        let own = sums(&mismatched, &score(&mismatched));
        let reference = (self.reference)(&mismatched).map(|scores| sums(&mismatched, &scores));
        let reference = reference.unwrap_or_else(|| vec![0.0; own.len()]);
        let total = lessons.len() as f64;
        let level = own.iter().zip(&reference).map(|(own, reference)| own - reference).sum::<f64>() / total;
        Batch { total, level: level.max(0.0) }
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let (judged, settings) = (self.judged[lesson], self.settings);
        let reward = log_likelihood(&judged.stream, &log_probs[0]) - self.sums[lesson];
        let (sign, weight) = if judged.desirable { (1.0, settings.desirable) } else { (-1.0, settings.undesirable) };
        let value = sigmoid(sign * settings.beta * (reward - batch.level));
        let slope = -weight * sign * settings.beta * value * (1.0 - value) / batch.total;
        let name = if judged.desirable { "rewards/chosen" } else { "rewards/rejected" };
        Term {
            loss: weight * (1.0 - value) / batch.total,
            slopes: vec![spread(&judged.stream, slope)],
            metrics: vec![(name, settings.beta * reward, 1.0), ("kl", batch.level, 1.0)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn judged() -> [Judged; 2] {
        let stream = |id: &str, answer: &[u32]| Stream::new(id, &[1, 7], answer, 1.0);
        [
            Judged { stream: stream("a", &[2, 3]), context: 2, desirable: true },
            Judged { stream: stream("b", &[4]), context: 2, desirable: false },
        ]
    }

    /// Values at a level that the test decides: what the model gives to mismatched answers.
    fn objective<'a>(settings: &'a Prospect, judged: &'a [Judged]) -> Values<'a> {
        Values { settings, judged: judged.iter().collect(), sums: vec![-1.0, -2.0], reference: Box::new(|_| None) }
    }

    #[test]
    fn slopes_are_derivatives() {
        let settings = Prospect { beta: 0.7, undesirable: 1.3, ..Prospect::default() };
        let judged = judged();
        let at = [vec![vec![0.0, -0.2, -0.4, -2.0]], vec![vec![0.0, -9.0, -0.3]]];
        check::slopes(&objective(&settings, &judged), &at);
    }

    #[test]
    fn questions_meet_the_next_ones_answer() {
        let (settings, judged) = (Prospect::default(), judged());
        let tokens: Vec<Vec<u32>> =
            objective(&settings, &judged).mismatched(&[0, 1]).into_iter().map(|stream| stream.tokens).collect();
        assert_eq!(tokens, [vec![1, 7, 4], vec![1, 7, 2, 3]]);
    }

    #[test]
    fn an_indifferent_model_loses_a_half() {
        let (settings, judged) = (Prospect::default(), judged());
        let objective = objective(&settings, &judged);
        let batch = Batch { total: 1.0, level: 0.0 };
        let term = objective.term(0, &batch, &[vec![0.0, 0.0, -0.5, -0.5]]);
        assert_eq!(term.loss, 0.5);
        assert_eq!(term.slopes, [vec![0.0, 0.0, -0.025, -0.025]]);
    }
}
