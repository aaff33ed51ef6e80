//! Continuous batching: sequences leave and enter between steps, and every step is one batch of
//! rows through the decoder.
//!
//! A step is planned before it is computed: each sequence says which rows it has to compute (a
//! piece of its context, or the one token that was drawn last), and gets the pages for them. So
//! long contexts are computed in pieces beside the decoding of others, and a step's memory is known
//! beforehand. A request is admitted only if the pages it can come to need are reserved: a sequence
//! that has begun can always be finished, and nothing is ever evicted and computed again. Requests
//! with one context that arrive together wait as *followers* of the first, whose context alone is
//! computed; each then draws its own first token from the same logits.
//!
//! A row's bits do not depend on the rows beside it (see `kernels`), so neither do the sequences:
//! how a step is cut among threads is decided by speed alone.

use std::sync::{Arc, Mutex, PoisonError};

use faults::Outcome;
use kernels::slices::{PAGE, Page, PageShape, inside};
use networks::Sharing;
use nouns::{Completion, Load, Progress, Request, Tick};
use rayon::prelude::*;

use crate::body::Body;
use crate::draw::Scratch;
use crate::ends::Ends;
use crate::fault::PolicyFault;
use crate::prefixes::Prefixes;
use crate::sequence::{Logits, Row, Sequence, Until};

/// Rows of contexts that one step computes, at most: long prompts are taken in pieces, beside what
/// is being drawn.
pub(crate) const CONTEXT_ROWS: usize = 2048;

/// What the engine needs to know beside the weights.
pub(crate) struct Limits {
    /// Slots of the continuous batch: sequences that are generated at a time, at most.
    pub(crate) slots: usize,
    /// Bytes of keys and values that may be kept; sequences that do not fit wait.
    pub(crate) cache_bytes: u64,
    /// Most tokens of one sequence.
    pub(crate) context_length: usize,
}

/// Receives tokens as they are drawn, for streaming output. It cannot end a request: that is what
/// [`Progress`] is for.
pub trait Listen: Sync {
    /// The request's next token.
    fn token(&self, request: usize, token: u32);
}

/// A no-op listener.
pub(crate) struct NoListener;

impl Listen for NoListener {
    fn token(&self, _: usize, _: u32) {}
}

/// What a page of this model holds.
pub(crate) fn page_shape(config: &networks::Config) -> PageShape {
    PageShape { heads: config.heads(), layers: config.num_hidden_layers, precision: config.precision }
}

/// Generates one completion per request, in order.
pub(crate) fn generate(
    body: &Body,
    requests: &[Request],
    limits: &Limits,
    prefixes: &Mutex<Prefixes>,
    ends: &dyn Ends,
    listener: &dyn Listen,
    progress: &dyn Progress,
) -> Outcome<Vec<Completion>> {
    let mut engine = Engine::new(body, requests, limits, prefixes, ends)?;
    while engine.admit() {
        if progress.stopping() {
            return Err(PolicyFault::Stopped.into());
        }
        inside(|| engine.step())?;
        for sequence in engine.running.iter().filter(|sequence| sequence.now > 0) {
            if let Some(&token) = sequence.tokens.last() {
                listener.token(sequence.request, token);
            }
        }
        let load = engine.load();
        engine.release_finished();
        progress.tick(Tick {
            done: engine.finished as u64,
            total: requests.len() as u64,
            tokens: engine.tokens,
            loss: None,
            load: Some(load),
        });
    }
    Ok(engine.done.into_iter().flatten().collect())
}

struct Engine<'a> {
    body: &'a Body,
    requests: &'a [Request],
    limits: &'a Limits,
    prefixes: &'a Mutex<Prefixes>,
    ends: &'a dyn Ends,
    shape: PageShape,
    /// Pages that sequences may need in all, and do at most need.
    allowed: u64,
    reserved: u64,
    /// Pages to be used again.
    free: Vec<Arc<Page>>,
    next: usize,
    running: Vec<Sequence>,
    done: Vec<Option<Completion>>,
    finished: usize,
    tokens: u64,
    /// Sequences of the latest step.
    stepped: u32,
}

impl<'a> Engine<'a> {
    fn new(
        body: &'a Body,
        requests: &'a [Request],
        limits: &'a Limits,
        prefixes: &'a Mutex<Prefixes>,
        ends: &'a dyn Ends,
    ) -> Result<Engine<'a>, PolicyFault> {
        let shape = page_shape(body.config());
        let engine = Engine {
            body,
            requests,
            limits,
            prefixes,
            ends,
            shape,
            allowed: limits.cache_bytes / shape.bytes().max(1),
            reserved: 0,
            free: Vec::new(),
            next: 0,
            running: Vec::new(),
            done: vec![None; requests.len()],
            finished: 0,
            tokens: 0,
            stepped: 0,
        };
        match requests.iter().max_by_key(|request| engine.pages(request)) {
            Some(longest) if engine.pages(longest) > engine.allowed => Err(PolicyFault::CacheTooSmall {
                tokens: engine.longest(longest),
                needed: engine.pages(longest) * shape.bytes(),
                allowed: limits.cache_bytes,
            }),
            _ => Ok(engine),
        }
    }

    /// What the latest step had running: pages of one sequence alone, and those that are kept for
    /// all.
    fn load(&self) -> Load {
        let own = self.running.iter().flat_map(|sequence| &sequence.pages).filter(|page| Arc::strong_count(page) == 1);
        let kept = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner).len();
        Load { sequences: self.stepped, cache_bytes: (own.count() + kept) as u64 * self.shape.bytes() }
    }

    /// Tokens that a request may come to.
    fn longest(&self, request: &Request) -> usize {
        (request.context.len() + request.sampling.max_tokens as usize).min(self.limits.context_length)
    }

    /// Pages that a request may come to.
    fn pages(&self, request: &Request) -> u64 {
        self.longest(request).div_ceil(PAGE) as u64
    }

    /// The same without those that its context fills: one that follows another of the same context
    /// shares these.
    fn pages_behind_context(&self, request: &Request) -> u64 {
        self.pages(request) - (request.context.len() / PAGE) as u64
    }

    /// Lets waiting requests in while there is room; false when nothing is left to do.
    fn admit(&mut self) -> bool {
        let begun = self.running.len();
        let mut occupied = begun + self.running.iter().map(|sequence| sequence.followers.len()).sum::<usize>();
        while self.next < self.requests.len() && occupied < self.limits.slots.max(1) {
            let (number, request) = (self.next, &self.requests[self.next]);
            let leader = self.running[begun..].last().map(|leader| &self.requests[leader.request].context);
            // Only a leader of this very step can be followed: an earlier one has drawn already.
            let same = leader == Some(&request.context);
            let needed = if same { self.pages_behind_context(request) } else { self.pages(request) };
            if self.reserved + needed > self.allowed {
                // Later requests might fit, but letting them pass could starve this one.
                break;
            }
            self.reserved += needed;
            match self.running.last_mut() {
                Some(leader) if same => leader.followers.push(number),
                _ => {
                    // the last token's row is computed in any case: it is what is drawn from
                    let known = &request.context[..request.context.len() - 1];
                    let pages = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner).find(known);
                    self.running.push(Sequence::new(number, request, pages, needed));
                }
            }
            (self.next, occupied) = (self.next + 1, occupied + 1);
        }
        !self.running.is_empty()
    }

    /// One step of the decoder, and a token for every sequence whose context is complete.
    fn step(&mut self) -> Outcome<()> {
        let rows = self.plan();
        self.tokens += rows as u64;
        self.stepped = self.running.len() as u32;
        let (count, sharing) = self.body.parts(rows, self.running.len());
        let (body, requests, shape) = (self.body, self.requests, &self.shape);
        let until = Until { ends: self.ends, context_length: self.limits.context_length };
        let part = Shard { body, requests, shape, until, sharing };
        let mut born = match count {
            1 => part.step(&mut self.running)?,
            _ => {
                let cut = parts(&mut self.running, rows.div_ceil(count));
                let born: Result<Vec<_>, PolicyFault> =
                    cut.into_par_iter().map(|sequences| part.step(sequences)).collect();
                born?.into_iter().flatten().collect()
            }
        };
        self.keep_contexts();
        born.iter_mut().for_each(|sequence| sequence.reserved = self.pages_behind_context(&requests[sequence.request]));
        self.running.extend(born);
        Ok(())
    }

    /// Says what every sequence computes in this step, and gives it the pages for it. Returns the
    /// rows of the step.
    fn plan(&mut self) -> usize {
        let (mut left, mut rows) = (CONTEXT_ROWS, 0);
        for sequence in &mut self.running {
            let missing = sequence.missing(&self.requests[sequence.request]);
            sequence.now = if sequence.tokens.is_empty() { missing.min(left) } else { missing };
            left -= if sequence.tokens.is_empty() { sequence.now } else { 0 };
            rows += sequence.now;
            while sequence.pages.len() * PAGE < sequence.cached + sequence.now {
                let page = self.free.pop().unwrap_or_else(|| Arc::new(self.shape.page()));
                sequence.pages.push(page);
            }
        }
        rows
    }

    /// Keeps the pages of contexts that this step completed.
    fn keep_contexts(&self) {
        let complete = self.running.iter().filter(|sequence| sequence.now > 0 && sequence.tokens.len() == 1);
        let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        for sequence in complete {
            prefixes.keep(&self.requests[sequence.request].context, &sequence.pages);
        }
    }

    /// Frees the slots and pages of sequences that are finished.
    fn release_finished(&mut self) {
        let (ended, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.running).into_iter().partition(|sequence| sequence.finish.is_some());
        self.running = going;
        for mut sequence in ended {
            let request = &self.requests[sequence.request];
            if self.ends.may_go_on(&sequence.tokens, &request.sampling.stop) {
                let tokens = [&request.context[..], &sequence.tokens].concat();
                let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
                prefixes.keep(&tokens[..sequence.cached], &sequence.pages);
            }
            self.free.extend(std::mem::take(&mut sequence.pages).into_iter().filter_map(|mut page| {
                let unused = Arc::get_mut(&mut page).is_some();
                unused.then_some(page)
            }));
            self.reserved -= sequence.reserved;
            self.finished += 1;
            let number = sequence.request;
            self.done[number] = Some(sequence.complete(request));
        }
    }
}

/// Cuts the sequences into runs of about `rows` rows.
fn parts(sequences: &mut [Sequence], rows: usize) -> Vec<&mut [Sequence]> {
    let (mut cut, mut rest) = (Vec::new(), sequences);
    while !rest.is_empty() {
        let mut reached = 0;
        let before = rest.iter().take_while(|sequence| {
            let short = reached < rows;
            reached += sequence.now;
            short
        });
        let at = before.count();
        let (part, after) = rest.split_at_mut(at);
        cut.push(part);
        rest = after;
    }
    cut
}

/// Some sequences of a step: what one thread computes by itself, or all together.
struct Shard<'a> {
    body: &'a Body,
    requests: &'a [Request],
    shape: &'a PageShape,
    until: Until<'a>,
    sharing: Sharing,
}

impl Shard<'_> {
    /// Computes the sequences' rows and draws. Returns the sequences that began after a context
    /// which is complete now.
    fn step(&self, sequences: &mut [Sequence]) -> Result<Vec<Sequence>, PolicyFault> {
        let (mut rows, mut ids, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (number, sequence) in sequences.iter().enumerate() {
            let request = &self.requests[sequence.request];
            for position in sequence.cached..sequence.cached + sequence.now {
                rows.push(Row { sequence: number, position });
                ids.push(sequence.token(request, position));
            }
            if sequence.now > 0 && sequence.now == sequence.missing(request) {
                wanted.push((number, rows.len() - 1));
            }
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let hidden = self.body.hidden(self.shape, sequences, &rows, &ids, self.sharing);
        sequences.iter_mut().for_each(|sequence| sequence.cached += sequence.now);
        let width = hidden.len() / rows.len();
        let mut last = Vec::with_capacity(wanted.len() * width);
        wanted.iter().for_each(|&(_, row)| last.extend_from_slice(&hidden[row * width..][..width]));
        let logits = self.body.head().logits(&last, self.sharing);
        let vocabulary = self.body.config().vocab_size;
        let (mut born, mut scratch) = (Vec::new(), Scratch::default());
        for (&(number, row), logits) in wanted.iter().zip(logits.chunks_exact(vocabulary.max(1))) {
            let logits = Logits::of(logits, row)?;
            let leader = &mut sequences[number];
            for follower in std::mem::take(&mut leader.followers) {
                let mut sequence = Sequence::new(follower, &self.requests[follower], leader.pages.clone(), 0);
                (sequence.cached, sequence.now) = (leader.cached, leader.now);
                sequence.draw(&self.requests[follower], &logits, &self.until, &mut scratch);
                born.push(sequence);
            }
            leader.draw(&self.requests[leader.request], &logits, &self.until, &mut scratch);
        }
        Ok(born)
    }
}
