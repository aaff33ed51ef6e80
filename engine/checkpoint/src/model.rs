//! The model of a round, in memory and as a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use classifiers::{Answering, Classifier};
use faults::Outcome;
use learn::OptimizerState;
use networks::{Decoder, Device, DeviceKind, Lora, NumberFormat, device};
use nouns::{Digest, Policy, Update};
use policy::{LocalPolicy, Sentences};
use tokens::Tokens;

use crate::fault::CheckpointFault;
use crate::memory::available_bytes;

/// The file beside the weights that says how they came to be.
pub const UPDATE: &str = "update.json";

/// The file of the optimizer state, beside the weights.
pub const OPTIMIZER_STATE: &str = "optimizer.safetensors";

/// A loaded model, of whatever kind.
///
/// What a kind owes the loop is what this file asks of it: a digest of its weights, a folder that
/// its ecosystem opens and that gives back the same bits, answers ([`Model::policy`]), and which
/// lessons it learns from (a decoder from all; a classifier from streams, by `learn = "classify"`).
#[derive(Clone)]
pub struct Model {
    /// The round that made it.
    pub round: u32,
    /// Names the weights.
    pub digest: Digest,
    /// The weights, and what belongs to their kind.
    pub kind: Kind,
}

/// The kinds of model that a run may have.
#[derive(Clone)]
pub enum Kind {
    /// A language model.
    Language(Box<Language>),
    /// A classifier over feature vectors.
    Classifier(Arc<Classifier>),
}

/// A language model: a decoder and what belongs to it.
#[derive(Clone)]
pub struct Language {
    /// The weights.
    pub decoder: Decoder,
    /// Its tokenizer and chat template.
    pub tokens: Tokens,
    /// Where it is computed.
    pub device: Device,
    /// Its optimizer state, if that is carried on.
    pub optimizer_state: Option<Arc<OptimizerState>>,
    /// What says how alike answers are, if it is not the model's own hidden states.
    pub encoder: Option<Arc<Sentences>>,
}

impl Model {
    /// A language model with its digest; it has no optimizer state yet.
    pub fn new(round: u32, decoder: Decoder, tokens: Tokens, device: Device) -> Model {
        let digest = networks::digest(&decoder);
        let tokens = policy::seeing(tokens, &decoder);
        let kind = Kind::Language(Box::new(Language { decoder, tokens, device, optimizer_state: None, encoder: None }));
        Model { round, digest, kind }
    }

    /// A classifier.
    pub fn of_classifier(round: u32, classifier: Classifier) -> Model {
        Model { round, digest: classifier.digest(), kind: Kind::Classifier(Arc::new(classifier)) }
    }

    /// The language model that it is. Another kind is refused: what asks here needs tokens.
    pub fn language(&self) -> Result<&Language, CheckpointFault> {
        match &self.kind {
            Kind::Language(language) => Ok(language),
            Kind::Classifier(_) => Err(CheckpointFault::NoLanguage { kind: "a classifier" }),
        }
    }

    /// The same tokenizer and device with other weights.
    pub fn with_weights(&self, round: u32, decoder: Decoder) -> Result<Model, CheckpointFault> {
        let Language { tokens, device, encoder, .. } = self.language()?;
        Ok(Model::new(round, decoder, tokens.clone(), device.clone()).with_encoder(encoder.clone()))
    }

    /// The same weights with an encoder of sentences, if there is one.
    #[must_use]
    pub fn with_encoder(mut self, encoder: Option<Arc<Sentences>>) -> Model {
        if let Kind::Language(language) = &mut self.kind {
            language.encoder = encoder;
        }
        self
    }

    /// The same weights with the optimizer state that goes on with them, if there is any.
    #[must_use]
    pub fn with_optimizer_state(mut self, optimizer_state: Option<Arc<OptimizerState>>) -> Model {
        if let Kind::Language(language) = &mut self.kind {
            language.optimizer_state = optimizer_state;
        }
        self
    }

    /// The optimizer state that goes on with it, if there is any.
    pub fn optimizer_state(&self) -> Option<&Arc<OptimizerState>> {
        self.language().ok()?.optimizer_state.as_ref()
    }

    /// The model as a policy that samples `slots` sequences at a time.
    pub fn policy(&self, slots: usize) -> Arc<dyn Policy> {
        match &self.kind {
            Kind::Language(language) => Arc::new(language.policy(slots)),
            Kind::Classifier(classifier) => Arc::new(Answering::new(classifier.clone())),
        }
    }
}

impl Language {
    /// The model as it samples: keys and values may take half of the memory that is free.
    pub fn policy(&self, slots: usize) -> LocalPolicy {
        let policy = LocalPolicy::new(self.decoder.clone(), self.tokens.clone(), self.device.clone(), slots);
        let policy = policy.with_cache_bytes(available_bytes().map_or(u64::MAX, |free| free / 2));
        policy.with_encoder(self.encoder.clone())
    }
}

/// The files of the folder that `transformers` loads, or of a classifier's.
pub fn model_files(model: &Model) -> Outcome<Vec<(String, Vec<u8>)>> {
    let language = match &model.kind {
        Kind::Classifier(classifier) => return Ok(classifier.to_files()),
        Kind::Language(language) => language,
    };
    let mut files = networks::to_files(&language.decoder, NumberFormat::F32)?;
    files.extend(language.tokens.to_files());
    files.extend(language.optimizer_state.as_ref().map(|state| (OPTIMIZER_STATE.into(), state.to_bytes())));
    Ok(files)
}

/// The files of what a training changed: the adapter alone, where there is one.
pub fn trained_files(model: &Model) -> Outcome<Vec<(String, Vec<u8>)>> {
    match model.language() {
        Ok(language) if language.decoder.adapter().is_some() => {
            let mut files = networks::adapter_files(&language.decoder)?;
            files.extend(language.optimizer_state.as_ref().map(|state| (OPTIMIZER_STATE.into(), state.to_bytes())));
            Ok(files)
        }
        _ => model_files(model),
    }
}

/// Reads back what a round learned.
pub fn read_model(folder: &Path, round: u32, like: &Model) -> Outcome<(Model, Update)> {
    let model = match &like.kind {
        Kind::Classifier(_) => Model::of_classifier(round, Classifier::from_folder(folder)?),
        Kind::Language(language) => {
            // What learned an adapter alone left that alone: the weights below it are those that it began with.
            let mut decoder = match Lora::is_in(folder) {
                true => language.decoder.clone().with_adapter(folder, &language.device)?,
                false => networks::from_folder(folder, &language.device)?,
            };
            decoder.config.precision = language.decoder.config.precision;
            let state = read_optimizer_state(folder)?.map(Arc::new);
            like.with_weights(round, decoder)?.with_optimizer_state(state)
        }
    };
    Ok((model, store::read_json(&folder.join(UPDATE))?))
}

/// Loads a model folder that a person names.
pub fn open_model(folder: &Path, kind: DeviceKind) -> Outcome<Model> {
    if Classifier::is_in(folder) {
        return Ok(Model::of_classifier(0, Classifier::from_folder(folder)?));
    }
    open_adapted(folder, None, kind)
}

/// Where a model is: its weights with their tokenizer, and the adapter that is put on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The folder of the weights, or a GGUF file.
    pub weights: PathBuf,
    /// The folder of the adapter, if there is one.
    pub adapter: Option<PathBuf>,
}

impl Whereabouts {
    /// Of a folder that a person names, which may hold an adapter alone: a run that trains one
    /// leaves such a folder a round. It says itself which model is below it.
    pub fn of(folder: &Path, adapter: Option<&Path>) -> Outcome<Whereabouts> {
        let plain = Whereabouts { weights: folder.to_owned(), adapter: adapter.map(Path::to_owned) };
        match (networks::below(folder)?, adapter) {
            (None, _) => Ok(plain),
            (Some(weights), None) => Ok(Whereabouts { weights, adapter: Some(folder.to_owned()) }),
            (Some(_), Some(_)) => Err(CheckpointFault::TwoAdapters { folder: folder.to_owned() }.into()),
        }
    }

    /// The decoder, with its adapter beside its weights.
    pub fn decoder(&self, device: &Device) -> Outcome<Decoder> {
        let decoder = networks::from_folder(&self.weights, device)?;
        Ok(match &self.adapter {
            Some(adapter) => decoder.with_adapter(adapter, device)?,
            None => decoder,
        })
    }
}

/// The same with an adapter's folder, if there is one: it stays beside the weights.
pub fn open_adapted(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<Model> {
    let (place, device) = (Whereabouts::of(folder, adapter)?, device(kind)?);
    let mut decoder = place.decoder(&device)?;
    decoder.config.precision = kind.precision();
    tracing::debug!(folder = %folder.display(), device = kind.word(), "model loaded");
    Ok(Model::new(0, decoder, Tokens::from_folder(&place.weights)?, device))
}

/// The same with the adapter merged into the weights. Without one it may be a model of any kind.
pub fn open_merged(folder: &Path, adapter: Option<&Path>, kind: DeviceKind) -> Outcome<Model> {
    let model = match adapter {
        Some(adapter) => open_adapted(folder, Some(adapter), kind)?,
        None => open_model(folder, kind)?,
    };
    match model.language() {
        Ok(language) if language.decoder.adapter().is_some() => {
            Ok(model.with_weights(0, language.decoder.clone().merged())?)
        }
        _ => Ok(model),
    }
}

/// The optimizer state of a model folder, if it was kept.
pub fn read_optimizer_state(folder: &Path) -> Outcome<Option<OptimizerState>> {
    let path = folder.join(OPTIMIZER_STATE);
    match path.is_file() {
        true => Ok(Some(OptimizerState::from_bytes(&store::read_bytes(&path)?)?)),
        false => Ok(None),
    }
}
