use crate::between::Between;
use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Judged, Lesson, LessonKind, Stage, Stream, Update};

use crate::ema::{EmaModel, EmaSchedule};
use crate::fault::LearnFault;
use crate::gradient::scores;
use crate::objective::{Batch, Objective, Term, log_likelihood, sigmoid, spread};
use crate::reference::Reference;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};

learner! {
    /// Trains on answers that are labelled wanted or unwanted, without pairs (KTO). By Ethayarajh
    /// et al. 2024, arXiv 2402.01306, equation 8: with `r` the log-likelihood relative to the
    /// reference and `z` its level, a wanted answer loses `1 - sigmoid(beta (r - z))`, an unwanted
    /// one `1 - sigmoid(beta (z - r))`. The level is the mean of `r` over the batch's questions,
    /// each with the answer of the one before it (as in TRL), and at least 0; no gradient comes
    /// from it.
    pub struct Kto = "kto", version 3, lr 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours", 0.0..=100_000.0;
        /// How fast the value saturates as the likelihood departs from the reference's; larger
        /// keeps nearer to it.
        pub beta: f64 = 0.1, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// Weight of wanted answers.
        pub desirable: f64 = 1.0, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// Weight of unwanted answers; by the paper wanted and unwanted ones should weigh about the
        /// same in total.
        pub undesirable: f64 = 1.0, "Ethayarajh et al. 2024, arXiv 2402.01306, section 4.3";
        /// The reference model: `base`, `previous`, `average` or `none`.
        pub reference: Reference = Reference::Base, "Ethayarajh et al. 2024: the model before";
        /// Every this many steps the reference model is mixed with the trained one; 0 never does.
        pub mix_every: u32 = 0, "none; Gorbatovski et al. 2024, arXiv 2404.09656; TRL 1.16 takes 512 steps";
        /// Share of the trained model in the mixture.
        pub mix: f64 = 0.6, "TRL 1.16", 0.0..=1.0;
    }
}

impl LearnerSettings for Kto {
    fn takes(&self) -> LessonKind {
        LessonKind::Judged
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let training = self.training();
        let schedule = EmaSchedule { every: self.mix_every, share: self.mix, warm_up: false };
        let reference = self.reference.of(student).map(|decoder| {
            let ema = EmaModel::new(decoder.clone(), schedule, student.device.clone());
            Asked { ema, micro_batch_tokens: training.micro_batch_tokens }
        });
        let objective = self.objective(lessons, reference.map(|asked| Box::new(asked) as Box<dyn Refers>))?;
        training.descend(stage, student, &objective)
    }

    fn needs_average(&self) -> bool {
        self.reference == Reference::Average
    }

    fn needs_base(&self) -> bool {
        self.reference == Reference::Base
    }
}

impl Kto {
    /// The loss over these answers.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        reference: Option<Box<dyn Refers>>,
    ) -> Result<Values<'a>, LearnFault> {
        let judged = only("kto", LessonKind::Judged, lessons, |lesson| match lesson {
            Lesson::Judged(judged) => Some(judged),
            _ => None,
        })?;
        let own: Vec<Stream> = judged.iter().map(|judged| judged.stream.clone()).collect();
        let known = reference.as_ref().map_or_else(|| vec![0.0; own.len()], |one| sums(&own, &one.scores(&own)));
        Ok(Values { settings: self, judged, sums: Between::new(known), reference })
    }
}

/// What the rewards of wanted and of unwanted answers are called.
const CHOSEN: &str = "rewards/chosen";
const REJECTED: &str = "rewards/rejected";

fn sums(streams: &[Stream], scores: &[Vec<f64>]) -> Vec<f64> {
    streams.iter().zip(scores).map(|(stream, scores)| log_likelihood(stream, scores)).collect()
}

/// A reference that can be asked about any sequence.
pub(crate) trait Refers: Sync {
    /// Log-probabilities of every token. `[streams][length]`
    fn scores(&self, streams: &[Stream]) -> Vec<Vec<f64>>;

    /// The model, if it moves.
    fn ema(&self) -> Option<&EmaModel> {
        None
    }
}

/// A model as a reference.
struct Asked {
    ema: EmaModel,
    micro_batch_tokens: usize,
}

impl Refers for Asked {
    fn scores(&self, streams: &[Stream]) -> Vec<Vec<f64>> {
        scores(&self.ema.now(), &streams.iter().collect::<Vec<_>>(), self.micro_batch_tokens)
    }

    fn ema(&self) -> Option<&EmaModel> {
        Some(&self.ema).filter(|ema| ema.moves())
    }
}

/// The objective over labelled answers.
pub(crate) struct Values<'a> {
    settings: &'a Kto,
    judged: Vec<&'a Judged>,
    /// The reference's log-likelihoods. `[judged]`
    sums: Between<Vec<f64>>,
    reference: Option<Box<dyn Refers>>,
}

impl Values<'_> {
    /// The batch's questions, each with the answer of the one before it; the first with the last
    /// one's.
    fn mismatched(&self, lessons: &[usize]) -> Vec<Stream> {
        let before = lessons.iter().cycle().skip(lessons.len().saturating_sub(1));
        let exchange = |(&one, &other): (&usize, &usize)| {
            let (question, answer) = (self.judged[one], self.judged[other]);
            let side = |judged: &Judged| judged.context.min(judged.stream.tokens.len());
            let context = &question.stream.tokens[..side(question)];
            Stream::new("mismatched", context, &answer.stream.tokens[side(answer)..], 1.0)
        };
        lessons.iter().zip(before).map(exchange).collect()
    }

    /// Asks a reference that moves about the lessons of a batch.
    fn ask(&self, lessons: &[usize]) {
        if let Some(reference) = self.reference.as_ref().filter(|reference| reference.ema().is_some()) {
            let own: Vec<Stream> = lessons.iter().map(|&lesson| self.judged[lesson].stream.clone()).collect();
            let found = sums(&own, &reference.scores(&own));
            lessons.iter().zip(found).for_each(|(&lesson, sum)| self.sums.write()[lesson] = sum);
        }
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
        self.ask(lessons);
        let mismatched = self.mismatched(lessons);
        let own = sums(&mismatched, &score(&mismatched));
        let reference = self.reference.as_ref().map(|one| sums(&mismatched, &one.scores(&mismatched)));
        let reference = reference.unwrap_or_else(|| vec![0.0; own.len()]);
        let total = lessons.len() as f64;
        let level = own.iter().zip(&reference).map(|(own, reference)| own - reference).sum::<f64>() / total;
        Batch { total, level: level.max(0.0) }
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let (judged, settings) = (self.judged[lesson], self.settings);
        let sum = log_likelihood(&judged.stream, &log_probs[0]);
        let reward = sum - self.sums.read()[lesson];
        let (sign, weight) = if judged.desirable { (1.0, settings.desirable) } else { (-1.0, settings.undesirable) };
        let value = sigmoid(sign * settings.beta * (reward - batch.level));
        let gradient = -weight * sign * settings.beta * value * (1.0 - value) / batch.total;
        let [rewards, logps] = match judged.desirable {
            true => [CHOSEN, "logps/chosen"],
            false => [REJECTED, "logps/rejected"],
        };
        Term {
            loss: weight * (1.0 - value) / batch.total,
            gradients: vec![spread(&judged.stream, gradient)],
            metrics: vec![
                (rewards, settings.beta * reward, 1.0),
                (logps, sum, 1.0),
                ("kl", batch.level, 1.0),
                ("completions/mean_length", judged.stream.taught() as f64, 1.0),
            ],
        }
    }

    fn ema(&self) -> Option<&EmaModel> {
        self.reference.as_ref()?.ema()
    }

    fn sum_up(&self, metrics: &mut BTreeMap<String, f64>) {
        if let (Some(chosen), Some(rejected)) = (metrics.get(CHOSEN), metrics.get(REJECTED)) {
            let margin = chosen - rejected;
            metrics.insert("rewards/margins".into(), margin);
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
    fn objective<'a>(settings: &'a Kto, judged: &'a [Judged]) -> Values<'a> {
        let sums = Between::new(vec![-1.0, -2.0]);
        Values { settings, judged: judged.iter().collect(), sums, reference: None }
    }

    #[test]
    fn gradients_are_derivatives() {
        let settings = Kto { beta: 0.7, undesirable: 1.3, ..Kto::default() };
        let judged = judged();
        let at = [vec![vec![0.0, -0.2, -0.4, -2.0]], vec![vec![0.0, -9.0, -0.3]]];
        check::gradients(&objective(&settings, &judged), &at);
    }

    #[test]
    fn questions_meet_the_answer_before() {
        let settings = Kto::default();
        let [one, other] = judged();
        let third = Judged { stream: Stream::new("c", &[1, 8], &[5], 1.0), context: 2, desirable: true };
        let judged = [one, other, third];
        let objective = Values { judged: judged.iter().collect(), ..objective(&settings, &judged) };
        let tokens: Vec<Vec<u32>> = objective.mismatched(&[0, 1, 2]).into_iter().map(|stream| stream.tokens).collect();
        assert_eq!(tokens, [vec![1, 7, 5], vec![1, 7, 2, 3], vec![1, 8, 4]]);
        assert_eq!(objective.mismatched(&[1])[0].tokens, [1, 7, 4], "one alone meets its own");
    }

    #[test]
    fn an_indifferent_model_loses_a_half() {
        let (settings, judged) = (Kto::default(), judged());
        let objective = objective(&settings, &judged);
        let batch = Batch { total: 1.0, level: 0.0 };
        let term = objective.term(0, &batch, &[vec![0.0, 0.0, -0.5, -0.5]]);
        assert_eq!(term.loss, 0.5);
        assert_eq!(term.gradients, [vec![0.0, 0.0, -0.025, -0.025]]);
    }
}
