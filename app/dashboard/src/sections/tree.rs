//! One search: its tree drawn, and every step to be unfolded.

use crate::escape::html;
use crate::figures::count;
use crate::svg::draw_tree;
use crate::{Report, SearchTree};

pub(super) fn body(report: &Report) -> String {
    let Some(tree) = &report.tree else { return String::new() };
    let Some(drawing) = draw_tree(tree) else { return String::new() };
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); tree.nodes.len()];
    for (place, node) in tree.nodes.iter().enumerate() {
        if let Some(parent) = node.parent.filter(|&parent| parent < place) {
            children[parent].push(place);
        }
    }
    format!(
        "<p class=\"quiet\">The tree for <b>{}</b> in round {}, one of {}. Its answer is {}. A dot is a step, a large one an \
         end; darker is worth more; the thick line leads to the answer, and hollow dots were only looked ahead to.</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The tree\">\n{drawing}</div>\n{}",
        html(&tree.task),
        tree.round,
        count(tree.trees),
        html(&tree.verdict),
        unfolded(tree, &children)
    )
}

/// Every step as a line that unfolds into those after it; the route stands open. Written without
/// recursion: an answer may have any number of steps.
fn unfolded(tree: &SearchTree, children: &[Vec<usize>]) -> String {
    let mut text = String::new();
    let mut waiting = vec![Some(0)];
    while let Some(next) = waiting.pop() {
        let Some(at) = next else {
            text += "</details>\n";
            continue;
        };
        let node = &tree.nodes[at];
        let said = if node.parent.is_none() { "(the beginning)" } else { node.text.as_str() };
        let value = node.value.map_or(String::new(), |value| format!(" value {value:.3e},"));
        let told = format!("<small>{value} worth {:.3e}, {} visits</small>", node.mean, node.visits);
        let class = if node.route { " class=\"route\"" } else { "" };
        if children[at].is_empty() {
            text += &format!("<p{class}>{} {told}</p>\n", html(said));
        } else {
            let open = if node.route { " open" } else { "" };
            text += &format!("<details{open}{class}><summary>{} {told}</summary>\n", html(said));
            waiting.push(None);
            waiting.extend(children[at].iter().rev().map(|&child| Some(child)));
        }
    }
    format!("<div class=\"steps\">\n{text}</div>\n")
}
