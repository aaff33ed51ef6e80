//! The traits of the seven verbs and of a world, on one page, so that the loop can be read here.
//! What answers is in `policy.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use faults::Outcome;

use crate::{
    AnswerOption, Candidate, Cost, Count, Digest, Environment, Generate, Grown, Judgement, Key, Language, Lesson,
    LessonKind, Node, PlainEnglish, Policy, Progress, Score, Split, Task, Trace, Turn, Update, Verdict, Wording,
};

// ── What a stage is given besides its input ──

/// What every stage is given: where it is in the run, its randomness, and the listener for its
/// progress.
#[derive(Clone)]
pub struct Stage<'a> {
    /// The round, from 1; round 0 makes the base model.
    pub round: u32,
    /// The key of this stage: already (run seed, round, verb).
    pub key: Key,
    /// Told how far the work is; can ask it to stop, and can steer nothing else.
    pub progress: &'a dyn Progress,
}

// ── The seven verbs ──

/// Where tasks come from.
pub trait Ask {
    /// The tasks of this round, in order.
    fn ask(&self, stage: &Stage, cx: &AskContext) -> Outcome<Vec<Task>>;

    /// The buffer of grown tasks after a round: those from before, and those made of the attempts,
    /// each of which comes with how good it is, from 0 to 1. By default nothing grows.
    fn grow(&self, key: &Key, world: &dyn World, grown: Vec<Grown>, attempts: &[(&Trace, f64)]) -> Vec<Grown> {
        let _ = (key, world, attempts);
        grown
    }

    /// What decides how good an attempt is, where tasks grow out of attempts.
    fn grows(&self) -> Option<GrowsBy> {
        None
    }

    /// The names of the models that it asks in words.
    fn models(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// How good an attempt is to an ask whose tasks grow out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowsBy {
    /// By the world's answers.
    Quality,
    /// By the round's own verdicts: no more is known than the recipe's checkers know.
    Verdicts,
}

/// What tasks may come from.
pub struct AskContext<'a> {
    /// The tasks that may be trained on: hold-outs are already gone.
    pub trainable: &'a [Task],
    /// The world they are from.
    pub world: &'a dyn World,
    /// What has grown out of the attempts of the rounds before.
    pub grown: &'a [Grown],
    /// The models that it asks in words, by name.
    pub models: &'a Answerers,
    /// Whether a task must not be trained on: for those that make tasks of their own.
    pub held_out: &'a dyn Fn(&Task) -> bool,
    /// Receives what asking models costs.
    pub pay: &'a dyn Fn(Cost),
}

/// Models that are asked in words, by their name in the recipe: `policy`, `base`, or one of
/// `[models]`.
pub type Answerers = BTreeMap<String, Arc<dyn Generate>>;

/// How the policy answers.
pub trait Attempt {
    /// Traces for these tasks, grouped by task, in the order of the tasks. `earlier` are the traces
    /// that the attempts before this one in the recipe made for the same tasks, with their verdicts
    /// if anything checked them; the result replaces them, so an attempt that adds (a hint after a
    /// failure, a revision) returns them too.
    ///
    /// An attempt that searches gets its judge through `cx`; which one, the recipe says.
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>>;

    /// Sequences generated at a time for one task, at most: decides how many tasks a part holds.
    fn answers_per_task(&self) -> usize {
        1
    }

    /// Whether it reads reference answers while attempting, so that it must be handed the oracle.
    fn needs_oracle(&self) -> bool {
        false
    }

    /// The names of the models that it asks in words beside the one that answers.
    fn models(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Services available to an attempt.
pub struct AttemptContext<'a> {
    /// The model that answers.
    pub policy: &'a dyn Policy,
    /// The models that are asked in words, by name.
    pub models: &'a Answerers,
    /// The recipe's checker: what attempts are judged by while they are made.
    pub checker: &'a dyn Check,
    /// The world the tasks are from: it reads answers and knows none.
    pub world: &'a dyn World,
    /// The world's reference answers, if the recipe is handed them (hints).
    pub oracle: Option<&'a dyn Oracle>,
    /// The value model of partial answers, if the recipe has one: `[models.value]`.
    pub value: Option<&'a dyn ValueModel>,
    /// Where searches leave their trees.
    pub trees: &'a dyn KeepTrees,
    /// Whether the problem with this canonical form is held out: for attempts that make tasks of
    /// their own.
    pub held_out: &'a (dyn Fn(&str) -> bool + Sync),
}

impl AttemptContext<'_> {
    /// The model of this name that is asked in words; `policy` is the one that answers.
    pub fn answering(&self, name: &str) -> Option<&dyn Generate> {
        match name {
            "policy" => Some(self.policy),
            _ => self.models.get(name).map(Arc::as_ref),
        }
    }
}

/// Takes the trees that searches grew, to be kept beside the attempts.
pub trait KeepTrees: Send + Sync {
    /// The nodes of one tree, parents before children.
    fn keep(&self, tree: Vec<Node>);
}

/// Drops the trees (a no-op).
pub struct DropTrees;

impl KeepTrees for DropTrees {
    fn keep(&self, _: Vec<Node>) {}
}

/// A learned model that values answers, whole or partial.
pub trait ValueModel: Send + Sync {
    /// Names the weights.
    fn digest(&self) -> Digest;

    /// One value per (context, answer so far), at the answer's last token. What an item is worth
    /// does not depend on the items beside it.
    fn values(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<f64>>;

    /// The values of each item after each of these numbers of its answer's tokens, to the last bit
    /// those that [`ValueModel::values`] gives for the prefixes.
    fn values_along(
        &self,
        items: &[(&[u32], &[u32])],
        lengths: &[Vec<usize>],
        progress: &dyn Progress,
    ) -> Outcome<Vec<Vec<f64>>> {
        let of = |(item, lengths): (&(&'_ [u32], &'_ [u32]), &Vec<usize>)| {
            let parts: Vec<(&[u32], &[u32])> = lengths.iter().map(|&length| (item.0, &item.1[..length])).collect();
            self.values(&parts, progress)
        };
        items.iter().zip(lengths).map(of).collect()
    }
}

/// The models beside the policy that score answers, by their name in the recipe.
pub type Critics = BTreeMap<String, Arc<dyn ValueModel>>;

/// What an answer is worth.
pub trait Check: Send + Sync {
    /// One verdict per trace. `traces` are grouped by task, so that votes see their whole group; a
    /// trace's task is the one in `tasks` whose id it names.
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>>;

    /// [`Check::check`] with what each of several checkers said. A checker that speaks alone has no
    /// components.
    fn judge(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Judgement>> {
        Ok(self.check(stage, tasks, traces)?.into_iter().map(Judgement::from).collect())
    }

    /// Names what it reads that is no part of the run, such as the answers of a data file, if it
    /// reads such things. Stages that it judged are done again once this is another.
    fn outside(&self) -> Option<Digest> {
        None
    }

    /// What the mean of its verdicts is: `accuracy` where right answers decide, else `reward`.
    fn metric(&self) -> &'static str {
        "accuracy"
    }
}

/// Which attempts teach, and how strongly. Pure: no IO, no model, no clock, no randomness but the
/// key.
pub trait Choose {
    /// The candidates that teach, with their weights.
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate>;

    /// The kind of lesson that it turns candidates into; none if it only filters or weighs them.
    fn makes(&self) -> Option<LessonKind> {
        None
    }

    /// Whether it compares attempts by the model's embeddings of them.
    fn needs_embeddings(&self) -> bool {
        false
    }

    /// Whether what it makes of an attempt depends on the turns before and after it.
    fn sees_chains(&self) -> bool {
        false
    }
}

/// Changes the weights.
pub trait Learn {
    /// Learns from the lessons; the learner owns the model it changes.
    fn learn(&mut self, stage: &Stage, lessons: &[Lesson]) -> Outcome<Update>;
}

/// What improved.
pub trait Measure {
    /// Scores of the policy on these tasks, judged by `checker` (the oracle's: measuring may always
    /// use it). `on` names the tasks in the scores, for example `game24/test`.
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>>;

    /// Whether it scores what the recipe's own `attempt` answers (searches, votes) rather than the
    /// bare policy: then [`Measure::of_attempts`] is called instead.
    fn wants_attempts(&self) -> bool {
        false
    }

    /// Scores of what a model beside the policy is taught in this round, where that is what it
    /// measures: the values of partial answers, for example, against the exact ones.
    fn of_lessons(&self, world: &dyn World, policy: &dyn Policy, on: &str, lessons: &[&Candidate]) -> Vec<Score> {
        let _ = (world, policy, on, lessons);
        Vec::new()
    }

    /// What changed since the base model, from its scores on these tasks and those that every part
    /// has given now.
    fn since(&self, on: &str, base: &[Score], now: &[Score]) -> Vec<Score> {
        let _ = (on, base, now);
        Vec::new()
    }

    /// Scores of attempts that the recipe made at these tasks, grouped by task, each with its
    /// verdict.
    fn of_attempts(&self, on: &str, tasks: &[Task], attempts: &[(Trace, Verdict)]) -> Vec<Score> {
        let _ = (on, tasks, attempts);
        Vec::new()
    }
}

// ── World ──

/// A world or a data set: problems, their canonical forms, and how an answer is read. It holds no
/// answers: those are the [`Oracle`]'s.
pub trait World: Send + Sync {
    /// The name in recipes and on the command line.
    fn name(&self) -> &str;

    /// The problems of a split, in a fixed order. Splits are disjoint by canonical form.
    fn tasks(&self, split: Split) -> Outcome<Vec<Task>>;

    /// A problem as a person types it (`4 7 8 8`) or as it stands on a line of a file; its
    /// canonical form decides whether it is one of those held out.
    fn read(&self, line: &str) -> Outcome<Task>;

    /// The final answer that a response gives, in canonical form, or `None` if it gives none: what
    /// votes compare. Says nothing about whether it is right.
    fn answer(&self, task: &Task, response: &str) -> Option<String>;

    /// What was recognised in a data file, for people.
    fn recognised(&self) -> Option<String> {
        None
    }

    /// How many of its problems have no right answer to be compared with: attempts at them cannot
    /// be judged.
    fn without_reference(&self) -> usize {
        0
    }

    /// The labels that answers are one of, where tasks are to be classified.
    fn labels(&self) -> Option<Vec<String>> {
        None
    }

    /// What the task is to be answered with one of, where it names that: the options of a multiple
    /// choice, the labels of a classification.
    fn options(&self, task: &Task) -> Vec<AnswerOption> {
        let _ = task;
        Vec::new()
    }

    /// The domain that the problem with this canonical form belongs to, where there are domains.
    fn domain(&self, id: &str) -> Option<String> {
        let _ = id;
        None
    }

    /// Where in a response its last try begins, in bytes: earlier tries, which the response
    /// retracts, are context and are not imitated. By default there is one try.
    fn last_try(&self, response: &str) -> usize {
        let _ = response;
        0
    }

    /// What ends a step of an answer: a search grows answers step by step. By default a line is a
    /// step.
    fn step_ends(&self) -> Vec<String> {
        vec!["\n".into()]
    }

    /// The response as an ordinary infix expression, where the world has such a thing.
    fn expression(&self, task: &Task, response: &str) -> Option<String> {
        let _ = (task, response);
        None
    }

    /// The environment of its tasks, if it has one. It gives rewards that depend on right answers
    /// only where it is handed them. Each call makes a new one.
    fn environment<'a>(&'a self, oracle: Option<&'a dyn Oracle>) -> Option<Box<dyn Environment + 'a>> {
        let _ = oracle;
        None
    }

    /// The longest answer in the world's own form, in tokens, or the longest episode with its
    /// observations: the default of `max_tokens`.
    fn longest_answer(&self) -> u32;

    /// What models are asked beside its problems, and in which words. By default in plain English.
    fn wording(&self) -> &dyn Wording {
        &PlainEnglish
    }

    /// Its own language, if a model can be made from nothing for it.
    fn language(&self) -> Option<&dyn Language> {
        None
    }

    /// Its answers. Callers hand it on only to what the recipe allows.
    fn oracle(&self) -> Arc<dyn Oracle>;
}

/// Knows the right answers: a capability. A method that its paper says learns without labels is not
/// handed one.
pub trait Oracle: Send + Sync {
    /// Whether the response answers the task.
    fn judge(&self, task: &Task, response: &str) -> Verdict;

    /// Names its answers, where other answers could go by the same names: those of a data file.
    /// Computed answers have no name.
    fn digest(&self) -> Option<Digest> {
        None
    }

    /// The exact value of a partial answer, where the world can tell: 1 if all it says is true and
    /// it can still become right, else 0.
    fn promise(&self, task: &Task, partial: &str) -> Option<f64> {
        let _ = (task, partial);
        None
    }

    /// The fewest steps from a partial answer to a right one, where the world can tell. Meaningless
    /// for one that can no longer become right.
    fn steps_to_go(&self, task: &Task, partial: &str) -> Option<u32> {
        let _ = (task, partial);
        None
    }

    /// What is counted of a response beside its verdict, such as how many of several instructions
    /// it follows: the same counts for all tasks.
    fn counts(&self, task: &Task, response: &str) -> Vec<Count> {
        let _ = (task, response);
        Vec::new()
    }

    /// [`Oracle::judge`] of many responses, in order. An oracle that takes long may judge several
    /// at a time; that changes no verdict.
    fn judge_all(&self, items: &[(&Task, &str)]) -> Vec<Verdict> {
        items.iter().map(|(task, response)| self.judge(task, response)).collect()
    }

    /// The task's prompt with a hint that gives its answer away (rationalization), if the world has
    /// one.
    fn hinted(&self, task: &Task) -> Option<Vec<Turn>>;

    /// The task's prompt with a hint at the way to its answer, which does not give the answer away,
    /// if the world has one.
    fn guided(&self, task: &Task) -> Option<Vec<Turn>> {
        let _ = task;
        None
    }

    /// How good a response is, from 0 to 1, where the world can tell more than right and wrong: 1
    /// exactly if it is right.
    fn quality(&self, task: &Task, response: &str) -> Option<f64> {
        let _ = (task, response);
        None
    }
}
