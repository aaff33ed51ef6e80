use burn::tensor::Tensor;
use faults::Outcome;
use kernels::slices::sum_of_squares;
use models::{Decoder, Packed, Weight, WeightMut};
use nouns::{Cost, Lesson, Stage, Step, Stream, Tick, Update};

use crate::adamw::{Moments, Settings};
use crate::batch::{batches, runs, streams};
use crate::fault::LearnFault;
use crate::schedule::Schedule;
use crate::student::Student;

recipe::part! {
    /// Imitation: masked cross-entropy, `loss = - sum(w · log p) / sum(w)` over the taught tokens of a batch.
    pub struct Imitate = "imitate", version 1 {
        /// Peak learning rate.
        pub lr: f64 = 1e-3, "ours, for models of about a million parameters; use 1e-5 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 2.0, "ours";
        /// At most this many optimizer steps, however many passes are asked for; 0 sets no limit.
        pub max_steps: u32 = 0, "ours: no limit";
        /// Tokens of one optimizer step, context included.
        pub batch_tokens: usize = 4096, "ours";
        /// Tokens computed at a time: a larger batch accumulates gradients, which changes nothing but rounding.
        pub micro_batch_tokens: usize = 8192, "ours: what one core's cache and memory like";
        /// Share of the steps in which the rate rises.
        pub warmup: f64 = 0.05, "ours";
        /// The last step's rate, as a fraction of the peak.
        pub last_lr: f64 = 0.1, "ours";
        /// Decay of the first moment.
        pub beta1: f64 = 0.9, "AdamW, arXiv 1711.05101";
        /// Decay of the second moment.
        pub beta2: f64 = 0.98, "ours: short updates need a short memory";
        /// Decoupled weight decay of matrices.
        pub weight_decay: f64 = 0.01, "ours";
        /// Gradients longer than this are shortened to it.
        pub clip: f64 = 1.0, "ours";
    }
}

impl Imitate {
    /// Learns from the lessons: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let from = models::digest(&student.decoder);
        let streams = streams(lessons);
        let mut batches = batches(&stage.key, &streams, self.epochs, self.batch_tokens);
        if self.max_steps > 0 {
            batches.truncate(self.max_steps as usize);
        }
        let schedule = self.schedule(batches.len() as u32);
        let (mut moments, mut steps, mut cost) = (Moments::default(), Vec::new(), Cost::default());
        for (number, batch) in batches.iter().enumerate() {
            let number = number as u32 + 1;
            if stage.progress.stopping() {
                return Err(LearnFault::Stopped { step: number }.into());
            }
            let batch: Vec<&Stream> = batch.iter().map(|&index| streams[index]).collect();
            let step = self.step(number, schedule.rate(number), student, &mut moments, &batch)?;
            cost.trained_tokens += step.tokens;
            let (done, total) = (u64::from(number), batches.len() as u64);
            stage.progress.tick(Tick { done, total, tokens: cost.trained_tokens, loss: Some(step.loss) });
            steps.push(step);
        }
        Ok(Update { from, to: models::digest(&student.decoder), lessons: lessons.len() as u64, steps, cost })
    }

    fn schedule(&self, steps: u32) -> Schedule {
        let warmup_steps = ((self.warmup * f64::from(steps)).ceil() as u32).min(steps.saturating_sub(1));
        Schedule { peak: self.lr, warmup_steps, steps, last: self.last_lr }
    }

    fn step(
        &self,
        number: u32,
        learning_rate: f64,
        student: &mut Student,
        moments: &mut Moments,
        batch: &[&Stream],
    ) -> Result<Step, LearnFault> {
        let (loss, gradients) = gradients(student, batch, self.micro_batch_tokens);
        if !loss.is_finite() {
            return Err(LearnFault::NotFinite { what: "the loss".into(), step: number, value: loss });
        }
        let grad_norm = norm(&student.decoder, &gradients, number)?;
        let scale = if grad_norm > self.clip { self.clip / grad_norm } else { 1.0 };
        let settings =
            Settings { learning_rate, betas: (self.beta1, self.beta2), weight_decay: self.weight_decay, scale };
        if grad_norm > 0.0 {
            moments.step(&mut student.decoder, &gradients, &settings, &student.device);
        }
        let tokens = batch.iter().map(|stream| stream.tokens.len() as u64).sum();
        Ok(Step { step: number, loss, grad_norm, learning_rate, tokens })
    }
}

/// Loss and its gradient for every weight, in the decoder's order, accumulated over micro-batches.
fn gradients(student: &Student, batch: &[&Stream], micro_batch_tokens: usize) -> (f64, Vec<Vec<f32>>) {
    let total: f64 = batch.iter().flat_map(|stream| &stream.weights).map(|&w| f64::from(w)).sum();
    let mut tracked = student.decoder.clone();
    tracked.map(&mut |weight| match weight {
        WeightMut::Vector(gain) => *gain = Tensor::from_inner(gain.clone()).require_grad(),
        WeightMut::Matrix(matrix) => *matrix = Tensor::from_inner(matrix.clone()).require_grad(),
    });
    let (mut loss, mut sums): (f64, Vec<Vec<f32>>) = (0.0, Vec::new());
    for micro in runs(batch.iter().map(|stream| (*stream, stream.tokens.len())), micro_batch_tokens) {
        let (part, gradients) = micro_gradients(&tracked, student, &micro, total);
        loss += part;
        if sums.is_empty() {
            sums = gradients;
        } else {
            sums.iter_mut().zip(&gradients).for_each(|(sum, gradient)| kernels::slices::add_assign(sum, gradient));
        }
    }
    (loss, sums)
}

fn micro_gradients(tracked: &Decoder, student: &Student, micro: &[&Stream], total: f64) -> (f64, Vec<Vec<f32>>) {
    let packed = Packed::of(micro.iter().map(|stream| stream.tokens.clone()));
    let weights: Vec<f32> = micro.iter().flat_map(|stream| row_weights(stream, total)).collect();
    let device = student.device.clone().autodiff();
    let log_probs = packed.log_probs(tracked);
    let rows = weights.len();
    let loss = (log_probs * kernels::from_vec(weights, [rows], &device)).sum().neg();
    let mut found = loss.backward();
    let mut gradients = Vec::new();
    tracked.visit(&mut |_, weight| {
        gradients.push(match weight {
            Weight::Vector(gain) => gradient(gain, &mut found),
            Weight::Matrix(matrix) | Weight::Table(matrix) => gradient(matrix, &mut found),
        });
    });
    (f64::from(models::values(&loss.inner())[0]), gradients)
}

/// What each row's log-probability weighs in the loss: row `r` predicts token `r + 1`.
fn row_weights(stream: &Stream, total: f64) -> impl Iterator<Item = f32> + '_ {
    stream.weights.iter().skip(1).chain([&0.0]).map(move |&weight| (f64::from(weight) / total) as f32)
}

/// A weight's gradient; zeros if nothing depended on it.
fn gradient<const D: usize>(weight: &Tensor<D>, found: &mut burn::tensor::Gradients) -> Vec<f32> {
    match weight.grad_remove(found) {
        Some(gradient) => models::values(&gradient),
        None => vec![0.0; weight.dims().iter().product()],
    }
}

/// Euclidean norm of the whole gradient. A gradient that is not finite is named.
fn norm(decoder: &Decoder, gradients: &[Vec<f32>], step: u32) -> Result<f64, LearnFault> {
    let squares: Vec<f64> = gradients.iter().map(|gradient| sum_of_squares(gradient)).collect();
    let mut names = Vec::new();
    decoder.visit(&mut |name, _| names.push(name));
    match squares.iter().zip(names).find(|(square, _)| !square.is_finite()) {
        Some((&value, name)) => Err(LearnFault::NotFinite { what: format!("the gradient of {name}"), step, value }),
        None => Ok(squares.iter().sum::<f64>().sqrt()),
    }
}
