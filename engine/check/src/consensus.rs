use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Verdict, World, claimed};
use serde::{Deserialize, Serialize};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Rewards a model for agreeing with its own claims about its ability. A vote on a task that it
    /// made is worth 1 if it agrees with what the task was made to be, and 0 if not; a task is
    /// worth the share of its votes that agree, and nothing if it was not asked about. So is a vote
    /// on a task of an earlier round that is asked about again. No right answer is read.
    pub struct Consensus = "consensus", version 1 {
        /// What votes are to agree with.
        pub with: With = With::Claim, "Kale & Dhami 2025, arXiv 2510.11407: tasks are made to be feasible or infeasible";
    }
}

/// What votes on a made task are to agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum With {
    /// What the task was made to be.
    Claim,
    /// The majority of the votes on it, whatever it was made to be; a tie agrees with that.
    Majority,
    /// What another task was made to be, drawn: a control, which has nothing to learn from.
    Shuffled,
}

impl CheckerSettings for Consensus {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(Counter { part: self.clone(), world: grants.world.clone() }))
    }

    fn votes(&self) -> bool {
        true
    }
}

/// [`Consensus`] with the world, which knows how a model is asked and what it replies.
pub(crate) struct Counter {
    pub(crate) part: Consensus,
    pub(crate) world: Arc<dyn World>,
}

impl Check for Counter {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let claim = |trace: &Trace| {
            let like = by_id.get(trace.task.as_str())?;
            [true, false].into_iter().find(|&able| self.world.wording().ask_for_task(able, like) == trace.trained_under)
        };
        // A task of an earlier round ends in a reply that agrees with what it was made to be.
        let before = |task: &Task| self.world.wording().says_able(&claimed(&task.prompt)?.1);
        let again = tasks.iter().filter_map(|task| Some((task.id.as_str(), before(task)?)));
        let again: BTreeMap<&str, bool> = again.collect();
        let made = traces.iter().filter_map(|trace| Some((trace.id.as_str(), claim(trace)?)));
        let makings: Vec<(&str, bool)> = made.chain(again.clone()).collect();
        let votes: Vec<Option<bool>> =
            traces.iter().map(|trace| self.world.wording().says_able(&trace.text())).collect();
        let mut on: HashMap<&str, Vec<Option<bool>>> = HashMap::new();
        for (trace, vote) in traces.iter().zip(&votes) {
            if let Some(made) = voted_on(trace, &again) {
                on.entry(made).or_default().push(*vote);
            }
        }
        let wanted = self.part.wanted(stage, &makings, &on);
        let worth =
            |(trace, vote): (&Trace, &Option<bool>)| match (voted_on(trace, &again), wanted.get(trace.id.as_str())) {
                (Some(made), _) => agrees(*vote, wanted.get(made)),
                (None, Some(wanted)) => shared(on.get(trace.id.as_str()), *wanted),
                (None, None) => Verdict::Wrong("it is no task of its own".into()),
            };
        Ok(traces.iter().zip(&votes).map(worth).collect())
    }
}

impl Consensus {
    /// What the votes on each made task are to say.
    fn wanted<'a>(
        &self,
        stage: &Stage,
        makings: &[(&'a str, bool)],
        on: &HashMap<&str, Vec<Option<bool>>>,
    ) -> HashMap<&'a str, bool> {
        let mut claims: Vec<bool> = makings.iter().map(|(_, claim)| *claim).collect();
        if self.with == With::Shuffled {
            stage.key.of("shuffled").random().shuffle(&mut claims);
        }
        let wanted = |(&(id, _), claim): (&(&'a str, bool), bool)| match self.with {
            With::Claim | With::Shuffled => (id, claim),
            With::Majority => (id, majority(on.get(id)).unwrap_or(claim)),
        };
        makings.iter().zip(claims).map(wanted).collect()
    }
}

/// What a vote is on: the trace in which a task was made, or a task of an earlier round.
fn voted_on<'a>(trace: &'a Trace, again: &BTreeMap<&str, bool>) -> Option<&'a str> {
    let before = || Some(trace.task.as_str()).filter(|task| again.contains_key(task));
    trace.parent.as_deref().or_else(before)
}

/// What most votes say; none if as many say the other.
fn majority(votes: Option<&Vec<Option<bool>>>) -> Option<bool> {
    let said: Vec<bool> = votes?.iter().copied().flatten().collect();
    let able = said.iter().filter(|&&able| able).count();
    (2 * able != said.len()).then_some(2 * able > said.len())
}

fn agrees(vote: Option<bool>, wanted: Option<&bool>) -> Verdict {
    match (vote, wanted) {
        (Some(vote), Some(wanted)) if vote == *wanted => Verdict::Graded(1.0),
        (Some(_), Some(_)) => Verdict::Graded(0.0),
        _ => Verdict::Wrong("it is no reply".into()),
    }
}

fn shared(votes: Option<&Vec<Option<bool>>>, wanted: bool) -> Verdict {
    let Some(votes) = votes else { return Verdict::Wrong("it is no new task that can be read".into()) };
    let agreeing = votes.iter().filter(|vote| **vote == Some(wanted)).count();
    Verdict::Graded(agreeing as f64 / votes.len() as f64)
}

#[cfg(test)]
mod tests {
    use nouns::{Content, Cost, Digest, Finish, Key, Role, Sampling, Silent, Turn};

    use super::*;

    fn votes(text: &str) -> Vec<Option<bool>> {
        text.chars().map(|vote| (vote != '?').then_some(vote == '+')).collect()
    }

    fn wanted(with: With) -> Vec<(&'static str, bool)> {
        let makings = [("a", true), ("b", true), ("c", false), ("d", false)];
        let on = HashMap::from([("a", votes("+---")), ("b", votes("+-")), ("c", votes("?--"))]);
        let stage = Stage { round: 1, key: Key::root(4), progress: &Silent };
        let found = Consensus { with }.wanted(&stage, &makings, &on);
        makings.map(|(id, _)| (id, found[id])).to_vec()
    }

    #[test]
    fn votes_are_to_agree_with_the_claim_the_majority_or_another_claim() {
        assert_eq!(wanted(With::Claim), [("a", true), ("b", true), ("c", false), ("d", false)]);
        assert_eq!(wanted(With::Majority), [("a", false), ("b", true), ("c", false), ("d", false)]);
        assert_eq!(wanted(With::Shuffled).iter().filter(|(_, able)| *able).count(), 2, "the claims, in another order");
    }

    #[test]
    fn a_reply_that_says_nothing_agrees_with_nothing() {
        assert_eq!(shared(Some(&votes("++-?")), true), Verdict::Graded(0.5));
        assert_eq!(agrees(Some(false), Some(&false)), Verdict::Graded(1.0));
        assert_eq!(agrees(None, Some(&false)).reward(), Some(0.0));
        assert_eq!(shared(None, true).reward(), Some(0.0), "it was not asked about");
    }

    #[test]
    fn a_task_that_is_asked_about_again_is_what_it_was_made_to_be() {
        let world = sources::find("chain", &sources::Options::default()).expect("a world");
        let made = world.read("x = 1 ; + 2").expect("a task");
        let question = world.wording().ask_ability(&made).expect("words");
        let reply = Turn { role: Role::Assistant, content: Content::text("hint") };
        let again = Task { prompt: [question.clone(), vec![reply]].concat(), ..made };
        let vote = |response: &str| Trace {
            id: format!("2/{}/again/{response}", again.id),
            task: again.id.clone(),
            round: 2,
            sample: 0,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under: question.clone(),
            trained_under: question.clone(),
            answer: response.into(),
            tokens: Vec::new(),
            log_probs: Vec::new(),
            sampling: Sampling::default(),
            model: Digest::of(b"model"),
            finish: Finish::Stop,
            cost: Cost::default(),
            episode: None,
        };
        let counter = |with| Counter { part: Consensus { with }, world: world.clone() };
        let stage = Stage { round: 2, key: Key::root(4), progress: &Silent };
        let votes = ["answer", "hint", "answer"].map(vote);
        let worth = |with| {
            let verdicts = counter(with).check(&stage, std::slice::from_ref(&again), &votes).expect("verdicts");
            verdicts.iter().filter_map(Verdict::reward).collect::<Vec<f64>>()
        };
        assert_eq!(worth(With::Claim), [0.0, 1.0, 0.0]);
        assert_eq!(worth(With::Majority), [1.0, 0.0, 1.0]);
    }
}
