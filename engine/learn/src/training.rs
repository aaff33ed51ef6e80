//! Gradient descent on any objective: batches, rates, clipping, steps.
//!
//! All learners share this file: what a learner adds is settings (by [`learner!`]) and an
//! objective. The steps of a training are listed before the first is taken, from the stage's key
//! and the lengths of the lessons alone. So a training that was cut off goes on at step n of the
//! same list, from the weights, the optimizer state and the EMA reference that were saved, and ends
//! in the same bytes; and one that is a part of a longer one (`carry = "schedule"`) knows where in
//! the schedule it is.

use faults::Outcome;
use kernels::slices::inside;
use networks::{Decoder, Weight};
use nouns::{Cost, Key, Stage, Step, Stream, Tick, Update};

use crate::adapting::Adapting;
use crate::batch::{Batching, batches};
use crate::course::Seen;
use crate::fault::LearnFault;
use crate::gradient::{Computing, gradients, loss, scores};
use crate::layers::layer_of;
use crate::numbers::{Numbers, sums_of_squares};
use crate::objective::Objective;
use crate::optimizer::{Optimizer, Settings};
use crate::schedule::{Schedule, Shape};
use crate::shared::{BatchSettings, LoraSettings, OptimizerSettings};
use crate::student::Student;

/// Settings that describe gradient descent, as every learner's do.
pub trait Descends {
    /// The descent.
    fn training(&self) -> Training;
}

/// Gradient descent as a learner's settings describe it.
#[derive(Clone, Debug)]
pub struct Training {
    pub(crate) lr: f64,
    pub(crate) max_steps: u32,
    pub(crate) batching: Batching,
    pub(crate) micro_batch_tokens: usize,
    pub(crate) recompute: bool,
    pub(crate) shape: Shape,
    pub(crate) warmup: f64,
    pub(crate) last_lr: f64,
    pub(crate) clip: f64,
    pub(crate) freeze: usize,
    pub(crate) layer_decay: f64,
    pub(crate) head_lr: f64,
    pub(crate) settings: Settings,
    pub(crate) adapting: Adapting,
    /// Look-ahead steps that the EMA reference sees before every step; 0 for none.
    pub(crate) future: u32,
}

/// One optimizer step.
struct At<'a> {
    /// Counted from 1.
    number: u32,
    rate: f64,
    batch: &'a [usize],
    /// Decides what an adapter drops.
    key: Key,
}

/// Declares a learner: its own settings, then the tables that all learners share. The learner's own
/// peak learning rate and where it comes from stand in its head.
macro_rules! learner {
    (
        $(#[doc = $doc:literal])+
        pub struct $type:ident = $name:literal, version $version:literal, lr $lr:literal, $source:literal { $($own:tt)* }
    ) => {
        recipe::part! {
            $(#[doc = $doc])+
            pub struct $type = $name, version $version {
                $($own)*
                /// The optimizer and its schedule.
                pub optimizer: $crate::OptimizerSettings = $crate::OptimizerSettings::at($lr), $source as table "optimizer_settings";
                /// How lessons are batched.
                pub batch: $crate::BatchSettings = $crate::BatchSettings::default(), "ours" as table "recipe::plain";
                /// An adapter (LoRA) that is trained instead of the weights.
                pub lora: $crate::LoraSettings = $crate::LoraSettings::default(), "ours" as table "recipe::plain";
            }
        }

        /// The table, in which a rate that is not given is the learner's own.
        fn optimizer_settings<'de, D>(from: D) -> Result<$crate::OptimizerSettings, D::Error>
        where
            D: recipe::serde::Deserializer<'de>,
        {
            let table: $crate::OptimizerSettings = recipe::plain(from)?;
            let lr = table.lr.unwrap_or($lr);
            match recipe::outside("lr", &lr, &(0.0..=100.0)) {
                Some(fault) => Err(recipe::serde::de::Error::custom(fault)),
                None => Ok($crate::OptimizerSettings { lr: Some(lr), ..table }),
            }
        }

        impl $crate::Descends for $type {
            fn training(&self) -> $crate::Training {
                let lr = self.optimizer.lr.unwrap_or($lr);
                $crate::Training::of(lr, self.epochs, &self.optimizer, &self.batch, &self.lora)
            }
        }
    };
}

pub(crate) use learner;

impl Training {
    /// The descent that a learner's tables describe, at this peak rate.
    pub(crate) fn of(
        lr: f64,
        epochs: f64,
        optimizer: &OptimizerSettings,
        batch: &BatchSettings,
        lora: &LoraSettings,
    ) -> Training {
        Training {
            lr,
            max_steps: optimizer.max_steps,
            batching: Batching { epochs, tokens: batch.tokens, lessons: batch.size, order: batch.order },
            micro_batch_tokens: batch.micro_tokens,
            recompute: batch.recompute,
            shape: optimizer.schedule,
            warmup: optimizer.warmup,
            last_lr: optimizer.last_lr,
            clip: optimizer.clip,
            freeze: optimizer.freeze,
            layer_decay: optimizer.layer_decay,
            head_lr: optimizer.head_lr,
            settings: Settings {
                rule: optimizer.rule,
                betas: (optimizer.beta1, optimizer.beta2),
                weight_decay: optimizer.weight_decay,
            },
            adapting: Adapting {
                rank: lora.rank,
                alpha: lora.alpha,
                dropout: lora.dropout,
                targets: lora.targets.clone(),
                rslora: lora.rslora,
            },
            future: 0,
        }
    }

    /// Changes the student's weights by steps down the objective.
    pub(crate) fn descend(&self, stage: &Stage, student: &mut Student, objective: &dyn Objective) -> Outcome<Update> {
        let from = networks::digest(&student.decoder);
        let lengths: Vec<usize> = (0..objective.lessons())
            .map(|lesson| objective.streams(lesson).iter().map(|stream| stream.tokens.len()).sum())
            .collect();
        if student.course.assessing {
            return Ok(self.assess(student, objective, from, lengths.iter().sum::<usize>() as u64));
        }
        self.adapting.put_on(student, &stage.key.of("adapter"))?;
        let mut batches = batches(&stage.key, &lengths, &self.batching);
        if self.max_steps > 0 {
            batches.truncate(self.max_steps as usize);
        }
        let (schedule, offset) = self.schedule(batches.len() as u32, student.course.part);
        let (mut optimizer, mut steps) = self.go_on(student, objective)?;
        let mut cost = Cost { trained_tokens: steps.iter().map(|step| step.tokens).sum(), ..Cost::default() };
        // Steps that were taken before an interruption are skipped, not drawn anew.
        for (number, batch) in (1u32..).zip(&batches).skip(steps.len()) {
            if stage.progress.stopping() {
                return Err(LearnFault::Stopped { step: number }.into());
            }
            let at = At {
                number,
                rate: schedule.rate(offset + number),
                batch,
                key: stage.key.of("dropout").at(u64::from(number)),
            };
            self.look_ahead(&at, student, &optimizer, objective)?;
            let mut step = self.step(&at, student, &mut optimizer, objective)?;
            let follower = objective.ema().map(|ema| {
                // One that looks ahead begins every step with this.
                if self.future == 0 {
                    ema.follow(number, &student.decoder);
                }
                ema.now()
            });
            cost.trained_tokens += step.tokens;
            // TRL's name for the tokens of all steps so far.
            step.metrics.insert("num_tokens".into(), cost.trained_tokens as f64);
            let (done, total) = (u64::from(number), batches.len() as u64);
            stage.progress.tick(Tick { done, total, tokens: cost.trained_tokens, loss: Some(step.loss), load: None });
            steps.push(step);
            if let Some(watch) = student.course.watch.as_ref().filter(|watch| watch.wants(number, batches.len() as u32))
            {
                watch.see(&Seen {
                    decoder: &student.decoder,
                    optimizer_state: optimizer.state(),
                    steps: &steps,
                    of: batches.len() as u32,
                    follower: follower.as_ref(),
                })?;
            }
        }
        student.course.optimizer_state = Some(optimizer.state().clone());
        Ok(Update { from, to: networks::digest(&student.decoder), lessons: lengths.len() as u64, steps, cost })
    }

    /// Takes steps on this batch that are then taken back, to the bit and with what the optimizer
    /// remembers of them: what remains is that the model which follows the student has seen them.
    fn look_ahead(
        &self,
        at: &At,
        student: &mut Student,
        optimizer: &Optimizer,
        objective: &dyn Objective,
    ) -> Result<(), LearnFault> {
        let Some(ema) = objective.ema().filter(|_| self.future > 0) else { return Ok(()) };
        let (before, mut virtual_one) = (student.decoder.clone(), optimizer.clone());
        for _ in 0..self.future {
            ema.follow(at.number, &student.decoder);
            self.step(at, student, &mut virtual_one, objective)?;
        }
        ema.follow(at.number, &student.decoder);
        student.decoder = before;
        Ok(())
    }

    /// The optimizer and the steps taken, where the training was left, or after the training
    /// before.
    fn go_on(&self, student: &mut Student, objective: &dyn Objective) -> Result<(Optimizer, Vec<Step>), LearnFault> {
        let left = student.course.left.take();
        let (optimizer_state, steps) = match left {
            Some(left) => {
                let config = std::mem::replace(&mut student.decoder, left.decoder).config;
                student.decoder.config = config;
                if let (Some(ema), Some(follower)) = (objective.ema(), left.follower) {
                    ema.put(follower);
                }
                (Some(left.optimizer_state), left.steps)
            }
            None => (student.course.optimizer_state.take(), Vec::new()),
        };
        let mut sizes = Vec::new();
        student.decoder.visit_trained(&mut |_, weight| sizes.push(weight.size()));
        match optimizer_state.as_ref().is_none_or(|optimizer_state| optimizer_state.fit(&sizes)) {
            true => Ok((Optimizer::new(self.settings, optimizer_state), steps)),
            false => Err(LearnFault::OptimizerState { why: "it is of another model".into() }),
        }
    }

    /// One step's worth of figures over all lessons, without a step.
    fn assess(&self, student: &Student, objective: &dyn Objective, from: nouns::Digest, tokens: u64) -> Update {
        let lessons: Vec<usize> = (0..objective.lessons()).collect();
        let (loss, metrics) = loss(&student.decoder, objective, &lessons, self.micro_batch_tokens);
        let step = Step { loss, tokens, metrics, ..Step::default() };
        let steps = if lessons.is_empty() { Vec::new() } else { vec![step] };
        Update { to: from.clone(), from, lessons: lessons.len() as u64, steps, cost: Cost::default() }
    }

    /// The schedule, and how many of its steps were taken before. A training that is a part of a
    /// longer one takes every part to have as many steps.
    fn schedule(&self, steps: u32, part: Option<(u32, u32)>) -> (Schedule, u32) {
        let (part, parts) = part.unwrap_or((1, 1));
        let all = steps.saturating_mul(parts);
        let warmup_steps = ((self.warmup * f64::from(all)).ceil() as u32).min(all.saturating_sub(1));
        let schedule = Schedule { shape: self.shape, peak: self.lr, warmup_steps, steps: all, last: self.last_lr };
        (schedule, steps.saturating_mul(part.saturating_sub(1)))
    }

    /// The rate of every weight, in the decoder's order. `[weights]`
    fn rates(&self, decoder: &Decoder, rate: f64) -> Vec<f64> {
        let layers = decoder.config.num_hidden_layers;
        let mut rates = Vec::new();
        decoder.visit_trained(&mut |name, _| {
            rates.push(match layer_of(&name) {
                Some(layer) if layer < self.freeze => 0.0,
                Some(layer) => rate * self.layer_decay.powi((layers - 1 - layer) as i32),
                None if name.contains("embed") && self.freeze > 0 => 0.0,
                None if name.contains("embed") => rate * self.layer_decay.powi(layers as i32),
                None if name.starts_with("score.") => rate * self.head_lr,
                None => rate,
            });
        });
        rates
    }

    fn step(
        &self,
        at: &At,
        student: &mut Student,
        optimizer: &mut Optimizer,
        objective: &dyn Objective,
    ) -> Result<Step, LearnFault> {
        let At { number, rate: learning_rate, batch, key } = at;
        let (number, learning_rate) = (*number, *learning_rate);
        let computing = Computing { micro_batch_tokens: self.micro_batch_tokens, recompute: self.recompute };
        let mut found = inside(|| gradients(student, objective, batch, computing, key));
        let rates = self.rates(&student.decoder, learning_rate);
        // Frozen weights must not count in the norm that clips the others.
        let still = found.gradients.iter_mut().zip(&rates).filter(|(_, rate)| **rate == 0.0);
        still.for_each(|(gradient, _)| gradient.clear());
        if !found.loss.is_finite() {
            let what = match not_finite(&student.decoder) {
                Some(name) => format!("the loss, with a {name} that is not finite,"),
                None => "the loss".to_owned(),
            };
            return Err(LearnFault::NotFinite { what, step: number, value: found.loss });
        }
        let grad_norm = norm(&student.decoder, &found.gradients, number)?;
        let scale = if grad_norm > self.clip { self.clip / grad_norm } else { 1.0 };
        // Without any gradient (every advantage 0) the weights stay: momentum and weight decay alone
        // would move them.
        if grad_norm > 0.0 {
            let (decoder, device) = (&mut student.decoder, &student.device);
            inside(|| optimizer.step(decoder, &found.gradients, &rates, scale, device));
        }
        Ok(Step {
            step: number,
            loss: found.loss,
            grad_norm,
            learning_rate,
            tokens: found.tokens,
            metrics: found.metrics,
        })
    }

    /// Log-probabilities of every token of every stream under a model that is not changed.
    /// `[streams][length]`
    pub(crate) fn scores(&self, decoder: &Decoder, streams: &[&Stream]) -> Vec<Vec<f64>> {
        scores(decoder, streams, self.micro_batch_tokens)
    }
}

/// The first weight with a number that is not finite: a damaged checkpoint, or a step too far.
fn not_finite(decoder: &Decoder) -> Option<String> {
    let mut found = None;
    decoder.visit(&mut |name, weight| {
        let sound = || match &weight {
            Weight::Vector(vector) => networks::values(vector).iter().all(|value| value.is_finite()),
            Weight::Matrix(matrix) | Weight::Table(matrix) => {
                networks::values(matrix).iter().all(|value| value.is_finite())
            }
        };
        if found.is_none() && !sound() {
            found = Some(name);
        }
    });
    found
}

/// Euclidean norm of the whole gradient. A gradient that is not finite is named.
fn norm(decoder: &Decoder, gradients: &[Numbers], step: u32) -> Result<f64, LearnFault> {
    let squares = sums_of_squares(gradients);
    let mut names = Vec::new();
    decoder.visit_trained(&mut |name, _| names.push(name));
    match squares.iter().zip(names).find(|(square, _)| !square.is_finite()) {
        Some((&value, name)) => Err(LearnFault::NotFinite { what: format!("the gradient of {name}"), step, value }),
        None => Ok(squares.iter().sum::<f64>().sqrt()),
    }
}
