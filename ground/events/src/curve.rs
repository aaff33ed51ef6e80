mod axis;
mod canvas;

use axis::Axis;
use canvas::Canvas;

/// Draws points as a curve with axes, `width` by `height` characters in all; in braille, or in
/// ASCII where a terminal has nothing else. Values from 0 to 1 are labelled as percentages. A value
/// that is no number is a gap.
///
/// A drawing too small for its labels leaves labels out; without any point there is none: the text
/// is empty.
pub fn curve(points: &[(String, f64)], width: usize, height: usize, unicode: bool) -> String {
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let Some(axis) = Axis::fitting(&values, height.saturating_sub(2), canvas::dots_down(unicode)) else {
        return String::new();
    };
    let last = values.iter().rposition(|value| value.is_finite()).unwrap_or(0);
    let end = format!(" {}", axis.value(values[last]));
    let gutter = axis.gutter() + 2;
    let columns = width.saturating_sub(gutter + end.chars().count()).max(2);
    let mut canvas = Canvas::new(columns, axis.rows(), unicode);
    plot(&mut canvas, &values, &axis);
    let mut rows: Vec<String> = (0..axis.rows()).map(|row| axis.edge(row, unicode) + &canvas.row(row)).collect();
    let end_row = axis.row_of(values[last]);
    let end_column = canvas.column_of(last, values.len());
    rows[end_row] = beside(&rows[end_row], gutter + end_column + 1, &end);
    rows.push(axis.floor(columns, unicode));
    rows.push(" ".repeat(gutter) + &names(points, &canvas));
    rows.iter().map(|row| row.trim_end().to_owned() + "\n").collect()
}

/// Draws the line from each point to the next.
fn plot(canvas: &mut Canvas, values: &[f64], axis: &Axis) {
    let place = |index: usize| (canvas.dot_column(index, values.len()), axis.height_of(values[index]));
    let places: Vec<Option<(usize, f64)>> =
        (0..values.len()).map(|i| values[i].is_finite().then(|| place(i))).collect();
    for (index, place) in places.iter().enumerate() {
        let Some(here) = *place else { continue };
        let before = if index == 0 { None } else { places[index - 1] };
        canvas.line(before.unwrap_or(here), here);
    }
}

/// The row with the text put at a column, over blanks only.
fn beside(row: &str, column: usize, text: &str) -> String {
    let mut characters: Vec<char> = row.chars().collect();
    let column =
        characters.iter().rposition(|&c| c != ' ' && c != '\u{2800}').map_or(column, |last| column.max(last + 1));
    characters.truncate(column);
    characters.resize(column, ' ');
    characters.extend(text.chars());
    characters.into_iter().collect()
}

/// As many of the points' names as fit below them: the last, the first, and what has room between.
fn names(points: &[(String, f64)], canvas: &Canvas) -> String {
    let mut row = vec![' '; canvas.columns() + 8];
    let order = std::iter::once(points.len() - 1).chain(0..points.len() - 1);
    for index in order {
        let name: Vec<char> = points[index].0.chars().take(12).collect();
        let start = canvas.column_of(index, points.len());
        let room = start.saturating_sub(1)..(start + name.len() + 1).min(row.len());
        if start + name.len() <= row.len() && row[room].iter().all(|&c| c == ' ') {
            row[start..start + name.len()].copy_from_slice(&name);
        }
    }
    row.into_iter().collect()
}
