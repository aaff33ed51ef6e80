//! How a decoder sees: a picture is cut into squares, and each square's colours, mapped linearly,
//! are a row of its input.
//!
//! That is the patch embedding of Dosovitskiy et al. 2020 (arXiv 2010.11929, equation 1) without an
//! encoder after it, as in Fuyu; a tower of its own would give its rows in the same place. A row
//! has a token id of its own ([`nouns::See`]), so that it is told apart wherever ids are compared.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard};

use burn::tensor::{Int, Tensor, TensorData};
use faults::Outcome;
use kernels::Precision;
use nouns::{Digest, FIRST_IMAGE_ROW, Image, See};
use pictures::Pixels;

use crate::Linear;
use crate::weights::Builder;

/// Names its tensor.
pub(crate) const SIGHT: &str = "model.vision_embedding";

/// What a decoder sees with.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Columns and rows of a square, in pixels.
    pub side: usize,
    /// From a square's colours: `[side * side * 3, width]`.
    pub projection: Linear,
}

impl Sight {
    pub(crate) fn build<E>(builder: &mut Builder<'_, E>, side: usize, width: usize) -> Result<Sight, E> {
        let shape = [side * side * 3, width];
        Ok(Sight { side, projection: Linear::build(builder, SIGHT, "sight".into(), shape, 1.0, false)? })
    }

    /// What gives pictures their ids.
    pub fn squares(&self) -> Squares {
        Squares { side: self.side }
    }
}

/// Gives pictures ids, a row for each square of so many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Squares {
    side: usize,
}

impl See for Squares {
    /// The ids of the picture's squares, row by row. Those of a picture that was shown before are
    /// the same.
    fn rows(&self, image: &Image) -> Outcome<Vec<u32>> {
        let place = (image.digest().clone(), self.side);
        if let Some(ids) = shown().ids.get(&place) {
            return Ok(ids.clone());
        }
        let squares = Pixels::of(image)?.squares(self.side);
        let mut shown = SHOWN.write().unwrap_or_else(PoisonError::into_inner);
        let Shown { ids, squares: all } = &mut *shown;
        let own = ids.entry(place).or_insert_with(|| {
            let first = FIRST_IMAGE_ROW + all.len() as u32;
            all.extend(squares.into_iter().map(|colours| Square { side: self.side, colours }));
            (first..FIRST_IMAGE_ROW + all.len() as u32).collect()
        });
        Ok(own.clone())
    }
}

/// All squares that were shown in this process: an id means the same to every model in it.
#[derive(Default)]
struct Shown {
    ids: HashMap<(Digest, usize), Vec<u32>>,
    /// By id, from [`FIRST_IMAGE_ROW`] on.
    squares: Vec<Square>,
}

struct Square {
    side: usize,
    /// `[side * side * 3]`
    colours: Vec<f32>,
}

static SHOWN: LazyLock<RwLock<Shown>> = LazyLock::new(RwLock::default);

fn shown() -> RwLockReadGuard<'static, Shown> {
    SHOWN.read().unwrap_or_else(PoisonError::into_inner)
}

impl Shown {
    fn square(&self, id: u32) -> Option<&Square> {
        self.squares.get(id.checked_sub(FIRST_IMAGE_ROW)? as usize)
    }
}

/// The squares among the rows of a batch.
pub(crate) struct Seen {
    /// The ids with word 0 where there are squares: it is looked up and not looked at. `[rows]`
    pub(crate) words: Vec<u32>,
    /// Which rows are squares. `[squares]`
    pub(crate) places: Vec<usize>,
    /// Their colours. `[squares, side * side * 3]`
    pub(crate) colours: Vec<f32>,
}

impl Sight {
    /// Whether an id is that of a square of its own size.
    pub fn knows(&self, id: u32) -> bool {
        shown().square(id).is_some_and(|square| square.side == self.side)
    }

    /// The squares among these rows, if there are any.
    pub(crate) fn among(&self, ids: &[u32]) -> Option<Seen> {
        let places: Vec<usize> = (0..ids.len()).filter(|&place| ids[place] >= FIRST_IMAGE_ROW).collect();
        if places.is_empty() {
            return None;
        }
        let (shown, mut colours) = (shown(), Vec::new());
        for &place in &places {
            let square = shown.square(ids[place]).filter(|square| square.side == self.side);
            colours.extend(&square.expect("ids of squares are those that this model's tokens were given").colours);
        }
        let words = ids.iter().map(|&id| if id < FIRST_IMAGE_ROW { id } else { 0 }).collect();
        Some(Seen { words, places, colours })
    }

    /// The stream of these rows with the squares in their places: `[rows, width]` to the same.
    pub(crate) fn scattered(&self, stream: Tensor<2>, seen: Seen, precision: Precision) -> Tensor<2> {
        let (device, rows) = (stream.device(), stream.dims()[0]);
        let shape = [seen.places.len(), self.side * self.side * 3];
        let squares = self.projection.forward(kernels::from_vec(seen.colours, shape, &device), precision);
        let mut order: Vec<i32> = (0..rows as i32).collect();
        seen.places.iter().enumerate().for_each(|(square, &place)| order[place] = (rows + square) as i32);
        let order: Tensor<1, Int> = Tensor::from_data(TensorData::new(order, [rows]), &device);
        Tensor::cat(vec![stream, squares], 0).select(0, order)
    }
}
