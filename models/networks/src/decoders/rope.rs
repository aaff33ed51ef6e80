//! Rotary positions and their scalings: which angle each pair of a head is rotated by.

use std::f64::consts::PI;
use std::sync::{Arc, PoisonError, RwLock};

use kernels::RopeTable;
use serde_json::{Map, Value};

use crate::ModelFault;
use crate::fields::Fields;

/// Rotary positions (Su et al. 2021, arXiv 2104.09864) of some layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rope {
    /// Base of the frequencies.
    pub theta: f64,
    /// Elements of a head that are rotated, the first ones; even.
    pub rotated: usize,
    /// How the frequencies are stretched for longer contexts.
    pub scaling: RopeScaling,
}

impl Rope {
    /// The name that `transformers` gives to how the frequencies are stretched.
    pub fn word(&self) -> &'static str {
        match self.scaling {
            RopeScaling::Default => "default",
            RopeScaling::Linear { .. } => "linear",
            RopeScaling::Dynamic => "dynamic",
            RopeScaling::Llama3 { .. } => "llama3",
            RopeScaling::Yarn { .. } => "yarn",
            RopeScaling::Long { .. } => "longrope",
        }
    }
}

/// How frequencies are stretched, by the names that `transformers` gives.
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// `default`: not at all.
    Default,
    /// `linear`: positions are divided (Chen et al. 2023, arXiv 2306.15595).
    Linear {
        /// By this.
        factor: f64,
    },
    /// `dynamic`: the base grows with a sequence that is longer than the model's context, which is
    /// never computed here: up to there, frequencies are the plain ones.
    Dynamic,
    /// `llama3`: low frequencies are divided, high ones are not (The Llama 3 herd of models, arXiv
    /// 2407.21783).
    Llama3 {
        /// What low frequencies are divided by.
        factor: f64,
        /// Wave lengths above `original / low` are low frequencies.
        low: f64,
        /// Wave lengths below `original / high` are high frequencies.
        high: f64,
        /// Context before it was stretched.
        original: f64,
    },
    /// `yarn` (Peng et al. 2023, arXiv 2309.00071).
    Yarn {
        /// What low frequencies are divided by.
        factor: f64,
        /// Context before it was stretched.
        original: f64,
        /// Rotations over the original context, above and below which frequencies are high and low.
        betas: (f64, f64),
        /// Whether the bounds of the ramp are whole numbers.
        truncate: bool,
        /// What cosines and sines are multiplied by.
        attention_factor: f64,
    },
    /// `longrope` (Ding et al. 2024, arXiv 2402.13753): a factor per frequency, one list for
    /// sequences within the original context, another for longer ones. A sequence cannot change
    /// lists on the way, so a model has one in force.
    Long {
        /// Factors within the original context.
        short: Vec<f64>,
        /// Factors beyond.
        long: Vec<f64>,
        /// Context before it was stretched.
        original: usize,
        /// What cosines and sines are multiplied by.
        attention_factor: f64,
        /// Whether the long factors are selected.
        stretched: bool,
    },
}

const SUPPORTED: &str = "default, linear, dynamic, llama3, yarn, longrope";

impl Rope {
    /// Plain rotary positions over whole heads.
    pub fn plain(theta: f64, head_dim: usize) -> Rope {
        Rope { theta, rotated: head_dim, scaling: RopeScaling::Default }
    }

    /// Reads one set of rotary settings: `object` is `rope_scaling` or (an entry of)
    /// `rope_parameters`; what it lacks stands in the configuration itself.
    pub(crate) fn read(
        fields: &Fields,
        object: &Map<String, Value>,
        theta: f64,
        head_dim: usize,
    ) -> Result<Rope, ModelFault> {
        let rope = Fields(object);
        let share = match rope.number("partial_rotary_factor")? {
            Some(share) => share,
            None => fields.number("partial_rotary_factor")?.unwrap_or(1.0),
        };
        let rotated = (head_dim as f64 * share) as usize;
        if rotated == 0 || rotated > head_dim || !rotated.is_multiple_of(2) {
            let what = format!("head_dim {head_dim} times partial_rotary_factor {share} is not an even part of a head");
            return Err(ModelFault::Config(what));
        }
        let theta = rope.number("rope_theta")?.unwrap_or(theta);
        Ok(Rope { theta, rotated, scaling: scaling(fields, &rope, rotated)? })
    }

    /// Angles per position in radians, `rotated / 2` of them, and what cosines and sines are
    /// multiplied by.
    pub fn frequencies(&self) -> (Vec<f64>, f64) {
        let half = self.rotated / 2;
        let plain = |i: usize| self.theta.powf(-2.0 * i as f64 / self.rotated as f64);
        let by = |f: &dyn Fn(usize) -> f64| (0..half).map(f).collect::<Vec<f64>>();
        match &self.scaling {
            RopeScaling::Default | RopeScaling::Dynamic => (by(&plain), 1.0),
            RopeScaling::Linear { factor } => (by(&|i| plain(i) / factor), 1.0),
            RopeScaling::Llama3 { factor, low, high, original } => {
                (by(&|i| llama3(plain(i), *factor, *low, *high, *original)), 1.0)
            }
            RopeScaling::Yarn { factor, original, betas, truncate, attention_factor } => {
                let (from, to) = self.ramp(*original, *betas, *truncate);
                let one = |i: usize| {
                    let ramp = ((i as f64 - from) / (to - from)).clamp(0.0, 1.0);
                    plain(i) / factor * ramp + plain(i) * (1.0 - ramp)
                };
                (by(&one), *attention_factor)
            }
            RopeScaling::Long { short, long, attention_factor, stretched, .. } => {
                let factors = if *stretched { long } else { short };
                (by(&|i| plain(i) / factors[i]), *attention_factor)
            }
        }
    }

    /// Between which pairs YaRN goes from the plain frequencies to the divided ones.
    fn ramp(&self, original: f64, (fast, slow): (f64, f64), truncate: bool) -> (f64, f64) {
        let dim = self.rotated as f64;
        let pair = |rotations: f64| dim * (original / (rotations * 2.0 * PI)).ln() / (2.0 * self.theta.ln());
        let (from, to) = if truncate { (pair(fast).floor(), pair(slow).ceil()) } else { (pair(fast), pair(slow)) };
        let (from, to) = (from.max(0.0), to.min(dim - 1.0));
        (from, if from == to { to + 0.001 } else { to })
    }
}

fn llama3(frequency: f64, factor: f64, low: f64, high: f64, original: f64) -> f64 {
    let length = 2.0 * PI / frequency;
    if length > original / low {
        return frequency / factor;
    }
    if length < original / high {
        return frequency;
    }
    let smooth = (original / length - low) / (high - low);
    (1.0 - smooth) * frequency / factor + smooth * frequency
}

fn scaling(fields: &Fields, rope: &Fields, rotated: usize) -> Result<RopeScaling, ModelFault> {
    let kind = rope.get("rope_type").as_str().or(rope.get("type").as_str()).unwrap_or("default");
    let context = || fields.needed(CONTEXT);
    let original = || match (fields.size(ORIGINAL)?, rope.size(ORIGINAL)?) {
        (Some(original), _) | (None, Some(original)) => Ok(original),
        (None, None) => context(),
    };
    match kind {
        "default" => Ok(RopeScaling::Default),
        "linear" => Ok(RopeScaling::Linear { factor: rope.needed_number("factor")? }),
        "dynamic" => {
            rope.needed_number("factor")?;
            Ok(RopeScaling::Dynamic)
        }
        "llama3" => Ok(RopeScaling::Llama3 {
            factor: rope.needed_number("factor")?,
            low: rope.needed_number("low_freq_factor")?,
            high: rope.needed_number("high_freq_factor")?,
            original: original()? as f64,
        }),
        "yarn" => {
            let original = original()? as f64;
            let factor = rope.number("factor")?.map_or_else(|| Ok(context()? as f64 / original), Ok)?;
            let (mscale, all) = (rope.number("mscale")?, rope.number("mscale_all_dim")?);
            let scale = |m: f64| if factor <= 1.0 { 1.0 } else { 0.1 * m * factor.ln() + 1.0 };
            let derived = match (mscale, all) {
                (Some(mscale), Some(all)) => scale(mscale) / scale(all),
                _ => scale(1.0),
            };
            Ok(RopeScaling::Yarn {
                factor,
                original,
                betas: (rope.number("beta_fast")?.unwrap_or(32.0), rope.number("beta_slow")?.unwrap_or(1.0)),
                truncate: rope.flag("truncate", true)?,
                attention_factor: rope.number("attention_factor")?.unwrap_or(derived),
            })
        }
        "longrope" | "su" => {
            let original = original()?;
            let factor = rope.number("factor")?.map_or_else(|| Ok(context()? as f64 / original as f64), Ok)?;
            let grown = (1.0 + factor.ln() / (original as f64).ln()).sqrt();
            Ok(RopeScaling::Long {
                short: rope.numbers("short_factor", rotated / 2)?,
                long: rope.numbers("long_factor", rotated / 2)?,
                original,
                attention_factor: rope.number("attention_factor")?.unwrap_or(if factor <= 1.0 || original < 2 {
                    1.0
                } else {
                    grown
                }),
                stretched: false,
            })
        }
        other => {
            Err(ModelFault::Config(format!("the rope type `{other}` is not supported; supported are {SUPPORTED}")))
        }
    }
}

const CONTEXT: &str = "max_position_embeddings";
const ORIGINAL: &str = "original_max_position_embeddings";

/// A table of angles that grows with the positions that are asked for, so that a model with a long
/// context does not begin with a large table.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    head_dim: usize,
    rope: Rope,
    table: Arc<RwLock<Arc<RopeTable>>>,
}

impl Rotation {
    pub(crate) fn new(rope: &Rope, head_dim: usize) -> Rotation {
        let empty = RopeTable::from_frequencies(head_dim, &vec![0.0; rope.rotated / 2], 1.0, 0);
        Rotation { head_dim, rope: rope.clone(), table: Arc::new(RwLock::new(Arc::new(empty))) }
    }

    /// A table that reaches every one of the positions.
    pub(crate) fn reaching(&self, positions: &[u32]) -> Arc<RopeTable> {
        let wanted = positions.iter().max().map_or(0, |&last| last as usize + 1);
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner).clone();
        if wanted <= table.positions() {
            return table;
        }
        let (frequencies, factor) = self.rope.frequencies();
        let length = wanted.next_power_of_two();
        let table = Arc::new(RopeTable::from_frequencies(self.head_dim, &frequencies, factor, length));
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = table.clone();
        table
    }
}
