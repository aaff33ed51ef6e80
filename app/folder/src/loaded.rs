//! A model folder at work without a run: it generates, scores, and chats.

use std::path::Path;

use faults::Outcome;
use networks::DeviceKind;
use nouns::Sampling;
use policy::LocalPolicy;

use checkpoint::{Language, Whereabouts, open_adapted};

/// Sequences in flight: as many as keep the kernels busy; memory may allow fewer.
const SLOTS: usize = 256;

/// The model of a folder, loaded for inference.
pub struct LoadedModel {
    pub(crate) policy: LocalPolicy,
    defaults: Sampling,
}

impl LoadedModel {
    /// Loads the model of a folder, with an adapter's folder if there is one. How it draws by
    /// default is said by its `generation_config.json`.
    pub fn open(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<LoadedModel> {
        let model = open_adapted(folder, adapter, kind)?;
        let defaults = defaults(&Whereabouts::of(folder, adapter)?.weights);
        Ok(LoadedModel { policy: model.language()?.policy(SLOTS), defaults })
    }

    /// The same without the model's chat template: what is said is one text that the answer
    /// continues.
    pub fn open_without_chat(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<LoadedModel> {
        let model = open_adapted(folder, adapter, kind)?;
        let Language { decoder, tokens, device, .. } = model.language()?;
        let (tokens, device) = (tokens.clone().without_chat(), device.clone());
        let language = Language { decoder: decoder.clone(), tokens, device, optimizer_state: None, encoder: None };
        Ok(LoadedModel {
            policy: language.policy(SLOTS),
            defaults: defaults(&Whereabouts::of(folder, adapter)?.weights),
        })
    }

    /// The policy.
    pub fn policy(&self) -> &LocalPolicy {
        &self.policy
    }

    /// How the folder's `generation_config.json` wants tokens to be drawn.
    pub fn defaults(&self) -> &Sampling {
        &self.defaults
    }
}

/// `do_sample`, `temperature`, `top_k`, `top_p`, `min_p` of a `generation_config.json`; greedy
/// without, as in `transformers`.
fn defaults(folder: &Path) -> Sampling {
    let path = folder.join("generation_config.json");
    let text = if path.is_file() { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let number = |key: &str, default: f64| json[key].as_f64().unwrap_or(default) as f32;
    let sampled = json["do_sample"].as_bool().unwrap_or(false);
    Sampling {
        temperature: if sampled { number("temperature", 1.0) } else { 0.0 },
        top_k: json["top_k"].as_u64().filter(|_| sampled).unwrap_or(0) as u32,
        top_p: if sampled { number("top_p", 1.0) } else { 1.0 },
        min_p: if sampled { number("min_p", 0.0) } else { 0.0 },
        ..Sampling::default()
    }
}
