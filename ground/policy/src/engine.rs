//! Continuous batching: sequences leave and enter between steps, and every step is one batch of rows through the decoder.
//!
//! A row's bits do not depend on the rows beside it (see `kernels`), so neither do the sequences.

use burn::tensor::{Device, Tensor};
use faults::Outcome;
use kernels::slices::{KvCache, Matrix, log_sum_exp, logits, soft_cap};
use models::{Attend, Decoder};
use nouns::{Completion, Cost, Finish, Progress, Random, Request, Tick};
use rayon::prelude::*;

use crate::draw::{Scratch, draw};
use crate::fault::PolicyFault;

/// Rows that may wait for their first token in one step: long prompts enter a few at a time.
const PREFILL_ROWS: usize = 4096;

/// What the engine needs to know beside the weights.
pub(crate) struct Limits {
    /// Sequences in flight at a time, at most.
    pub(crate) slots: usize,
    /// Bytes of keys and values that may be kept; sequences that do not fit wait.
    pub(crate) cache_bytes: u64,
    /// Most tokens of one sequence.
    pub(crate) context_length: usize,
}

/// Hears tokens as they are drawn. It cannot steer: to end early, a [`Progress`] asks to stop.
pub trait Listen: Sync {
    /// The request's next token.
    fn hear(&self, request: usize, token: u32);
}

/// Nobody listens.
pub(crate) struct Deaf;

impl Listen for Deaf {
    fn hear(&self, _: usize, _: u32) {}
}

/// What ends an answer beside its length.
pub(crate) trait Ends: Sync {
    /// Whether the answer ends with its last token.
    fn ends(&self, tokens: &[u32], stop: &[String]) -> bool;
}

/// Keys and values that one token leaves in the cache.
fn bytes_per_token(config: &models::Config) -> u64 {
    let width = config.num_key_value_heads * config.head_dim;
    (2 * config.num_hidden_layers * width * size_of::<f32>()) as u64
}

/// One sequence in flight.
struct Flight {
    request: usize,
    slot: u32,
    tokens: Vec<u32>,
    log_probs: Vec<f32>,
    random: Random,
    /// The sequence in flight whose prompt is the same and is computed in its place.
    leader: Option<usize>,
    started: bool,
    finish: Option<Finish>,
}

/// Generates one completion per request, in order.
pub(crate) fn generate(
    decoder: &Decoder,
    device: &Device,
    requests: &[Request],
    limits: &Limits,
    ends: &dyn Ends,
    listener: &dyn Listen,
    progress: &dyn Progress,
) -> Outcome<Vec<Completion>> {
    let mut engine = Engine::new(decoder, device, requests, limits)?;
    while engine.admit() {
        if progress.stopping() {
            return Err(PolicyFault::Stopped.into());
        }
        let logits = engine.forward();
        engine.draw(&logits, ends)?;
        for flight in &engine.flights {
            listener.hear(flight.request, flight.tokens[flight.tokens.len() - 1]);
        }
        engine.retire();
        progress.tick(Tick {
            done: engine.finished as u64,
            total: requests.len() as u64,
            tokens: engine.tokens,
            loss: None,
        });
    }
    Ok(engine.done.into_iter().flatten().collect())
}

struct Engine<'a> {
    decoder: &'a Decoder,
    device: &'a Device,
    requests: &'a [Request],
    limits: &'a Limits,
    caches: Vec<KvCache>,
    free: Vec<u32>,
    next: usize,
    flights: Vec<Flight>,
    done: Vec<Option<Completion>>,
    finished: usize,
    tokens: u64,
    head: Head,
}

/// The output head as plain numbers: `[width, vocab]`, or the token table `[vocab, width]`.
struct Head {
    values: Vec<f32>,
    tied: bool,
    width: usize,
    vocab: usize,
    cap: Option<f32>,
}

impl Head {
    fn of(decoder: &Decoder) -> Head {
        let (width, vocab) = (decoder.config.hidden_size, decoder.config.vocab_size);
        let matrix = decoder.head.as_ref().unwrap_or(&decoder.embedding);
        Head {
            values: models::values(matrix),
            tied: decoder.head.is_none(),
            width,
            vocab,
            cap: decoder.config.switches.final_softcap,
        }
    }

    fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; hidden.len() / self.width * self.vocab];
        let matrix = if self.tied {
            Matrix::new(&self.values, self.vocab, self.width).t()
        } else {
            Matrix::new(&self.values, self.width, self.vocab)
        };
        logits(hidden, matrix, &mut out);
        if let Some(cap) = self.cap {
            out.par_chunks_mut(self.vocab).for_each(|row| soft_cap(row, cap));
        }
        out
    }
}

impl<'a> Engine<'a> {
    fn new(
        decoder: &'a Decoder,
        device: &'a Device,
        requests: &'a [Request],
        limits: &'a Limits,
    ) -> Result<Engine<'a>, PolicyFault> {
        let config = &decoder.config;
        let longest = |request: &Request| request.context.len() + request.sampling.max_tokens as usize;
        let capacity = requests.iter().map(longest).max().unwrap_or(0).min(limits.context_length);
        let each = capacity as u64 * bytes_per_token(config);
        let room = limits.cache_bytes / each.max(1);
        if room == 0 {
            return Err(PolicyFault::CacheTooSmall { tokens: capacity, needed: each, allowed: limits.cache_bytes });
        }
        let slots = limits.slots.min(requests.len()).min(usize::try_from(room).unwrap_or(usize::MAX)).max(1);
        Ok(Engine {
            decoder,
            device,
            requests,
            limits,
            caches: (0..config.num_hidden_layers).map(|n| KvCache::new(config.scores(n), slots, capacity)).collect(),
            free: (0..slots as u32).rev().collect(),
            next: 0,
            flights: Vec::new(),
            done: vec![None; requests.len()],
            finished: 0,
            tokens: 0,
            head: Head::of(decoder),
        })
    }

    /// Lets waiting requests into free slots; false when nothing is left to do.
    fn admit(&mut self) -> bool {
        let mut waiting_rows = 0;
        let mut leader: Option<usize> = None;
        while self.next < self.requests.len() && waiting_rows < PREFILL_ROWS {
            let Some(slot) = self.free.pop() else { break };
            let request = &self.requests[self.next];
            let same = leader.filter(|&l| self.requests[self.flights[l].request].context == request.context);
            if same.is_none() {
                leader = Some(self.flights.len());
                waiting_rows += request.context.len();
            }
            self.flights.push(Flight {
                request: self.next,
                slot,
                tokens: Vec::new(),
                log_probs: Vec::new(),
                random: request.key.random(),
                leader: same,
                started: false,
                finish: None,
            });
            self.next += 1;
        }
        !self.flights.is_empty()
    }

    /// One step of the decoder: the logits that each flight draws its next token from. `[flights, vocab]`
    fn forward(&mut self) -> Vec<f32> {
        let mut rows = Rows::default();
        let mut last = vec![0usize; self.flights.len()];
        for (number, flight) in self.flights.iter().enumerate() {
            let context = &self.requests[flight.request].context;
            match (flight.started, flight.leader) {
                (true, _) => {
                    let position = context.len() + flight.tokens.len() - 1;
                    rows.push(flight.slot, position as u32, flight.tokens[flight.tokens.len() - 1]);
                }
                (false, None) => rows.push_context(flight.slot, context),
                (false, Some(leader)) => {
                    last[number] = last[leader];
                    continue;
                }
            }
            last[number] = rows.ids.len() - 1;
        }
        self.tokens += rows.ids.len() as u64;
        let hidden = self.hidden(&rows);
        self.share_prompts();
        let width = self.decoder.config.hidden_size;
        let wanted: Vec<f32> = last.iter().flat_map(|&row| &hidden[row * width..][..width]).copied().collect();
        self.head.logits(&wanted)
    }

    fn hidden(&mut self, rows: &Rows) -> Vec<f32> {
        let mut cached = Cached { caches: &mut self.caches, rows, device: self.device };
        let (ids, positions) = (rows.ids.as_slice().into(), rows.positions.as_slice().into());
        models::values(&self.decoder.hidden(ids, positions, &mut cached))
    }

    /// Gives the sequences that share a leader's prompt their copy of its keys and values.
    fn share_prompts(&mut self) {
        for number in 0..self.flights.len() {
            let flight = &self.flights[number];
            if let (false, Some(leader)) = (flight.started, flight.leader) {
                let (from, to) = (self.flights[leader].slot, flight.slot);
                let length = self.requests[flight.request].context.len();
                self.caches.iter_mut().for_each(|cache| cache.copy_prefix(from, to, length));
            }
            self.flights[number].started = true;
        }
    }

    fn draw(&mut self, logits: &[f32], ends: &dyn Ends) -> Outcome<()> {
        if let Some(at) = logits.iter().position(|logit| !logit.is_finite()) {
            return Err(PolicyFault::NotFinite { row: at / self.head.vocab, value: logits[at] }.into());
        }
        let (requests, length) = (self.requests, self.limits.context_length);
        let rows = self.flights.par_iter_mut().zip(logits.par_chunks(self.head.vocab));
        rows.with_min_len(16).for_each_init(Scratch::default, |scratch, (flight, row)| {
            let request = &requests[flight.request];
            let token = draw(row, &request.sampling, &mut flight.random, scratch);
            flight.tokens.push(token);
            flight.log_probs.push(row[token as usize] - log_sum_exp(row));
            let full = flight.tokens.len() >= request.sampling.max_tokens as usize
                || request.context.len() + flight.tokens.len() >= length;
            flight.finish = match ends.ends(&flight.tokens, &request.sampling.stop) {
                true => Some(Finish::Stop),
                false => full.then_some(Finish::Length),
            };
        });
        Ok(())
    }

    /// Takes finished sequences out of flight and frees their slots.
    fn retire(&mut self) {
        let requests = self.requests;
        let (free, done, finished) = (&mut self.free, &mut self.done, &mut self.finished);
        self.flights.retain_mut(|flight| {
            flight.leader = None;
            let Some(finish) = flight.finish else { return true };
            free.push(flight.slot);
            *finished += 1;
            let tokens = std::mem::take(&mut flight.tokens);
            let cost = Cost {
                generated_tokens: tokens.len() as u64,
                context_tokens: requests[flight.request].context.len() as u64,
                ..Cost::default()
            };
            let log_probs = std::mem::take(&mut flight.log_probs);
            done[flight.request] = Some(Completion { tokens, log_probs, finish, cost });
            false
        });
    }
}

/// The rows of one step.
#[derive(Default)]
struct Rows {
    slots: Vec<u32>,
    positions: Vec<u32>,
    ids: Vec<u32>,
}

impl Rows {
    fn push(&mut self, slot: u32, position: u32, id: u32) {
        self.slots.push(slot);
        self.positions.push(position);
        self.ids.push(id);
    }

    fn push_context(&mut self, slot: u32, context: &[u32]) {
        for (position, &id) in context.iter().enumerate() {
            self.push(slot, position as u32, id);
        }
    }
}

/// Attention to the cache, which lives in host memory whatever the device.
struct Cached<'a> {
    caches: &'a mut [KvCache],
    rows: &'a Rows,
    device: &'a Device,
}

impl Attend for Cached<'_> {
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2> {
        let shape = query.dims();
        let [query, key, value] = [query, key, value].map(|x| models::values(&x));
        let mut out = vec![0.0; query.len()];
        self.caches[layer].attend(&query, &key, &value, &self.rows.slots, &self.rows.positions, &mut out);
        kernels::from_vec(out, shape, self.device)
    }
}
