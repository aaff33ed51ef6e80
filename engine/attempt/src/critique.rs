use std::collections::{HashMap, HashSet};

use faults::Outcome;
use nouns::{
    Attempt, AttemptContext, CRITIQUE, Completion, Content, Cost, Finish, Generate, Key, Policy, Prompt, Reply,
    Request, Role, Sampling, Stage, Task, Trace, Turn, Verdict,
};
use prompts::Template;
use serde::{Deserialize, Serialize};

use crate::evaluate::AttemptFault;
use crate::sample::or_longest;

recipe::part! {
    /// Has a model criticise the answers so far, and the policy rewrite those that it does not find
    /// right. Critiques become attempts of their own, each behind its answer, and rewritten answers
    /// behind their critique, so that both can be judged and taught. A critique says at its end, or
    /// with its first word, whether the answer is right: yes or no.
    pub struct Critique = "critique", version 1 {
        /// The model that criticises, by its name in the recipe: `policy`, `base`, or one of
        /// `[models]`.
        pub model: String = "policy".into(), "Lu et al. 2023, arXiv 2310.00533: one model does all";
        /// Which answers are criticised: `all`, or those that the recipe's checkers find `wrong`.
        pub of: Of = Of::All, "ours";
        /// Whether the critic is shown the right answer. What the critique is taught under does not
        /// show it.
        pub shown: bool = false, "Xi et al. 2024, arXiv 2411.16579: an annotator has the reference answer";
        /// What asks for a critique, in Jinja, or `{ file = "PATH" }`; it stands behind the
        /// question and the answer, and may say them again: `question`, `answer`.
        pub ask: Template = Template::known(ASK.trim_ascii_end()), "ours";
        /// What asks a critic that is shown the right answer; `question` holds it.
        pub ask_shown: Template = Template::known(ASK_SHOWN.trim_ascii_end()), "ours";
        /// What asks for a better answer, behind the critique; may say `question` and `critique`.
        pub revise: Template = Template::known(REVISE.trim_ascii_end()), "ours";
        /// Answers anew after each critique that does not find its answer right.
        pub rewrites: u32 = 1, "Lu et al. 2023, arXiv 2310.00533: one refined answer", 0..=100_000;
        /// Whether easier tasks get fewer of them: `rewrites` times the share of a task's answers
        /// that the recipe's checkers find wrong, rounded up.
        pub by_difficulty: bool = false, "Xi et al. 2024, arXiv 2411.16579, give harder questions more tries";
        /// Whether rewritten answers are criticised too, by whom the first ones were.
        pub again: bool = false, "ours";
        /// Under what rewritten answers are trained on: the `task` alone, the `conversation` that
        /// they end, or `both`.
        pub under: Under = Under::Task, "Xi et al. 2024, arXiv 2411.16579, and its code: as direct answers";
        /// What is kept: `all`, or only the `last` answer of each chain, for answering.
        pub keep: Keep = Keep::All, "ours";
        /// Softmax temperature of a critique.
        pub temperature: f32 = 0.0, "Xi et al. 2024, arXiv 2411.16579, and its code: greedy", 0.0..=1000.0;
        /// Softmax temperature of a rewritten answer.
        pub rewrite_temperature: f32 = 0.7, "Xi et al. 2024, arXiv 2411.16579, and its code", 0.0..=1000.0;
        /// At most this many tokens of a critique; 0 takes the world's longest answer.
        pub critique_tokens: u32 = 0, "ours: the world's";
        /// At most this many tokens of a rewritten answer; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
    }
}

const ASK: &str = include_str!("../prompts/critique.jinja");
const ASK_SHOWN: &str = include_str!("../prompts/critique-with-answer.jinja");
const REVISE: &str = include_str!("../prompts/revise.jinja");

/// Which answers are criticised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// Every one.
    All,
    /// Those that are wrong.
    Wrong,
}

/// Under what rewritten answers are trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Under {
    /// As if they had been the first answer.
    Task,
    /// Behind the answer and its critique.
    Conversation,
    /// Once each.
    Both,
}

/// What becomes of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Every turn is an attempt.
    All,
    /// The last answer is, with the cost of the whole.
    Last,
}

/// What a model is to say next: behind which trace, and in which words it is asked.
struct Next<'a> {
    task: &'a Task,
    before: Trace,
    id: String,
    /// What is shown to who says it.
    shown: Vec<Turn>,
    /// What it is trained on under.
    taught: Vec<Turn>,
    key: Key,
}

impl Attempt for Critique {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let critic = cx.answering(&self.model).ok_or(AttemptFault::NoSuchModel(self.model.clone()))?;
        let followed: HashSet<&str> = earlier.iter().filter_map(|trace| trace.parent.as_deref()).collect();
        let is_last = |trace: &&Trace| !trace.is_critique() && !followed.contains(trace.id.as_str());
        let last: Vec<Trace> = earlier.iter().filter(is_last).cloned().collect();
        let verdicts = match self.of == Of::Wrong || self.by_difficulty {
            true => cx.checker.check(stage, tasks, &last)?,
            false => Vec::new(),
        };
        let wrong = |place: usize| verdicts.get(place).and_then(Verdict::is_right) == Some(false);
        let asked = last.iter().enumerate().filter(|(place, _)| self.of == Of::All || wrong(*place));
        let asked: Vec<Trace> = asked.map(|(_, trace)| trace.clone()).collect();

        let critiques = self.critiques(stage, cx, critic, tasks, &asked)?;
        let rewrites = self.rewritten(stage, cx, tasks, &critiques, &self.tries(&last, &verdicts))?;
        let again = match self.again {
            true => self.critiques(stage, cx, critic, tasks, &rewrites)?,
            false => Vec::new(),
        };
        let added: Vec<Trace> = critiques.into_iter().chain(self.taught(rewrites)).chain(again).collect();
        Ok(match self.keep {
            Keep::All => behind(earlier, added),
            Keep::Last => last_of_each(earlier, added),
        })
    }

    fn answers_per_task(&self) -> usize {
        self.rewrites as usize + 1
    }

    fn needs_oracle(&self) -> bool {
        self.shown
    }

    fn models(&self) -> Vec<&str> {
        vec![&self.model]
    }
}

impl Critique {
    /// A critique of each of these answers, where there is room for one.
    fn critiques(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        critic: &dyn Generate,
        tasks: &[Task],
        answers: &[Trace],
    ) -> Outcome<Vec<Trace>> {
        let mut asked = Vec::new();
        for (task, answer) in of_tasks(tasks, answers) {
            let (question, text) = (task.prompt_text(), answer.text());
            let values = [("question", question.as_str()), ("answer", text.as_ref())];
            let taught = spoken(&task.prompt, &text, self.ask.fill(&values)?);
            let shown = if self.shown { self.shown(cx, task, &text)? } else { Some(taught.clone()) };
            let key = stage.key.of("critique").of(&answer.id);
            let id = format!("{}{CRITIQUE}", answer.id);
            asked.extend(shown.map(|shown| Next { task, before: answer.clone(), id, shown, taught, key }));
        }
        let max_tokens = or_longest(self.critique_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        said(stage, cx, critic, &sampling, asked)
    }

    /// What a critic that is shown the right answer is asked; nothing where the world cannot show
    /// it.
    fn shown(&self, cx: &AttemptContext, task: &Task, answer: &str) -> Outcome<Option<Vec<Turn>>> {
        let oracle = cx.oracle.ok_or(AttemptFault::NoOracle)?;
        let Some(prompt) = oracle.hinted(task) else { return Ok(None) };
        let question = Task { prompt, ..task.clone() }.prompt_text();
        let filled = self.ask_shown.fill(&[("question", &question), ("answer", answer)])?;
        Ok(Some(vec![task.question(filled)]))
    }

    /// Answers anew behind each of these critiques, unless it finds its answer right.
    fn rewritten(
        &self,
        stage: &Stage,
        cx: &AttemptContext,
        tasks: &[Task],
        critiques: &[Trace],
        tries: &HashMap<String, u32>,
    ) -> Outcome<Vec<Trace>> {
        let mut asked = Vec::new();
        for (task, critique) in of_tasks(tasks, critiques) {
            let text = critique.text();
            if prompts::says_yes(&text) == Some(true) {
                continue;
            }
            let values = [("question", task.prompt_text()), ("critique", text.to_string())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            let shown = spoken(&critique.trained_under, &text, self.revise.fill(&values)?);
            let key = stage.key.of("rewrite").of(&critique.id);
            let number = tries.get(&task.id).copied().unwrap_or(self.rewrites);
            asked.extend((0..number).map(|number| Next {
                task,
                before: critique.clone(),
                id: format!("{}/rewrite-{number}", critique.id),
                shown: shown.clone(),
                taught: if self.under == Under::Conversation { shown.clone() } else { task.prompt.clone() },
                key: key.at(u64::from(number)),
            }));
        }
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.rewrite_temperature, max_tokens, ..Sampling::default() };
        said(stage, cx, cx.policy, &sampling, asked)
    }

    /// How often an answer to each task is written anew, where that depends on its difficulty.
    fn tries(&self, answers: &[Trace], verdicts: &[Verdict]) -> HashMap<String, u32> {
        let mut counts: HashMap<String, (u32, u32)> = HashMap::new();
        for (answer, verdict) in answers.iter().zip(verdicts).filter(|_| self.by_difficulty) {
            let (wrong, of) = counts.entry(answer.task.clone()).or_default();
            if let Some(is_right) = verdict.is_right() {
                (*wrong, *of) = (*wrong + u32::from(!is_right), *of + 1);
            }
        }
        let settled = counts.into_iter().filter(|(_, (_, of))| *of > 0);
        settled.map(|(task, (wrong, of))| (task, tries(self.rewrites, wrong, of))).collect()
    }

    /// With those that are to be taught in the conversation as well.
    fn taught(&self, rewrites: Vec<Trace>) -> Vec<Trace> {
        let in_place = |trace: &Trace| Trace {
            id: format!("{}/in-place", trace.id),
            trained_under: trace.generated_under.clone(),
            cost: Cost::default(), // it was drawn once
            ..trace.clone()
        };
        let twice = self.under == Under::Both && self.keep == Keep::All;
        let with = |trace: Trace| {
            let more = twice.then(|| in_place(&trace));
            std::iter::once(trace).chain(more)
        };
        rewrites.into_iter().flat_map(with).collect()
    }
}

/// Tries at an answer to a task of whose answers so many are wrong.
fn tries(most: u32, wrong: u32, of: u32) -> u32 {
    (most * wrong).div_ceil(of.max(1))
}

/// A conversation that goes on after something was said.
fn spoken(before: &[Turn], said: &str, then: String) -> Vec<Turn> {
    let said = Turn { role: Role::Assistant, content: Content::text(said) };
    before.iter().cloned().chain([said, Turn::user(then)]).collect()
}

/// These traces, each with its task.
fn of_tasks<'a>(tasks: &'a [Task], traces: &'a [Trace]) -> impl Iterator<Item = (&'a Task, &'a Trace)> {
    let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    traces.iter().filter_map(move |trace| Some((*by_id.get(trace.task.as_str())?, trace)))
}

/// Has a model say all of this in one batch. What the policy could not be shown whole is left out.
fn said(
    stage: &Stage,
    cx: &AttemptContext,
    model: &dyn Generate,
    sampling: &Sampling,
    asked: Vec<Next>,
) -> Outcome<Vec<Trace>> {
    let reader = model.as_policy().unwrap_or(cx.policy);
    let mut room = Vec::with_capacity(asked.len());
    for next in &asked {
        let fits = |policy: &dyn Policy, turns: &[Turn]| -> Outcome<bool> {
            Ok(policy.encode(turns)?.len() < policy.context_length())
        };
        room.push(fits(reader, &next.shown)? && fits(cx.policy, &next.taught)?);
    }
    let asked: Vec<Next> = asked.into_iter().zip(room).filter_map(|(next, fits)| fits.then_some(next)).collect();
    let drawn = match model.as_policy() {
        Some(policy) => sampled(stage, cx.policy, policy, sampling, &asked)?,
        None => replied(stage, cx.policy, model, sampling, &asked)?,
    };
    let trace = |(next, (text, done)): (&Next, (String, Completion))| Trace {
        id: next.id.clone(),
        task: next.task.id.clone(),
        turn: next.before.turn + 1,
        parent: Some(next.before.id.clone()),
        generated_under: next.shown.clone(),
        trained_under: next.taught.clone(),
        answer: Content::text(text),
        tokens: done.tokens,
        log_probs: done.log_probs,
        sampling: sampling.clone(),
        model: model.digest(),
        finish: done.finish,
        cost: done.cost,
        ..next.before.clone()
    };
    Ok(asked.iter().zip(drawn).map(trace).collect())
}

/// What a model with tokens says. They are taught as they were drawn where they say the same in the
/// policy's vocabulary, and are encoded anew where they do not.
fn sampled(
    stage: &Stage,
    policy: &dyn Policy,
    model: &dyn Policy,
    sampling: &Sampling,
    asked: &[Next],
) -> Outcome<Vec<(String, Completion)>> {
    let request = |next: &Next| {
        let context = model.encode(&next.shown)?;
        Ok(Request { context, sampling: sampling.clone(), key: next.key.clone() })
    };
    let drawn = model.sample(&asked.iter().map(request).collect::<Outcome<Vec<Request>>>()?, stage.progress)?;
    let read = |done: Completion| {
        let text = model.decode_text(&done.tokens);
        let same = policy.decode_text(&done.tokens) == text;
        let done = if same { done } else { encoded(policy, &text, done.finish, done.cost) };
        (text, done)
    };
    Ok(drawn.into_iter().map(read).collect())
}

/// What a model that has words alone says, in the policy's tokens.
fn replied(
    stage: &Stage,
    policy: &dyn Policy,
    model: &dyn Generate,
    sampling: &Sampling,
    asked: &[Next],
) -> Outcome<Vec<(String, Completion)>> {
    let prompt = |next: &Next| Prompt { turns: next.shown.clone(), sampling: sampling.clone(), key: next.key.clone() };
    let replies = model.generate(&asked.iter().map(prompt).collect::<Vec<_>>(), stage.progress)?;
    let read = |reply: Reply| {
        let text = reply.content.into_text();
        let done = encoded(policy, &text, reply.finish, reply.cost);
        (text, done)
    };
    Ok(replies.into_iter().map(read).collect())
}

fn encoded(policy: &dyn Policy, text: &str, finish: Finish, cost: Cost) -> Completion {
    let tokens = policy.encode_fragment(text);
    Completion { log_probs: vec![0.0; tokens.len()], tokens, finish, cost }
}

/// The added traces, each behind the one that it follows.
fn behind(earlier: Vec<Trace>, added: Vec<Trace>) -> Vec<Trace> {
    let mut after: HashMap<String, Vec<Trace>> = HashMap::new();
    for trace in added {
        after.entry(trace.parent.clone().unwrap_or_default()).or_default().push(trace);
    }
    let mut all = Vec::new();
    for trace in earlier {
        follow(trace, &mut after, &mut all);
    }
    all
}

fn follow(trace: Trace, after: &mut HashMap<String, Vec<Trace>>, all: &mut Vec<Trace>) {
    let next = after.remove(&trace.id).unwrap_or_default();
    all.push(trace);
    next.into_iter().for_each(|trace| follow(trace, after, all));
}

/// Of every earlier answer the last one that it led to, with the cost of the whole. Of several
/// answers anew it is the first.
fn last_of_each(earlier: Vec<Trace>, added: Vec<Trace>) -> Vec<Trace> {
    let mut after: HashMap<String, Vec<Trace>> = HashMap::new();
    for trace in added {
        after.entry(trace.parent.clone().unwrap_or_default()).or_default().push(trace);
    }
    let last = |answer: Trace| {
        let mut chain = Vec::new();
        follow(answer, &mut after, &mut chain);
        let cost = chain.iter().map(|trace| trace.cost).sum();
        let critiques = |trace: &&Trace| !trace.is_critique();
        let answers: Vec<&Trace> = chain.iter().filter(critiques).take(2).collect();
        answers.last().map(|answer| Trace { cost, parent: None, ..(*answer).clone() })
    };
    earlier.into_iter().filter_map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::tries;

    #[test]
    fn harder_tasks_get_more_tries_and_solved_ones_none() {
        assert_eq!([0, 1, 2, 4, 5].map(|wrong| tries(4, wrong, 5)), [0, 1, 2, 4, 4]);
        assert_eq!(tries(1, 1, 5), 1, "whatever is wrong is tried once");
    }
}
