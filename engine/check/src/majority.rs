use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Unsettled, Verdict, World};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Takes the answer that most attempts at a task give for right (self-consistency). No labels
    /// are read. Attempts that give no answer do not vote and are wrong. A tie settles nothing.
    pub struct Majority = "majority", version 3 {
        /// The share of the voting attempts that the winner must exceed.
        pub above: f64 = 0.0, "Wang et al. 2022, arXiv 2203.11171: a plurality suffices";
    }
}

impl CheckerSettings for Majority {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(Voter { part: self.clone(), world: grants.world.clone() }))
    }

    fn votes(&self) -> bool {
        true
    }
}

/// [`Majority`] with the world that reads answers.
pub(crate) struct Voter {
    pub(crate) part: Majority,
    pub(crate) world: Arc<dyn World>,
}

impl Check for Voter {
    fn check(&self, _: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let read = |trace: &Trace| by_id.get(trace.task.as_str()).and_then(|t| self.world.answer(t, &trace.text()));
        let answers: Vec<Option<String>> = traces.iter().map(read).collect();
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        for (trace, answer) in traces.iter().zip(&answers) {
            groups.entry(&trace.task).or_default().extend(answer.as_deref());
        }
        let winners: HashMap<&str, Option<&str>> =
            groups.into_iter().map(|(task, votes)| (task, winner(&votes, self.part.above))).collect();
        let verdict = |(trace, answer): (&Trace, &Option<String>)| match winners.get(trace.task.as_str()) {
            Some(Some(winner)) if answer.as_deref() == Some(*winner) => Verdict::Right,
            Some(Some(winner)) => Verdict::Wrong(format!("the majority answers {winner}")),
            _ => Verdict::Unsettled(Unsettled::NoMajority),
        };
        Ok(traces.iter().zip(&answers).map(verdict).collect())
    }
}

/// The answer with strictly the most votes, if its share exceeds `above`.
fn winner<'a>(votes: &[&'a str], above: f64) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vote in votes {
        *counts.entry(vote).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let mut leaders = counts.into_iter().filter(|&(_, count)| count == most).map(|(answer, _)| answer);
    let leader = leaders.next()?;
    (leaders.next().is_none() && most as f64 > above * votes.len() as f64).then_some(leader)
}

#[cfg(test)]
mod tests {
    use super::winner;

    #[test]
    fn the_most_frequent_answer_wins_and_a_tie_settles_nothing() {
        assert_eq!(winner(&["a", "b", "a"], 0.0), Some("a"));
        assert_eq!(winner(&["a", "b"], 0.0), None);
        assert_eq!(winner(&[], 0.0), None);
        assert_eq!(winner(&["a", "b", "a"], 0.7), None);
    }
}
