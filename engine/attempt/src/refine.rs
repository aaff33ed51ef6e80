use faults::Outcome;
use nouns::{
    Attempt, AttemptContext, Completion, Content, Cost, Key, Request, Role, Sampling, Stage, Task, Trace, Turn,
};

use crate::sample::or_longest;

recipe::part! {
    /// Has the policy criticise its answer and rewrite it, until it finds nothing wrong. The last
    /// answer counts; what it is trained under is the task alone.
    pub struct Refine = "refine", version 1 {
        /// Rewrites, at most.
        pub rounds: u32 = 3, "Madaan et al. 2023, arXiv 2303.17651, section 3: up to four";
        /// What asks for what is wrong.
        pub critique: String = CRITIQUE.into(), "ours; the paper's prompts are each task's own";
        /// What asks for a better answer.
        pub revise: String = REVISE.into(), "ours; the paper's prompts are each task's own";
        /// What the policy says where it finds nothing wrong, in any case of letters: the chain
        /// ends there.
        pub done: String = "nothing".into(), "ours; Madaan et al. 2023, arXiv 2303.17651, section 2: the critique decides";
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "Madaan et al. 2023, arXiv 2303.17651, section 3", 0.0..=1000.0;
        /// At most this many tokens of an answer or a critique; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Tokens generated for a task, with which nothing more is begun; 0 for no bound.
        pub budget: u64 = 0, "ours";
        /// Whether the answers before the last become traces too, after it.
        pub keep_all: bool = false, "ours";
    }
}

const CRITIQUE: &str = "What is wrong with this answer? If nothing is wrong, say: nothing.";
const REVISE: &str = "Answer the question again, without these mistakes.";

/// A task's answers so far.
struct Chain<'a> {
    task: &'a Task,
    key: Key,
    /// What the policy speaks to next: the task, and after it its answers with what was wrong with
    /// them.
    context: Vec<Turn>,
    /// Each answer, with what it was given in view of.
    answers: Vec<(Vec<Turn>, Completion)>,
    /// Sequences drawn so far: numbers the next one's key.
    drawn: u64,
    cost: Cost,
    /// Whether nothing was found wrong, or there is no room or budget to say more.
    ended: bool,
}

impl Attempt for Refine {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let chain = |task| Chain::new(task, stage.key.of("refine"));
        let mut chains: Vec<Chain> = tasks.iter().map(chain).collect();
        self.speak(stage, cx, &mut chains, Refine::answered)?;
        for _ in 0..self.rounds {
            self.speak(stage, cx, &mut chains, Refine::criticised)?;
            self.speak(stage, cx, &mut chains, Refine::answered)?;
        }
        Ok(chains.iter().flat_map(|chain| self.traces(stage, cx, chain)).collect())
    }

    fn answers_per_task(&self) -> usize {
        2 * self.rounds as usize + 1
    }
}

impl Refine {
    /// The policy speaks in every chain that has not ended, all in one batch.
    fn speak(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        chains: &mut [Chain],
        hear: impl Fn(&Refine, &mut Chain, String, Completion),
    ) -> Outcome<()> {
        let (mut asked, mut requests) = (Vec::new(), Vec::new());
        for (place, chain) in chains.iter_mut().enumerate().filter(|(_, chain)| !chain.ended) {
            let context = cx.policy.encode(&chain.context)?;
            let spent = self.budget > 0 && chain.cost.generated_tokens >= self.budget;
            // A task that leaves no room is the policy's to refuse.
            chain.ended = !chain.answers.is_empty() && (spent || context.len() >= cx.policy.context_length());
            if !chain.ended {
                let sampling = self.sampling(cx);
                requests.push(Request { context, sampling, key: chain.key.at(chain.drawn) });
                chain.drawn += 1;
                asked.push(place);
            }
        }
        for (place, done) in asked.into_iter().zip(cx.policy.sample(&requests, stage.progress)?) {
            chains[place].cost += done.cost;
            let text = cx.policy.decode_text(&done.tokens);
            hear(self, &mut chains[place], text, done);
        }
        Ok(())
    }

    fn sampling(&self, cx: &AttemptContext) -> Sampling {
        let max_tokens = or_longest(self.max_tokens, cx.world);
        Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() }
    }

    fn answered(&self, chain: &mut Chain, text: String, done: Completion) {
        chain.answers.push((chain.context.clone(), done));
        chain.context.extend([assistant(text), Turn::user(&self.critique)]);
    }

    fn criticised(&self, chain: &mut Chain, text: String, _: Completion) {
        chain.ended |= text.to_lowercase().contains(&self.done.to_lowercase());
        chain.context.extend([assistant(text), Turn::user(&self.revise)]);
    }

    /// The last answer, and after it, if all are to be kept, those before it. The first bears the
    /// cost of all, critiques included.
    fn traces(&self, stage: &Stage, cx: &AttemptContext, chain: &Chain) -> Vec<Trace> {
        let name = |turn: usize| format!("{}/{}/refined-{turn}", stage.round, chain.task.prompt_identity());
        let trace = |(turn, (seen, done)): (usize, &(Vec<Turn>, Completion))| Trace {
            id: name(turn),
            task: chain.task.id.clone(),
            round: stage.round,
            sample: turn as u32,
            role: "policy".into(),
            turn: turn as u32,
            parent: turn.checked_sub(1).map(name),
            generated_under: seen.clone(),
            trained_under: chain.task.prompt.clone(),
            answer: cx.policy.decode(&done.tokens),
            tokens: done.tokens.clone(),
            log_probs: done.log_probs.clone(),
            sampling: self.sampling(cx),
            model: cx.policy.digest(),
            finish: done.finish,
            cost: Cost::default(),
            episode: None,
        };
        let mut traces: Vec<Trace> = chain.answers.iter().enumerate().rev().map(trace).collect();
        traces[0].cost = chain.cost;
        traces.truncate(if self.keep_all { traces.len() } else { 1 });
        if !self.keep_all {
            traces[0].parent = None; // what it revises is not kept
        }
        traces
    }
}

impl<'a> Chain<'a> {
    fn new(task: &'a Task, key: Key) -> Chain<'a> {
        let key = key.of(&task.id).of(&task.prompt_identity());
        let (context, answers, cost) = (task.prompt.clone(), Vec::new(), Cost::default());
        Chain { task, key, context, answers, drawn: 0, cost, ended: false }
    }
}

fn assistant(text: String) -> Turn {
    Turn { role: Role::Assistant, content: Content::text(text) }
}
