//! Adapters: a small trained difference beside a model's frozen weights (LoRA, Hu et al. 2021,
//! arXiv 2106.09685), in the files of PEFT.
//!
//! An adapter stays beside the weights while the model is trained, scored and sampled, in the one
//! definition that all three use: so a sampled token's log-probability is, to the last bit, the one
//! that training computes. [`Decoder::merged`] adds it into a copy of the weights, which rounds
//! once and is another model from then on.

mod files;
mod low_rank;
mod modules;
mod patterns;
mod settings;
mod whole;

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use nouns::Key;

pub use files::{adapter_files, adapter_formats, below};
pub use low_rank::LowRank;
pub use settings::Lora;

use crate::weights::{Weight, WeightMut};
use crate::{Decoder, ModelFault};
use low_rank::Drops;
use modules::Module;

/// Gives the values of a module's matrix, as the files have them.
type Values<'a> = dyn FnMut(&Module, Side) -> Result<Vec<f32>, ModelFault> + 'a;

/// One of the two matrices of a module, as the files have them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// `[rank, in]`
    A,
    /// `[out, rank]`
    B,
}

impl Side {
    /// The name of its tensor in PEFT's files.
    fn tensor(self, module: &str) -> String {
        let side = if self == Side::A { "A" } else { "B" };
        format!("{}{module}.lora_{side}.weight", whole::PREFIX)
    }
}

impl Decoder {
    /// With a new adapter that adds nothing yet: A as a linear map begins in PyTorch and PEFT
    /// (Kaiming-uniform with `a = √5`, which is uniform within `1 / √in`), B zero.
    pub fn with_new_adapter(self, lora: Lora, key: &Key, device: &Device) -> Result<Decoder, ModelFault> {
        let modules = Module::targeted(&self.config, &lora)?;
        let own = lora.clone();
        self.attach(lora, &modules, device, &mut |module, side| {
            let rank = own.rank_of(&module.name)?;
            Ok(match side {
                Side::B => vec![0.0; module.outputs * rank],
                Side::A => {
                    let (mut random, bound) = (key.of(&module.name).random(), 1.0 / (module.inputs as f64).sqrt());
                    (0..rank * module.inputs).map(|_| ((2.0 * random.uniform() - 1.0) * bound) as f32).collect()
                }
            })
        })
    }

    /// Puts an adapter on these modules, whose values are asked for as the files have them.
    fn attach(
        mut self,
        lora: Lora,
        modules: &[Module],
        device: &Device,
        values: &mut Values<'_>,
    ) -> Result<Decoder, ModelFault> {
        // one that was there before gives way
        self.layers
            .iter_mut()
            .flat_map(|layer| layer.linears_mut())
            .flatten()
            .for_each(|linear| linear.low_rank = None);
        for module in modules {
            let (rank, scale) = (lora.rank_of(&module.name)?, lora.scale_of(&module.name)?);
            let a: Tensor<2> = matrix(&values(module, Side::A)?, [rank, module.inputs], device);
            let b = values(module, Side::B)?;
            for (number, part) in module.parts.iter().enumerate() {
                let own = &b[part.start * rank..][..part.own * rank];
                let b = matrix(own, [part.own, rank], device);
                let linear = self.layers[module.layer].linears_mut().into_iter().nth(part.linear).flatten();
                if let Some(linear) = linear {
                    linear.low_rank = Some(LowRank { a: a.clone(), b, scale, shares: number > 0, drops: None });
                }
            }
        }
        self.adapter = Some(Arc::new(lora));
        Ok(self)
    }

    /// The adapter that is on it.
    pub fn adapter(&self) -> Option<&Lora> {
        self.adapter.as_deref()
    }

    /// What the product of every map that it is on is multiplied by, in order.
    pub(crate) fn scales(&self) -> Vec<f64> {
        let linears = self.layers.iter().flat_map(|layer| layer.linears()).flatten();
        linears.filter_map(|linear| Some(linear.low_rank.as_ref()?.scale)).collect()
    }

    /// Names the model that the adapter was trained on; nothing without one.
    pub fn name_base(&mut self, base: &str) {
        if let Some(lora) = &mut self.adapter {
            Arc::make_mut(lora).base = Some(base.into());
        }
    }

    /// The same function without an adapter: what that adds is added to the weights. Sums are
    /// rounded to f32 once, so log-probabilities differ in their last bits.
    pub fn merged(mut self) -> Decoder {
        for linear in self.layers.iter_mut().flat_map(|layer| layer.linears_mut()).flatten() {
            if let Some(low_rank) = linear.low_rank.take() {
                linear.weight = linear.weight.clone() + low_rank.product();
            }
        }
        self.adapter = None;
        self
    }

    /// While training: drops inputs of the adapter, where its settings say so. One key for each
    /// row.
    pub fn dropping(&self, rows: impl FnOnce() -> Vec<Key>) -> Decoder {
        let mut decoder = self.clone();
        let Some(share) = self.adapter().map(|lora| lora.dropout).filter(|share| *share > 0.0) else { return decoder };
        let rows: Arc<[Key]> = rows().into();
        for module in Module::all(&self.config) {
            let name: Arc<str> = module.name.as_str().into();
            let mut linears = decoder.layers[module.layer].linears_mut();
            for part in &module.parts {
                if let Some(low_rank) = linears[part.linear].as_mut().and_then(|linear| linear.low_rank.as_mut()) {
                    low_rank.drops = Some(Drops { module: name.clone(), share, rows: rows.clone() });
                }
            }
        }
        decoder
    }

    /// Shows what training changes, in a fixed order: the adapter where there is one, by the names
    /// in PEFT's files, otherwise every weight. Maps that are one module in the files have one A,
    /// which is shown once, and a B each.
    pub fn visit_trained<'a>(&'a self, see: &mut dyn FnMut(String, Weight<'a>)) {
        if self.adapter.is_none() {
            return self.visit(see);
        }
        for module in Module::all(&self.config) {
            let linears = self.layers[module.layer].linears();
            for part in &module.parts {
                let Some(low_rank) = linears[part.linear].and_then(|linear| linear.low_rank.as_ref()) else { continue };
                if !low_rank.shares {
                    see(Side::A.tensor(&module.name), Weight::Matrix(&low_rank.a));
                }
                see(Side::B.tensor(&module.name), Weight::Matrix(&low_rank.b));
            }
        }
    }

    /// Replaces what training changes, in the order of [`Decoder::visit_trained`].
    pub fn map_trained(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        if self.adapter.is_none() {
            return self.map(change);
        }
        for layer in &mut self.layers {
            let mut shared: Option<Tensor<2>> = None;
            for low_rank in layer.linears_mut().into_iter().flatten().filter_map(|linear| linear.low_rank.as_mut()) {
                match &shared {
                    Some(a) if low_rank.shares => low_rank.a = a.clone(),
                    _ => change(WeightMut::Matrix(&mut low_rank.a)),
                }
                shared = Some(low_rank.a.clone());
                change(WeightMut::Matrix(&mut low_rank.b));
            }
        }
    }
}

/// A file's `[rows, columns]` as the transpose.
fn matrix(values: &[f32], [rows, columns]: [usize; 2], device: &Device) -> Tensor<2> {
    let mut transposed = vec![0.0; values.len()];
    kernels::slices::transpose(values, rows, columns, &mut transposed);
    kernels::from_vec(transposed, [columns, rows], device)
}
