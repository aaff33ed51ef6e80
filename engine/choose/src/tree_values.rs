use std::collections::{BTreeMap, HashMap, HashSet};

use nouns::{At, Candidate, Choose, Key, LessonKind, Teaching, quality};

use crate::groups::groups;

recipe::part! {
    /// Infers values of partial answers from the search tree of a question. They are quality
    /// values: how many steps a partial answer is away from a right one, and whether its last step
    /// leads there. What no right or wrong answer was reached from has no value, and a tree without
    /// a right answer says nothing at all. Needs the answers cut into their steps (`prefixes` in
    /// `attempt`).
    pub struct TreeValues = "tree_values", version 1 {
        /// Partial answers of a question at most, evenly spread over those that have a value; 0
        /// takes all.
        pub per_question: usize = 0, "Zhang et al. 2024, arXiv 2406.03816: all";
    }
}

/// A partial or whole answer among those to its question.
struct Node {
    /// In the pool.
    place: usize,
    /// The longest other one that it goes on from.
    parent: Option<usize>,
    /// Steps to a right answer, itself counted; of what leads to wrong ones alone, those of the
    /// nearest ancestor that leads to a right one.
    distance: Option<u32>,
    /// Whether a right answer can be reached from it.
    hopeful: bool,
    value: f64,
}

impl Choose for TreeValues {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut values: BTreeMap<usize, f64> = BTreeMap::new();
        for group in groups(&pool) {
            let valued = infer(&pool, &group);
            let most = if self.per_question == 0 { valued.len() } else { self.per_question.min(valued.len()) };
            values.extend((0..most).map(|number| valued[number * valued.len() / most]));
        }
        let teach = |(place, candidate): (usize, Candidate)| {
            let teaching = Teaching::Valued { value: *values.get(&place)?, at: At::End };
            Some(Candidate { teaching, ..candidate })
        };
        pool.into_iter().enumerate().filter_map(teach).collect()
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Valued)
    }
}

/// The places of a question's partial answers that have a value, with it. Each text is there once.
fn infer(pool: &[Candidate], group: &[usize]) -> Vec<(usize, f64)> {
    let mut nodes = tree(pool, group);
    let leaves = ends(pool, group);
    let right = |node: &Node| leaves.get(&node.place) == Some(&true);
    // From the ends up: shorter ones come first, so parents are met after their children.
    for at in (0..nodes.len()).rev() {
        if right(&nodes[at]) {
            (nodes[at].distance, nodes[at].hopeful) = (Some(1), true);
        }
        if let (Some(parent), Some(distance)) = (nodes[at].parent, nodes[at].distance) {
            let nearest = nodes[parent].distance.map_or(distance + 1, |known| known.min(distance + 1));
            (nodes[parent].distance, nodes[parent].hopeful) = (Some(nearest), true);
        }
    }
    if !nodes.iter().any(|node| node.hopeful) {
        return Vec::new();
    }
    let root = nodes.iter().filter(|node| node.parent.is_none()).filter_map(|node| node.distance).min();
    mark_wrong(&mut nodes, &leaves, root.map_or(1, |distance| distance + 1));
    for at in 0..nodes.len() {
        let before = nodes[at].parent.map_or(0.0, |parent| nodes[parent].value);
        let Some(distance) = nodes[at].distance else { continue };
        nodes[at].value = quality(before, nodes[at].hopeful, distance);
    }
    nodes.iter().filter(|node| node.distance.is_some()).map(|node| (node.place, node.value)).collect()
}

/// What leads to wrong answers alone is as far as the nearest ancestor that leads to a right one;
/// above all is the root.
fn mark_wrong(nodes: &mut [Node], leaves: &HashMap<usize, bool>, root: u32) {
    for leaf in (0..nodes.len()).filter(|&at| leaves.get(&nodes[at].place) == Some(&false)).collect::<Vec<_>>() {
        let mut branch = Vec::new();
        let mut at = Some(leaf);
        while let Some(node) = at.filter(|&node| !nodes[node].hopeful) {
            branch.push(node);
            at = nodes[node].parent;
        }
        let distance = at.and_then(|ancestor| nodes[ancestor].distance).unwrap_or(root);
        branch.into_iter().for_each(|node| nodes[node].distance = Some(distance));
    }
}

/// Every different token sequence once, shorter ones first, each below the longest that it begins
/// with.
fn tree(pool: &[Candidate], group: &[usize]) -> Vec<Node> {
    let mut order = group.to_vec();
    order.sort_by_key(|&place| (pool[place].trace.tokens.len(), place));
    let mut known: HashMap<&[u32], usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    for place in order {
        let tokens = &pool[place].trace.tokens[..];
        if known.contains_key(tokens) {
            continue;
        }
        let parent = (1..tokens.len()).rev().find_map(|length| known.get(&tokens[..length]).copied());
        known.insert(tokens, nodes.len());
        nodes.push(Node { place, parent, distance: None, hopeful: false, value: 0.0 });
    }
    nodes
}

/// Whole answers, and whether each is right: those that were not cut from another in the group.
fn ends(pool: &[Candidate], group: &[usize]) -> HashMap<usize, bool> {
    let ids: HashMap<&str, usize> = group.iter().map(|&place| (pool[place].trace.id.as_str(), place)).collect();
    let cut = |place: usize| {
        let trace = &pool[place].trace;
        let whole = trace.parent.as_deref().and_then(|parent| ids.get(parent)).map(|&whole| &pool[whole].trace);
        whole.is_some_and(|whole| whole.tokens.len() > trace.tokens.len() && whole.tokens.starts_with(&trace.tokens))
    };
    // The same text may be there twice: the place that the tree keeps is the first.
    let mut seen = HashSet::new();
    let whole = group.iter().copied().filter(|&place| !cut(place));
    let first = whole.filter(|&place| seen.insert(&pool[place].trace.tokens));
    first.filter_map(|place| Some((place, pool[place].verdict.is_right()?))).collect()
}

#[cfg(test)]
mod tests {
    use nouns::Verdict;

    use super::*;
    use crate::pools::said;

    /// A partial or whole answer; tokens are its letters.
    fn answer(number: u32, tokens: &str, of: Option<u32>, right: bool) -> Candidate {
        let verdict = if right { Verdict::Right } else { Verdict::Wrong("it is wrong".into()) };
        let mut candidate = said("q", number, tokens, verdict);
        candidate.trace.tokens = tokens.bytes().map(u32::from).collect();
        candidate.trace.parent = of.map(|of| format!("1/q/{of}"));
        candidate
    }

    fn values(pool: Vec<Candidate>) -> BTreeMap<String, f64> {
        let valued = TreeValues::default().choose(&Key::root(0), pool);
        let value = |candidate: Candidate| match candidate.teaching {
            Teaching::Valued { value, .. } => (candidate.trace.answer.into_text(), value),
            other => panic!("{other:?}"),
        };
        valued.into_iter().map(value).collect()
    }

    #[test]
    fn values_follow_the_papers_recursion() {
        // a ── ab ── abc (right)
        //       └─── abd ── abde (wrong)
        // x ── xy (wrong)
        let pool = vec![
            answer(1, "abc", None, true),
            answer(2, "abde", None, false),
            answer(3, "xy", None, false),
            answer(11, "a", Some(1), false),
            answer(12, "ab", Some(1), false),
            answer(13, "abd", Some(2), false),
            answer(14, "x", Some(3), false),
        ];
        let found = values(pool);
        let (a, ab) = (1.0 / 3.0, 1.0 / 3.0 + (2.0 / 3.0) / 2.0);
        // The wrong branch below `ab`, which is two steps away: down by half of what is missing, twice.
        let abd = ab - (1.0 - ab) / 2.0;
        let abde = abd - (1.0 - abd) / 2.0;
        let expected = [("a", a), ("ab", ab), ("abc", 1.0), ("abd", abd), ("abde", abde), ("x", 0.0), ("xy", 0.0)];
        assert_eq!(found.len(), expected.len());
        for (text, value) in expected {
            assert!((found[text] - value).abs() < 1e-12, "{text}: {} is not {value}", found[text]);
        }
    }

    #[test]
    fn a_tree_without_a_right_answer_says_nothing() {
        assert!(values(vec![answer(1, "ab", None, false), answer(2, "a", Some(1), false)]).is_empty());
    }
}
