//! The objective that a person names: a name of TRL's, a method, of which the learner is taken, or
//! a learner.

use ::recipe::{Override, Read, RecipeFault, Registry, Renamed, read_shared};
use choose::{Advantages, ChoosePart};
use faults::Outcome;
use learn::LearnPart;
use serde::Deserialize;
use toml::{Table, Value};

use crate::fault::TrainerFault;

/// Names of TRL's trainers that no recipe bears, each with a table like a recipe's.
const OBJECTIVES: &str = include_str!("objectives.toml");

/// All that is read of a recipe. Other keys stand there too, and are not looked at.
#[derive(Deserialize)]
struct Method {
    learn: Option<LearnPart>,
    #[serde(default)]
    choose: Vec<ChoosePart>,
}

/// The learner of that name with `setting=value` laid over it. A method has its own, or that of the
/// one model beside the policy that learns, if the policy does not.
pub fn objective(name: &str, settings: &[String]) -> Outcome<LearnPart> {
    Ok(objective_as_said(name, settings)?.0)
}

/// The same, and the settings that were called by older names.
pub fn objective_as_said(name: &str, settings: &[String]) -> Outcome<(LearnPart, Vec<Renamed>)> {
    let none = || TrainerFault::NoObjective { name: name.into() };
    let source = source(name).ok_or_else(none)?;
    let plain = read(name, &source, &[])?.value.learn.ok_or_else(none)?;
    let path = format!("learn.{}", plain.describe().name());
    let overrides = settings.iter().map(|text| Override::parse(&format!("{path}.{text}")));
    let overrides = overrides.collect::<Result<Vec<_>, _>>()?;
    let read = read(name, &source, &overrides)?;
    Ok((read.value.learn.ok_or_else(none)?, read.renamed))
}

/// How rewards of answers become advantages, where the method of that name says so; otherwise by
/// the group.
pub fn advantages(name: &str) -> Outcome<Advantages> {
    let Some((_, source)) = repeat::recipe_named(name) else { return Ok(Advantages::default()) };
    let own = read(name, source, &[])?.value.choose.into_iter().find_map(|part| match part {
        ChoosePart::Advantages(own) => Some(own),
        _ => None,
    });
    Ok(own.unwrap_or_default())
}

/// A recipe, or a piece of one, in which `learn` is the objective.
fn source(name: &str) -> Option<String> {
    let known: Table = OBJECTIVES.parse().unwrap_or_default();
    if let Some(Value::Table(objective)) = known.get(name) {
        return Some(objective.to_string());
    }
    match repeat::recipe_named(name) {
        Some((_, source)) => Some(beside(source).unwrap_or_else(|| source.to_owned())),
        None => LearnPart::NAMES.contains(&name).then(|| format!("[learn.{name}]\n")),
    }
}

/// Of a method whose policy does not learn, what its one model beside the policy learns by.
fn beside(source: &str) -> Option<String> {
    let recipe: Table = source.parse().ok()?;
    if recipe.contains_key("learn") {
        return None;
    }
    let models = recipe.values().filter_map(Value::as_table).flat_map(Table::values);
    let learners: Vec<&Value> = models.filter_map(|model| model.as_table()?.get("learn")).collect();
    match learners.as_slice() {
        [learn] => Some(Table::from_iter([("learn".to_owned(), (*learn).clone())]).to_string()),
        _ => None,
    }
}

fn read(name: &str, source: &str, overrides: &[Override]) -> Result<Read<Method>, RecipeFault> {
    read_shared(name, source, overrides, &[learn::SHARED], &[])
}

#[cfg(test)]
mod tests {
    use learn::{OptimizerSettings, Rule};

    use super::*;

    #[test]
    fn a_learner_or_a_methods_learner_with_settings() {
        let LearnPart::Prefer(plain) = objective("prefer", &["beta=0.5".into()]).expect("a learner") else {
            panic!("another learner")
        };
        assert_eq!((plain.beta, plain.optimizer), (0.5, learn::Prefer::default().optimizer));
        let LearnPart::Prefer(of_method) = objective("simpo", &[]).expect("a method") else { panic!("another") };
        assert_eq!(of_method.reference, learn::Reference::None);
        assert!(objective("nothing", &[]).is_err());
        assert!(objective("self-consistency", &[]).is_err(), "it does not learn");
        let settings = ["lora.rank=4".to_owned(), "lr=0.5".to_owned(), "optimizer=sgd".to_owned()];
        let (part, renamed) = objective_as_said("prefer", &settings).expect("a learner");
        let LearnPart::Prefer(part) = part else { panic!("another") };
        let OptimizerSettings { lr, rule, warmup, .. } = part.optimizer;
        assert_eq!((part.lora.rank, lr, rule, warmup), (4, Some(0.5), Rule::Sgd, 0.05));
        assert_eq!(renamed.iter().map(|one| one.older).collect::<Vec<_>>(), ["lr"]);
        assert!(objective("prefer", &["bete=1".into()]).expect_err("misspelt").to_string().contains("bete"));
    }

    #[test]
    fn every_name_of_trls_trainers_is_an_objective() {
        let named = |name: &str| objective(name, &["lr=1e-6".into()]).expect(name).describe().name();
        let names = [
            "sft",
            "dpo",
            "kto",
            "orpo",
            "simpo",
            "cpo",
            "reward",
            "reward-model",
            "prm",
            "grpo",
            "rloo",
            "ppo",
            "distill",
        ];
        let expected = [
            "imitate",
            "prefer",
            objective("kto", &[]).expect("kto").describe().name(),
            "prefer",
            "prefer",
            "prefer",
            "reward",
            "reward",
            "value",
            "policy_gradient",
            "policy_gradient",
            "actor_critic",
            "distill",
        ];
        assert_eq!(names.map(named), expected);
    }

    #[test]
    fn rewards_become_advantages_as_the_method_says() {
        let rewards = [1.0, 0.0, 0.0, 0.0];
        let of = |name: &str| advantages(name).expect(name).of_group(&rewards, &rewards);
        assert_eq!(of("rloo"), [1.0, -1.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0]);
        assert_eq!(of("ppo"), rewards);
        assert_eq!(of("policy_gradient"), of("grpo"));
    }
}
