use faults::Outcome;
use nouns::{Attempt, AttemptContext, Completion, Policy, Request, Sampling, Stage, Task, Trace, Verdict, World};

recipe::part! {
    /// Draws several independent answers for each task. Each is drawn with its own key.
    pub struct Sample = "sample", version 2 {
        /// Answers per task.
        pub per_task: u32 = 16, "ours", 1..=100_000;
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 1.0, "ours: the policy as it is", 0.0..=1000.0;
        /// Keep the k likeliest tokens; 0 keeps all.
        pub top_k: u32 = 0, "ours: no truncation, so that log-probabilities are the policy's own";
        /// Keep the smallest set of tokens that reaches this probability; 1 keeps all.
        pub top_p: f32 = 1.0, "ours: no truncation", recipe::above_to(0.0, 1.0);
        /// Keep tokens at least this fraction as likely as the likeliest; 0 keeps all.
        pub min_p: f32 = 0.0, "ours: no truncation", 0.0..=1.0;
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Attempts tasks only until this many of them have attempts with different rewards, so
        /// that no sampling is wasted on tasks that are too easy or too hard; 0 attempts all.
        /// Attempts of tasks without such a difference are kept, too.
        pub until: u32 = 0, "all; Yu et al. 2025, arXiv 2503.14476, section 3.2, sample on until a batch is full";
        /// End when the text ends with one of these.
        pub stop: Vec<String> = Vec::new(), "ours: the end token alone";
    }
}

impl Sample {
    /// The settings as the policy takes them.
    pub fn sampling(&self, world: &dyn World) -> Sampling {
        Sampling {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: self.top_p,
            min_p: self.min_p,
            max_tokens: or_longest(self.max_tokens, world),
            stop: self.stop.clone(),
            ..Sampling::default()
        }
    }
}

impl Attempt for Sample {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let sampling = self.sampling(cx.world);
        let draw = |tasks: &[Task]| {
            let asked: Vec<Asked> = tasks.iter().flat_map(|task| asked(stage, task, self.per_task)).collect();
            answer(stage, cx.policy, &sampling, &asked)
        };
        if self.until == 0 {
            return draw(tasks);
        }
        let (mut made, mut uneven) = (Vec::new(), 0);
        for some in tasks.chunks(self.until as usize) {
            let traces = draw(some)?;
            let verdicts = cx.checker.check(stage, some, &traces)?;
            let groups = verdicts.chunks(self.per_task.max(1) as usize);
            uneven += groups.filter(|group| differ(group)).count();
            made.extend(traces);
            if uneven >= self.until as usize {
                break;
            }
        }
        Ok(made)
    }

    fn answers_per_task(&self) -> usize {
        self.per_task as usize
    }
}

/// Whether settled attempts are worth different things.
fn differ(verdicts: &[Verdict]) -> bool {
    let mut rewards = verdicts.iter().filter_map(Verdict::reward);
    rewards.next().is_some_and(|first| rewards.any(|other| other != first))
}

/// The limit on new tokens, or the world's longest answer if it is 0.
pub(crate) fn or_longest(max_tokens: u32, world: &dyn World) -> u32 {
    if max_tokens == 0 { world.longest_answer() } else { max_tokens }
}

/// One sequence to draw: a task, which of its samples this is, and the contexts.
pub(crate) struct Asked<'a> {
    pub(crate) task: &'a Task,
    pub(crate) sample: u32,
    pub(crate) generated_under: &'a [nouns::Turn],
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) key: nouns::Key,
}

fn asked<'a>(stage: &Stage, task: &'a Task, per_task: u32) -> impl Iterator<Item = Asked<'a>> {
    // The presentation is part of the key: the same task asked twice in a round is two questions.
    let key = stage.key.of(&task.id).of(&task.prompt_identity());
    let round = stage.round;
    (0..per_task).map(move |sample| Asked {
        task,
        sample,
        generated_under: &task.prompt,
        id: format!("{round}/{}/{sample}", task.prompt_identity()),
        parent: None,
        key: key.at(u64::from(sample)),
    })
}

/// Draws every asked sequence in one call, so that the rollout engine sees the whole batch.
pub(crate) fn answer(stage: &Stage, policy: &dyn Policy, sampling: &Sampling, asked: &[Asked]) -> Outcome<Vec<Trace>> {
    let request = |asked: &Asked| {
        let context = policy.encode(asked.generated_under)?;
        Ok(Request { context, sampling: sampling.clone(), key: asked.key.clone() })
    };
    let requests: Vec<Request> = asked.iter().map(request).collect::<Outcome<_>>()?;
    let completions = policy.sample(&requests, stage.progress)?;
    let traces = asked.iter().zip(completions).map(|(asked, done)| trace(stage, policy, sampling, asked, done));
    Ok(traces.collect())
}

fn trace(stage: &Stage, policy: &dyn Policy, sampling: &Sampling, asked: &Asked, done: Completion) -> Trace {
    Trace {
        id: asked.id.clone(),
        task: asked.task.id.clone(),
        round: stage.round,
        sample: asked.sample,
        model_name: "policy".into(),
        turn: 0,
        parent: asked.parent.clone(),
        generated_under: asked.generated_under.to_vec(),
        trained_under: asked.task.prompt.clone(),
        answer: policy.decode(&done.tokens),
        tokens: done.tokens,
        log_probs: done.log_probs,
        sampling: sampling.clone(),
        model: policy.digest(),
        finish: done.finish,
        cost: done.cost,
        episode: None,
    }
}
