//! Gradients, which lie where the model does: nothing is copied from a GPU and back for a step.

use std::borrow::Cow;

use burn::tensor::Tensor;
use kernels::slices::{add_assign, sum_of_squares};

/// Numbers of a weight's size, in this process's memory or on another device.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for each weight, which is larger by far")]
pub(crate) enum Numbers {
    /// Here.
    Here(Vec<f32>),
    /// There, in one row.
    There(Tensor<1>),
}

impl Numbers {
    /// A tensor's, where it is.
    pub(crate) fn of<const D: usize>(tensor: Tensor<D>) -> Numbers {
        match kernels::is_here(&tensor) {
            true => Numbers::Here(networks::into_values(tensor)),
            false => {
                let len: usize = tensor.dims().iter().product();
                Numbers::There(tensor.reshape([len]))
            }
        }
    }

    /// As many zeros as the tensor has numbers, beside it.
    pub(crate) fn zeros<const D: usize>(like: &Tensor<D>) -> Numbers {
        let len: usize = like.dims().iter().product();
        match kernels::is_here(like) {
            true => Numbers::Here(vec![0.0; len]),
            false => Numbers::There(Tensor::zeros([len], &like.device().without_autodiff())),
        }
    }

    /// The numbers.
    pub(crate) fn values(&self) -> Cow<'_, [f32]> {
        match self {
            Numbers::Here(numbers) => Cow::Borrowed(numbers),
            Numbers::There(tensor) => Cow::Owned(networks::values(tensor)),
        }
    }

    /// Adds others, number by number, which lie in the same place.
    pub(crate) fn add(&mut self, others: &Numbers) {
        match (self, others) {
            (Numbers::Here(sum), others) => add_assign(sum, &others.values()),
            (Numbers::There(sum), Numbers::There(others)) => *sum = sum.clone() + others.clone(),
            (Numbers::There(_), Numbers::Here(_)) => unreachable!("a model's gradients lie where it does"),
        }
    }

    /// Makes all of them zero.
    pub(crate) fn clear(&mut self) {
        match self {
            Numbers::Here(numbers) => numbers.fill(0.0),
            Numbers::There(tensor) => *tensor = tensor.zeros_like(),
        }
    }
}

/// The sum of the squares of each list; those that are there are asked for all at once.
pub(crate) fn sums_of_squares(lists: &[Numbers]) -> Vec<f64> {
    let there = lists.iter().filter_map(|list| match list {
        Numbers::Here(_) => None,
        Numbers::There(tensor) => Some((tensor.clone() * tensor.clone()).sum()),
    });
    let there: Vec<Tensor<1>> = there.collect();
    let mut there = match there.is_empty() {
        true => Vec::new(),
        false => networks::values(&Tensor::cat(there, 0)),
    }
    .into_iter();
    let one = |list: &Numbers| match list {
        Numbers::Here(numbers) => sum_of_squares(numbers),
        Numbers::There(_) => there.next().map_or(0.0, f64::from),
    };
    lists.iter().map(one).collect()
}
