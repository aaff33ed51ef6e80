//! The operations that a layer is made of: over tensors, which have gradients and any device, and
//! over plain rows of numbers on the processor, which a sampler wants. The layer is defined once,
//! over these.

use std::cell::OnceCell;
use std::sync::Arc;

use burn::tensor::Tensor;
use kernels::{Activation, Angles, Precision, RopeTable};

use crate::decoders::attend::Attend;
use crate::{Linear, Norm, Positions};

/// Operations on rows. Every implementation gives the same bits.
pub(crate) trait Algebra {
    /// A linear map.
    type Map;
    /// A norm.
    type Norm;
    /// Rows of numbers: `[rows, width]`.
    type Rows;

    /// The same rows again.
    fn copy(&mut self, x: &Self::Rows) -> Self::Rows;
    /// `[rows, in]` to `[rows, out]`.
    fn linear(&mut self, map: &Self::Map, x: &Self::Rows) -> Self::Rows;
    /// Several maps of the same rows.
    fn linears<const N: usize>(&mut self, maps: [&Self::Map; N], x: &Self::Rows) -> [Self::Rows; N] {
        maps.map(|map| self.linear(map, x))
    }
    /// `[rows, width]` to the same, normed over rows or over equal parts of a row.
    fn norm(&mut self, norm: &Self::Norm, x: &Self::Rows) -> Self::Rows;
    /// Rotates heads by the angles of their rows' positions.
    fn rotate(&mut self, positions: Positions, x: Self::Rows) -> Self::Rows;
    /// What attention gives the rows of this layer.
    fn attend(&mut self, layer: usize, query: Self::Rows, key: Self::Rows, value: Self::Rows) -> Self::Rows;
    /// `f(gate) * up`.
    fn gated(&mut self, activation: Activation, gate: Self::Rows, up: Self::Rows) -> Self::Rows;
    /// `f(x)`.
    fn activated(&mut self, activation: Activation, x: Self::Rows) -> Self::Rows;
    /// The sum, element by element.
    fn add(&mut self, x: Self::Rows, y: Self::Rows) -> Self::Rows;
}

/// Rotary angles of global and of local positions, as far as the rows reach.
pub(crate) struct Tables {
    pub(crate) global: Arc<RopeTable>,
    pub(crate) local: Arc<RopeTable>,
}

impl Tables {
    pub(crate) fn of(&self, positions: Positions) -> Option<&Arc<RopeTable>> {
        match positions {
            Positions::Global => Some(&self.global),
            Positions::Local => Some(&self.local),
            Positions::Unrotated => None,
        }
    }
}

/// Tensors, differentiable, on any device.
pub(crate) struct Tensors<'a> {
    pub(crate) precision: Precision,
    pub(crate) tables: Tables,
    pub(crate) positions: Arc<[u32]>,
    pub(crate) attend: &'a mut dyn Attend,
    /// Angles of global and of local positions, where operations are composed.
    angles: [OnceCell<Angles>; 2],
}

impl<'a> Tensors<'a> {
    pub(crate) fn new(precision: Precision, tables: Tables, positions: Arc<[u32]>, attend: &'a mut dyn Attend) -> Self {
        Tensors { precision, tables, positions, attend, angles: Default::default() }
    }
}

impl Algebra for Tensors<'_> {
    type Map = Linear;
    type Norm = Norm;
    type Rows = Tensor<2>;

    fn copy(&mut self, x: &Tensor<2>) -> Tensor<2> {
        x.clone()
    }

    fn linear(&mut self, map: &Linear, x: &Tensor<2>) -> Tensor<2> {
        map.forward(x.clone(), self.precision)
    }

    fn norm(&mut self, norm: &Norm, x: &Tensor<2>) -> Tensor<2> {
        norm.forward(x.clone())
    }

    fn rotate(&mut self, positions: Positions, x: Tensor<2>) -> Tensor<2> {
        match self.tables.of(positions) {
            None => x,
            Some(table) if kernels::is_here(&x) => kernels::rope(x, table.clone(), self.positions.clone()),
            Some(table) => {
                let angles = &self.angles[usize::from(positions == Positions::Local)];
                angles.get_or_init(|| Angles::new(table, &self.positions, &x)).rotate(x)
            }
        }
    }

    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2> {
        self.attend.attend(layer, query, key, value)
    }

    fn gated(&mut self, activation: Activation, gate: Tensor<2>, up: Tensor<2>) -> Tensor<2> {
        kernels::gated(activation, gate, up)
    }

    fn activated(&mut self, activation: Activation, x: Tensor<2>) -> Tensor<2> {
        // a gate before ones is the activation alone
        let ones = x.ones_like();
        kernels::gated(activation, x, ones)
    }

    fn add(&mut self, x: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
        x + y
    }
}
