/// What a picture shows: red, green and blue of every pixel, 8 bits each. What it says of
/// transparency is left out, as the image library of `transformers` (Pillow) does when it converts
/// to RGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row. `[height, width, 3]`
    pub rgb: Vec<u8>,
}

impl Pixels {
    /// Cuts the picture into patches of `side` pixels, row by row; patches at the right and lower
    /// edge are filled up with black. Every patch is `side * side * 3` numbers from 0 to 1, row by
    /// row, colours innermost: `[patches, side * side * 3]`.
    pub fn patches(&self, side: usize) -> Vec<Vec<f32>> {
        let (across, down) = (self.width.div_ceil(side), self.height.div_ceil(side));
        let patch = |number: usize| {
            let (left, top) = (number % across * side, number / across * side);
            let mut numbers = vec![0.0; side * side * 3];
            for row in 0..side.min(self.height - top) {
                let columns = side.min(self.width - left);
                let from = &self.rgb[((top + row) * self.width + left) * 3..][..columns * 3];
                let to = &mut numbers[row * side * 3..][..columns * 3];
                to.iter_mut().zip(from).for_each(|(number, &byte)| *number = f32::from(byte) / 255.0);
            }
            numbers
        };
        (0..across * down).map(patch).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_cut_row_by_row_and_filled_up_at_the_edges() {
        let rgb = (0..3 * 2 * 3).map(|byte| byte * 10).collect();
        let patches = Pixels { width: 3, height: 2, rgb }.patches(2);
        let numbers = |bytes: [u8; 12]| bytes.map(|byte| f32::from(byte) / 255.0).to_vec();
        assert_eq!(patches[0], numbers([0, 10, 20, 30, 40, 50, 90, 100, 110, 120, 130, 140]));
        assert_eq!(patches[1], numbers([60, 70, 80, 0, 0, 0, 150, 160, 170, 0, 0, 0]));
        assert_eq!(patches.len(), 2);
    }
}
