//! The recipe that ran, every override in it.

use crate::Report;
use crate::highlight::toml;

pub(super) fn body(report: &Report) -> String {
    match report.recipe_toml.is_empty() {
        true => String::new(),
        false => format!(
            "<pre tabindex=\"0\" role=\"region\" aria-label=\"Recipe\"><code>{}</code></pre>\n",
            toml(&report.recipe_toml)
        ),
    }
}
