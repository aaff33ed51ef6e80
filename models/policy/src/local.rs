use burn::tensor::Device;
use std::sync::{Arc, Mutex, OnceLock};

use faults::Outcome;
use networks::{Alike, Decoder, Packed};
use nouns::{
    Completion, Content, Digest, Generate, Policy, Progress, Prompt, Reply, Request, Sampling, Tick, Turn,
    generate_by_tokens,
};
use tokens::Tokens;

use crate::body::Body;
use crate::endings::Endings;
use crate::engine::{Limits, Listen, NoListener, generate, page_shape};
use crate::fault::PolicyFault;
use crate::on_device;
use crate::prefixes::Prefixes;
use crate::sentences::Sentences;

/// Rows that `score` computes at a time; which rows share a block changes no bit.
const SCORE_ROWS: usize = 8192;
/// Bytes of the keys and values of contexts that are kept between calls, at most.
const KEPT_BYTES: u64 = 256 << 20;

/// The built-in policy: the one model in memory, sampled and scored in this process.
pub struct LocalPolicy {
    decoder: Decoder,
    tokens: Tokens,
    device: Device,
    digest: Digest,
    slots: usize,
    cache_bytes: u64,
    /// Laid out when something is sampled for the first time.
    body: OnceLock<Body>,
    prefixes: Mutex<Prefixes>,
    /// The encoder of answers' embeddings, instead of this model's own hidden states.
    encoder: Option<Arc<Sentences>>,
}

impl LocalPolicy {
    /// A policy over these weights, with at most `slots` sequences at a time. Which number is taken
    /// changes no result.
    pub fn new(decoder: Decoder, tokens: Tokens, device: Device, slots: usize) -> LocalPolicy {
        let digest = networks::digest(&decoder);
        let tokens = seeing(tokens, &decoder);
        let prefixes = Mutex::new(prefixes(&decoder, u64::MAX));
        let body = OnceLock::new();
        LocalPolicy { decoder, tokens, device, digest, slots, cache_bytes: u64::MAX, body, prefixes, encoder: None }
    }

    /// With an encoder of sentences, by which answers are embedded as texts.
    pub fn with_encoder(self, encoder: Option<Arc<Sentences>>) -> LocalPolicy {
        LocalPolicy { encoder, ..self }
    }

    /// Limits the key-value cache to this many bytes: sequences that do not fit wait for others to
    /// end. Changes no result.
    pub fn with_cache_bytes(self, cache_bytes: u64) -> LocalPolicy {
        let prefixes = Mutex::new(prefixes(&self.decoder, cache_bytes));
        LocalPolicy { cache_bytes, prefixes, ..self }
    }

    /// As [`Policy::sample`], with a listener for the tokens as they are drawn.
    pub fn sample_streaming(
        &self,
        requests: &[Request],
        listener: &dyn Listen,
        progress: &dyn Progress,
    ) -> Outcome<Vec<Completion>> {
        requests.iter().try_for_each(|request| refuse_misfit(&self.decoder, &request.context, &[], 1))?;
        requests.iter().try_for_each(|request| self.refuse_impossible(&request.sampling))?;
        let cache_bytes = self.cache_bytes.saturating_sub(kept_bytes(self.cache_bytes));
        tracing::debug!(requests = requests.len(), slots = self.slots, cache_bytes, "sampling");
        let limits = Limits { slots: self.slots, cache_bytes, context_length: self.context_length() };
        let ends = Endings { tokens: &self.tokens };
        if !kernels::is_here(&self.decoder.embedding) {
            let limits = Limits { cache_bytes: self.cache_bytes, ..limits };
            return on_device::generate((&self.decoder, &self.device), requests, &limits, &ends, listener, progress);
        }
        let body = self.body.get_or_init(|| Body::new(&self.decoder));
        generate(body, requests, &limits, &self.prefixes, &ends, listener, progress)
    }

    /// Refuses texts that an answer must be one of and cannot be, and more tokens at least than at
    /// most.
    fn refuse_impossible(&self, sampling: &Sampling) -> Outcome<()> {
        let Sampling { min_tokens, max_tokens, .. } = *sampling;
        if min_tokens > max_tokens {
            return Err(PolicyFault::MoreAtLeast { min_tokens, max_tokens }.into());
        }
        sampling.among.iter().try_for_each(|text| {
            self.tokens.check_known(text)?;
            let (tokens, max_tokens) = (self.tokens.encode_fragment(text).len(), sampling.max_tokens);
            match (1..=max_tokens as usize).contains(&tokens) {
                true => Ok(()),
                false => Err(PolicyFault::NoChoice { text: text.clone(), tokens, max_tokens }.into()),
            }
        })
    }

    /// The weights.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// The tokenizer.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

/// The tokenizer of a model that sees, if the decoder does: pictures in prompts become its rows.
pub fn seeing(tokens: Tokens, decoder: &Decoder) -> Tokens {
    match &decoder.patch_embedding {
        Some(own) => tokens.seeing(Arc::new(own.patches())),
        None => tokens,
    }
}

/// Of the bytes that keys and values may take, those for contexts that are kept between calls.
fn kept_bytes(cache_bytes: u64) -> u64 {
    (cache_bytes / 8).min(KEPT_BYTES)
}

fn prefixes(decoder: &Decoder, cache_bytes: u64) -> Prefixes {
    Prefixes::new((kept_bytes(cache_bytes) / page_shape(&decoder.config).bytes().max(1)) as usize)
}

/// Refuses what the model cannot see. `room` is how many tokens must still fit after the context.
pub(crate) fn refuse_misfit(
    decoder: &Decoder,
    context: &[u32],
    answer: &[u32],
    room: usize,
) -> Result<(), PolicyFault> {
    let (vocabulary, context_length) = (decoder.config.vocab_size, decoder.config.context_length());
    let tokens = context.len() + answer.len();
    if context.is_empty() || tokens + room > context_length {
        return Err(PolicyFault::TooLong { tokens, context_length });
    }
    let sees = |id: u32| decoder.patch_embedding.as_ref().is_some_and(|own| own.knows(id));
    match context.iter().chain(answer).find(|&&id| id as usize >= vocabulary && !sees(id)) {
        Some(&id) => Err(PolicyFault::UnknownToken { id, vocabulary }),
        None => Ok(()),
    }
}

impl Generate for LocalPolicy {
    fn digest(&self) -> Digest {
        self.digest.clone()
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for LocalPolicy {
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        self.tokens.encode_context(context)
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.tokens.encode_fragment(text)
    }

    fn encode_between(&self, context: &[Turn], answer: &[u32], said: &[Turn]) -> Outcome<Vec<u32>> {
        self.tokens.encode_between(context, answer, said)
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        Content::text(self.tokens.decode(tokens))
    }

    fn context_length(&self) -> usize {
        self.decoder.config.context_length()
    }

    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> Outcome<Vec<Completion>> {
        self.sample_streaming(requests, &NoListener, progress)
    }

    fn score(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        items.iter().try_for_each(|(context, answer)| refuse_misfit(&self.decoder, context, answer, 0))?;
        let mut scores = Vec::with_capacity(items.len());
        let mut tokens = 0;
        for block in blocks(items) {
            if progress.stopping() {
                return Err(PolicyFault::Stopped.into());
            }
            let sequences = sequences(block);
            let alike = Alike::of(sequences.iter().map(Vec::as_slice));
            let packed = Packed::sharing(&alike);
            let log_probs = networks::values(&packed.log_probs(&self.decoder));
            tokens += alike.tokens() as u64;
            for ((context, answer), sequence) in block.iter().zip(packed.sequences.iter()) {
                // A row predicts the token after it: the answer's first token is predicted by the context's last row.
                let places = context.len() - 1..context.len() - 1 + answer.len();
                let of_answer: Vec<f32> = places.map(|place| log_probs[sequence.row(place)]).collect();
                if let Some(&value) = of_answer.iter().find(|score| !score.is_finite()) {
                    return Err(PolicyFault::NotFinite { row: scores.len(), value }.into());
                }
                scores.push(of_answer);
            }
            progress.tick(Tick { done: scores.len() as u64, total: items.len() as u64, tokens, ..Tick::default() });
        }
        Ok(scores)
    }

    fn embed(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Option<Vec<Vec<f32>>>> {
        if let Some(encoder) = &self.encoder {
            let texts: Vec<String> = items.iter().map(|(_, answer)| self.tokens.decode(answer)).collect();
            return encoder.embed(&texts, progress).map(Some);
        }
        items.iter().try_for_each(|(context, answer)| refuse_misfit(&self.decoder, context, answer, 0))?;
        let mut means = Vec::with_capacity(items.len());
        for block in blocks(items) {
            if progress.stopping() {
                return Err(PolicyFault::Stopped.into());
            }
            let packed = Packed::of(sequences(block).into_iter());
            let (hidden, width) = (networks::values(&packed.hidden(&self.decoder)), self.decoder.config.hidden_size);
            for ((context, answer), segment) in block.iter().zip(packed.sequences.iter()) {
                let first = segment.start + context.len();
                let rows = hidden[first * width..(first + answer.len()) * width].chunks(width);
                let mut mean = vec![0.0; width];
                rows.for_each(|row| mean.iter_mut().zip(row).for_each(|(sum, number)| *sum += number));
                mean.iter_mut().for_each(|sum| *sum /= answer.len().max(1) as f32);
                means.push(mean);
            }
        }
        Ok(Some(means))
    }
}

/// Every context with its answer.
pub(crate) fn sequences(items: &[(&[u32], &[u32])]) -> Vec<Vec<u32>> {
    items.iter().map(|(context, answer)| [*context, *answer].concat()).collect()
}

/// Cuts the items into runs of about [`SCORE_ROWS`] tokens.
pub(crate) fn blocks<'a>(items: &'a [(&'a [u32], &'a [u32])]) -> Vec<&'a [(&'a [u32], &'a [u32])]> {
    let mut blocks = Vec::new();
    let (mut start, mut rows) = (0, 0);
    for (number, (context, answer)) in items.iter().enumerate() {
        rows += context.len() + answer.len();
        if rows >= SCORE_ROWS {
            blocks.push(&items[start..=number]);
            (start, rows) = (number + 1, 0);
        }
    }
    if start < items.len() {
        blocks.push(&items[start..]);
    }
    blocks
}
