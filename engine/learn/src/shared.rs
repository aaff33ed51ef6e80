//! Settings that all learners share, as tables: `optimizer`, `batch`, `lora`.

use recipe::Shared;

use crate::batch::Order;
use crate::optimizer::Rule;
use crate::schedule::Shape;

recipe::part! {
    /// The optimizer and its schedule.
    pub struct OptimizerSettings = "optimizer", version 1 {
        /// Peak learning rate.
        pub lr: Option<f64> = None, "each learner's own";
        /// At most this many optimizer steps, however many passes are asked for; 0 sets no limit.
        pub max_steps: u32 = 0, "ours: no limit";
        /// The optimizer: `adamw`, `sgd`, `muon` or `adafactor`.
        pub rule: Rule = Rule::Adamw, "AdamW, arXiv 1711.05101";
        /// How the learning rate falls after the warm-up: `cosine`, `linear` or `constant`.
        pub schedule: Shape = Shape::Cosine, "Loshchilov & Hutter 2017, arXiv 1608.03983";
        /// Share of the steps that are the warm-up, in which the learning rate rises linearly.
        pub warmup: f64 = 0.05, "ours", 0.0..=1.0;
        /// The last step's learning rate, as a fraction of the peak.
        pub last_lr: f64 = 0.1, "ours", 0.0..=1.0;
        /// Decay of the first moment.
        pub beta1: f64 = 0.9, "AdamW, arXiv 1711.05101", 0.0..1.0;
        /// Decay of the second moment.
        pub beta2: f64 = 0.98, "ours: short updates need a short memory", 0.0..1.0;
        /// Decoupled weight decay of matrices.
        pub weight_decay: f64 = 0.01, "ours", 0.0..=1000.0;
        /// A gradient whose norm is above this is scaled down to it (gradient clipping).
        pub clip: f64 = 1.0, "ours", recipe::above(0.0);
        /// Freezes this many of the first layers, and with them the embeddings of tokens and
        /// positions.
        pub freeze: usize = 0, "ours: nothing";
        /// The learning rate of each layer, as a fraction of that of the layer after it.
        pub layer_decay: f64 = 1.0, "ours: all the same; Clark et al. 2020, arXiv 2003.10555, take 0.8 or 0.9", recipe::above_to(0.0, 1.0);
        /// The learning rate of a score head, as a multiple of the others'.
        pub head_lr: f64 = 1.0, "ours", 0.0..=1e6;
    }
}

recipe::part! {
    /// How lessons are batched.
    pub struct BatchSettings = "batch", version 1 {
        /// Tokens per optimizer step, context included.
        pub tokens: usize = 4096, "ours", 1..=1 << 40;
        /// Lessons per optimizer step; 0 lets `tokens` decide.
        pub size: usize = 0, "ours";
        /// Tokens of a micro-batch, about (a small model's batch is cut evenly for the threads). A
        /// larger batch accumulates gradients, which changes nothing but rounding.
        pub micro_tokens: usize = 1024, "ours: what one core's cache likes; every thread computes micro-batches of its own", 1..=1 << 40;
        /// Whether activations inside of layers are computed again in the backward pass instead of
        /// kept (gradient checkpointing): less memory for long lessons and deep models, more time,
        /// the same result to the last bit.
        pub recompute: bool = false, "ours: Chen et al. 2016, arXiv 1604.06174, has it";
        /// The order of the lessons: `shuffled` anew for every pass, or as `given`.
        pub order: Order = Order::Shuffled, "ours";
    }
}

recipe::part! {
    /// An adapter (LoRA) that is trained instead of the weights.
    pub struct LoraSettings = "lora", version 2 {
        /// Its rank (LoRA, arXiv 2106.09685); 0 trains the weights.
        pub rank: usize = 0, "ours: every weight", 0..=16_384;
        /// What the adapter adds is multiplied by `alpha / rank`.
        pub alpha: f64 = 32.0, "TRL 1.16", 0.0..=1e6;
        /// Share of the adapter's inputs that is dropped while training.
        pub dropout: f64 = 0.0, "PEFT 0.21", 0.0..1.0;
        /// Modules with an adapter, separated by commas, by the last words of their names in the
        /// model's files.
        pub targets: String = "all-linear".to_owned(), "QLoRA, arXiv 2305.14314, section 4: every linear layer";
        /// Multiply by `alpha / √rank` instead (arXiv 2312.03732).
        pub rslora: bool = false, "PEFT 0.21";
    }
}

impl OptimizerSettings {
    /// The defaults, with this peak learning rate.
    pub fn at(lr: f64) -> OptimizerSettings {
        OptimizerSettings { lr: Some(lr), ..OptimizerSettings::default() }
    }
}

/// The tables that every learner has, and the names that their settings had when they stood among a
/// learner's own.
pub(crate) const fn shared(parts: &'static [&'static str]) -> Shared {
    Shared {
        key: "learn",
        parts,
        tables: &["optimizer", "batch", "lora"],
        older: &[
            ("optimizer", "optimizer", "rule"),
            ("lr", "optimizer", "lr"),
            ("max_steps", "optimizer", "max_steps"),
            ("schedule", "optimizer", "schedule"),
            ("warmup", "optimizer", "warmup"),
            ("last_lr", "optimizer", "last_lr"),
            ("beta1", "optimizer", "beta1"),
            ("beta2", "optimizer", "beta2"),
            ("weight_decay", "optimizer", "weight_decay"),
            ("clip", "optimizer", "clip"),
            ("freeze", "optimizer", "freeze"),
            ("layer_decay", "optimizer", "layer_decay"),
            ("head_lr", "optimizer", "head_lr"),
            ("batch_tokens", "batch", "tokens"),
            ("batch_size", "batch", "size"),
            ("micro_batch_tokens", "batch", "micro_tokens"),
            ("recompute", "batch", "recompute"),
            ("order", "batch", "order"),
            ("lora_rank", "lora", "rank"),
            ("lora_alpha", "lora", "alpha"),
            ("lora_dropout", "lora", "dropout"),
            ("lora_targets", "lora", "targets"),
            ("rslora", "lora", "rslora"),
        ],
    }
}
