/// A grid of dots, shown as braille (two by four dots a character) or as one mark a character.
pub(super) struct Canvas {
    columns: usize,
    unicode: bool,
    /// Dots across and down in one character.
    cell: (usize, usize),
    /// Whether each dot is set, row by row from the top. `[rows * cell.1][columns * cell.0]`
    dots: Vec<Vec<bool>>,
}

/// Dots that one character holds, one below the other.
pub(super) fn dots_down(unicode: bool) -> usize {
    if unicode { 4 } else { 1 }
}

impl Canvas {
    pub(super) fn new(columns: usize, rows: usize, unicode: bool) -> Self {
        let cell = (if unicode { 2 } else { 1 }, dots_down(unicode));
        Canvas { columns, unicode, cell, dots: vec![vec![false; columns * cell.0]; rows * cell.1] }
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The column of dots of a point.
    pub(super) fn dot_column(&self, index: usize, points: usize) -> usize {
        let last = self.columns * self.cell.0 - 1;
        if points < 2 { 0 } else { index * last / (points - 1) }
    }

    /// The column of characters of a point.
    pub(super) fn column_of(&self, index: usize, points: usize) -> usize {
        self.dot_column(index, points) / self.cell.0
    }

    /// A line between two places: a column of dots and a height from 0 to 1 each.
    pub(super) fn line(&mut self, from: (usize, f64), to: (usize, f64)) {
        let across = (to.0 - from.0) as f64;
        let mut previous = self.dot_row(from.1);
        for column in from.0..=to.0 {
            let share = if across > 0.0 { (column - from.0) as f64 / across } else { 1.0 };
            let row = self.dot_row(from.1 + share * (to.1 - from.1));
            for between in row.min(previous)..=row.max(previous) {
                let joins = between == row || between != previous; // the row it came from is set already
                self.dots[between][column] |= joins;
            }
            previous = row;
        }
    }

    fn dot_row(&self, height: f64) -> usize {
        let last = self.dots.len() - 1;
        last - ((height * last as f64).round() as usize).min(last)
    }

    /// One row of characters.
    pub(super) fn row(&self, row: usize) -> String {
        (0..self.columns).map(|column| self.character(row, column)).collect()
    }

    fn character(&self, row: usize, column: usize) -> char {
        let is_set = |x: usize, y: usize| self.dots[row * self.cell.1 + y][column * self.cell.0 + x];
        if !self.unicode {
            return if is_set(0, 0) { '*' } else { ' ' };
        }
        // The order in which Unicode numbers the eight dots of a braille character.
        const DOTS: [(usize, usize); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
        let bits = DOTS.iter().enumerate().map(|(bit, &(x, y))| u32::from(is_set(x, y)) << bit).sum::<u32>();
        char::from_u32(0x2800 + bits).filter(|_| bits > 0).unwrap_or(' ')
    }
}
