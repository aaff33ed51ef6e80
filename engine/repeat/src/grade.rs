//! By what a run's result is graded: the world's right answers, or checkers that the recipe or
//! `--grade` names.

use std::sync::Arc;

use check::{CheckPart, Grants, Together, Verify};
use faults::Outcome;
use nouns::{Check, Digest, Oracle, Split, Unsettled, Verdict, World};

use crate::entry::{Entry, POLICY};
use crate::fault::RepeatFault;
use crate::recipe::Recipe;
use crate::rounds::Gate;
use crate::table::{SLOTS, Table};

/// What grades, in words.
pub(crate) fn graded_by(recipe: &Recipe) -> String {
    match &recipe.grade[..] {
        [] => "the world's right answers".into(),
        parts => parts.iter().map(|part| format!("`{}`", part.describe().name())).collect::<Vec<_>>().join(" and "),
    }
}

/// The oracle's own checker.
pub(crate) fn by_oracle(world: &Arc<dyn World>) -> Outcome<Box<dyn Check>> {
    let grants = Grants::new(world.clone(), Some(world.oracle()));
    Ok(CheckPart::Verify(Verify {}).build(&grants)?)
}

/// What grades a run whose models begin so. A model that grades does so from the beginning to the
/// end as it was in the beginning, the policy too: else a round could seem better because its judge
/// is kinder.
pub(crate) fn grader(recipe: &Recipe, world: &Arc<dyn World>, table: &Table) -> Outcome<Box<dyn Check>> {
    if recipe.grade.is_empty() {
        return by_oracle(world);
    }
    let names = || recipe.grade.iter().flat_map(|part| part.models());
    let models = table.answering(names().filter(|name| *name != POLICY));
    let policy = table.policy.first.policy(SLOTS);
    let grants = Grants {
        world: world.clone(),
        oracle: Some(world.oracle()),
        policy: Some(policy),
        critics: table.critics(),
        models,
    };
    Ok(Box::new(Together::of(&recipe.grade, &grants)?))
}

/// Names the models that grade, if some do: others grade otherwise.
pub(crate) fn grading_models(recipe: &Recipe, table: &Table) -> Option<Digest> {
    let digests: Vec<String> = recipe
        .grade
        .iter()
        .flat_map(|part| [part.models(), part.value_models()].concat())
        .filter_map(|name| Some(format!("{name} {}", table.model(name)?.digest)))
        .collect();
    (!digests.is_empty()).then(|| Digest::of_fields(digests.iter().map(|digest| digest.as_bytes())))
}

/// Refuses a grade that one greedy answer alone cannot be given, or that changes from round to
/// round.
pub(crate) fn refuse_unfit_grade(recipe: &Recipe) -> Result<(), RepeatFault> {
    let name = |part: &CheckPart| part.describe().name();
    if let Some(part) = recipe.grade.iter().find(|part| part.votes()) {
        return Err(RepeatFault::GradeVotes { part: name(part) });
    }
    let learns = |model: &str| recipe.models.get(model).is_some_and(Entry::has_own_weights);
    for part in &recipe.grade {
        if let Some(model) = [part.models(), part.value_models()].concat().into_iter().find(|model| learns(model)) {
            return Err(RepeatFault::GradeLearns { part: name(part), model: model.into() });
        }
    }
    Ok(())
}

/// What to tell people before anything is sampled, if the world's right answers are to grade and
/// there are none to the held-out tasks.
pub(crate) fn nothing_to_compare(recipe: &Recipe, world: &dyn World) -> Outcome<Option<String>> {
    if recipe.learn.is_none() || !recipe.grade.is_empty() || recipe.repeat.gate == Gate::Always {
        return Ok(None);
    }
    let tasks = world.tasks(Split::Valid)?;
    let oracle: Arc<dyn Oracle> = world.oracle();
    let unknown = |task| oracle.judge(task, "") == Verdict::Unsettled(Unsettled::NoReference);
    Ok(tasks.iter().all(unknown).then(|| {
        format!(
            "none of the {} held-out tasks has a reference answer, so the gate can compare nothing and will promote nothing: name what \
             grades them (`--grade CHECKER`), or keep every round (`--set repeat.gate=always`)",
            tasks.len()
        )
    }))
}
