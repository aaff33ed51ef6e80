//! The data of a run: the world, its tasks by split without those held out, the checkers and the
//! oracles that they are granted.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use check::{CheckPart, Grants, Together};
use faults::Outcome;
use nouns::{Check, Critics, Digest, Oracle, Policy, Split, Task, World};
use policy::Sentences;
use sources::HoldOut;
use tokens::Tokens;

use crate::entry::POLICY;
use crate::fault::RepeatFault;
use crate::gate::FORGETTING;
use crate::grade::by_oracle;
use crate::options::Options;
use crate::recipe::Recipe;
use crate::table::Table;
use crate::vision::refuse_blind;

/// What stays the same over a run's rounds: the world, its tasks by split, hold-outs, oracles.
pub(crate) struct RunData {
    pub(crate) world: Arc<dyn World>,
    /// Tasks that may be trained on.
    pub(crate) train: Vec<Task>,
    /// Tasks that decide the gate.
    pub(crate) valid: Vec<Task>,
    /// Tasks that are reported.
    pub(crate) test: Vec<Task>,
    /// Names what the tasks show, where the recipe has them put in its own way: else their names
    /// say it.
    pub(crate) prompts: Option<Digest>,
    /// Tasks of another skill that must not be forgotten, if the recipe names any.
    pub(crate) forgetting: Option<Forgetting>,
    /// Everything that must never be trained on.
    pub(crate) held_out: Vec<HoldOut>,
    /// What was left out of training: how many tasks, and which hold-out has them.
    pub(crate) dropped: Vec<(usize, String)>,
    /// The oracle, if the recipe's checkers are handed it.
    pub(crate) labels: Option<Arc<dyn Oracle>>,
    /// The oracle's own checker: its verdicts are shown to people, whatever grades the result.
    pub(crate) truth: Box<dyn Check>,
    /// The oracle, if the recipe's attempts are handed it.
    pub(crate) hints: Option<Arc<dyn Oracle>>,
    /// What says how alike answers are, if it is not the policy's own hidden states.
    pub(crate) encoder: Option<Arc<Sentences>>,
}

/// Tasks on which no round may make the model significantly worse.
pub(crate) struct Forgetting {
    /// Where they are from.
    pub(crate) world: Arc<dyn World>,
    /// The frozen tasks.
    pub(crate) tasks: Vec<Task>,
    /// Their oracle's checker.
    pub(crate) grader: Box<dyn Check>,
}

impl Forgetting {
    fn of(name: &str, most: usize) -> Outcome<Forgetting> {
        let world = sources::find(name, &sources::Options::default())?;
        let splits = [Split::Test, Split::Valid, Split::Train].map(|split| world.tasks(split));
        let tasks: Vec<Task> = splits.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
        let tasks = tasks.into_iter().take(most).collect();
        let grader = by_oracle(&world)?;
        Ok(Forgetting { world, tasks, grader })
    }

    /// The name that its scores go by.
    pub(crate) fn on(&self) -> String {
        format!("{}/{FORGETTING}", self.world.name())
    }
}

impl RunData {
    pub(crate) fn of(recipe: &Recipe, options: &Options) -> Outcome<RunData> {
        let world = options.world(recipe)?;
        let (valid, test) = (world.tasks(Split::Valid)?, world.tasks(Split::Test)?);
        let train = world.tasks(Split::Train)?;
        let repeat = &recipe.repeat;
        let named = Some(repeat.forgetting.as_str()).filter(|name| !name.is_empty());
        let forgetting = named.map(|name| Forgetting::of(name, repeat.forgetting_tasks)).transpose()?;
        let mut evaluated = vec![("valid", &valid[..]), ("test", &test[..])];
        evaluated.extend(forgetting.iter().map(|set| ("forgetting", &set.tasks[..])));
        let (train, held_out, dropped) = without_held_out(world.as_ref(), train, &evaluated, &options.hold_out)?;
        if train.is_empty() {
            return Err(RepeatFault::NoTasks { tasks: 0, by: "nothing: the training split is empty".into() }.into());
        }
        refuse_unanswered(recipe, world.as_ref())?;
        let labels = recipe.needs_oracle().then(|| world.oracle());
        // Labels for checking are no labels for answering: a search is not guided by what only judges it.
        let hints = recipe.attempts_need_oracle().then(|| world.oracle());
        let truth = by_oracle(&world)?;
        let shown = || train.iter().chain(&valid).chain(&test).map(Task::prompt_identity);
        let prompts = (!recipe.prompt.is_silent())
            .then(|| Digest::of_fields(shown().collect::<Vec<String>>().iter().map(|shown| shown.as_bytes())));
        let open = |folder: &PathBuf| -> Outcome<_> {
            Ok(Arc::new(Sentences::open(&networks::named(folder), &networks::device(options.device)?)?))
        };
        let encoder = options.encoder.as_ref().map(open).transpose()?;
        Ok(RunData { world, train, valid, test, prompts, forgetting, held_out, dropped, labels, truth, hints, encoder })
    }
}

/// Refuses a data set most of whose answers are missing, where the recipe judges by them: it would
/// be found only after a round of sampling, when nothing can be judged.
fn refuse_unanswered(recipe: &Recipe, world: &dyn World) -> Outcome<()> {
    let mut tasks = 0;
    for split in Split::ALL {
        tasks += world.tasks(split)?.len();
    }
    let missing = world.without_reference();
    match recipe.needs_oracle() && missing as f64 > recipe.repeat.unsettled_limit * tasks as f64 {
        true => Err(RepeatFault::NoAnswers { world: world.name().to_owned(), missing, tasks }.into()),
        false => Ok(()),
    }
}

/// The tasks that are left, what is held out, and how many tasks that cost, on whose account.
type Kept = (Vec<Task>, Vec<HoldOut>, Vec<(usize, String)>);

/// Takes the evaluation sets and the `--hold-out` files out of the training tasks.
fn without_held_out(
    world: &dyn World,
    mut train: Vec<Task>,
    evaluated: &[(&str, &[Task])],
    files: &[PathBuf],
) -> Outcome<Kept> {
    let all = train.len();
    let mut sources: Vec<(String, HoldOut)> = Vec::new();
    for (name, tasks) in evaluated {
        let mut own = HoldOut::new(world);
        tasks.iter().for_each(|task| own.add(task));
        sources.push((format!("the evaluation set {}/{name}", world.name()), own));
    }
    for file in files {
        sources.push((file.display().to_string(), sources::hold_out::read(file, world)?));
    }
    let mut dropped = Vec::new();
    for (by, held_out) in &sources {
        let (kept, gone) = held_out.filter(train);
        train = kept;
        let shared = gone.shared.as_ref().map_or_else(String::new, |run| format!(", such as by the words “{run}”"));
        if train.is_empty() && gone.same + gone.overlapping > 0 {
            return Err(RepeatFault::NoTasks { tasks: all, by: format!("{by}{shared}") }.into());
        }
        dropped.push((gone.same + gone.overlapping, format!("{by}{shared}")));
    }
    Ok((train, sources.into_iter().map(|(_, held_out)| held_out).collect(), dropped))
}

impl RunData {
    /// These checkers together, over the policy and the models beside it as they are now.
    pub(crate) fn checker(
        &self,
        parts: &[CheckPart],
        policy: &Arc<dyn Policy>,
        table: Option<&Table>,
    ) -> Outcome<Box<dyn Check>> {
        let beside = parts.iter().flat_map(|part| part.models()).filter(|name| *name != POLICY);
        let grants = Grants {
            world: self.world.clone(),
            oracle: self.labels.clone(),
            policy: Some(policy.clone() as Arc<dyn nouns::Policy>),
            critics: table.map_or_else(Critics::new, Table::critics),
            models: table.map_or_else(Default::default, |table| table.answering(beside)),
        };
        Ok(Box::new(Together::of(parts, &grants)?))
    }

    /// Names everything that is held out: the base model's examples depend on it.
    pub(crate) fn digest_of_held_out(&self) -> Digest {
        let ids: BTreeSet<&str> = self.held_out.iter().flat_map(HoldOut::ids).collect();
        Digest::of_fields(ids.into_iter().map(str::as_bytes))
    }

    /// A model that does not know a world's words could only guess: a tokenizer and a world that do
    /// not fit are refused.
    pub(crate) fn refuse_unknown_words(&self, tokens: &Tokens) -> Outcome<()> {
        let remembered = self.forgetting.as_ref().map(|set| (&set.world, &set.tasks));
        let evaluated = [(&self.world, &self.valid), (&self.world, &self.test)].into_iter().chain(remembered);
        for (world, tasks) in evaluated.filter(|(world, _)| world.language().is_some()) {
            for task in tasks {
                tokens.check_known(&task.prompt_text()).map_err(|failure| RepeatFault::VocabularyMismatch {
                    world: world.name().into(),
                    why: failure.to_string(),
                })?;
            }
        }
        Ok(())
    }

    /// Refuses tasks whose pictures the model would not see.
    pub(crate) fn refuse_blind(&self, model: &str, tokens: &Tokens) -> Outcome<()> {
        let own = self.train.iter().chain(&self.valid).chain(&self.test);
        refuse_blind(model, tokens, self.world.name(), own)?;
        let remembered = self.forgetting.iter();
        remembered
            .map(|set| (set.world.name(), &set.tasks))
            .try_for_each(|(world, tasks)| refuse_blind(model, tokens, world, tasks))
    }

    /// Whether a task must not be trained on, by its canonical form or by the words it shares.
    pub(crate) fn holds_out(&self, task: &Task) -> bool {
        self.held_out.iter().any(|held_out| held_out.covers(task))
    }

    /// Whether the problem with this canonical form must not be trained on.
    pub(crate) fn is_held_out(&self, id: &str) -> bool {
        self.held_out.iter().any(|held_out| held_out.covers_id(id))
    }
}

/// How many different problems these tasks are.
pub(crate) fn problems(tasks: &[Task]) -> usize {
    tasks.iter().map(|task| task.id.as_str()).collect::<HashSet<_>>().len()
}
