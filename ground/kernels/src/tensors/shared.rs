//! What all layers of a decoder share where operations are composed: laid out on the device once
//! instead of once a layer.

use super::composed;
use crate::slices::{RopeTable, Scores, Segment};
use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor};

/// Rotary angles of some rows.
#[derive(Clone)]
pub struct Angles(composed::Angles<Dispatch>);

/// Where the rows of packed sequences are laid for attention.
pub struct Layout(composed::Layout<Dispatch>);

impl Angles {
    /// Those of the rows' positions, on the device of `like`.
    pub fn new<const D: usize>(table: &RopeTable, positions: &[u32], like: &Tensor<D>) -> Angles {
        Angles(composed::Angles::new(table, positions, &like.clone().into_dispatch()))
    }

    /// As [`crate::rope`], which makes the angles anew.
    pub fn rotate(&self, x: Tensor<2>) -> Tensor<2> {
        Tensor::from_dispatch(composed::rotated::<Dispatch>(x.into_dispatch(), &self.0))
    }
}

impl Layout {
    /// That of `rows` rows in these segments.
    pub fn new(rows: usize, segments: &[Segment], device: &Device) -> Layout {
        Layout(composed::Layout::new(rows, segments, device.as_dispatch()))
    }

    /// As [`crate::attention`], which makes the layout anew.
    pub fn attention(&self, q: Tensor<2>, k: Tensor<2>, v: Tensor<2>, scores: Scores) -> Tensor<2> {
        let (q, k, v) = (q.into_dispatch(), k.into_dispatch(), v.into_dispatch());
        Tensor::from_dispatch(composed::attention_within::<Dispatch>(q, k, v, scores, &self.0))
    }
}
