//! Searches: one tree a task, and small functions that vary.
//!
//! A node is a partial answer; a step is what the world says one is (a line, where it says
//! nothing). A [`Plan`] says what to draw next in its tree and hears what came of it. [`search`]
//! steps the trees of many tasks together: everything that all plans want is one batch for the
//! rollout engine, and one for the evaluator. Every draw is keyed by task, node and number, so a
//! tree does not depend on those beside it.
//!
//! ```text
//! plan.next ──► draws of all trees ──► policy.sample ──► nodes ──► evaluate ──► plan.next ...   ──► decide ──► traces
//! ```

mod breadth;
mod decide;
mod depth;
mod draw;
mod monte_carlo;
mod once;
mod tree;

use faults::Outcome;
use nouns::{AttemptContext, Finish, Stage, Task, Trace};

pub use decide::Decide;
pub use monte_carlo::Rule;

pub(crate) use breadth::Breadth;
pub(crate) use depth::Depth;
pub(crate) use draw::{Draw, Drawing, Reach};
pub(crate) use monte_carlo::{Choice, MonteCarlo};
pub(crate) use once::Once;
pub(crate) use tree::{Place, ROOT, Tree};

use crate::evaluate::{Ends, Evaluate, Partial};

/// How one tree grows.
pub(crate) trait Plan {
    /// What to draw next, given the nodes that the last draws brought (already valued); nothing
    /// ends the search.
    fn next(&mut self, tree: &mut Tree, born: &[Place]) -> Vec<Draw>;

    /// The node to answer with, if the plan knows one; else [`Decide`] takes one of the ended
    /// answers.
    fn answer(&self) -> Option<Place> {
        None
    }
}

impl Plan for Box<dyn Plan> {
    fn next(&mut self, tree: &mut Tree, born: &[Place]) -> Vec<Draw> {
        self.as_mut().next(tree, born)
    }

    fn answer(&self) -> Option<Place> {
        self.as_ref().answer()
    }
}

/// What all searches have in common.
pub(crate) struct Search<'a> {
    /// The part's name: what its randomness goes by.
    pub(crate) name: &'static str,
    pub(crate) drawing: Drawing,
    pub(crate) evaluator: Box<dyn Evaluate + 'a>,
    /// What ends an answer before its end token.
    pub(crate) ends: Ends,
    pub(crate) decide: Decide,
    /// Tokens that may be spent on a task before its search ends; 0 for no bound.
    pub(crate) budget: u64,
    /// Whether every ended answer becomes a trace, the chosen one first, or the chosen one alone.
    pub(crate) keep_all: bool,
}

impl Search<'_> {
    /// One tree per task; the answers, grouped by task.
    pub(crate) fn run<P: Plan>(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        tasks: &[Task],
        plan: impl Fn(&Tree) -> P,
    ) -> Outcome<Vec<Trace>> {
        let mut trees = tasks.iter().map(|task| self.plant(stage, cx, task)).collect::<Outcome<Vec<Tree>>>()?;
        let mut plans: Vec<P> = trees.iter().map(plan).collect();
        self.grow(stage, cx, &mut trees, &mut plans)?;
        let chosen = self.finish(stage, cx, &mut trees, &plans)?;
        let traces = trees.iter().zip(chosen).flat_map(|(tree, chosen)| {
            cx.trees.keep(decide::nodes(stage.round, tree, chosen));
            decide::traces(stage, cx.policy, &self.drawing.sampling, tree, chosen, self.keep_all)
        });
        Ok(traces.collect())
    }

    fn plant<'t>(&self, stage: &Stage, cx: &AttemptContext, task: &'t Task) -> Outcome<Tree<'t>> {
        // The presentation is part of the key: the same task asked twice in a round is two questions.
        let key = stage.key.of(self.name).of(&task.id).of(&task.prompt_identity());
        Ok(Tree::new(task, cx.policy.encode(&task.prompt)?, key))
    }

    /// Steps all trees together until no plan wants anything more or may spend it.
    fn grow<P: Plan>(&self, stage: &Stage, cx: &AttemptContext, trees: &mut [Tree], plans: &mut [P]) -> Outcome<()> {
        let mut born: Vec<Vec<Place>> = vec![Vec::new(); trees.len()];
        let mut live: Vec<usize> = (0..trees.len()).collect();
        while !live.is_empty() {
            let mut wanted: Vec<(usize, Draw)> = Vec::new();
            live.retain(|&at| {
                let spent = self.budget > 0 && trees[at].spent() >= self.budget;
                let draws = plans[at].next(&mut trees[at], &std::mem::take(&mut born[at]));
                let draws = if spent { Vec::new() } else { draws };
                wanted.extend(draws.iter().map(|&draw| (at, draw)));
                !draws.is_empty()
            });
            for (at, place) in self.draw(stage, cx, trees, &wanted)? {
                born[at].push(place);
            }
        }
        Ok(())
    }

    /// Draws and values.
    fn draw(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        trees: &mut [Tree],
        wanted: &[(usize, Draw)],
    ) -> Outcome<Vec<(usize, Place)>> {
        let born = self.drawing.grow(cx.policy, trees, wanted, stage.progress)?;
        self.end(stage, cx, trees, &born)?;
        let valued = self.evaluator.evaluate(&partials(trees, &born))?;
        for (&(at, place), valued) in born.iter().zip(valued) {
            let branch = &mut trees[at].branches[place];
            (branch.value, branch.mean) = (Some(valued.value), valued.value);
            trees[at].cost += valued.cost;
        }
        Ok(born)
    }

    /// Marks the nodes that are whole answers though no end token was drawn.
    fn end(&self, stage: &Stage, cx: &AttemptContext, trees: &mut [Tree], born: &[(usize, Place)]) -> Outcome<()> {
        let whole = self.ends.of(stage, cx, &partials(trees, born))?;
        for (&(at, place), (whole, cost)) in born.iter().zip(whole) {
            trees[at].cost += cost;
            let finish = &mut trees[at].branches[place].finish;
            *finish = finish.or(whole.then_some(Finish::Stop));
        }
        Ok(())
    }

    /// Takes one node of every tree to answer with, and completes it greedily where it is not an
    /// end.
    fn finish<P: Plan>(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        trees: &mut [Tree],
        plans: &[P],
    ) -> Outcome<Vec<Place>> {
        let decided = trees.iter().zip(plans).map(|(tree, plan)| plan.answer().unwrap_or_else(|| self.pick(cx, tree)));
        let mut chosen: Vec<Place> = decided.collect();
        let open = |&at: &usize| !trees[at].branches[chosen[at]].ended();
        let draw =
            |at: usize| Draw { parent: chosen[at], count: 1, reach: Reach::End, rollout: false, distinct: false };
        let wanted: Vec<(usize, Draw)> = (0..trees.len()).filter(open).map(|at| (at, draw(at))).collect();
        let mut greedy = self.drawing.clone();
        greedy.sampling.temperature = 0.0;
        for (at, place) in greedy.grow(cx.policy, trees, &wanted, stage.progress)? {
            chosen[at] = place;
        }
        Ok(chosen)
    }

    fn pick(&self, cx: &AttemptContext, tree: &Tree) -> Place {
        self.decide.pick(cx.world, tree)
    }
}

fn partials<'t>(trees: &'t [Tree], born: &[(usize, Place)]) -> Vec<Partial<'t>> {
    born.iter().map(|&(at, place)| partial(&trees[at], at, place)).collect()
}

fn partial<'t>(tree: &'t Tree, number: usize, place: Place) -> Partial<'t> {
    let branch = &tree.branches[place];
    Partial {
        tree: number,
        task: tree.task,
        context: &tree.context,
        answer: &branch.answer,
        text: &branch.text,
        log_likelihood: branch.log_likelihood,
        ended: branch.ended(),
        key: tree.key.at(place as u64).of("value"),
    }
}
