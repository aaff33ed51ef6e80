//! The operations as one extension of the tensor library's backends.

use super::composed;
use crate::slices::{Activation, Precision, RopeTable, Scores, Segment};
use burn::backend::tensor::FloatTensor;
#[allow(unused_imports, reason = "the macro names the backends that the features select")]
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use std::sync::Arc;

/// Fused operations. Flex has its own, with backward passes; other devices compose the library's
/// operations.
///
/// The free functions of this crate ([`crate::linear`] and its siblings) are the convenient way in.
#[backend_extension(
    Flex,
    Cube: cfg(any(feature = "vulkan", feature = "metal", feature = "cuda")),
    Autodiff,
)]
pub trait Fused: Backend {
    /// See [`crate::linear`].
    fn linear(x: FloatTensor<Self>, w: FloatTensor<Self>, precision: Precision) -> FloatTensor<Self> {
        let _ = precision;
        composed::linear::<Self>(x, w)
    }

    /// See [`crate::add_bias`].
    fn add_bias(x: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        composed::add_bias::<Self>(x, bias)
    }

    /// See [`crate::layer_norm`].
    fn layer_norm(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f32,
    ) -> FloatTensor<Self> {
        composed::layer_norm::<Self>(x, gain, bias, eps)
    }

    /// See [`crate::rms_norm`].
    fn rms_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, eps: f32) -> FloatTensor<Self> {
        composed::rms_norm::<Self>(x, gain, eps)
    }

    /// See [`crate::rope`].
    fn rope(x: FloatTensor<Self>, table: Arc<RopeTable>, positions: Arc<[u32]>) -> FloatTensor<Self> {
        composed::rope::<Self>(x, table, positions)
    }

    /// See [`crate::gated`].
    fn gated(activation: Activation, gate: FloatTensor<Self>, up: FloatTensor<Self>) -> FloatTensor<Self> {
        composed::gated::<Self>(activation, gate, up)
    }

    /// See [`crate::attention`].
    fn attention(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        scores: Scores,
        segments: Arc<[Segment]>,
    ) -> FloatTensor<Self> {
        composed::attention::<Self>(q, k, v, scores, segments)
    }

    /// See [`crate::embedding`].
    fn embedding(table: FloatTensor<Self>, ids: Arc<[u32]>) -> FloatTensor<Self> {
        composed::embedding::<Self>(table, ids)
    }

    /// See [`crate::token_log_probs`].
    fn token_log_probs(
        hidden: FloatTensor<Self>,
        head: FloatTensor<Self>,
        targets: Arc<[u32]>,
        tied: bool,
        cap: Option<f32>,
        precision: Precision,
    ) -> FloatTensor<Self> {
        let _ = precision;
        composed::token_log_probs::<Self>(hidden, head, targets, tied, cap)
    }
}

#[cfg(any(feature = "vulkan", feature = "metal", feature = "cuda"))]
mod cube {
    use super::Fused;
    use burn::backend::autodiff::{Autodiff, checkpoint::strategy::CheckpointStrategy};

    impl Fused for burn::backend::Cube {}
    impl<C: CheckpointStrategy> Fused for Autodiff<burn::backend::Cube, C> {}
}
