//! The weights of a decoder and their names, in one order; where their first values come from.

use burn::tensor::{Device, Tensor};

/// A weight as it is shown by [`crate::Decoder::visit`].
#[derive(Clone, Copy)]
pub enum Weight<'a> {
    /// A gain or a bias: `[width]`.
    Vector(&'a Tensor<1>),
    /// A matrix kept `[in, out]`; most files hold its transpose.
    Matrix(&'a Tensor<2>),
    /// The token table or the table of positions, `[rows, width]` here and in the files.
    Table(&'a Tensor<2>),
}

impl Weight<'_> {
    /// How many numbers it is.
    pub fn size(&self) -> usize {
        Shape::of(self).len()
    }
}

/// A weight as it is handed to [`crate::Decoder::map`].
pub enum WeightMut<'a> {
    /// A gain or a bias.
    Vector(&'a mut Tensor<1>),
    /// A matrix or a table.
    Matrix(&'a mut Tensor<2>),
}

/// A weight's shape in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[len]`
    Vector(usize),
    /// `[in, out]`
    Matrix([usize; 2]),
    /// `[rows, width]`
    Table([usize; 2]),
}

impl Shape {
    /// How many numbers that is.
    pub(crate) fn len(self) -> usize {
        match self {
            Shape::Vector(len) => len,
            Shape::Matrix([rows, columns]) | Shape::Table([rows, columns]) => rows * columns,
        }
    }

    pub(crate) fn of(weight: &Weight<'_>) -> Shape {
        match weight {
            Weight::Vector(vector) => Shape::Vector(vector.dims()[0]),
            Weight::Matrix(matrix) => Shape::Matrix(matrix.dims()),
            Weight::Table(table) => Shape::Table(table.dims()),
        }
    }
}

/// A weight that a decoder is being built with.
pub(crate) struct Wanted {
    /// Its name; see [`crate::Decoder::visit`].
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// What it is in a decoder made from nothing.
    pub(crate) initial: Initial,
}

/// A weight's values in a decoder made from nothing.
pub(crate) enum Initial {
    Constant(f32),
    /// Normal with this deviation, drawn with the key of this word.
    Normal {
        word: String,
        deviation: f64,
    },
}

/// Makes weights out of values that are handed in one by one, so that no weight is in memory twice.
pub(crate) struct Builder<'a, E> {
    pub(crate) device: &'a Device,
    pub(crate) values: &'a mut dyn FnMut(&Wanted) -> Result<Vec<f32>, E>,
}

impl<E> Builder<'_, E> {
    pub(crate) fn vector(&mut self, name: String, len: usize, constant: f32) -> Result<Tensor<1>, E> {
        let wanted = Wanted { name, shape: Shape::Vector(len), initial: Initial::Constant(constant) };
        Ok(kernels::from_vec((self.values)(&wanted)?, [len], self.device))
    }

    pub(crate) fn matrix(&mut self, name: String, shape: [usize; 2], word: String, scale: f64) -> Result<Tensor<2>, E> {
        let initial = Initial::Normal { word, deviation: scale / (shape[0] as f64).sqrt() };
        let wanted = Wanted { name, shape: Shape::Matrix(shape), initial };
        Ok(kernels::from_vec((self.values)(&wanted)?, shape, self.device))
    }

    pub(crate) fn table(&mut self, name: &str, shape: [usize; 2], word: &str) -> Result<Tensor<2>, E> {
        let initial = Initial::Normal { word: word.into(), deviation: 1.0 / (shape[1] as f64).sqrt() };
        let wanted = Wanted { name: name.into(), shape: Shape::Table(shape), initial };
        Ok(kernels::from_vec((self.values)(&wanted)?, shape, self.device))
    }
}
