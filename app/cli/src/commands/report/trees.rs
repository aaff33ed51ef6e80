//! One of the trees that a run's searches grew.

use dashboard::{SearchTree, TreeNode};
use nouns::Node;
use repeat::{TREES, View};
use store::RunFolder;

/// A larger tree is not drawn if there is a smaller one: nobody could read it.
const READABLE: usize = 150;

/// Of the newest round that has trees: the largest that can still be read, or the smallest of all.
/// Files that are damaged are left out: `why` tells of them.
pub(super) fn one(run: &RunFolder, view: &View) -> Option<SearchTree> {
    let rounds = view.rounds.iter().rev().filter(|round| round.has_attempts);
    rounds.filter_map(|round| of_round(run, round.round)).next()
}

fn of_round(run: &RunFolder, round: u32) -> Option<SearchTree> {
    let attempted = run.stage(round, "attempted");
    let manifest = attempted.manifest().ok()?;
    let (mut trees, mut best): (u64, Option<Vec<Node>>) = (0, None);
    for path in attempted.beside(&manifest, TREES) {
        let nodes = store::read_nodes(&path).ok()?;
        for tree in nodes.chunk_by(|one, other| one.tree == other.tree) {
            trees += 1;
            if best.as_ref().is_none_or(|best| is_better(tree.len(), best.len())) {
                best = Some(tree.to_vec());
            }
        }
    }
    let nodes = best?;
    let root = nodes.first()?;
    let verdicts = store::read_verdicts(&run.stage(round, "checked").file("parquet")).ok()?;
    let verdict = verdicts.into_iter().find(|row| row.trace == root.tree);
    Some(SearchTree {
        round,
        task: root.task.clone(),
        verdict: verdict.map_or_else(|| "not judged".to_owned(), |row| row.judgement.verdict.to_string()),
        trees,
        nodes: nodes.iter().map(node).collect(),
    })
}

fn is_better(nodes: usize, than: usize) -> bool {
    let readable = |nodes: usize| nodes <= READABLE;
    match (readable(nodes), readable(than)) {
        (true, true) => nodes > than,
        (false, false) => nodes < than,
        (readable, _) => readable,
    }
}

fn node(node: &Node) -> TreeNode {
    TreeNode {
        parent: node.parent.map(|parent| parent as usize),
        text: node.text.clone(),
        value: node.value,
        mean: node.mean,
        visits: node.visits,
        ended: node.finish.is_some(),
        rollout: node.rollout,
        route: node.route,
    }
}
