//! The model of a round, in memory and as a folder.

use std::path::Path;

use std::sync::Arc;

use faults::Outcome;
use learn::OptimizerState;
use models::{Decoder, Device, DeviceKind, NumberFormat, device};
use nouns::{Digest, Update};
use policy::LocalPolicy;
use tokens::Tokens;

use crate::memory::available_bytes;

/// The file beside the weights that says how they came to be.
pub const UPDATE: &str = "update.json";

/// The file beside the weights that holds what the optimizer remembers.
pub const OPTIMIZER_STATE: &str = "optimizer.safetensors";

/// A model in force.
#[derive(Clone)]
pub struct Model {
    /// The round that made it.
    pub round: u32,
    /// The weights.
    pub decoder: Decoder,
    /// Its tokenizer and chat template.
    pub tokens: Tokens,
    /// Where it is computed.
    pub device: Device,
    /// Names the weights.
    pub digest: Digest,
    /// What the optimizer that made it remembers, if that goes on.
    pub optimizer_state: Option<Arc<OptimizerState>>,
}

impl Model {
    /// A model with its digest; it has no optimizer state yet.
    pub fn new(round: u32, decoder: Decoder, tokens: Tokens, device: Device) -> Model {
        let digest = models::digest(&decoder);
        let tokens = policy::seeing(tokens, &decoder);
        Model { round, decoder, tokens, device, digest, optimizer_state: None }
    }

    /// The same tokenizer and device with other weights.
    pub fn with_weights(&self, round: u32, decoder: Decoder) -> Model {
        Model::new(round, decoder, self.tokens.clone(), self.device.clone())
    }

    /// The model as it samples: keys and values may take half of the memory that is free.
    pub fn policy(&self, slots: usize) -> LocalPolicy {
        let policy = LocalPolicy::new(self.decoder.clone(), self.tokens.clone(), self.device.clone(), slots);
        policy.with_cache_bytes(available_bytes().map_or(u64::MAX, |free| free / 2))
    }
}

/// The files of the folder that `transformers` loads.
pub fn model_files(model: &Model) -> Outcome<Vec<(String, Vec<u8>)>> {
    let mut files = models::to_files(&model.decoder, NumberFormat::F32)?;
    files.extend(model.tokens.to_files());
    files.extend(
        model.optimizer_state.as_ref().map(|optimizer_state| (OPTIMIZER_STATE.into(), optimizer_state.to_bytes())),
    );
    Ok(files)
}

/// The files of what a training changed: the adapter alone, where there is one.
pub fn trained_files(model: &Model) -> Outcome<Vec<(String, Vec<u8>)>> {
    match model.decoder.adapter() {
        Some(_) => Ok(models::adapter_files(&model.decoder)?),
        None => model_files(model),
    }
}

/// Reads back what a round learned.
pub fn read_model(folder: &Path, round: u32, like: &Model) -> Outcome<(Model, Update)> {
    // What learned an adapter alone left that alone: the weights below it are those that it began with.
    let mut decoder = match like.decoder.adapter() {
        Some(_) => like.decoder.clone().with_adapter(folder, &like.device)?,
        None => models::from_folder(folder, &like.device)?,
    };
    decoder.config.precision = like.decoder.config.precision;
    let mut model = like.with_weights(round, decoder);
    model.optimizer_state = read_optimizer_state(folder)?.map(Arc::new);
    Ok((model, store::read_json(&folder.join(UPDATE))?))
}

/// Loads a model folder that a person names.
pub fn open_model(folder: &Path, kind: DeviceKind) -> Outcome<Model> {
    open_adapted(folder, None, kind)
}

/// The same with an adapter's folder, if there is one: it stays beside the weights.
pub fn open_adapted(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<Model> {
    let device = device(kind)?;
    let mut decoder = decoder(folder, adapter, &device)?;
    decoder.config.precision = kind.precision();
    tracing::debug!(folder = %folder.display(), device = kind.word(), "model loaded");
    Ok(Model::new(0, decoder, Tokens::from_folder(folder)?, device))
}

/// The same with the adapter merged into the weights.
pub fn open_merged(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<Model> {
    let model = open_adapted(folder, adapter, kind)?;
    match adapter {
        Some(_) => Ok(model.with_weights(0, model.decoder.clone().merged())),
        None => Ok(model),
    }
}

/// What the optimizer remembers that made the model of a folder, if that was kept.
pub fn read_optimizer_state(folder: &Path) -> Outcome<Option<OptimizerState>> {
    let path = folder.join(OPTIMIZER_STATE);
    match path.is_file() {
        true => Ok(Some(OptimizerState::from_bytes(&store::read_bytes(&path)?)?)),
        false => Ok(None),
    }
}

/// A model's weights, and an adapter beside them.
pub fn decoder(folder: &Path, adapter: Option<&Path>, device: &Device) -> Outcome<Decoder> {
    let decoder = models::from_folder(folder, device)?;
    Ok(match adapter {
        Some(adapter) => decoder.with_adapter(adapter, device)?,
        None => decoder,
    })
}
