//! The memory that the models of a run need together, refused before any of them is loaded.

use std::collections::HashMap;
use std::path::Path;

use faults::Outcome;
use learn::LearnPart;
use networks::{Config, DeviceKind, Lora};

use crate::entry::{Entry, POLICY, Source};
use crate::recipe::Recipe;
use crate::table::SLOTS;
use checkpoint::{refuse_too_large, refuse_training};
use classifiers::Classifier;

/// Bytes of one weight in memory: f32, whatever the file has.
const WEIGHT: u64 = 4;

/// Refuses a run whose models do not fit into this machine's free memory: what the policy's work
/// takes, and what each other model's training takes, each beside the weights of all the others.
/// `policy` is the policy's configuration, and `learned` what trains it.
pub(crate) fn refuse_too_large_together(
    recipe: &Recipe,
    device: DeviceKind,
    policy: &Config,
    learned: &[&LearnPart],
    lora: Option<&Lora>,
) -> Outcome<()> {
    let mut configs: HashMap<&Path, Config> = HashMap::new();
    for entry in recipe.models.values() {
        if let Source::Folder(path) = &entry.is {
            let folder = networks::named(path);
            if !configs.contains_key(path.as_path()) && !Classifier::is_in(&folder) {
                let mut config = networks::read_config(&folder)?;
                config.precision = device.precision();
                configs.insert(path, config);
            }
        }
    }
    let files: u64 = configs.values().map(weights).sum();
    let body = |entry: &Entry| body(recipe, entry).and_then(|path| configs.get(path)).unwrap_or(policy);
    let others = recipe.models.iter().filter(|(name, _)| *name != POLICY);
    let copies: u64 = others.clone().filter(|(_, entry)| is_a_copy(entry)).map(|(_, entry)| weights(body(entry))).sum();
    refuse_too_large(policy, learned, lora, SLOTS, files + copies)?;
    for (_, entry) in others {
        let Some(part) = &entry.learn else { continue };
        let config = body(entry);
        let beside = (weights(policy) + files + copies).saturating_sub(weights(config));
        refuse_training(config, &[part], entry.adapter().or(part.lora()).as_ref(), beside)?;
    }
    Ok(())
}

fn weights(config: &Config) -> u64 {
    config.parameters().saturating_mul(WEIGHT)
}

/// Whether a model has weights in memory that no other has: those below an adapter are shared.
fn is_a_copy(entry: &Entry) -> bool {
    let learns_all = entry.adapter().is_none() && entry.learn.as_ref().is_some_and(|part| part.lora().is_none());
    entry.is == Source::Fresh || learns_all
}

/// The folder whose architecture a model has; none if it is the policy's.
fn body<'a>(recipe: &'a Recipe, entry: &'a Entry) -> Option<&'a Path> {
    let mut source = &entry.is;
    // A circle of names was refused before: there are no more steps than models.
    for _ in 0..=recipe.models.len() {
        match source {
            Source::Folder(path) => return Some(path),
            Source::Entry(name) => source = &recipe.models.get(name)?.is,
            Source::Base | Source::Fresh | Source::Endpoint(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read_recipe;

    fn refused(models: &str, policy: &Config) -> Option<String> {
        let text = format!(
            "paper = \"ours\"\nask = \"tasks\"\nattempt = [\"sample\"]\ncheck = [\"verify\"]\nrepeat = {{ rounds = 1 }}\n{models}"
        );
        let recipe = read_recipe("r.toml", &text, &[]).expect("a recipe").value;
        refuse_too_large_together(&recipe, DeviceKind::Cpu, policy, &[], None).err().map(|error| error.to_string())
    }

    /// A model that has room by itself, and none beside a copy of it that learns.
    #[test]
    fn a_model_that_learns_all_its_weights_needs_room_of_its_own() {
        let Some(free) = checkpoint::available_bytes() else { return };
        let layers = |count: usize| Config {
            vocab_size: 16,
            hidden_size: 512,
            num_hidden_layers: count,
            num_attention_heads: 8,
            num_key_value_heads: 1,
            head_dim: 64,
            intermediate_size: 2048,
            max_position_embeddings: 16,
            tie_word_embeddings: true,
            ..Config::default()
        };
        // Layers of about four tenths of the free memory: sampling lays them out once more.
        let config = layers((free / 10 * 4 / weights(&layers(1))) as usize);
        assert_eq!(refused("", &config), None);
        assert_eq!(refused("[models.judge]\nlora = 8", &config), None, "weights below an adapter are shared");
        let why = refused("[models.judge]\nis = \"fresh\"", &config).expect("no room for two");
        assert!(why.contains("models beside it"), "{why}");
    }
}
