use burn::tensor::Tensor;

/// A tensor's numbers, row by row, copied to this process's memory from wherever it lies.
pub fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    kernels::with_slice(tensor, <[f32]>::to_vec).unwrap_or_else(|| into_values(tensor.clone()))
}

/// The same, without a copy where they lie in this process's memory and are not shared.
pub fn into_values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    // A float tensor always converts to f32, so what is left to fail is the device itself: nothing to go on with.
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec::<f32>().unwrap_or_else(|fault| panic!("the device gave back no numbers: {fault:?}"))
}
