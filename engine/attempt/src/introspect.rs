use std::collections::{HashMap, HashSet};

use faults::Outcome;
use nouns::{Attempt, AttemptContext, Sampling, Stage, Task, Trace, Turn, claimed};

use crate::evaluate::AttemptFault;
use crate::sample::{Asked, answer, or_longest};

recipe::part! {
    /// Asks the model what it can solve, on tasks that it makes itself. For every task of the round
    /// it makes some that it says it can solve and some that it says it cannot, and is then asked
    /// of each several times whether it can. Nothing is solved. A made task that cannot be read,
    /// that was made before in this round, or that is held out is not asked about. A task whose
    /// prompt ends in a reply is one of its own from an earlier round: it is asked about again, and
    /// nothing is made for it.
    pub struct Introspect = "introspect", version 1 {
        /// Tasks made for each task of the round and each claim.
        pub per_claim: u32 = 4, "ours: 60 or so in a round, as in the paper", 1..=100_000;
        /// Times that the model is asked about each.
        pub votes: u32 = 8, "Kale & Dhami 2025, arXiv 2510.11407: eight self-analyses", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours: the policy as it is", 0.0..=1000.0;
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
    }
}

/// A question about a made task: with which task it counts, in which trace the task was made, if
/// that was in this round, and how it is asked.
struct Question<'a> {
    task: &'a Task,
    making: Option<&'a str>,
    asked: Vec<Turn>,
}

impl Attempt for Introspect {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let (own, shown): (Vec<&Task>, Vec<&Task>) = tasks.iter().partition(|task| claimed(&task.prompt).is_some());
        if shown.iter().any(|task| cx.world.wording().ask_ability(task).is_none()) {
            return Err(AttemptFault::NoAbility(cx.world.name().to_owned()).into());
        }
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        let claims = shown.into_iter().flat_map(|task| [true, false].map(|able| (task, able)));
        let requests: Vec<(&Task, Vec<Turn>)> =
            claims.map(|(task, able)| (task, cx.world.wording().ask_for_task(able, task))).collect();
        let asked: Vec<Asked> =
            requests.iter().flat_map(|(task, request)| self.makings(stage, task, request)).collect();
        let makings = under_the_same(answer(stage, cx.policy, &sampling, &asked)?);
        let liked: Vec<&Task> = asked.iter().map(|asked| asked.task).collect();
        let questions = questions(cx, &own, &liked, &makings);
        let asked: Vec<Asked> = questions.iter().flat_map(|question| self.votes(stage, question)).collect();
        let votes = under_the_same(answer(stage, cx.policy, &sampling, &asked)?);
        Ok(grouped(tasks, makings.iter().cloned().chain(votes)))
    }

    fn answers_per_task(&self) -> usize {
        2 * self.per_claim as usize * (1 + self.votes as usize)
    }
}

impl Introspect {
    fn makings<'a>(&self, stage: &Stage, task: &'a Task, request: &'a [Turn]) -> impl Iterator<Item = Asked<'a>> {
        let said: String = request.iter().map(|turn| turn.content.as_text()).collect();
        let key = stage.key.of("make").of(&task.id).of(&said);
        let round = stage.round;
        (0..self.per_claim).map(move |sample| Asked {
            task,
            sample,
            generated_under: request,
            id: format!("{round}/{}/{said}/{sample}", task.id),
            parent: None,
            key: key.at(u64::from(sample)),
        })
    }

    fn votes<'a>(&self, stage: &Stage, question: &'a Question) -> impl Iterator<Item = Asked<'a>> {
        let Question { task, making, asked } = question;
        let before = || format!("{}/{}/again", stage.round, task.id);
        let made = making.map_or_else(before, str::to_owned);
        let key = stage.key.of("vote").of(&made);
        (0..self.votes).map(move |sample| Asked {
            task,
            sample,
            generated_under: asked,
            id: format!("{made}/vote-{sample}"),
            parent: making.map(str::to_owned),
            key: key.at(u64::from(sample)),
        })
    }
}

/// What is said about oneself is learned under what was asked, not under the task that was shown
/// with it.
fn under_the_same(traces: Vec<Trace>) -> Vec<Trace> {
    traces.into_iter().map(|trace| Trace { trained_under: trace.generated_under.clone(), ..trace }).collect()
}

/// What the model is asked about: its own tasks of before, and those that it made now and that can
/// be read, each once, none of them held out. `liked` are the tasks that were shown.
fn questions<'a>(cx: &AttemptContext, own: &[&'a Task], liked: &[&'a Task], makings: &'a [Trace]) -> Vec<Question<'a>> {
    let mut seen: HashSet<String> = own.iter().map(|task| task.id.clone()).collect();
    let again = |task: &&'a Task| Some(Question { task, making: None, asked: claimed(&task.prompt)?.0.to_vec() });
    let made = |(trace, task): (&'a Trace, &&'a Task)| {
        let made = cx.world.read(trace.text().trim()).ok()?;
        let fresh = !(cx.held_out)(&made.id) && seen.insert(made.id.clone());
        Some(Question { task, making: Some(&trace.id), asked: cx.world.wording().ask_ability(&made)? })
            .filter(|_| fresh)
    };
    own.iter().filter_map(again).chain(makings.iter().zip(liked).filter_map(made)).collect()
}

/// The traces by the task that was shown with them, in the order of the tasks.
fn grouped(tasks: &[Task], traces: impl Iterator<Item = Trace>) -> Vec<Trace> {
    let mut groups: HashMap<String, Vec<Trace>> = HashMap::new();
    traces.for_each(|trace| groups.entry(trace.task.clone()).or_default().push(trace));
    tasks.iter().flat_map(|task| groups.remove(&task.id).unwrap_or_default()).collect()
}
