//! The page around the sections of a report.

use crate::Report;
use crate::escape::html;
use crate::sections;

pub(crate) const STYLE: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");

/// Nothing is fetched from anywhere, whatever a sample says: pictures are in the page itself.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The report as one HTML page.
pub fn report(report: &Report) -> String {
    let title = html(&format!("{} on {}", report.recipe, report.world));
    let sections: String = sections::all(report).iter().map(section).collect();
    let links: String =
        sections::all(report).iter().map(|s| format!("<a href=\"#{}\">{}</a>", s.id, s.title)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#samples\">Skip to the samples</a>\n\
         <header>\n<h1>{title}</h1>\n<p class=\"quiet\">{}</p>\n<nav aria-label=\"Sections\">{links}</nav>\n</header>\n\
         <main>\n{sections}</main>\n\
         <footer class=\"quiet\">Made by <code>autodidact report</code>. This file is all there is to it.</footer>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        html(&report.name)
    )
}

fn section(section: &sections::Section) -> String {
    let sections::Section { id, title, body } = section;
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n"
    )
}
