use std::collections::{BTreeMap, HashSet};

use faults::Outcome;
use nouns::{Ask, AskContext, Cue, Grown, GrowsBy, Key, Stage, Task, Trace, World, identity, previous_answer};

recipe::part! {
    /// Draws tasks from a buffer that grows out of attempts. The buffer holds problems, and
    /// problems with an answer to continue from, each with its learnability: the variance of the
    /// grades of one round's answers to it. A share of a round's tasks is drawn from it with
    /// probability proportional to `exp(kappa * learnability)`, without replacement; the others are
    /// the world's. Every group of answers leaves one of them in the buffer as a task to continue
    /// from; until it has been asked, it has its parent's learnability. What is shown is the
    /// problem and the latest answer, however many came before it.
    pub struct Growing = "growing", version 1 {
        /// Tasks a round; 0 asks as many as there are.
        pub limit: usize = 128, "Jiang et al. 2025, arXiv 2509.04575, appendix: 128 for mathematics";
        /// The share of them that is drawn from the buffer.
        pub share: f64 = 0.5, "Jiang et al. 2025, arXiv 2509.04575, appendix", 0.0..=1.0;
        /// Capacity of the buffer; it holds those with the highest learnability.
        pub capacity: usize = 512, "Jiang et al. 2025, arXiv 2509.04575, appendix: 512 for mathematics";
        /// The buffer is drawn from once it holds this many.
        pub least: usize = 128, "Jiang et al. 2025, arXiv 2509.04575, appendix: 128 for mathematics";
        /// How strongly learnability decides.
        pub kappa: f64 = 20.0, "ours: a variance is at most one quarter", 0.0..=1e9;
        /// Whether answers are continued; if not, the buffer holds problems alone and is a
        /// curriculum.
        pub steps: bool = true, "Jiang et al. 2025, arXiv 2509.04575, section 4: self-iteration";
        /// How often the next answer is to be a different one instead of a better one.
        pub differ: f64 = 0.2, "Jiang et al. 2025, arXiv 2509.04575, appendix: 0.2 for mathematics", 0.0..=1.0;
    }
}

impl Ask for Growing {
    fn ask(&self, stage: &Stage, cx: &AskContext) -> Outcome<Vec<Task>> {
        let count = if self.limit == 0 { cx.trainable.len() } else { self.limit };
        let mut plain: Vec<&Task> = cx.trainable.iter().collect();
        stage.key.of("order").random().shuffle(&mut plain);
        let mut grown = if cx.grown.len() >= self.least { self.drawn(&stage.key, cx) } else { Vec::new() }.into_iter();
        let mut plain = plain.into_iter().cloned();
        let (mut tasks, mut asked) = (Vec::new(), HashSet::new());
        let mut slot = 0;
        while tasks.len() < count {
            let from_buffer = stage.key.of("slot").at(slot).random().uniform() < self.share;
            slot += 1;
            let next = if from_buffer { grown.next().or_else(|| plain.next()) } else { plain.next() };
            let Some(task) = next else { break };
            // The same question twice would get the same answers twice.
            if asked.insert((task.id.clone(), task.prompt_identity())) {
                tasks.push(task);
            }
        }
        Ok(tasks)
    }

    fn grow(&self, key: &Key, world: &dyn World, mut grown: Vec<Grown>, attempts: &[(&Trace, f64)]) -> Vec<Grown> {
        let mut groups: BTreeMap<(&str, String), Vec<(&Trace, f64)>> = BTreeMap::new();
        for &(trace, quality) in attempts {
            let shown = identity(&trace.generated_under);
            groups.entry((&trace.task, shown)).or_default().push((trace, quality));
        }
        for ((_, shown), group) in groups {
            let (parent, child) = self.family(&key.of(&shown), world, &grown, &group);
            for one in [Some(parent), child.filter(|_| self.steps)].into_iter().flatten() {
                grown.retain(|other| !same(other, &one));
                grown.insert(0, one);
            }
        }
        // The newest of equals come first and stay.
        grown.sort_by(|one, other| other.learnability.total_cmp(&one.learnability));
        grown.truncate(self.capacity);
        grown
    }

    fn grows(&self) -> Option<GrowsBy> {
        Some(GrowsBy::Quality)
    }
}

impl Growing {
    /// What the buffer has, in the order of a draw without replacement (Gumbel's, Vieira 2014).
    fn drawn(&self, key: &Key, cx: &AskContext) -> Vec<Task> {
        let value = |number: usize, one: &Grown| {
            let uniform = key.of("grown").at(number as u64).random().uniform();
            self.kappa * one.learnability - (-(1.0 - uniform).ln()).ln()
        };
        let mut order: Vec<(f64, usize)> =
            cx.grown.iter().enumerate().map(|(number, one)| (value(number, one), number)).collect();
        order.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let asked = |&(_, number): &(f64, usize)| {
            let differs = key.of("differ").at(number as u64).random().uniform() < self.differ;
            cx.grown[number].asked(cx.world.wording(), if differs { Cue::Differ } else { Cue::Retry })
        };
        order.iter().map(asked).collect()
    }

    /// What was asked, with the learnability that this group has shown, and one of the answers to
    /// continue from, drawn among those that can still be improved.
    fn family(&self, key: &Key, world: &dyn World, grown: &[Grown], group: &[(&Trace, f64)]) -> (Grown, Option<Grown>) {
        let learnability = variance(&group.iter().map(|(_, quality)| *quality).collect::<Vec<_>>());
        let (first, _) = group[0];
        let previous = previous_answer(world.wording(), &first.generated_under);
        let turns = previous.as_ref().map_or(first.generated_under.len(), |(turns, _)| *turns);
        let task = Task {
            world: world.name().to_owned(),
            id: first.task.clone(),
            prompt: first.generated_under[..turns].to_vec(),
        };
        let asked = Grown { task, answer: previous.map(|(_, answer)| answer), depth: 0, learnability };
        let known = grown.iter().find(|other| same(other, &asked));
        let parent = known.map_or(asked.clone(), |known| Grown { learnability, ..known.clone() });
        let is_open = |(trace, quality): &&(&Trace, f64)| *quality < 1.0 && !trace.text().is_empty();
        let open: Vec<&(&Trace, f64)> = group.iter().filter(is_open).collect();
        let child = key.random().pick(&open).map(|(trace, _)| Grown {
            answer: Some(trace.text().into_owned()),
            depth: parent.depth + 1,
            ..parent.clone()
        });
        (parent, child)
    }
}

/// Whether both go on from the same answer to the same problem.
fn same(one: &Grown, other: &Grown) -> bool {
    one.task.id == other.task.id && one.answer == other.answer
}

fn variance(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count
}

#[cfg(test)]
mod tests;
