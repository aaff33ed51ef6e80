use std::sync::Arc;

use burn::tensor::Tensor;
use kernels::Precision;
use nouns::Key;

/// What an adapter adds to a linear map: `scale · dropout(x) · A · B` (LoRA, Hu et al. 2021, arXiv
/// 2106.09685, section 4.1).
#[derive(Clone, Debug)]
pub struct LowRank {
    /// `[in, rank]`, the transpose of the files' `lora_A`.
    pub a: Tensor<2>,
    /// `[rank, out]`, the transpose of the files' `lora_B`, or its part where the files fuse
    /// several maps.
    pub b: Tensor<2>,
    /// What the product is multiplied by.
    pub scale: f64,
    /// Whether `a` is shared with the map before it: both are one in the files.
    pub(super) shares: bool,
    /// What is dropped of the input, while training.
    pub(super) drops: Option<Drops>,
}

impl LowRank {
    /// `x [rows, in]` to what is added, `[rows, out]`.
    pub(crate) fn forward(&self, x: Tensor<2>, precision: Precision) -> Tensor<2> {
        let x = match &self.drops {
            Some(drops) => {
                let mask = kernels::from_vec(drops.mask(x.dims()), x.dims(), &x.device());
                x * mask
            }
            None => x,
        };
        kernels::linear(kernels::linear(x, self.a.clone(), precision) * self.scale, self.b.clone(), precision)
    }

    /// The same as a matrix of its own: `scale · A · B`. `[in, out]`
    pub(super) fn product(&self) -> Tensor<2> {
        kernels::linear(self.a.clone() * self.scale, self.b.clone(), Precision::F32)
    }
}

/// Which inputs are dropped: a draw for each row, module and column, so that threads and the cut
/// into batches change nothing.
#[derive(Clone, Debug)]
pub(super) struct Drops {
    /// The module, as the files name it: maps that are one there drop the same.
    pub(super) module: Arc<str>,
    /// The probability.
    pub(super) share: f64,
    /// One for each row.
    pub(super) rows: Arc<[Key]>,
}

impl Drops {
    /// 0 where an input is dropped, `1 / (1 - share)` elsewhere. `[rows, width]`
    fn mask(&self, [rows, width]: [usize; 2]) -> Vec<f32> {
        let kept = (1.0 / (1.0 - self.share)) as f32;
        let bound = (self.share * 2f64.powi(32)) as u64;
        let mut mask = Vec::with_capacity(rows * width);
        for key in self.rows.iter() {
            let mut random = key.of(&self.module).random();
            // two draws out of every 64 bits
            for columns in (0..width).step_by(2) {
                let bits = random.bits();
                let halves = [bits & 0xffff_ffff, bits >> 32];
                mask.extend(halves.iter().take(width - columns).map(|&half| if half < bound { 0.0 } else { kept }));
            }
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_drops_its_share_and_keeps_the_mean() {
        let rows: Arc<[Key]> = (0..400).map(|row| Key::root(3).at(row)).collect();
        let drops = Drops { module: "a".into(), share: 0.25, rows: rows.clone() };
        let mask = drops.mask([400, 51]);
        assert_eq!(mask.len(), 400 * 51);
        let dropped = mask.iter().filter(|&&kept| kept == 0.0).count() as f64 / mask.len() as f64;
        assert!((dropped - 0.25).abs() < 0.01, "{dropped}");
        assert!((mask.iter().sum::<f32>() / mask.len() as f32 - 1.0).abs() < 0.02);
        let alone = Drops { rows: rows[7..8].into(), ..drops.clone() };
        assert_eq!(alone.mask([1, 51]), mask[7 * 51..8 * 51], "a row's draws are its own");
        assert_ne!(Drops { module: "b".into(), ..drops }.mask([400, 51]), mask);
    }
}
