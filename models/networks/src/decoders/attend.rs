use burn::tensor::Tensor;

/// What attention does with the rotated queries and keys and the values of a layer's rows: training
/// attends within packed sequences, decoding to a cache.
pub trait Attend {
    /// `query [rows, heads * head_dim]`, `key` and `value [rows, key_value_heads * head_dim]` to
    /// `[rows, heads * head_dim]`.
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2>;
}
