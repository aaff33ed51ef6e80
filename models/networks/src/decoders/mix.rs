//! Means of models: moving averages and soups (Wortsman et al. 2022, arXiv 2203.05482).

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use crate::weights::{Weight, WeightMut};
use crate::{Decoder, values};

/// `share` of one model and the rest of another, weight by weight. A weight that the other has not,
/// or in another size, is the one's own.
pub fn mixed(one: &Decoder, share: f64, other: &Decoder, device: &Device) -> Decoder {
    let mut others: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    other.visit(&mut |name, weight| {
        let numbers = match weight {
            Weight::Vector(vector) => values(vector),
            Weight::Matrix(matrix) | Weight::Table(matrix) => values(matrix),
        };
        others.insert(name, numbers);
    });
    let mut names = Vec::new();
    one.visit(&mut |name, _| names.push(name));
    let (mut mixed, mut names) = (one.clone(), names.into_iter());
    mixed.map(&mut |weight| {
        let other = names.next().and_then(|name| others.remove(&name));
        match weight {
            WeightMut::Vector(vector) => mix(vector, share, other, device),
            WeightMut::Matrix(matrix) => mix(matrix, share, other, device),
        }
    });
    mixed
}

fn mix<const D: usize>(tensor: &mut Tensor<D>, share: f64, other: Option<Vec<f32>>, device: &Device) {
    let mut own = values(tensor);
    let Some(other) = other.filter(|other| other.len() == own.len()) else { return };
    for (own, other) in own.iter_mut().zip(other) {
        *own = (share * f64::from(*own) + (1.0 - share) * f64::from(other)) as f32;
    }
    *tensor = kernels::from_vec(own, tensor.dims(), device);
}
