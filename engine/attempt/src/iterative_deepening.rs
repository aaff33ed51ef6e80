use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{
    Attempt, AttemptContext, Completion, Content, Cost, Finish, Key, Part, Policy, Request, Role, Sampling, Stage,
    Task, Trace, Turn, World,
};

use crate::sample::or_longest;
use crate::search::Decide;

recipe::part! {
    /// Makes the model think again after its answer, with growing budgets (iterative deepening). An
    /// answer is written within a budget of tokens; then the model is made to think again after it,
    /// within a budget larger by a constant factor; and so on. The last whole answer counts, and of
    /// several samples the majority's or the likeliest.
    pub struct IterativeDeepening = "iterative_deepening", version 2 {
        /// Tokens before the model is first made to think again; 0 takes the world's longest
        /// answer.
        pub initial: u32 = 0, "ours: the paper's figures were not established";
        /// How many times as large each budget is as the one before.
        pub growth: f64 = 2.0, "Chen et al. 2025, arXiv 2502.05449: a geometric schedule; the factor is ours", recipe::above_to(1.0, 1e6);
        /// Tokens in all, above which the model is not made to think again; 0 takes four times the
        /// first budget.
        pub limit: u32 = 0, "ours";
        /// What makes it think again; empty takes the world's.
        pub trigger: String = String::new(), "Chen et al. 2025, arXiv 2502.05449: a fixed sentence";
        /// Samples per task.
        pub n: u32 = 8, "ours", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "ours", 0.0..=1000.0;
        /// Which sample's answer is given: the likeliest (`best`), that of the `majority`, or
        /// `weighted` by likelihood.
        pub decide: Decide = Decide::Majority, "Chen et al. 2025, arXiv 2502.05449: majority vote or best of n";
        /// Whether all samples become traces, the given one first.
        pub keep_all: bool = false, "ours";
    }
}

/// One sample at work.
struct Chain<'a> {
    task: &'a Task,
    sample: u32,
    key: Key,
    /// The prompt, and after it the retracted answers.
    context: Vec<u32>,
    /// Where in `context` the prompt ends.
    prompt: usize,
    /// The answer that stands, as far as it is written.
    answer: Completion,
    /// Sequences drawn so far: numbers the next one's key.
    drawn: u64,
    cost: Cost,
    /// Current budget, in tokens of everything after the prompt.
    budget: f64,
}

impl Attempt for IterativeDeepening {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let mut chains = Vec::new();
        for task in tasks {
            let context = cx.policy.encode(&task.prompt)?;
            let key = stage.key.of("iterative_deepening").of(&task.id).of(&task.prompt_identity());
            chains.extend((0..self.n.max(1)).map(|sample| Chain::new(task, sample, &key, &context)));
        }
        let schedule = Schedule::of(self, cx.world);
        let trigger = match self.trigger.as_str() {
            "" => cx.policy.encode_fragment(cx.world.wording().think_again()),
            own => cx.policy.encode_fragment(own),
        };
        let sampling = Sampling { temperature: self.temperature, ..Sampling::default() };
        chains.iter_mut().for_each(|chain| chain.budget = schedule.initial);
        let writer = Writer { stage, cx, sampling: &sampling, longest: schedule.longest };
        let mut open: Vec<&mut Chain> = chains.iter_mut().collect();
        while !open.is_empty() {
            writer.write(&mut open, &[], |chain| chain.room())?;
            // A trigger in the middle of a step would break it.
            writer.write(&mut open, &cx.world.step_ends(), |_| u32::MAX)?;
            open.retain_mut(|chain| chain.thinks_again(cx.policy, &schedule, &trigger));
        }
        writer.write(&mut chains.iter_mut().collect::<Vec<_>>(), &[], |_| u32::MAX)?;
        let per_task = chains.chunks(self.n.max(1) as usize);
        Ok(per_task.flat_map(|chains| self.traces(stage, cx, &sampling, chains)).collect())
    }

    fn answers_per_task(&self) -> usize {
        self.n as usize
    }
}

/// How budgets grow.
struct Schedule {
    initial: f64,
    growth: f64,
    limit: f64,
    /// Tokens of one answer at most.
    longest: u32,
}

impl Schedule {
    fn of(part: &IterativeDeepening, world: &dyn World) -> Schedule {
        let longest = world.longest_answer();
        let initial = f64::from(or_longest(part.initial, world));
        let limit = if part.limit == 0 { 4.0 * initial } else { f64::from(part.limit) };
        // A budget that does not grow would be thought over for ever.
        Schedule { initial, growth: part.growth.max(1.01), limit, longest }
    }
}

/// Writes on in many answers at once.
struct Writer<'a> {
    stage: &'a Stage<'a>,
    cx: &'a AttemptContext<'a>,
    sampling: &'a Sampling,
    /// Tokens of one answer at most.
    longest: u32,
}

impl Writer<'_> {
    /// Continues the answers that have not ended, up to one of these stop strings, or by `most`
    /// more tokens each.
    fn write(&self, chains: &mut [&mut Chain], stop: &[String], most: impl Fn(&Chain) -> u32) -> Outcome<()> {
        let mut asked = Vec::new();
        let mut requests = Vec::new();
        for (place, chain) in chains.iter_mut().enumerate() {
            let context = [&chain.context[..], &chain.answer.tokens].concat();
            let room = (self.longest as usize).saturating_sub(chain.answer.tokens.len());
            let room = room.min(self.cx.policy.context_length().saturating_sub(context.len())) as u32;
            let begun = !chain.answer.tokens.is_empty();
            let at_end = stop.iter().any(|end| chain.text(self.cx.policy).ends_with(end.as_str()));
            if chain.answer.finish == Finish::Stop || begun && (room == 0 || at_end) {
                continue;
            }
            let max_tokens = room.min(most(chain)).max(1); // a prompt that leaves no room is the policy's to refuse
            let sampling = Sampling { max_tokens, stop: stop.to_vec(), ..self.sampling.clone() };
            requests.push(Request { context, sampling, key: chain.key.at(chain.drawn) });
            chain.drawn += 1;
            asked.push(place);
        }
        for (place, done) in asked.into_iter().zip(self.cx.policy.sample(&requests, self.stage.progress)?) {
            chains[place].take(self.cx.policy, stop, done);
        }
        Ok(())
    }
}

impl<'a> Chain<'a> {
    fn new(task: &'a Task, sample: u32, key: &Key, context: &[u32]) -> Chain<'a> {
        Chain {
            task,
            sample,
            key: key.at(u64::from(sample)),
            context: context.to_vec(),
            prompt: context.len(),
            answer: nothing(),
            drawn: 0,
            cost: Cost::default(),
            budget: 0.0,
        }
    }

    /// Tokens that may be written before the budget is reached.
    fn room(&self) -> u32 {
        (self.budget - (self.context.len() - self.prompt) as f64).max(1.0) as u32
    }

    fn text(&self, policy: &dyn Policy) -> String {
        policy.decode_text(&self.answer.tokens)
    }

    /// Adds what was drawn to the answer. A stop string ends a step and not the answer.
    fn take(&mut self, policy: &dyn Policy, stop: &[String], done: Completion) {
        self.cost += done.cost;
        self.answer.tokens.extend(done.tokens);
        self.answer.log_probs.extend(done.log_probs);
        let text = self.text(policy);
        let at_step = stop.iter().any(|end| text.ends_with(end.as_str()));
        self.answer.finish = if at_step { Finish::Length } else { done.finish };
    }

    /// Puts what was answered and the trigger into the context and raises the budget; false where
    /// that would exceed the limit or the model's context.
    fn thinks_again(&mut self, policy: &dyn Policy, schedule: &Schedule, trigger: &[u32]) -> bool {
        let ended = usize::from(self.answer.finish == Finish::Stop);
        let answered = &self.answer.tokens[..self.answer.tokens.len() - ended];
        let behind = self.context.len() - self.prompt + answered.len() + trigger.len();
        let budget = (self.budget * schedule.growth).min(schedule.limit);
        let full = self.context.len() + answered.len() + trigger.len() >= policy.context_length();
        if budget <= self.budget || behind as f64 >= budget || full {
            return false;
        }
        self.context.extend_from_slice(answered);
        self.context.extend_from_slice(trigger);
        (self.answer, self.budget) = (nothing(), budget);
        true
    }

    fn log_likelihood(&self) -> f64 {
        self.answer.log_probs.iter().map(|&p| f64::from(p)).sum()
    }
}

/// An answer of which nothing is written.
fn nothing() -> Completion {
    Completion { tokens: Vec::new(), log_probs: Vec::new(), finish: Finish::Length, cost: Cost::default() }
}

impl IterativeDeepening {
    /// The sample whose answer is given, and after it, if all are to be kept, the others. The
    /// first bears the cost of all.
    fn traces(&self, stage: &Stage, cx: &AttemptContext, sampling: &Sampling, chains: &[Chain]) -> Vec<Trace> {
        let chosen = self.pick(cx, chains);
        let others = (0..chains.len()).filter(|&other| self.keep_all && other != chosen);
        let order: Vec<usize> = std::iter::once(chosen).chain(others).collect();
        let all: Cost = chains.iter().map(|chain| chain.cost).sum();
        let trace = |(place, &which): (usize, &usize)| {
            let cost = if place == 0 { all } else { Cost::default() };
            Trace { cost, sample: place as u32, ..chains[which].trace(stage, cx.policy, sampling) }
        };
        order.iter().enumerate().map(trace).collect()
    }

    fn pick(&self, cx: &AttemptContext, chains: &[Chain]) -> usize {
        let said: Vec<Option<String>> =
            chains.iter().map(|chain| cx.world.answer(chain.task, &chain.text(cx.policy))).collect();
        let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
        for (chain, answer) in chains.iter().zip(&said) {
            if let Some(answer) = answer {
                let weight = if self.decide == Decide::Majority { 1.0 } else { chain.log_likelihood().exp() };
                *votes.entry(answer).or_default() += weight;
            }
        }
        let rank = |&place: &usize| {
            let vote = said[place]
                .as_deref()
                .map_or(-1.0, |answer| if self.decide == Decide::Best { 0.0 } else { votes[answer] });
            (vote, chains[place].log_likelihood())
        };
        let order = |a: &usize, b: &usize| {
            let ((vote, likely), (other_vote, other_likely)) = (rank(a), rank(b));
            vote.total_cmp(&other_vote).then(likely.total_cmp(&other_likely)).then(b.cmp(a))
        };
        (0..chains.len()).max_by(order).unwrap_or(0)
    }
}

impl Chain<'_> {
    fn trace(&self, stage: &Stage, policy: &dyn Policy, sampling: &Sampling) -> Trace {
        let Completion { tokens, log_probs, finish, .. } = self.answer.clone();
        let mut generated_under = self.task.prompt.clone();
        if self.context.len() > self.prompt {
            let thought = Content(vec![Part::Tokens(self.context[self.prompt..].to_vec())]);
            generated_under.push(Turn { role: Role::Assistant, content: thought });
        }
        Trace {
            id: format!("{}/{}/deep-{}", stage.round, self.task.prompt_identity(), self.sample),
            task: self.task.id.clone(),
            round: stage.round,
            sample: self.sample,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under,
            trained_under: self.task.prompt.clone(),
            answer: policy.decode(&tokens),
            tokens,
            log_probs,
            sampling: sampling.clone(),
            model: policy.digest(),
            finish,
            cost: self.cost,
            episode: None,
        }
    }
}
