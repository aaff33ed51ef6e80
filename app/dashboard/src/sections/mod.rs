//! The sections of the page, one a file. A section with nothing to show is left out.

mod costs;
mod curves;
mod environment;
mod gates;
mod recipe;
mod samples;
mod summary;
mod tree;

use crate::Report;

/// One section.
pub(crate) struct Section {
    /// Its anchor.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// What it holds, as HTML.
    pub(crate) body: String,
}

/// Every section that has something to show, in the order of the page.
pub(crate) fn all(report: &Report) -> Vec<Section> {
    let of = |id, title, body: fn(&Report) -> String| Section { id, title, body: body(report) };
    let sections = [
        of("summary", "Summary", summary::body),
        of("curves", "Curves", curves::body),
        of("gates", "Gate", gates::body),
        of("costs", "Costs", costs::body),
        of("samples", "Samples", samples::body),
        of("tree", "A search", tree::body),
        of("recipe", "Recipe", recipe::body),
        of("environment", "Environment", environment::body),
    ];
    sections.into_iter().filter(|section| !section.body.is_empty()).collect()
}

/// A table that scrolls sideways where the screen is narrower than it. Cells are HTML; those after
/// the first column are numbers.
pub(crate) fn table(caption: &str, head: &[String], rows: &[Vec<String>]) -> String {
    let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let row = |cells: &Vec<String>| {
        let first = cells.first().map(|cell| format!("<th scope=\"row\">{cell}</th>")).unwrap_or_default();
        let rest: String = cells.iter().skip(1).map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr>{first}{rest}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table><caption>{caption}</caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}
