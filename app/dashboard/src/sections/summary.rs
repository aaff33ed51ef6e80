//! What came of the run, in words and a few figures.

use crate::escape::html;
use crate::figures::{count, duration, figure};
use crate::{Ending, Report, Word};

pub(super) fn body(report: &Report) -> String {
    let tiles: String = tiles(report).iter().map(|(label, value)| tile(label, value)).collect();
    let warnings: String =
        report.warnings.iter().map(|text| format!("<p class=\"note\"><b>Warning</b> {}</p>\n", html(text))).collect();
    format!(
        "{}<dl class=\"tiles\">\n{tiles}</dl>\n{warnings}{}",
        verdict(report.ending.as_ref()),
        example(&report.example)
    )
}

fn verdict(ending: Option<&Ending>) -> String {
    let Some(ending) = ending else {
        return "<p class=\"verdict open\">This run has not ended.</p>\n".to_owned();
    };
    let best =
        if ending.best_round == 0 { "the base model".to_owned() } else { format!("round {}", ending.best_round) };
    let (class, words) = if ending.learned { ("good", "✓ Learned") } else { ("none", "✗ Nothing was learned") };
    let why: String = ending.why.iter().map(|sentence| format!("<li>{}</li>\n", html(sentence))).collect();
    format!("<p class=\"verdict {class}\">{words}; the result is {best}.</p>\n<ul>\n{why}</ul>\n")
}

fn tiles(report: &Report) -> Vec<(String, String)> {
    let mut tiles: Vec<(String, String)> = report.charts.iter().filter_map(headline).take(2).collect();
    let generated: u64 = report.rounds.iter().map(|round| round.generated).sum();
    let trained: u64 = report.rounds.iter().map(|round| round.trained).sum();
    let seconds = report.ending.as_ref().map_or(report.rounds.iter().map(|round| round.seconds()).sum(), |e| e.seconds);
    let held_out: u64 = report.held_out.iter().map(|held| held.dropped).sum();
    let rounds = report.rounds.iter().filter(|round| round.round > 0).count();
    tiles.extend([
        ("Rounds".to_owned(), rounds.to_string()),
        ("Time".to_owned(), duration(seconds)),
        ("Tokens generated".to_owned(), count(generated)),
        ("Tokens trained".to_owned(), count(trained)),
        ("Tasks held out of training".to_owned(), count(held_out)),
    ]);
    tiles
}

/// Where the first curve of a chart of shares began and ended.
fn headline(chart: &crate::Chart) -> Option<(String, String)> {
    let series = chart.series.first().filter(|_| chart.unit == crate::Unit::Share && chart.across == "round")?;
    let (first, last) = (series.points.first()?, series.points.last()?);
    let figures = format!("{} → {}", figure(first.y, chart.unit), figure(last.y, chart.unit));
    Some((format!("{}: {}", chart.title, series.name), figures))
}

fn tile(label: &str, value: &str) -> String {
    format!("<div><dt>{}</dt><dd>{}</dd></div>\n", html(label), html(value))
}

fn example(words: &[Word]) -> String {
    if words.is_empty() {
        return String::new();
    }
    let taught = words.iter().filter(|word| word.taught).count();
    let word = |word: &Word| match word.taught {
        true => format!("<mark>{}</mark>", html(&word.text)),
        false => html(&word.text),
    };
    let text = words.iter().map(word).collect::<Vec<_>>().join(" ");
    let tally = format!("{taught} of {} tokens (marked) carry a gradient", words.len());
    format!(
        "<h3>One example as the learner sees it</h3>\n<p class=\"example\">{text}</p>\n<p class=\"quiet\">{tally}</p>\n"
    )
}
