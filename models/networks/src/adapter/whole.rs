//! What an adapter holds besides low-rank products: magnitudes (DoRA) and weights saved whole. Such
//! an adapter is merged into the model's weights as it is read.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use super::modules::Module;
use crate::decoders::decoder::{HEAD, TOKENS};
use crate::decoders::families::Place;
use crate::files::Files;
use crate::load::{read, straight};
use crate::weights::{Initial, Shape, Wanted, WeightMut};
use crate::{Decoder, ModelFault};

/// What the names of all tensors of an adapter begin with.
pub(super) const PREFIX: &str = "base_model.model.";

/// The name of a module's magnitudes in PEFT's files.
pub(super) fn magnitude(module: &str) -> String {
    format!("{PREFIX}{module}.lora_magnitude_vector")
}

/// The tensor of the adapter's file that takes the place of a weight of the model.
fn place(decoder: &Decoder, weight: &str) -> Place {
    let place = decoder.config.family.place(&decoder.config, weight);
    Place { name: format!("{PREFIX}{}", place.name), ..place }
}

/// The weights that the file has whole, as tensors of it.
pub(super) fn saved(decoder: &Decoder, files: &Files) -> Vec<String> {
    let mut names: Vec<String> = vec![place(decoder, HEAD).name];
    decoder.visit(&mut |name, _| names.push(place(decoder, &name).name));
    names.retain(|name| files.shape(name).is_ok());
    names
}

/// The magnitudes of every module, `[outputs]` each.
pub(super) fn magnitudes(modules: &[Module], files: &mut Files) -> Result<Vec<Vec<f32>>, ModelFault> {
    let of = |module: &Module| {
        let name = magnitude(&module.name);
        match files.shape(&name)? {
            [len] if *len == module.outputs => straight(files, &name, (0, module.outputs), 1),
            found => Err(ModelFault::Shape { found: found.to_vec(), wanted: vec![module.outputs], name }),
        }
    };
    modules.iter().map(of).collect()
}

impl Decoder {
    /// What the adapter adds is added to the weights of these modules, and every output's weights
    /// get the length that its magnitude says: `m · (W + s · A · B) / ‖W + s · A · B‖` (DoRA, Liu
    /// et al. 2024, arXiv 2402.09353, equation 5).
    pub(super) fn lengthened(mut self, modules: &[Module], magnitudes: &[Vec<f32>], device: &Device) -> Decoder {
        self = self.merged();
        for (module, magnitudes) in modules.iter().zip(magnitudes) {
            let mut linears = self.layers[module.layer].linears_mut();
            for part in &module.parts {
                if let Some(linear) = linears[part.linear].as_mut() {
                    let own = &magnitudes[part.start..][..part.own];
                    linear.weight = of_length(&linear.weight, own, device);
                }
            }
        }
        self
    }

    /// The weights that the file has whole take the place of the model's. A head that was the token
    /// table is one of its own from then on, as in PEFT, unless `tied` says that they stay one.
    pub(super) fn with_saved(mut self, files: &mut Files, tied: bool, device: &Device) -> Result<Decoder, ModelFault> {
        let has = |decoder: &Decoder, weight: &str| files.shape(&place(decoder, weight).name).is_ok();
        let own_head = has(&self, HEAD) || (has(&self, TOKENS) && !tied);
        let apart = crate::Config { tie_word_embeddings: false, ..self.config.clone() };
        if self.head.is_none() && own_head && apart.has_token_head() {
            self.head = Some(self.embedding.clone().transpose());
            self.config = apart;
        }
        let (mut wanted, mut number) = (Vec::new(), 0);
        self.visit(&mut |name, weight| wanted.push((place(&self, &name), name, Shape::of(&weight))));
        let mut values = BTreeMap::new();
        for (number, (place, name, shape)) in wanted.into_iter().enumerate() {
            if files.shape(&place.name).is_ok() {
                let wanted = Wanted { name, shape, initial: Initial::Constant(0.0) };
                values.insert(number, read(files, &place, &wanted)?);
            }
        }
        self.map(&mut |weight| {
            match (weight, values.remove(&number)) {
                (WeightMut::Vector(vector), Some(values)) => {
                    *vector = kernels::from_vec(values, vector.dims(), device);
                }
                (WeightMut::Matrix(matrix), Some(values)) => {
                    *matrix = kernels::from_vec(values, matrix.dims(), device);
                }
                (_, None) => {}
            }
            number += 1;
        });
        Ok(self)
    }
}

/// Columns of these lengths. `weight [in, out]`, `lengths [out]`
fn of_length(weight: &Tensor<2>, lengths: &[f32], device: &Device) -> Tensor<2> {
    let [inputs, outputs] = weight.dims();
    let mut values = crate::values(weight);
    let mut squares = vec![0.0; outputs];
    for row in values.chunks_exact(outputs) {
        squares.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x) * f64::from(*x));
    }
    // a column of zeros has no direction, and stays
    let factor = |(length, square): (&f32, &f64)| if *square > 0.0 { f64::from(*length) / square.sqrt() } else { 0.0 };
    let factors: Vec<f32> = lengths.iter().zip(&squares).map(|both| factor(both) as f32).collect();
    for row in values.chunks_exact_mut(outputs) {
        row.iter_mut().zip(&factors).for_each(|(x, factor)| *x *= factor);
    }
    kernels::from_vec(values, [inputs, outputs], device)
}
