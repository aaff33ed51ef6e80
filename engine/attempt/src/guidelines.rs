use faults::Outcome;
use nouns::{
    Attempt, AttemptContext, Completion, Cost, Key, Oracle, Policy, Prompt, Request, Sampling, Stage, Task, Trace, Turn,
};
use prompts::Template;

use crate::evaluate::AttemptFault;
use crate::hint::{Hint, grouped};
use crate::sample::or_longest;

recipe::part! {
    /// Draws reasoning paths that come of general guidelines. A guideline is made specific to the
    /// task, then becomes a plan, and the plan is carried out; some paths begin with one guideline,
    /// others with a few that the model selects. Where every path to a task is wrong, all are drawn
    /// again with the right answer shown on the way. What they are trained under is the task alone,
    /// without guideline, plan or answer. A plan that leaves no room in the model's context is left
    /// out: that path answers the task as it stands.
    pub struct Guidelines = "guidelines", version 1 {
        /// The guidelines.
        pub seeds: Vec<String> = SEEDS.lines().map(str::to_owned).collect(),
            "ours: 25 as in Peng et al. 2024, arXiv 2410.02108, in our words";
        /// Paths to a task that begin with guidelines which the model selects.
        pub selected: u32 = 20, "Peng et al. 2024, arXiv 2410.02108, and its code: 20", 0..=100_000;
        /// Paths that begin with one guideline each: so many of the guidelines, from the first.
        pub alone: u32 = 25, "Peng et al. 2024, arXiv 2410.02108, and its code: each of the 25", 0..=100_000;
        /// What asks for a selection, in Jinja, or `{ file = "PATH" }`; `question` stands for the
        /// task, `guidelines` for the numbered list.
        pub select: Template = Template::known(SELECT.trim_ascii_end()), "ours, after the paper's code";
        /// What makes guidelines specific to the task; `guideline` stands for them.
        pub adapt: Template = Template::known(ADAPT.trim_ascii_end()), "ours, after the paper's code";
        /// What turns the specific guideline, `guideline`, into a plan.
        pub structure: Template = Template::known(STRUCTURE.trim_ascii_end()), "ours, after the paper's code";
        /// What has the plan, `structure`, carried out.
        pub path: Template = Template::known(PATH.trim_ascii_end()), "ours, after the paper's code";
        /// Softmax temperature, of every step.
        pub temperature: f32 = 1.2, "Peng et al. 2024, arXiv 2410.02108, and its code", 0.0..=1000.0;
        /// Keep the smallest set of tokens that reaches this probability; 1 keeps all.
        pub top_p: f32 = 0.9, "Peng et al. 2024, arXiv 2410.02108, and its code", recipe::above_to(0.0, 1.0);
        /// At most this many tokens of a selection, a specific guideline or a plan.
        pub plan_tokens: u32 = 256, "ours; the paper's code bounds every step by 2048", 1..=1_000_000;
        /// At most this many tokens of a path; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Whether tasks at which every path is wrong are tried once more with the right answer.
        pub hinted: bool = true, "Peng et al. 2024, arXiv 2410.02108: the ground truth as a hint";
        /// Softmax temperature of these.
        pub hinted_temperature: f32 = 0.85, "Peng et al. 2024, arXiv 2410.02108, and its code", 0.0..=1000.0;
    }
}

const SEEDS: &str = include_str!("../prompts/guidelines.txt");
const SELECT: &str = include_str!("../prompts/select-guidelines.jinja");
const ADAPT: &str = include_str!("../prompts/adapt-guideline.jinja");
const STRUCTURE: &str = include_str!("../prompts/reasoning-structure.jinja");
const PATH: &str = include_str!("../prompts/reasoning-path.jinja");

/// A pass over some tasks: with the right answers shown, or without.
struct Pass<'a> {
    part: &'a Guidelines,
    stage: &'a Stage<'a>,
    cx: &'a AttemptContext<'a>,
    key: Key,
    hinted: bool,
}

/// A path on its way from a guideline.
struct Path<'a> {
    task: &'a Task,
    /// The task as it is shown on the way.
    question: String,
    /// Its place among the task's paths.
    number: u32,
    key: Key,
    /// What it has come to: guidelines, then the specific one, then the plan.
    said: String,
    cost: Cost,
}

impl Attempt for Guidelines {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let key = stage.key.of("guidelines");
        let plain = Pass { part: self, stage, cx, key: key.clone(), hinted: false };
        let made = plain.paths(tasks.iter().map(|task| (task, task.prompt_text())))?;
        if !self.hinted {
            return Ok(made);
        }
        let oracle = cx.oracle.ok_or(AttemptFault::NoOracle)?;
        let verdicts = cx.checker.check(stage, tasks, &made)?;
        let failed = Hint::default().failed(tasks, &made, &verdicts);
        let shown = failed.into_iter().filter_map(|task| Some((task, hinted(oracle, task)?)));
        let again = Pass { key: key.of("hinted"), hinted: true, ..plain }.paths(shown)?;
        Ok(grouped(tasks, made, again))
    }

    fn answers_per_task(&self) -> usize {
        (self.selected + self.alone) as usize * if self.hinted { 2 } else { 1 }
    }

    fn needs_oracle(&self) -> bool {
        self.hinted
    }
}

/// The task's text with its right answer, where the world can show it.
fn hinted(oracle: &dyn Oracle, task: &Task) -> Option<String> {
    let prompt = oracle.hinted(task)?;
    Some(Task { prompt, ..task.clone() }.prompt_text())
}

impl Pass<'_> {
    /// All paths to these tasks: every step of all of them in one batch.
    fn paths<'t>(&self, shown: impl Iterator<Item = (&'t Task, String)>) -> Outcome<Vec<Trace>> {
        let mut paths: Vec<Path> = shown.flat_map(|(task, question)| self.starts(task, &question)).collect();
        let seeds = self.part.seeds.iter().enumerate();
        let list = seeds.map(|(place, seed)| format!("{}. {seed}", place + 1)).collect::<Vec<_>>().join("\n");
        let chosen = paths.iter_mut().filter(|path| path.said.is_empty()).collect();
        self.step("select", &self.part.select, chosen, |_| vec![("guidelines", list.clone())])?;
        let guideline = |path: &Path| vec![("guideline", path.said.clone())];
        self.step("adapt", &self.part.adapt, paths.iter_mut().collect(), guideline)?;
        self.step("structure", &self.part.structure, paths.iter_mut().collect(), guideline)?;
        self.carry_out(&paths)
    }

    /// Where the paths to a task begin: with nothing, where a selection is to come, or with a
    /// guideline.
    fn starts<'t>(&self, task: &'t Task, question: &str) -> Vec<Path<'t>> {
        let none = (0..self.part.selected).map(|_| String::new());
        let alone = self.part.seeds.iter().take(self.part.alone as usize).cloned();
        let key = self.key.of(&task.id).of(&task.prompt_identity());
        let start = |(number, said): (usize, String)| Path {
            task,
            question: question.to_owned(),
            number: number as u32,
            key: key.at(number as u64),
            said,
            cost: Cost::default(),
        };
        none.chain(alone).enumerate().map(start).collect()
    }

    /// Has the model say the next thing in every one of these paths.
    fn step(
        &self,
        name: &str,
        template: &Template,
        paths: Vec<&mut Path>,
        shows: impl Fn(&Path) -> Vec<(&'static str, String)>,
    ) -> Outcome<()> {
        let prompt = |path: &&mut Path| {
            let mut values = shows(path);
            values.push(("question", path.question.clone()));
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let turns = vec![path.task.question(template.fill(&values)?)];
            let sampling = self.sampling(self.part.plan_tokens);
            Ok(Prompt { turns, sampling, key: path.key.of(name) })
        };
        let prompts = paths.iter().map(prompt).collect::<Outcome<Vec<Prompt>>>()?;
        for (path, reply) in paths.into_iter().zip(self.cx.policy.generate(&prompts, self.stage.progress)?) {
            path.said = reply.content.into_text();
            path.cost += reply.cost;
        }
        Ok(())
    }

    /// Carries every plan out.
    fn carry_out(&self, paths: &[Path]) -> Outcome<Vec<Trace>> {
        let sampling = self.sampling(or_longest(self.part.max_tokens, self.cx.world));
        let (mut under, mut requests) = (Vec::new(), Vec::new());
        for path in paths {
            let values = [("question", path.question.as_str()), ("structure", path.said.as_str())];
            let planned = vec![path.task.question(self.part.path.fill(&values)?)];
            let context = self.cx.policy.encode(&planned)?;
            let fits = context.len() < self.cx.policy.context_length();
            let turns = if fits { planned } else { path.task.prompt.clone() };
            let context = if fits { context } else { self.cx.policy.encode(&turns)? };
            requests.push(Request { context, sampling: sampling.clone(), key: path.key.of("path") });
            under.push(turns);
        }
        let drawn = self.cx.policy.sample(&requests, self.stage.progress)?;
        let trace = |((path, under), done)| self.trace(path, under, &sampling, done);
        Ok(paths.iter().zip(under).zip(drawn).map(trace).collect())
    }

    fn sampling(&self, max_tokens: u32) -> Sampling {
        let temperature = if self.hinted { self.part.hinted_temperature } else { self.part.temperature };
        Sampling { temperature, top_p: self.part.top_p, max_tokens, ..Sampling::default() }
    }

    /// A path as an attempt at its task; it bears the cost of the steps that led to it.
    fn trace(&self, path: &Path, under: Vec<Turn>, sampling: &Sampling, done: Completion) -> Trace {
        let policy: &dyn Policy = self.cx.policy;
        let kind = if self.hinted { "hinted" } else { "path" };
        let before = if self.hinted { self.part.selected + self.part.alone } else { 0 };
        Trace {
            id: format!("{}/{}/{kind}-{}", self.stage.round, path.task.prompt_identity(), path.number),
            task: path.task.id.clone(),
            round: self.stage.round,
            sample: before + path.number,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under: under,
            trained_under: path.task.prompt.clone(),
            answer: policy.decode(&done.tokens),
            tokens: done.tokens,
            log_probs: done.log_probs,
            sampling: sampling.clone(),
            model: policy.digest(),
            finish: done.finish,
            cost: [path.cost, done.cost].into_iter().sum(),
            episode: None,
        }
    }
}
