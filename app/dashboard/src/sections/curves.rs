//! The curves, each with its numbers in a table below.

use std::collections::BTreeMap;

use super::table;
use crate::escape::html;
use crate::figures::figure;
use crate::svg::chart;
use crate::{Chart, Point, Report};

/// Longer curves have no table: nobody reads a thousand rows.
const MOST_ROWS: usize = 120;

pub(super) fn body(report: &Report) -> String {
    let charts: String = report.charts.iter().filter_map(shown).collect();
    if charts.is_empty() { String::new() } else { format!("<div class=\"charts\">\n{charts}</div>\n") }
}

fn shown(chart_data: &Chart) -> Option<String> {
    let drawing = chart::draw(chart_data)?;
    let title = html(&chart_data.title);
    let names = chart_data.series.iter().enumerate();
    let key = |(index, series): (usize, &crate::Series)| {
        format!("<li class=\"c{}\"><span aria-hidden=\"true\"></span>{}</li>", index % 6, html(&series.name))
    };
    let legend: String = names.map(key).collect();
    let legend =
        if chart_data.series.len() > 1 { format!("<ul class=\"legend\">{legend}</ul>\n") } else { String::new() };
    Some(format!("<figure>\n<figcaption>{title}</figcaption>\n{drawing}{legend}{}</figure>\n", numbers(chart_data)))
}

/// The same numbers as a table, for those who do not see the drawing.
fn numbers(chart: &Chart) -> String {
    let mut rows: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let columns = chart.series.len();
    for (column, series) in chart.series.iter().enumerate() {
        for point in &series.points {
            rows.entry(point.x.max(0.0) as u64).or_insert_with(|| vec![String::new(); columns])[column] =
                cell(point, chart);
        }
    }
    if rows.len() > MOST_ROWS {
        return String::new();
    }
    let head: Vec<String> =
        std::iter::once(chart.across.to_owned()).chain(chart.series.iter().map(|s| html(&s.name))).collect();
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(x, cells)| std::iter::once(x.to_string()).chain(cells).collect()).collect();
    format!("<details><summary>Numbers</summary>\n{}</details>\n", table(&html(&chart.title), &head, &rows))
}

fn cell(point: &Point, chart: &Chart) -> String {
    let value = figure(point.y, chart.unit);
    match point.interval {
        Some((low, high)) => {
            format!("{value} <small>({} to {})</small>", figure(low, chart.unit), figure(high, chart.unit))
        }
        None => value,
    }
}
