//! Reproductions as one page: every claim with its interval drawn beside the paper's figure.

use crate::escape::html;
use crate::page::{POLICY, STYLE};

/// One paper's claims as they came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduced {
    /// Its name.
    pub name: String,
    /// The paper, the world, seeds and commit, in a line.
    pub about: String,
    /// Its claims and controls.
    pub claims: Vec<Compared>,
}

/// One claim as it came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// In words.
    pub says: String,
    /// The paper's figures.
    pub paper: String,
    /// The mean difference.
    pub mean: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// What it has to exceed.
    pub by: f64,
    /// The paper's own difference, where it is known.
    pub paper_by: Option<f64>,
    /// Whether these are numbers of their own kind, and not shares that people read in points.
    pub plain: bool,
    /// The verdict in words.
    pub verdict: String,
    /// Whether that is how it should be.
    pub held: bool,
    /// Whether it is a control.
    pub control: bool,
}

/// The page.
pub fn claims(reproductions: &[Reproduced]) -> String {
    let sections: String = reproductions.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Reproductions</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<header>\n<h1>Reproductions</h1>\n<p class=\"quiet\">Each bar is the 95 % interval of a difference (of shares in points); \
         the dashed line is what it has to exceed, the \
         hollow diamond the paper's own difference, where it is known.</p>\n</header>\n<main>\n{sections}</main>\n</body>\n</html>\n"
    )
}

fn section(reproduced: &Reproduced) -> String {
    let claims: String = reproduced.claims.iter().map(claim).collect();
    format!(
        "<section>\n<h2>{}</h2>\n<p class=\"quiet\">{}</p>\n<div class=\"charts\">\n{claims}</div>\n</section>\n",
        html(&reproduced.name),
        html(&reproduced.about)
    )
}

fn claim(compared: &Compared) -> String {
    let class = if compared.held { "good" } else { "none" };
    let kind = if compared.control { "Control: " } else { "" };
    let paper = match compared.paper.as_str() {
        "" => String::new(),
        paper => format!("<p class=\"quiet\">The paper: {}</p>\n", html(paper)),
    };
    format!(
        "<figure>\n<figcaption>{kind}{} <span class=\"badge {class}\">{}</span></figcaption>\n{paper}{}</figure>\n",
        html(&compared.says),
        html(&compared.verdict),
        drawing(compared)
    )
}

/// Points to the left and right of zero that fit, at least; width and height of the drawing.
const LEAST: f64 = 0.05;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 44.0;
/// Half of what the longest sentence below a drawing takes: it stays within the drawing, wherever
/// the mean is.
const HALF: f64 = 100.0;

fn drawing(compared: &Compared) -> String {
    let Some(((low, high), mean)) = compared.interval.zip(compared.mean) else {
        return "<p>Not measured.</p>\n".to_owned();
    };
    let paper = compared.paper_by.into_iter();
    let reach = [low, high, compared.by].into_iter().chain(paper).fold(LEAST, |reach, v| reach.max(1.15 * v.abs()));
    let at = |value: f64| WIDTH / 2.0 * (1.0 + value / reach);
    let said = match compared.plain {
        true => format!("{mean:+.3}, from {low:+.3} to {high:+.3}"),
        false => format!("{:+.1} points, from {:+.1} to {:+.1}", 100.0 * mean, 100.0 * low, 100.0 * high),
    };
    let paper = compared.paper_by.map_or(String::new(), |paper| {
        format!(
            "<path class=\"paper\" d=\"M {0:.1} 4 l 5 11 l -5 11 l -5 -11 Z\"><title>the paper</title></path>\n",
            at(paper)
        )
    });
    format!(
        "<svg class=\"c0\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{said}\">\n\
         <line class=\"grid\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"0\" y2=\"30\"/>\n\
         <line class=\"mark\" x1=\"{1:.1}\" x2=\"{1:.1}\" y1=\"0\" y2=\"30\"/>\n\
         <rect class=\"band\" x=\"{2:.1}\" y=\"8\" width=\"{3:.1}\" height=\"14\"/>\n\
         <circle cx=\"{4:.1}\" cy=\"15\" r=\"4\"/>\n{paper}\
         <text class=\"across\" x=\"{5:.1}\" y=\"41\">{said}</text>\n</svg>\n",
        at(0.0),
        at(compared.by),
        at(low),
        at(high) - at(low),
        at(mean),
        at(mean).clamp(HALF, WIDTH - HALF)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_drawn_with_its_interval_and_the_papers_difference() {
        let compared = Compared {
            says: "a > b".into(),
            paper: "by 2 points".into(),
            mean: Some(0.03),
            interval: Some((0.01, 0.05)),
            by: 0.0,
            paper_by: Some(0.02),
            plain: false,
            verdict: "held".into(),
            held: true,
            control: false,
        };
        let drawn = claim(&compared);
        // Five points to either side and a little more: 0.0575 at the edges.
        let at = |value: f64| format!("{:.1}", 240.0 * (1.0 + value / 0.0575));
        assert!(drawn.contains(&format!("d=\"M {} 4", at(0.02))) && drawn.contains("+3.0 points, from +1.0 to +5.0"));
        let unknown = claim(&Compared { paper_by: None, plain: true, ..compared.clone() });
        assert!(!unknown.contains("class=\"paper\"") && unknown.contains("+0.030, from +0.010 to +0.050"));
        let far = claim(&Compared { mean: Some(-0.7), interval: Some((-0.72, -0.68)), ..compared.clone() });
        assert!(far.contains("<text class=\"across\" x=\"100.0\""), "what is said of it stays within the drawing");
        assert!(claim(&Compared { interval: None, ..compared }).contains("Not measured."));
    }
}
