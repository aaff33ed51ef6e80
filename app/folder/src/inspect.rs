//! What a folder holds, without loading its weights.

use std::collections::BTreeMap;
use std::path::Path;

use faults::Outcome;
use networks::{Config, Lora, Need, adapter_training_bytes, sampling_bytes, training_bytes};
use serde::Serialize;
use tokens::Tokens;

use crate::files::{FileSize, files};

/// How much work memory is estimated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Sequences that are sampled at a time.
    pub sequences: u64,
    /// Tokens of each; the model's context, if that is shorter.
    pub tokens: u64,
    /// Tokens that training computes at a time.
    pub train_tokens: u64,
    /// Rank of an adapter on every linear map.
    pub rank: usize,
}

/// A folder, and its files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// What it is.
    pub contents: Contents,
    /// Its files, by name.
    pub files: Vec<FileSize>,
}

/// What a folder is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// A model.
    Model(Box<Inspected>),
    /// An adapter.
    Adapter {
        /// PEFT's word for the kind.
        kind: &'static str,
        /// Rank of the product.
        rank: usize,
        /// `lora_alpha`.
        alpha: f64,
        /// What the product is multiplied by.
        scale: f64,
        /// Whether that is by the root of the rank.
        rslora: bool,
        /// Share of inputs that training drops.
        dropout: f64,
        /// Modules that it is on.
        targets: Vec<String>,
        /// Whether modules have ranks or alphas of their own.
        differs_by_module: bool,
        /// Whether outputs have magnitudes (DoRA).
        dora: bool,
        /// Modules that it holds whole.
        saved: Vec<String>,
        /// The model that it was trained on.
        base: Option<String>,
        /// How many numbers it has, by format.
        numbers: BTreeMap<String, u64>,
    },
}

/// A model folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspected {
    /// The name in `architectures`.
    pub architecture: String,
    /// Parameters in all.
    pub parameters: u64,
    /// Of them the token table; it is the head too, where that is tied.
    pub embedding_parameters: u64,
    /// Whether the head is the token table.
    pub tied_head: bool,
    /// Layers.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Width of the feed-forward layer.
    pub feed_forward: usize,
    /// Attention heads.
    pub heads: usize,
    /// Heads of keys and values.
    pub key_value_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Tokens of the vocabulary.
    pub vocabulary: usize,
    /// Tokens that a sequence may have here.
    pub context: usize,
    /// Layers that see a window, and the narrowest.
    pub windows: Option<(usize, usize)>,
    /// `default`, `llama3`, … ; none where positions are learned.
    pub rope: Option<&'static str>,
    /// Base of the rotary positions.
    pub rope_theta: Option<f64>,
    /// How many numbers are stored in which format.
    pub numbers: BTreeMap<String, u64>,
    /// Where the chat template is; none where there is none.
    pub chat_template: Option<&'static str>,
    /// What it does with turns that are past otherwise than to keep them, in sentences.
    pub chat_history: Vec<&'static str>,
    /// Special tokens, as they are spelled, with their numbers.
    pub special_tokens: BTreeMap<&'static str, (String, u32)>,
    /// Why the tokenizer cannot be read, if it cannot.
    pub tokenizer_fault: Option<String>,
    /// What work needs of memory.
    pub memory: Vec<Needed>,
}

/// An estimate of memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// For what.
    pub work: String,
    /// Bytes in all.
    pub bytes: u64,
    /// What they are for.
    pub parts: Vec<(&'static str, u64)>,
}

impl Needed {
    fn of(work: String, need: Need) -> Needed {
        Needed { work, bytes: need.total(), parts: need.parts }
    }
}

/// Looks at a model's folder or an adapter's.
pub fn inspect(folder: &Path, load: Load) -> Outcome<Inspection> {
    let contents = match Lora::is_in(folder) {
        true => adapter(Lora::from_folder(folder)?, networks::adapter_formats(folder)?),
        false => Contents::Model(Box::new(model(folder, load)?)),
    };
    Ok(Inspection { contents, files: files(folder)? })
}

fn adapter(lora: Lora, numbers: BTreeMap<String, u64>) -> Contents {
    Contents::Adapter {
        kind: "LORA",
        rank: lora.rank,
        alpha: lora.alpha,
        scale: lora.scale(),
        rslora: lora.rslora,
        dropout: lora.dropout,
        differs_by_module: lora.differs_by_module(),
        dora: lora.dora,
        targets: lora.targets,
        saved: lora.saved,
        base: lora.base,
        numbers,
    }
}

fn model(folder: &Path, load: Load) -> Outcome<Inspected> {
    let config = networks::read_config(folder)?;
    let widths: Vec<usize> = (0..config.num_hidden_layers).filter_map(|layer| config.layer(layer).window).collect();
    let turned = !config.switches.learned_positions;
    let (tokens, tokenizer_fault) = match Tokens::from_folder(folder) {
        Ok(tokens) => (Some(tokens), None),
        Err(failure) => (None, Some(failure.to_string())),
    };
    let architecture = config.source.get("architectures").and_then(|names| names[0].as_str());
    Ok(Inspected {
        architecture: architecture.unwrap_or(config.family.architecture()).to_owned(),
        parameters: config.parameters(),
        embedding_parameters: (config.vocab_size as u64).saturating_mul(config.hidden_size as u64),
        tied_head: config.tie_word_embeddings,
        layers: config.num_hidden_layers,
        width: config.hidden_size,
        feed_forward: config.intermediate_size,
        heads: config.num_attention_heads,
        key_value_heads: config.num_key_value_heads,
        head_dim: config.head_dim,
        vocabulary: config.vocab_size,
        context: config.context_length(),
        windows: widths.iter().min().map(|narrowest| (widths.len(), *narrowest)),
        rope: turned.then(|| config.rope.word()),
        rope_theta: turned.then_some(config.rope.theta),
        numbers: networks::formats(folder)?,
        chat_template: tokens.as_ref().and_then(|tokens| tokens.chat()).map(|_| template_file(folder)),
        chat_history: tokens.as_ref().and_then(|tokens| Some(tokens.chat()?.history().said())).unwrap_or_default(),
        special_tokens: tokens.as_ref().map(special_tokens).unwrap_or_default(),
        tokenizer_fault,
        memory: memory(&config, load),
    })
}

fn template_file(folder: &Path) -> &'static str {
    let own = "chat_template.jinja";
    if gguf::is_gguf(folder) {
        return "the file's metadata";
    }
    if folder.join(own).exists() { own } else { "tokenizer_config.json" }
}

fn special_tokens(tokens: &Tokens) -> BTreeMap<&'static str, (String, u32)> {
    let roles = [("begin", tokens.begin_id()), ("end", Some(tokens.end_id())), ("pad", tokens.pad_id())];
    let spelled = |(role, id): (&'static str, Option<u32>)| Some((role, (tokens.spelling(id?)?, id?)));
    roles.into_iter().filter_map(spelled).collect()
}

fn memory(config: &Config, load: Load) -> Vec<Needed> {
    let Load { sequences, train_tokens, rank, .. } = load;
    let length = load.tokens.min(config.context_length() as u64);
    let lora = Lora::new(rank, 1.0, 0.0, vec![Lora::ALL.into()], false);
    // the word for every linear map names some in every model
    let adapter = lora.parameters(config).unwrap_or_default();
    vec![
        Needed::of(
            format!("sampling {sequences} sequences of {length} tokens"),
            sampling_bytes(config, sequences, sequences.saturating_mul(length)),
        ),
        Needed::of(
            format!("training every weight, {train_tokens} tokens at a time"),
            training_bytes(config, train_tokens, false),
        ),
        Needed::of(
            format!("training an adapter of rank {rank}, {train_tokens} tokens at a time"),
            adapter_training_bytes(config, train_tokens, false, adapter),
        ),
    ]
}
