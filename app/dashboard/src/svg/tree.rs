//! A search tree: the root on top, every leaf in a column of its own, the route thick, what is
//! worth more darker.

use crate::escape::html;
use crate::{SearchTree, TreeNode};

/// Between two columns, two levels, and around the whole.
const COLUMN: f64 = 16.0;
const LEVEL: f64 = 46.0;
const MARGIN: f64 = 14.0;

/// The tree as an `<svg>` that is as wide as it has leaves, or `None` without nodes.
pub(crate) fn draw(tree: &SearchTree) -> Option<String> {
    let (places, width, height) = places(&tree.nodes)?;
    let worth = ranks(&tree.nodes);
    let mut drawing = String::new();
    for (node, &(x, y)) in tree.nodes.iter().zip(&places) {
        if let Some(&(up_x, up_y)) = node.parent.and_then(|parent| places.get(parent)) {
            let class = if node.route { "edge route" } else { "edge" };
            drawing +=
                &format!("<line class=\"{class}\" x1=\"{up_x:.1}\" y1=\"{up_y:.1}\" x2=\"{x:.1}\" y2=\"{y:.1}\"/>\n");
        }
    }
    for ((node, &(x, y)), worth) in tree.nodes.iter().zip(&places).zip(worth) {
        let class = match (node.route, node.rollout) {
            (true, _) => "route",
            (_, true) => "ahead",
            _ => "plain",
        };
        let radius = if node.ended { 6.5 } else { 4.5 };
        drawing += &format!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill-opacity=\"{:.2}\"><title>{}</title></circle>\n",
            0.1 + 0.9 * worth,
            html(&node.text)
        );
    }
    let label = html(&format!("{} nodes grown for {}", tree.nodes.len(), tree.task));
    Some(format!(
        "<svg class=\"c0 tree\" style=\"width:{width:.0}px\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
         aria-label=\"{label}\">\n{drawing}</svg>\n"
    ))
}

/// Across and down.
type Place = (f64, f64);

/// Where every node stands, and how large the drawing is. A parent stands above the middle of its
/// children.
fn places(nodes: &[TreeNode]) -> Option<(Vec<Place>, f64, f64)> {
    nodes.first()?;
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut depth = vec![0usize; nodes.len()];
    for (place, node) in nodes.iter().enumerate() {
        if let Some(parent) = node.parent.filter(|&parent| parent < place) {
            children[parent].push(place);
            depth[place] = depth[parent] + 1;
        }
    }
    // Leaves get their columns in the order of a walk; children come after their parents, so parents are placed backwards.
    let (mut across, mut columns, mut waiting) = (vec![0.0f64; nodes.len()], 0.0, vec![0]);
    while let Some(at) = waiting.pop() {
        if children[at].is_empty() {
            (across[at], columns) = (columns, columns + 1.0);
        }
        waiting.extend(children[at].iter().rev());
    }
    for at in (0..nodes.len()).rev() {
        if let (Some(&first), Some(&last)) = (children[at].first(), children[at].last()) {
            across[at] = (across[first] + across[last]) / 2.0;
        }
    }
    let deepest = depth.iter().copied().max().unwrap_or(0) as f64;
    let at = |(&x, &y): (&f64, &usize)| (MARGIN + x * COLUMN, MARGIN + y as f64 * LEVEL);
    let places = across.iter().zip(&depth).map(at).collect();
    Some((places, 2.0 * MARGIN + (columns - 1.0f64).max(0.0) * COLUMN, 2.0 * MARGIN + deepest * LEVEL))
}

/// From 0 for the node worth least to 1 for the one worth most: values of searches have no common
/// scale.
fn ranks(nodes: &[TreeNode]) -> Vec<f64> {
    let mut order: Vec<f64> = nodes.iter().skip(1).map(|node| node.mean).collect();
    order.sort_by(f64::total_cmp);
    order.dedup();
    let most = (order.len().max(2) - 1) as f64;
    nodes.iter().map(|node| order.partition_point(|&mean| mean < node.mean) as f64 / most).map(|r| r.min(1.0)).collect()
}
