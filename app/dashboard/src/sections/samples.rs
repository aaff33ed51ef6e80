//! Attempts with their verdicts, to page through. The script in `page.js` fills the list from the
//! JSON.

use crate::Report;
use crate::escape::json;
use crate::figures::count;

pub(super) fn body(report: &Report) -> String {
    if report.samples.is_empty() {
        return String::new();
    }
    let mut rounds: Vec<u32> = report.samples.iter().map(|sample| sample.round).collect();
    rounds.sort_unstable();
    rounds.dedup();
    let rounds: String = rounds.iter().map(|round| format!("<option value=\"{round}\">{round}</option>")).collect();
    let tally = format!(
        "{} of {} attempts, chosen evenly from every round.",
        count(report.samples.len() as u64),
        count(report.attempts.max(report.samples.len() as u64))
    );
    format!(
        "<p class=\"quiet\">{tally}</p>\n\
         <form id=\"filters\" role=\"search\" aria-label=\"Filter the samples\">\n\
         <label>Verdict <select id=\"verdict\"><option value=\"\">all</option><option>right</option>\
         <option>wrong</option><option>graded</option><option>unsettled</option></select></label>\n\
         <label>Round <select id=\"round\"><option value=\"\">all</option>{rounds}</select></label>\n\
         <label>Search <input id=\"search\" type=\"search\" placeholder=\"task, answer, reason\" autocomplete=\"off\"></label>\n\
         </form>\n\
         <p id=\"tally\" role=\"status\"></p>\n<ol id=\"list\"></ol>\n\
         <p class=\"pages\"><button type=\"button\" id=\"earlier\">← Earlier</button> <span id=\"page\"></span> \
         <button type=\"button\" id=\"later\">Later →</button></p>\n\
         <noscript><p class=\"note\">Paging through the samples needs scripts; they are in this file as JSON.</p></noscript>\n\
         <script type=\"application/json\" id=\"samples-data\">{}</script>\n{}",
        json(&report.samples),
        pictures(report)
    )
}

/// The pictures, each once, for the script to put where samples name them.
fn pictures(report: &Report) -> String {
    match report.pictures.is_empty() {
        true => String::new(),
        false => {
            format!("<script type=\"application/json\" id=\"pictures-data\">{}</script>\n", json(&report.pictures))
        }
    }
}
