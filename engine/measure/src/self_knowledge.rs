use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, Turn, Verdict, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures whether a model knows which tasks it can solve. The truth is what it does: a task
    /// is one that it can solve if it solves at least `able` of its tries. `knows itself` is the
    /// share of its replies to whether it can that are true; `able f1` the F1 of replying that it
    /// can, over all replies; `votes agree` the share of the replies to one question that say what
    /// most of them say; `own tasks agree` how often a task that it made to be solvable, or not, is
    /// called that when it is asked; and `accuracy of the able` how often it is right where most
    /// replies say that it can.
    pub struct SelfKnowledge = "self_knowledge", version 1 {
        /// At most this many tasks, the first.
        pub tasks: usize = 200, "ours";
        /// Replies to every question.
        pub votes: u32 = 8, "Kale & Dhami 2025, arXiv 2510.11407", 1..=100_000;
        /// Tries at every task, which decide whether it is solvable.
        pub tries: u32 = 16, "ours", 1..=100_000;
        /// The share of right tries from which on a task counts as solvable.
        pub able: f64 = 0.5, "ours";
    }
}

impl MeasureSettings for SelfKnowledge {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for SelfKnowledge {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let tasks = &tasks[..tasks.len().min(self.tasks)];
        let ask = |task: &Task| Some(asked("ability", &task.id, world.wording().ask_ability(task)?));
        let Some(questions) = tasks.iter().map(ask).collect::<Option<Vec<Task>>>() else { return Ok(Vec::new()) };
        let successes = self.successes(stage, policy, world, checker, tasks)?;
        let replies = self.replies(stage, policy, world, &questions)?;
        let truths: Vec<Option<bool>> =
            successes.iter().map(|success| success.map(|share| share >= self.able)).collect();
        let named = |values: Vec<Option<f64>>| tasks.iter().map(|task| task.id.clone()).zip(values).collect();
        let both = || replies.iter().zip(&truths);
        let known = both().map(|(replies, truth)| truth.and_then(|truth| share_of(replies, truth))).collect();
        let agree = replies.iter().map(|replies| agreement(replies)).collect();
        let claimed = replies.iter().zip(&successes);
        let claimed = claimed.map(|(replies, success)| success.filter(|_| most(replies) == Some(true))).collect();
        let f1 = f1(both().filter_map(|(replies, truth)| Some((replies.as_slice(), (*truth)?))));
        Ok(vec![
            Score::new("knows itself", on, named(known)),
            Score::new("able f1", on, vec![("all".into(), f1)]),
            Score::new("votes agree", on, named(agree)),
            Score::new("accuracy of the able", on, named(claimed)),
            self.own_tasks(stage, policy, world, on, tasks)?,
        ])
    }
}

impl SelfKnowledge {
    /// The share of right tries at each task; none where nothing could be judged.
    fn successes(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        tasks: &[Task],
    ) -> Outcome<Vec<Option<f64>>> {
        let traces = draw(stage, policy, world, tasks, self.tries.max(1), 1.0)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        let share = |verdicts: &[Verdict]| {
            let rights: Vec<bool> = verdicts.iter().filter_map(Verdict::is_right).collect();
            let right = rights.iter().filter(|&&right| right).count();
            (!rights.is_empty()).then(|| right as f64 / rights.len() as f64)
        };
        Ok(verdicts.chunks(self.tries.max(1) as usize).map(share).collect())
    }

    /// What is replied to each question. `[questions][votes]`
    fn replies(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        questions: &[Task],
    ) -> Outcome<Vec<Vec<Option<bool>>>> {
        let traces = draw(stage, policy, world, questions, self.votes.max(1), 1.0)?;
        let read = |traces: &[Trace]| traces.iter().map(|trace| world.wording().says_able(&trace.text())).collect();
        Ok(traces.chunks(self.votes.max(1) as usize).map(read).collect())
    }

    /// Makes a task for either claim, and asks about it. An item is a claim about one shown task;
    /// what cannot be read is no task.
    fn own_tasks(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Score> {
        let claims: Vec<(&Task, bool)> = tasks.iter().flat_map(|task| [(task, true), (task, false)]).collect();
        let name = |able: bool| if able { "can" } else { "cannot" };
        let requests: Vec<Task> = claims
            .iter()
            .map(|&(task, able)| asked(name(able), &task.id, world.wording().ask_for_task(able, task)))
            .collect();
        let made = draw(stage, policy, world, &requests, 1, 1.0)?;
        let made: Vec<Option<Task>> = made.iter().map(|trace| world.read(trace.text().trim()).ok()).collect();
        let question = |(request, made): (&Task, &Option<Task>)| {
            made.as_ref().and_then(|made| Some(asked("own", &request.id, world.wording().ask_ability(made)?)))
        };
        let questions: Vec<Task> = requests.iter().zip(&made).filter_map(question).collect();
        let mut replies = self.replies(stage, policy, world, &questions)?.into_iter();
        let item = |((request, made), (_, able)): ((&Task, &Option<Task>), &(&Task, bool))| {
            let agreeing = made.as_ref().and_then(|_| replies.next()).and_then(|replies| share_of(&replies, *able));
            (request.id.clone(), agreeing)
        };
        Ok(Score::new("own tasks agree", on, requests.iter().zip(&made).zip(&claims).map(item).collect()))
    }
}

/// A question about a task, with randomness of its own.
fn asked(what: &str, about: &str, prompt: Vec<Turn>) -> Task {
    Task { world: String::new(), id: format!("{what} {about}"), prompt }
}

/// The share of the replies that say so. A reply that says nothing does not; none without replies.
fn share_of(replies: &[Option<bool>], able: bool) -> Option<f64> {
    let saying = replies.iter().filter(|reply| **reply == Some(able)).count();
    (!replies.is_empty()).then(|| saying as f64 / replies.len() as f64)
}

/// The share of the replies that say what most of them say.
fn agreement(replies: &[Option<bool>]) -> Option<f64> {
    Some(share_of(replies, true)?.max(share_of(replies, false)?))
}

/// What most replies say; none if as many say the other.
fn most(replies: &[Option<bool>]) -> Option<bool> {
    let count = |able: bool| replies.iter().filter(|reply| **reply == Some(able)).count();
    (count(true) != count(false)).then(|| count(true) > count(false))
}

/// The F1 of saying that one can: the harmonic mean of how often that is true, and how often it is
/// said where it is.
fn f1<'a>(items: impl Iterator<Item = (&'a [Option<bool>], bool)>) -> Option<f64> {
    let (mut both, mut said, mut able) = (0, 0, 0);
    for (replies, truth) in items {
        let saying = replies.iter().filter(|reply| **reply == Some(true)).count();
        said += saying;
        both += if truth { saying } else { 0 };
        able += if truth { replies.len() } else { 0 };
    }
    (said + able > 0).then(|| 2.0 * both as f64 / (said + able) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(text: &str) -> Vec<Option<bool>> {
        text.chars().map(|reply| (reply != '?').then_some(reply == '+')).collect()
    }

    #[test]
    fn figures_of_a_few_replies_by_hand() {
        assert_eq!(share_of(&replies("++-?"), true), Some(0.5));
        assert_eq!((most(&replies("++-")), most(&replies("+-?")), share_of(&[], true)), (Some(true), None, None));
        assert_eq!((agreement(&replies("+--?")), agreement(&[])), (Some(0.5), None));
        // Says it can 3 times of 4, is right in 2 of them; could have said so in 2.
        let items = [(replies("++"), true), (replies("+-"), false)];
        assert_eq!(f1(items.iter().map(|(replies, truth)| (replies.as_slice(), *truth))), Some(4.0 / 5.0));
        assert_eq!(
            f1([(&replies("--")[..], false)].into_iter()),
            None,
            "there is nothing to find, and nothing is claimed"
        );
    }
}
