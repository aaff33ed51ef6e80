use episodes::{Limits, Rolling, Spent, Start};
use faults::Outcome;
use nouns::{Attempt, AttemptContext, Sampling, Stage, Task, Trace, World};
use serde::{Deserialize, Serialize};

use crate::evaluate::AttemptFault;

recipe::part! {
    /// Runs episodes in the world's environment. The policy calls tools or acts, sees what comes of
    /// it, and goes on until the episode is over. An episode is one trace: what was observed is
    /// context of what follows, and is never taught. Of a chain of tasks every episode is a turn
    /// after the one before.
    pub struct Episode = "episode", version 1 {
        /// Episodes per task; those of one task begin alike and are one group.
        pub per_task: u32 = 8, "ours";
        /// Tasks that follow one another in one environment, which may keep something between them;
        /// 1 plays each by itself.
        pub chain: u32 = 1, "ours: each by itself";
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 1.0, "ours: the policy as it is";
        /// At most this many turns; 0 takes the environment's own bound.
        pub turns: u32 = 0, "ours: the environment's";
        /// At most this many tokens of an episode after its opening, observations included; 0
        /// takes the world's longest.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// At most this many tokens drawn in a turn; 0 sets no bound but that of the episode.
        pub turn_tokens: u32 = 0, "ours: none";
        /// What becomes of an episode that reaches one of these bounds: unsettled, so that it is
        /// not learned from, or judged as it stands.
        pub spent: OverBudget = OverBudget::Unsettled, "ours: what it would have come to is not known";
        /// Whether the environment gives rewards that depend on right answers, where it has such.
        pub rewards: bool = true, "ours";
    }
}

/// What becomes of an episode that has spent its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverBudget {
    /// It is not judged.
    Unsettled,
    /// It is judged as it stands.
    Judged,
}

impl Episode {
    /// The bounds: the environment's own where the recipe names none.
    fn limits(&self, world: &dyn World) -> Result<Limits, AttemptFault> {
        let environment =
            world.environment(None).ok_or_else(|| AttemptFault::NoEnvironment(world.name().to_owned()))?;
        let spent = match self.spent {
            OverBudget::Unsettled => Spent::Unsettled,
            OverBudget::Judged => Spent::Judged,
        };
        let own = Limits::of(world, environment.as_ref(), spent);
        let or = |asked: u32, own: u32| if asked == 0 { own } else { asked };
        Ok(Limits {
            turns: or(self.turns, own.turns),
            tokens: or(self.max_tokens, own.tokens),
            turn_tokens: self.turn_tokens,
            spent,
        })
    }

    /// Every sample of every chain of tasks.
    fn chains<'a>(&self, stage: &Stage, tasks: &'a [Task]) -> Vec<Vec<Start<'a>>> {
        let round = stage.round;
        let start = |task: &'a Task, sample: u32| Start {
            task,
            sample,
            id: format!("{round}/{}/{sample}", task.prompt_text()),
            // The presentation is part of the key: the same task asked twice in a round is two questions.
            key: stage.key.of(&task.id).of(&task.prompt_text()),
        };
        let chains = tasks.chunks(self.chain.max(1) as usize);
        let samples = |chain: &'a [Task]| {
            (0..self.per_task).map(move |sample| chain.iter().map(|task| start(task, sample)).collect())
        };
        chains.flat_map(samples).collect()
    }
}

impl Attempt for Episode {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let limits = self.limits(cx.world)?;
        let sampling = Sampling { temperature: self.temperature, ..Sampling::default() };
        let rolling = Rolling {
            policy: cx.policy,
            world: cx.world,
            oracle: cx.oracle.filter(|_| self.rewards),
            sampling: &sampling,
            limits,
            round: stage.round,
            progress: stage.progress,
        };
        let traces = rolling.roll(&self.chains(stage, tasks))?.unwrap_or_default();
        Ok(by_task(tasks, traces))
    }

    fn answers_per_task(&self) -> usize {
        self.per_task as usize
    }

    fn needs_oracle(&self) -> bool {
        self.rewards
    }
}

/// The traces grouped by task, in the order of the tasks.
fn by_task(tasks: &[Task], traces: Vec<Trace>) -> Vec<Trace> {
    let places: std::collections::HashMap<&str, usize> =
        tasks.iter().enumerate().rev().map(|(place, task)| (task.id.as_str(), place)).collect();
    let mut traces = traces;
    traces.sort_by_key(|trace| (places.get(trace.task.as_str()).copied(), trace.sample));
    traces
}
