//! Gradient descent on any objective: batches, rates, clipping, steps.

use faults::Outcome;
use kernels::slices::inside;
use models::Decoder;
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
use crate::student::Student;

/// What settings say of the descent, as every learner's do.
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
    /// So many steps ahead goes the model that follows the student before every step.
    pub(crate) future: u32,
}

/// Where a step is.
struct At<'a> {
    /// Counted from 1.
    number: u32,
    rate: f64,
    batch: &'a [usize],
    /// Decides what an adapter drops.
    key: Key,
}

/// Declares a learner: its own settings, then those of the descent, which all learners share.
macro_rules! learner {
    (
        $(#[doc = $doc:literal])+
        pub struct $type:ident = $name:literal, version $version:literal { $($own:tt)* }
    ) => {
        recipe::part! {
            $(#[doc = $doc])+
            pub struct $type = $name, version $version {
                $($own)*
                /// At most this many optimizer steps, however many passes are asked for; 0 sets no limit.
                pub max_steps: u32 = 0, "ours: no limit";
                /// Tokens of one optimizer step, context included.
                pub batch_tokens: usize = 4096, "ours", 1..=1 << 40;
                /// Lessons of one optimizer step; 0 lets `batch_tokens` decide.
                pub batch_size: usize = 0, "ours";
                /// Tokens computed at a time, about (a small model's batch is cut evenly for the threads): a larger batch accumulates
                /// gradients, which changes nothing but rounding.
                pub micro_batch_tokens: usize = 1024, "ours: what one core's cache likes; every thread computes micro-batches of its own", 1..=1 << 40;
                /// Whether what happens inside of layers is computed again on the way back instead of kept: less memory for long lessons and
                /// deep models, more time, the same result to the last bit.
                pub recompute: bool = false, "ours: Chen et al. 2016, arXiv 1604.06174, has it";
                /// In which order lessons are seen.
                pub order: $crate::Order = $crate::Order::Shuffled, "ours";
                /// How the rate falls after the warm-up.
                pub schedule: $crate::Shape = $crate::Shape::Cosine, "Loshchilov & Hutter 2017, arXiv 1608.03983";
                /// Share of the steps in which the rate rises.
                pub warmup: f64 = 0.05, "ours", 0.0..=1.0;
                /// The last step's rate, as a fraction of the peak.
                pub last_lr: f64 = 0.1, "ours", 0.0..=1.0;
                /// What turns gradients into steps.
                pub optimizer: $crate::Rule = $crate::Rule::Adamw, "AdamW, arXiv 1711.05101";
                /// Decay of the first moment.
                pub beta1: f64 = 0.9, "AdamW, arXiv 1711.05101", 0.0..1.0;
                /// Decay of the second moment.
                pub beta2: f64 = 0.98, "ours: short updates need a short memory", 0.0..1.0;
                /// Decoupled weight decay of matrices.
                pub weight_decay: f64 = 0.01, "ours", 0.0..=1000.0;
                /// Gradients longer than this are shortened to it.
                pub clip: f64 = 1.0, "ours", recipe::above(0.0);
                /// So many of the first layers stay as they are, and with them the tables of tokens and positions.
                pub freeze: usize = 0, "ours: nothing";
                /// The rate of each layer, as a fraction of that of the layer behind it.
                pub layer_decay: f64 = 1.0, "ours: all the same; Clark et al. 2020, arXiv 2003.10555, take 0.8 or 0.9", recipe::above_to(0.0, 1.0);
                /// The rate of a head of scores, as a multiple of the others'.
                pub head_lr: f64 = 1.0, "ours", 0.0..=1e6;
                /// Rank of an adapter that is trained instead of the weights (LoRA, arXiv 2106.09685); 0 trains the weights.
                pub lora_rank: usize = 0, "ours: every weight", 0..=16_384;
                /// What the adapter adds is multiplied by `lora_alpha / lora_rank`.
                pub lora_alpha: f64 = 32.0, "TRL 1.16", 0.0..=1e6;
                /// Share of the adapter's inputs that is dropped while training.
                pub lora_dropout: f64 = 0.0, "PEFT 0.21", 0.0..1.0;
                /// Modules with an adapter, separated by commas, by the last words of their names in the model's files.
                pub lora_targets: String = "all-linear".to_owned(), "QLoRA, arXiv 2305.14314, section 4: every linear layer";
                /// Multiply by `lora_alpha / √lora_rank` instead (arXiv 2312.03732).
                pub rslora: bool = false, "PEFT 0.21";
            }
        }

        impl $crate::Descends for $type {
            fn training(&self) -> $crate::Training {
                $crate::Training {
                    lr: self.lr,
                    max_steps: self.max_steps,
                    batching: $crate::batch::Batching {
                        epochs: self.epochs,
                        tokens: self.batch_tokens,
                        lessons: self.batch_size,
                        order: self.order,
                    },
                    micro_batch_tokens: self.micro_batch_tokens,
                    recompute: self.recompute,
                    shape: self.schedule,
                    warmup: self.warmup,
                    last_lr: self.last_lr,
                    clip: self.clip,
                    freeze: self.freeze,
                    layer_decay: self.layer_decay,
                    head_lr: self.head_lr,
                    settings: $crate::optimizer::Settings {
                        rule: self.optimizer,
                        betas: (self.beta1, self.beta2),
                        weight_decay: self.weight_decay,
                    },
                    adapting: $crate::adapting::Adapting {
                        rank: self.lora_rank,
                        alpha: self.lora_alpha,
                        dropout: self.lora_dropout,
                        targets: self.lora_targets.clone(),
                        rslora: self.rslora,
                    },
                    future: 0,
                }
            }
        }
    };
}

pub(crate) use learner;

impl Training {
    /// Changes the student's weights by steps down the objective.
    pub(crate) fn descend(&self, stage: &Stage, student: &mut Student, objective: &dyn Objective) -> Outcome<Update> {
        let from = models::digest(&student.decoder);
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
        Ok(Update { from, to: models::digest(&student.decoder), lessons: lengths.len() as u64, steps, cost })
    }

    /// Takes steps on this batch that are then taken back, to the bit and with what the optimizer remembers of them: what remains is
    /// that the model which follows the student has seen them.
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

    /// The optimizer and the steps taken, where the training was left, or after the training before.
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

    /// The schedule, and how many of its steps were taken before. A training that is a part of a longer one takes every part to have
    /// as many steps.
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
        let still = found.gradients.iter_mut().zip(&rates).filter(|(_, rate)| **rate == 0.0);
        still.for_each(|(gradient, _)| gradient.clear());
        if !found.loss.is_finite() {
            return Err(LearnFault::NotFinite { what: "the loss".into(), step: number, value: found.loss });
        }
        let grad_norm = norm(&student.decoder, &found.gradients, number)?;
        let scale = if grad_norm > self.clip { self.clip / grad_norm } else { 1.0 };
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

    /// Log-probabilities of every token of every stream under a model that is not changed. `[streams][length]`
    pub(crate) fn scores(&self, decoder: &Decoder, streams: &[&Stream]) -> Vec<Vec<f64>> {
        scores(decoder, streams, self.micro_batch_tokens)
    }
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
