use std::collections::{BTreeMap, HashMap, HashSet};

use faults::Outcome;
use nouns::{Ask, AskContext, Content, Grown, GrowsBy, Key, Role, Stage, Task, Trace, Turn, World};

use crate::Tasks;

recipe::part! {
    /// Asks again about tasks that the model made and agreed with itself on. They stand beside the
    /// world's tasks. A made task is replayed while enough of its latest replies agree with what it
    /// was made to be; no right answer is read.
    pub struct Replaying = "replaying", version 1 {
        /// At most this many tasks of the world a round; 0 asks them all.
        pub limit: usize = 0, "ours: all of them, as `tasks` does";
        /// At most this many tasks of its own a round, drawn evenly.
        pub again: usize = 16, "ours: a fifth of the questions of a round, beside the 64 tasks that eight of the world's make";
        /// The share of the replies that must agree.
        pub consensus: f64 = 0.875, "ours: seven of eight; Kale & Dhami 2025, arXiv 2510.11407, replay what has high consensus", 0.0..=1.0;
        /// The newest this many are remembered.
        pub capacity: usize = 512, "ours";
    }
}

impl Ask for Replaying {
    fn ask(&self, stage: &Stage, cx: &AskContext) -> Outcome<Vec<Task>> {
        let mut tasks = Tasks { limit: self.limit }.ask(stage, cx)?;
        let asked: HashSet<String> = tasks.iter().map(|task| task.id.clone()).collect();
        let mut own: Vec<&Grown> = cx.grown.iter().filter(|one| !asked.contains(&one.task.id)).collect();
        stage.key.of("again").random().shuffle(&mut own);
        tasks.extend(own.into_iter().take(self.again).map(again));
        Ok(tasks)
    }

    /// What is remembered of a made task is the question whether the model can solve it, and a
    /// reply that agrees with what it was made to be.
    fn grow(&self, _: &Key, world: &dyn World, mut grown: Vec<Grown>, attempts: &[(&Trace, f64)]) -> Vec<Grown> {
        for (id, (task, votes)) in votes(world, &grown, attempts) {
            grown.retain(|one| one.task.id != id);
            let share = votes.iter().map(|(_, worth)| worth).sum::<f64>() / votes.len() as f64;
            let agreeing = votes.iter().find(|(_, worth)| *worth >= 1.0).filter(|_| share >= self.consensus);
            if let Some((vote, _)) = agreeing {
                let (answer, learnability) = (Some(vote.text().into_owned()), share * (1.0 - share));
                grown.insert(0, Grown { task, answer, depth: 0, learnability });
            }
        }
        grown.truncate(self.capacity);
        grown
    }

    fn grows(&self) -> Option<GrowsBy> {
        Some(GrowsBy::Verdicts)
    }
}

/// The question, and the reply after it: what is to be asked again (`nouns::claimed` reads it
/// off).
fn again(one: &Grown) -> Task {
    let reply = one.answer.iter().map(|answer| Turn { role: Role::Assistant, content: Content::text(answer) });
    Task { prompt: one.task.prompt.iter().cloned().chain(reply).collect(), ..one.task.clone() }
}

/// Replies to one question, with what they are worth.
type Votes<'a> = Vec<(&'a Trace, f64)>;

/// The replies to the question about each made task, new or asked about again, with what they are
/// worth.
fn votes<'a>(world: &dyn World, grown: &[Grown], attempts: &[(&'a Trace, f64)]) -> BTreeMap<String, (Task, Votes<'a>)> {
    let by_id: HashMap<&str, &Trace> = attempts.iter().map(|(trace, _)| (trace.id.as_str(), *trace)).collect();
    let known = |trace: &Trace| {
        let same = |one: &&Grown| one.task.id == trace.task && one.task.prompt == trace.generated_under;
        grown.iter().find(same).map(|one| one.task.clone())
    };
    let about = |trace: &Trace| match &trace.parent {
        Some(making) => world.read(by_id.get(making.as_str())?.text().trim()).ok(),
        None => known(trace),
    };
    let mut votes: BTreeMap<String, (Task, Votes)> = BTreeMap::new();
    for &(trace, worth) in attempts {
        let Some(task) = about(trace) else { continue };
        let asked = Task { prompt: trace.generated_under.clone(), ..task };
        votes.entry(asked.id.clone()).or_insert((asked, Vec::new())).1.push((trace, worth));
    }
    votes
}

#[cfg(test)]
mod tests;
