//! Machine, program, and what was held out.

use crate::escape::html;
use crate::figures::count;
use crate::{HeldOut, Report};

pub(super) fn body(report: &Report) -> String {
    let model = ("model".to_owned(), report.model.clone());
    let known: Vec<&(String, String)> =
        std::iter::once(&model).chain(&report.environment).filter(|(_, value)| !value.is_empty()).collect();
    let rows: String = known
        .iter()
        .map(|(name, value)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", html(name), html(value)))
        .collect();
    let held_out: String = report.held_out.iter().map(held).collect();
    match rows.is_empty() && held_out.is_empty() {
        true => String::new(),
        false => format!("<dl class=\"facts\">\n{rows}{held_out}</dl>\n"),
    }
}

fn held(held: &HeldOut) -> String {
    format!("<div><dt>held out</dt><dd>{} tasks of {}</dd></div>\n", count(held.dropped), html(&held.by))
}
