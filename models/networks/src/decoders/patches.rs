//! Patch embeddings: a picture is cut into patches, and each patch's colours, mapped linearly, are
//! a row of the decoder's input.
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
pub(crate) const PATCH_EMBEDDING: &str = "model.vision_embedding";

/// The patch embedding of a decoder that takes pictures.
#[derive(Clone, Debug)]
pub struct PatchEmbedding {
    /// Columns and rows of a patch, in pixels.
    pub side: usize,
    /// From a patch's colours: `[side * side * 3, width]`.
    pub projection: Linear,
}

impl PatchEmbedding {
    pub(crate) fn build<E>(builder: &mut Builder<'_, E>, side: usize, width: usize) -> Result<PatchEmbedding, E> {
        let shape = [side * side * 3, width];
        // The word is the key of random weights, which are to stay what they were.
        Ok(PatchEmbedding {
            side,
            projection: Linear::build(builder, PATCH_EMBEDDING, "sight".into(), shape, 1.0, false)?,
        })
    }

    /// What gives pictures their ids.
    pub fn patches(&self) -> Patches {
        Patches { side: self.side }
    }
}

/// Gives pictures ids, a row for each patch of `side` by `side` pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patches {
    side: usize,
}

impl See for Patches {
    /// The ids of the picture's patches, row by row. Those of a picture that was shown before are
    /// the same.
    fn rows(&self, image: &Image) -> Outcome<Vec<u32>> {
        let place = (image.digest().clone(), self.side);
        if let Some(ids) = shown().ids.get(&place) {
            return Ok(ids.clone());
        }
        let patches = Pixels::of(image)?.patches(self.side);
        let mut shown = SHOWN.write().unwrap_or_else(PoisonError::into_inner);
        let Shown { ids, patches: all } = &mut *shown;
        let own = ids.entry(place).or_insert_with(|| {
            let first = FIRST_IMAGE_ROW + all.len() as u32;
            all.extend(patches.into_iter().map(|colours| Patch { side: self.side, colours }));
            (first..FIRST_IMAGE_ROW + all.len() as u32).collect()
        });
        Ok(own.clone())
    }
}

/// All patches that were shown in this process: an id means the same to every model in it.
#[derive(Default)]
struct Shown {
    ids: HashMap<(Digest, usize), Vec<u32>>,
    /// By id, from [`FIRST_IMAGE_ROW`] on.
    patches: Vec<Patch>,
}

struct Patch {
    side: usize,
    /// `[side * side * 3]`
    colours: Vec<f32>,
}

static SHOWN: LazyLock<RwLock<Shown>> = LazyLock::new(RwLock::default);

fn shown() -> RwLockReadGuard<'static, Shown> {
    SHOWN.read().unwrap_or_else(PoisonError::into_inner)
}

impl Shown {
    fn patch(&self, id: u32) -> Option<&Patch> {
        self.patches.get(id.checked_sub(FIRST_IMAGE_ROW)? as usize)
    }
}

/// The patches among the rows of a batch.
pub(crate) struct Seen {
    /// The ids with word 0 where there are patches: it is looked up and not looked at. `[rows]`
    pub(crate) words: Vec<u32>,
    /// Which rows are patches. `[patches]`
    pub(crate) places: Vec<usize>,
    /// Their colours. `[patches, side * side * 3]`
    pub(crate) colours: Vec<f32>,
}

impl PatchEmbedding {
    /// Whether an id is that of a patch of its own size.
    pub fn knows(&self, id: u32) -> bool {
        shown().patch(id).is_some_and(|patch| patch.side == self.side)
    }

    /// The patches among these rows, if there are any.
    pub(crate) fn among(&self, ids: &[u32]) -> Option<Seen> {
        let places: Vec<usize> = (0..ids.len()).filter(|&place| ids[place] >= FIRST_IMAGE_ROW).collect();
        if places.is_empty() {
            return None;
        }
        let (shown, mut colours) = (shown(), Vec::new());
        for &place in &places {
            let patch = shown.patch(ids[place]).filter(|patch| patch.side == self.side);
            colours.extend(&patch.expect("ids of patches are those that this model's tokens were given").colours);
        }
        let words = ids.iter().map(|&id| if id < FIRST_IMAGE_ROW { id } else { 0 }).collect();
        Some(Seen { words, places, colours })
    }

    /// The stream of these rows with the patches in their places: `[rows, width]` to the same.
    pub(crate) fn scattered(&self, stream: Tensor<2>, seen: Seen, precision: Precision) -> Tensor<2> {
        let (device, rows) = (stream.device(), stream.dims()[0]);
        let shape = [seen.places.len(), self.side * self.side * 3];
        let patches = self.projection.forward(kernels::from_vec(seen.colours, shape, &device), precision);
        let mut order: Vec<i32> = (0..rows as i32).collect();
        seen.places.iter().enumerate().for_each(|(patch, &place)| order[place] = (rows + patch) as i32);
        let order: Tensor<1, Int> = Tensor::from_data(TensorData::new(order, [rows]), &device);
        Tensor::cat(vec![stream, patches], 0).select(0, order)
    }
}
