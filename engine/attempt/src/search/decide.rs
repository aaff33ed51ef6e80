//! From a tree to its answer, to traces, and to the rows that are kept of it.

use std::collections::BTreeMap;

use nouns::{Cost, Finish, Node, Policy, Sampling, Stage, Trace, World};
use serde::{Deserialize, Serialize};

use super::tree::{Place, ROOT, Tree};

/// Which of a tree's answers is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decide {
    /// The one that is worth most.
    Best,
    /// The one that most of the ended answers give.
    Majority,
    /// The one whose ended answers are worth most together.
    Weighted,
}

impl Decide {
    /// An ended answer, or the best node where none has ended. Among equals the likelier, then the
    /// earlier.
    pub(crate) fn pick(self, world: &dyn World, tree: &Tree) -> Place {
        let said: BTreeMap<Place, Option<String>> =
            ends(tree).into_iter().map(|place| (place, world.answer(tree.task, &tree.branches[place].text))).collect();
        if said.is_empty() {
            return best(tree, tree.grown()).unwrap_or(ROOT);
        }
        let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
        for (&place, answer) in &said {
            if let Some(answer) = answer {
                let weight = if self == Decide::Majority { 1.0 } else { tree.branches[place].worth() };
                *votes.entry(answer).or_default() += weight;
            }
        }
        let most = votes.values().copied().fold(f64::NEG_INFINITY, f64::max);
        let elected = |answer: &Option<String>| match self {
            Decide::Best => answer.is_some(),
            Decide::Majority | Decide::Weighted => answer.as_deref().is_some_and(|answer| votes[answer] == most),
        };
        let elected = said.iter().filter(|(_, answer)| elected(answer)).map(|(&place, _)| place);
        // Where no ended answer says anything, one of them still has to be given.
        best(tree, elected).or_else(|| best(tree, said.keys().copied())).unwrap_or(ROOT)
    }
}

/// The ended answers of a tree.
fn ends(tree: &Tree) -> Vec<Place> {
    tree.grown().filter(|&place| tree.branches[place].ended()).collect()
}

/// The node worth most; one that ended by itself before one that was cut off.
fn best(tree: &Tree, places: impl Iterator<Item = Place>) -> Option<Place> {
    let whole = |place: Place| tree.branches[place].finish != Some(Finish::Length);
    let rank = |&a: &Place, &b: &Place| {
        let (one, other) = (&tree.branches[a], &tree.branches[b]);
        whole(a)
            .cmp(&whole(b))
            .then(one.worth().total_cmp(&other.worth()))
            .then(one.log_likelihood.total_cmp(&other.log_likelihood))
            .then(b.cmp(&a))
    };
    places.max_by(rank)
}

/// A tree's name, and that of the trace it answers with.
fn name(round: u32, tree: &Tree) -> String {
    format!("{round}/{}/tree", tree.task.prompt_identity())
}

/// The answer as a trace, and after it, if all are to be kept, the other ended answers. The first
/// bears the cost of the whole tree, so that costs add up.
pub(crate) fn traces(
    stage: &Stage,
    policy: &dyn Policy,
    sampling: &Sampling,
    tree: &Tree,
    chosen: Place,
    keep_all: bool,
) -> Vec<Trace> {
    let others = ends(tree).into_iter().filter(|&place| keep_all && place != chosen);
    let model = policy.digest();
    let trace = |(sample, place): (usize, Place)| {
        let branch = &tree.branches[place];
        let name = name(stage.round, tree);
        Trace {
            id: if sample == 0 { name.clone() } else { format!("{name}/{place}") },
            task: tree.task.id.clone(),
            round: stage.round,
            sample: sample as u32,
            model_name: "policy".into(),
            turn: 0,
            parent: (sample > 0).then_some(name),
            generated_under: tree.task.prompt.clone(),
            trained_under: tree.task.prompt.clone(),
            answer: branch.text.clone().into(),
            tokens: branch.answer.clone(),
            log_probs: tree.log_probs(place),
            sampling: sampling.clone(),
            model: model.clone(),
            finish: branch.finish.unwrap_or(Finish::Length),
            cost: if sample == 0 { whole_cost(tree) } else { Cost::default() },
            episode: None,
        }
    };
    std::iter::once(chosen).chain(others).enumerate().map(trace).collect()
}

fn whole_cost(tree: &Tree) -> Cost {
    Cost { context_tokens: tree.cost.context_tokens + tree.context.len() as u64, ..tree.cost }
}

/// The tree as rows.
pub(crate) fn nodes(round: u32, tree: &Tree, chosen: Place) -> Vec<Node> {
    let route = tree.route(chosen);
    let node = |(place, branch): (Place, &super::tree::Branch)| Node {
        tree: name(round, tree),
        task: tree.task.id.clone(),
        round,
        number: place as u32,
        parent: branch.parent.map(|parent| parent as u32),
        text: own_text(tree, branch),
        tokens: branch.step().to_vec(),
        log_probs: branch.log_probs.clone(),
        value: branch.value,
        mean: branch.mean,
        visits: branch.visits,
        finish: branch.finish,
        rollout: branch.rollout,
        route: route.contains(&place),
    };
    tree.branches.iter().enumerate().map(node).collect()
}

/// What the step adds to the text before it.
fn own_text(tree: &Tree, branch: &super::tree::Branch) -> String {
    let before = branch.parent.map_or("", |parent| tree.branches[parent].text.as_str());
    branch.text.strip_prefix(before).unwrap_or(&branch.text).trim().to_owned()
}
