//! Between tensors and slices.

use burn::backend::Flex;
use burn::tensor::{Device, Tensor, TensorData};

/// Calls `f` with the elements of a tensor that lies in this process's memory as contiguous `f32`,
/// without copying them; `None` for any other tensor. A tensor that is being differentiated is seen
/// through to its value.
pub fn with_slice<const D: usize, R>(tensor: &Tensor<D>, f: impl FnOnce(&[f32]) -> R) -> Option<R> {
    let plain = if tensor.device().is_autodiff() { tensor.clone().inner() } else { tensor.clone() };
    plain.try_into_primitive::<Flex>().ok()?.as_slice::<f32>().map(f)
}

/// Whether the tensor lies in this process's memory.
pub fn is_here<const D: usize>(tensor: &Tensor<D>) -> bool {
    let plain = if tensor.device().is_autodiff() { tensor.clone().inner() } else { tensor.clone() };
    plain.try_into_primitive::<Flex>().is_ok()
}

/// A tensor of the given shape that takes over the vector (on the CPU device, without copying it).
pub fn from_vec<const D: usize>(data: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(data, shape), device)
}
