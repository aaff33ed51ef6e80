//! A recipe with what was typed after `--set`, and what may have been meant where that leads
//! nowhere.

use ::recipe::{Override, Read, RecipeFault, Setting};
use faults::{Code, Fault, Outcome};

use crate::reading::read_recipe;
use crate::recipe::Recipe;

/// Names that other programs have for settings, and ours.
const NAMES: [(&str, &str); 20] = [
    ("n", "per_task"),
    ("num_generations", "per_task"),
    ("num_samples", "per_task"),
    ("samples", "per_task"),
    ("learning_rate", "lr"),
    ("num_train_epochs", "epochs"),
    ("max_new_tokens", "max_tokens"),
    ("max_length", "max_tokens"),
    ("max_completion_length", "max_tokens"),
    ("rank", "lora_rank"),
    ("lora_r", "lora_rank"),
    ("r", "lora_rank"),
    ("alpha", "lora_alpha"),
    ("target_modules", "lora_targets"),
    ("max_grad_norm", "clip"),
    ("warmup_ratio", "warmup"),
    ("lr_scheduler_type", "schedule"),
    ("gradient_checkpointing", "recompute"),
    ("adam_beta1", "beta1"),
    ("adam_beta2", "beta2"),
];

/// A `--set` that leads nowhere in this recipe, with those that would.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
struct SettingFault {
    fault: RecipeFault,
    /// Whole arguments, to be typed as they are.
    instead: Vec<String>,
}

impl Fault for SettingFault {
    fn code(&self) -> Code {
        self.fault.code()
    }

    fn hint(&self) -> Option<String> {
        let instead: Vec<String> = self.instead.iter().map(|typed| format!("`--set {typed}`")).collect();
        Some(format!("In this recipe it is {}.", instead.join(" or ")))
    }

    fn picture(&self) -> Option<String> {
        self.fault.picture()
    }
}

impl Recipe {
    /// Reads a recipe with `path.to.key=value` laid over it, and gives the text of what was read.
    /// `file` is what errors call it.
    pub fn with_settings(file: &str, source: &str, settings: &[String]) -> Outcome<Read<Recipe>> {
        let mut overrides = Vec::new();
        for typed in settings {
            overrides.push(Override::parse(typed)?);
            if let Err(fault) = read_recipe(file, source, &overrides) {
                let instead = meant(file, source, typed);
                return match instead.is_empty() {
                    true => Err(fault.into()),
                    false => Err(SettingFault { fault, instead }.into()),
                };
            }
        }
        Ok(read_recipe(file, source, &overrides)?)
    }
}

/// The settings of the recipe's parts that are called as the last step of a path is, or as other
/// programs call them.
fn meant(file: &str, source: &str, typed: &str) -> Vec<String> {
    let Some((path, value)) = typed.split_once('=') else { return Vec::new() };
    let Ok(read) = read_recipe(file, source, &[]) else { return Vec::new() };
    let last = path.rsplit('.').next().unwrap_or(path).trim();
    let ours = NAMES.iter().find(|(theirs, _)| *theirs == last).map(|(_, ours)| *ours);
    let wanted = |name: &str| name == last || Some(name) == ours;
    let mut found: Vec<String> = Vec::new();
    for (verb, part) in read.value.parts() {
        for setting in part.settings().iter().flat_map(paths).filter(|(_, names)| names.iter().any(|name| wanted(name)))
        {
            let path = if verb == part.name() { verb.to_owned() } else { format!("{verb}.{}", part.name()) };
            let typed = format!("{path}.{}={}", setting.0, value.trim());
            let reads = || read_recipe(file, source, &[Override::parse(&typed).ok()?]).ok();
            if !found.contains(&typed) && reads().is_some() {
                found.push(typed);
            }
        }
    }
    found.retain(|instead| instead != typed);
    // What stands beside the setting that was typed is what was meant, if there is such a thing.
    let beside = path.rsplit_once('.').map_or_else(String::new, |(table, _)| format!("{}.", table.trim()));
    if found.iter().any(|instead| instead.starts_with(&beside)) {
        found.retain(|instead| instead.starts_with(&beside));
    }
    found
}

/// A setting as a path below its part, with the names it has or had; a shared table's settings one
/// by one.
fn paths(setting: &Setting) -> Vec<(String, Vec<&'static str>)> {
    let inner = |inner: &Setting| {
        let older = learn::SHARED.older.iter().filter(|(_, table, name)| (*table, *name) == (setting.name, inner.name));
        let names = older.map(|(older, ..)| *older).chain([inner.name]).collect();
        (format!("{}.{}", setting.name, inner.name), names)
    };
    match setting.table.is_empty() {
        true => vec![(setting.name.to_owned(), vec![setting.name])],
        false => setting.table.iter().map(inner).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(recipe: &str, typed: &str) -> String {
        let (_, source) = crate::library().iter().find(|(name, _)| *name == recipe).expect("a recipe");
        let read = Recipe::with_settings("recipe.toml", source, &[typed.to_owned()]);
        read.expect_err("refused").hint().expect("a hint")
    }

    #[test]
    fn a_setting_without_its_path_is_told_where_it_is() {
        for (typed, instead) in [
            ("lora_rank=16", "In this recipe it is `--set learn.imitate.lora.rank=16`."),
            ("learn.imitate.lora_r=16", "In this recipe it is `--set learn.imitate.lora.rank=16`."),
            ("learn.imitate.learning_rate=1e-4", "In this recipe it is `--set learn.imitate.optimizer.lr=1e-4`."),
            ("attempt.sample.n=4", "In this recipe it is `--set attempt.sample.per_task=4`."),
            ("measure.accuracy.max_tokens=64", "In this recipe it is `--set attempt.sample.max_tokens=64`."),
        ] {
            assert_eq!(hint("rest-em", typed), instead, "{typed}");
        }
        assert!(!hint("rest-em", "learn.imitate.nothing=1").contains("In this recipe"));
    }
}
