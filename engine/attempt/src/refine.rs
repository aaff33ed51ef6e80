use faults::Outcome;
use nouns::{
    Attempt, AttemptContext, Completion, Content, Cost, Generate, Key, Prompt, Reply, Request, Role, Sampling, Stage,
    Task, Trace, Turn,
};
use prompts::Template;

use crate::evaluate::AttemptFault;
use crate::sample::or_longest;

recipe::part! {
    /// Has a model criticise an answer and the policy rewrite it, until nothing is found wrong. The
    /// model is the policy itself, or another. The last answer counts; what it is trained under is
    /// the task alone.
    pub struct Refine = "refine", version 2 {
        /// Rewrites, at most.
        pub rounds: u32 = 3, "Madaan et al. 2023, arXiv 2303.17651, section 3: up to four";
        /// The model that criticises, by its name in the recipe: `policy`, `base`, or one of
        /// `[models]`. It is asked in text, after everything that was said before.
        pub critic: String = "policy".into(), "Madaan et al. 2023, arXiv 2303.17651, section 2: one model does all";
        /// What asks for what is wrong, in Jinja, or `{ file = "PATH" }`; `question` and `answer`
        /// stand for the task and the latest answer.
        pub critique: Template = Template::known(CRITIQUE), "ours; the paper's prompts are each task's own";
        /// What asks for a better answer; `critique` stands for what was found wrong.
        pub revise: Template = Template::known(REVISE), "ours; the paper's prompts are each task's own";
        /// What the critic says where it finds nothing wrong, in any case of letters: the chain
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
    /// What is spoken to next: the task, and after it its answers with what was wrong with them.
    context: Vec<Turn>,
    /// What was said last: an answer or a critique.
    last: String,
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
        let critic = cx.answering(&self.critic).ok_or(AttemptFault::NoSuchModel(self.critic.clone()))?;
        let chain = |task| Chain::new(task, stage.key.of("refine"));
        let mut chains: Vec<Chain> = tasks.iter().map(chain).collect();
        self.answer(stage, cx, &mut chains)?;
        for _ in 0..self.rounds {
            self.criticise(stage, cx, critic, &mut chains)?;
            self.answer(stage, cx, &mut chains)?;
        }
        Ok(chains.iter().flat_map(|chain| self.traces(stage, cx, chain)).collect())
    }

    fn answers_per_task(&self) -> usize {
        2 * self.rounds as usize + 1
    }

    fn models(&self) -> Vec<&str> {
        vec![&self.critic]
    }
}

impl Refine {
    /// The policy answers in every chain that has not ended, all in one batch.
    fn answer(&self, stage: &Stage, cx: &AttemptContext, chains: &mut [Chain]) -> Outcome<()> {
        let (mut asked, mut requests) = (Vec::new(), Vec::new());
        for (place, chain) in chains.iter_mut().enumerate().filter(|(_, chain)| !chain.ended) {
            if !chain.answers.is_empty() {
                chain.ask(self.revise.fill(&[("question", &chain.task.prompt_text()), ("critique", &chain.last)])?);
            }
            let context = cx.policy.encode(&chain.context)?;
            // A task that leaves no room is the policy's to refuse.
            chain.ended = !chain.answers.is_empty() && (self.is_spent(chain) || !has_room(cx, &context));
            if !chain.ended {
                requests.push(Request { context, sampling: self.sampling(cx), key: chain.next_key() });
                asked.push(place);
            }
        }
        for (place, done) in asked.into_iter().zip(cx.policy.sample(&requests, stage.progress)?) {
            let chain = &mut chains[place];
            chain.cost += done.cost;
            let seen = chain.context.clone();
            chain.says(cx.policy.decode_text(&done.tokens));
            chain.answers.push((seen, done));
        }
        Ok(())
    }

    /// The critic says what is wrong in every chain that has not ended.
    fn criticise(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        critic: &dyn Generate,
        chains: &mut [Chain],
    ) -> Outcome<()> {
        let (mut asked, mut requests) = (Vec::new(), Vec::new());
        for (place, chain) in chains.iter_mut().enumerate().filter(|(_, chain)| !chain.ended) {
            chain.ask(self.critique.fill(&[("question", &chain.task.prompt_text()), ("answer", &chain.last)])?);
            chain.ended = self.is_spent(chain) || !has_room(cx, &cx.policy.encode(&chain.context)?);
            if !chain.ended {
                requests.push(Prompt {
                    turns: chain.context.clone(),
                    sampling: self.sampling(cx),
                    key: chain.next_key(),
                });
                asked.push(place);
            }
        }
        for (place, Reply { content, cost, .. }) in asked.into_iter().zip(critic.generate(&requests, stage.progress)?) {
            let chain = &mut chains[place];
            chain.cost += cost;
            chain.says(content.into_text());
            chain.ended = chain.last.to_lowercase().contains(&self.done.to_lowercase());
        }
        Ok(())
    }

    fn is_spent(&self, chain: &Chain) -> bool {
        self.budget > 0 && chain.cost.generated_tokens >= self.budget
    }

    fn sampling(&self, cx: &AttemptContext) -> Sampling {
        let max_tokens = or_longest(self.max_tokens, cx.world);
        Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() }
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
            model_name: "policy".into(),
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
        Chain { task, key, context, last: String::new(), answers, drawn: 0, cost, ended: false }
    }

    /// Asks for the next thing that is said.
    fn ask(&mut self, question: String) {
        self.context.push(Turn::user(question));
    }

    fn says(&mut self, text: String) {
        self.context.push(Turn { role: Role::Assistant, content: Content::text(text.clone()) });
        self.last = text;
    }

    fn next_key(&mut self) -> Key {
        self.drawn += 1;
        self.key.at(self.drawn - 1)
    }
}

/// Whether the policy could still say something behind this context.
fn has_room(cx: &AttemptContext, context: &[u32]) -> bool {
    context.len() < cx.policy.context_length()
}
