//! One chart: axes, the first curve's interval as a band, the curves, a mark for every point.

use super::scale::Scale;
use crate::escape::html;
use crate::figures::figure;
use crate::{Chart, Point, Series, Unit};

/// The drawing's own measure; the page scales it to the column.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

/// Longer curves are drawn without a mark on every point.
const MOST_MARKS: usize = 60;

/// The chart as an `<svg>`, or `None` if there is no point to draw.
pub(crate) fn draw(chart: &Chart) -> Option<String> {
    let points = || chart.series.iter().flat_map(|series| &series.points).filter(|point| is_drawn(point));
    points().next()?;
    let last = points().map(|point| point.x).fold(0.0, f64::max);
    let across = Scale::fitting(points().map(|point| point.x), 8, true, (LEFT, WIDTH - RIGHT)).up_to(last.max(1.0));
    let heights = points().flat_map(|point| [point.y, point.interval.map_or(point.y, |(_, high)| high)]);
    let up = Scale::fitting(heights, 5, chart.unit == Unit::Count, (HEIGHT - BOTTOM, TOP));
    let up = if chart.unit == Unit::Share { up.up_to(1.0) } else { up };
    let mut drawing = axes(chart, &across, &up);
    drawing.extend(chart.series.first().map(|series| band(series, &across, &up)));
    drawing.extend(
        chart.series.iter().enumerate().rev().map(|(index, series)| {
            format!("<g class=\"c{}\">\n{}</g>\n", index % 6, curve(chart, series, &across, &up))
        }),
    );
    let label = html(&description(chart));
    Some(format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\n{drawing}</svg>\n"))
}

fn is_drawn(point: &Point) -> bool {
    point.x.is_finite() && point.y.is_finite()
}

/// What the drawing says, for those who do not see it.
fn description(chart: &Chart) -> String {
    let ends = chart.series.iter().filter_map(|series| {
        let (first, last) = (series.points.first()?, series.points.last()?);
        Some(format!("{} from {} to {}", series.name, figure(first.y, chart.unit), figure(last.y, chart.unit)))
    });
    format!("{} by {}: {}", chart.title, chart.across, ends.collect::<Vec<_>>().join("; "))
}

fn axes(chart: &Chart, across: &Scale, up: &Scale) -> String {
    let mut lines = String::new();
    for &tick in &up.ticks {
        let (y, label) = (up.at(tick), tick_label(tick, chart.unit));
        lines +=
            &format!("<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n", WIDTH - RIGHT);
        lines += &format!("<text class=\"up\" x=\"{}\" y=\"{:.1}\">{label}</text>\n", LEFT - 6.0, y + 4.0);
    }
    for &tick in &across.ticks {
        let label = tick_label(tick, Unit::Count);
        let (x, y) = (across.at(tick), HEIGHT - BOTTOM + 17.0);
        lines += &format!("<text class=\"across\" x=\"{x:.1}\" y=\"{y}\">{label}</text>\n");
    }
    for (place, name) in chart.marks.iter().filter(|(place, _)| place.is_finite()) {
        let (x, bottom) = (across.at(*place), HEIGHT - BOTTOM);
        lines += &format!("<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\n");
        lines += &format!("<text class=\"mark\" x=\"{:.1}\" y=\"{}\">{}</text>\n", x + 3.0, TOP + 9.0, html(name));
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    lines + &format!("<text class=\"across\" x=\"{middle:.1}\" y=\"{}\">{}</text>\n", HEIGHT - 5.0, chart.across)
}

fn tick_label(tick: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.0} %", 100.0 * tick),
        Unit::Count if tick >= 1e6 => format!("{} M", crate::figures::number(tick / 1e6)),
        Unit::Count if tick >= 1e4 => format!("{} k", crate::figures::number(tick / 1e3)),
        _ => crate::figures::number(tick),
    }
}

/// The interval of a curve: up along its upper ends, back along the lower ones.
fn band(series: &Series, across: &Scale, up: &Scale) -> String {
    let ends = series.points.iter().filter(|point| is_drawn(point));
    let ends: Vec<(f64, f64, f64)> =
        ends.filter_map(|point| Some((point.x, point.interval?.0, point.interval?.1))).collect();
    if ends.len() < 2 {
        return String::new();
    }
    let upper = ends.iter().map(|(x, _, high)| place(across.at(*x), up.at(*high)));
    let lower = ends.iter().rev().map(|(x, low, _)| place(across.at(*x), up.at(*low)));
    format!("<polygon class=\"band\" points=\"{}\"/>\n", upper.chain(lower).collect::<Vec<_>>().join(" "))
}

fn curve(chart: &Chart, series: &Series, across: &Scale, up: &Scale) -> String {
    let points: Vec<&Point> = series.points.iter().filter(|point| is_drawn(point)).collect();
    let places: Vec<String> = points.iter().map(|point| place(across.at(point.x), up.at(point.y))).collect();
    let line = format!("<polyline points=\"{}\"/>\n", places.join(" "));
    if points.len() > MOST_MARKS {
        return line;
    }
    let marks = points.iter().map(|point| {
        let said = html(&format!("{}, {} {}: {}", series.name, chart.across, point.x, said(point, chart.unit)));
        let (x, y) = (across.at(point.x), up.at(point.y));
        format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"><title>{said}</title></circle>\n")
    });
    line + &marks.collect::<String>()
}

fn said(point: &Point, unit: Unit) -> String {
    match point.interval {
        Some((low, high)) => format!("{} ({} to {})", figure(point.y, unit), figure(low, unit), figure(high, unit)),
        None => figure(point.y, unit),
    }
}

fn place(x: f64, y: f64) -> String {
    format!("{x:.1},{y:.1}")
}
