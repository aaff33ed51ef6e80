//! Continuous batching: sequences leave and enter between steps, and every step is one batch of rows through the decoder.
//!
//! A row's bits do not depend on the rows beside it (see `kernels`), so neither do the sequences.

use std::sync::{Arc, Mutex, PoisonError};

use faults::Outcome;
use kernels::slices::{PAGE, Page, PageShape, inside};
use models::Sharing;
use nouns::{Completion, Load, Progress, Request, Tick};
use rayon::prelude::*;

use crate::body::Body;
use crate::draw::Scratch;
use crate::ends::Ends;
use crate::fault::PolicyFault;
use crate::flight::{Flight, Logits, Row, Until};
use crate::prefixes::Prefixes;

/// Rows of contexts that one step computes, at most: long prompts are taken in pieces, beside what is being drawn.
pub(crate) const CONTEXT_ROWS: usize = 2048;

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

/// What a page of this model holds.
pub(crate) fn page_shape(config: &models::Config) -> PageShape {
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
        for flight in engine.flights.iter().filter(|flight| flight.now > 0) {
            if let Some(&token) = flight.tokens.last() {
                listener.hear(flight.request, token);
            }
        }
        let load = engine.load();
        engine.retire();
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
    /// Pages that flights may need in all, and do at most need.
    allowed: u64,
    reserved: u64,
    /// Pages that nobody uses.
    free: Vec<Arc<Page>>,
    next: usize,
    flights: Vec<Flight>,
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
            flights: Vec::new(),
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

    /// What the latest step had in flight: pages of one sequence alone, and those that are kept for all.
    fn load(&self) -> Load {
        let own = self.flights.iter().flat_map(|flight| &flight.pages).filter(|page| Arc::strong_count(page) == 1);
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

    /// The same without those that its context fills: one that follows another of the same context shares these.
    fn pages_behind_context(&self, request: &Request) -> u64 {
        self.pages(request) - (request.context.len() / PAGE) as u64
    }

    /// Lets waiting requests in while there is room; false when nothing is left to do.
    fn admit(&mut self) -> bool {
        let begun = self.flights.len();
        let mut aboard = begun + self.flights.iter().map(|flight| flight.followers.len()).sum::<usize>();
        while self.next < self.requests.len() && aboard < self.limits.slots.max(1) {
            let (number, request) = (self.next, &self.requests[self.next]);
            let leader = self.flights[begun..].last().map(|leader| &self.requests[leader.request].context);
            let same = leader == Some(&request.context);
            let needed = if same { self.pages_behind_context(request) } else { self.pages(request) };
            if self.reserved + needed > self.allowed {
                break;
            }
            self.reserved += needed;
            match self.flights.last_mut() {
                Some(leader) if same => leader.followers.push(number),
                _ => {
                    // the last token's row is computed in any case: it is what is drawn from
                    let known = &request.context[..request.context.len() - 1];
                    let pages = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner).find(known);
                    self.flights.push(Flight::new(number, request, pages, needed));
                }
            }
            (self.next, aboard) = (self.next + 1, aboard + 1);
        }
        !self.flights.is_empty()
    }

    /// One step of the decoder, and a token for every sequence whose context is complete.
    fn step(&mut self) -> Outcome<()> {
        let rows = self.plan();
        self.tokens += rows as u64;
        self.stepped = self.flights.len() as u32;
        let (count, sharing) = self.body.parts(rows, self.flights.len());
        let (body, requests, shape) = (self.body, self.requests, &self.shape);
        let until = Until { ends: self.ends, context_length: self.limits.context_length };
        let part = Part { body, requests, shape, until, sharing };
        let mut born = match count {
            1 => part.step(&mut self.flights)?,
            _ => {
                let cut = parts(&mut self.flights, rows.div_ceil(count));
                let born: Result<Vec<_>, PolicyFault> = cut.into_par_iter().map(|flights| part.step(flights)).collect();
                born?.into_iter().flatten().collect()
            }
        };
        self.keep_contexts();
        born.iter_mut().for_each(|flight| flight.reserved = self.pages_behind_context(&requests[flight.request]));
        self.flights.extend(born);
        Ok(())
    }

    /// Says what every flight computes in this step, and gives it the pages for it. Returns the rows of the step.
    fn plan(&mut self) -> usize {
        let (mut left, mut rows) = (CONTEXT_ROWS, 0);
        for flight in &mut self.flights {
            let missing = flight.missing(&self.requests[flight.request]);
            flight.now = if flight.tokens.is_empty() { missing.min(left) } else { missing };
            left -= if flight.tokens.is_empty() { flight.now } else { 0 };
            rows += flight.now;
            while flight.pages.len() * PAGE < flight.cached + flight.now {
                let page = self.free.pop().unwrap_or_else(|| Arc::new(self.shape.page()));
                flight.pages.push(page);
            }
        }
        rows
    }

    /// Keeps the pages of contexts that this step completed.
    fn keep_contexts(&self) {
        let complete = self.flights.iter().filter(|flight| flight.now > 0 && flight.tokens.len() == 1);
        let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        for flight in complete {
            prefixes.keep(&self.requests[flight.request].context, &flight.pages);
        }
    }

    /// Takes finished sequences out of flight.
    fn retire(&mut self) {
        let (ended, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.flights).into_iter().partition(|flight| flight.finish.is_some());
        self.flights = going;
        for mut flight in ended {
            let request = &self.requests[flight.request];
            if self.ends.may_go_on(&flight.tokens, &request.sampling.stop) {
                let tokens = [&request.context[..], &flight.tokens].concat();
                let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
                prefixes.keep(&tokens[..flight.cached], &flight.pages);
            }
            self.free.extend(std::mem::take(&mut flight.pages).into_iter().filter_map(|mut page| {
                let unused = Arc::get_mut(&mut page).is_some();
                unused.then_some(page)
            }));
            self.reserved -= flight.reserved;
            self.finished += 1;
            let number = flight.request;
            self.done[number] = Some(flight.complete(request));
        }
    }
}

/// Cuts the flights into runs of about so many rows.
fn parts(flights: &mut [Flight], rows: usize) -> Vec<&mut [Flight]> {
    let (mut cut, mut rest) = (Vec::new(), flights);
    while !rest.is_empty() {
        let mut reached = 0;
        let before = rest.iter().take_while(|flight| {
            let short = reached < rows;
            reached += flight.now;
            short
        });
        let at = before.count();
        let (part, after) = rest.split_at_mut(at);
        cut.push(part);
        rest = after;
    }
    cut
}

/// Some flights of a step: what one thread computes by itself, or all together.
struct Part<'a> {
    body: &'a Body,
    requests: &'a [Request],
    shape: &'a PageShape,
    until: Until<'a>,
    sharing: Sharing,
}

impl Part<'_> {
    /// Computes the flights' rows and draws. Returns the flights that began behind a context which is complete now.
    fn step(&self, flights: &mut [Flight]) -> Result<Vec<Flight>, PolicyFault> {
        let (mut rows, mut ids, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (number, flight) in flights.iter().enumerate() {
            let request = &self.requests[flight.request];
            for position in flight.cached..flight.cached + flight.now {
                rows.push(Row { flight: number, position });
                ids.push(flight.token(request, position));
            }
            if flight.now > 0 && flight.now == flight.missing(request) {
                wanted.push((number, rows.len() - 1));
            }
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let hidden = self.body.hidden(self.shape, flights, &rows, &ids, self.sharing);
        flights.iter_mut().for_each(|flight| flight.cached += flight.now);
        let width = hidden.len() / rows.len();
        let mut last = Vec::with_capacity(wanted.len() * width);
        wanted.iter().for_each(|&(_, row)| last.extend_from_slice(&hidden[row * width..][..width]));
        let logits = self.body.head().logits(&last, self.sharing);
        let vocabulary = self.body.config().vocab_size;
        let (mut born, mut scratch) = (Vec::new(), Scratch::default());
        for (&(number, row), logits) in wanted.iter().zip(logits.chunks_exact(vocabulary.max(1))) {
            let logits = Logits::of(logits, row)?;
            let leader = &mut flights[number];
            for follower in std::mem::take(&mut leader.followers) {
                let mut flight = Flight::new(follower, &self.requests[follower], leader.pages.clone(), 0);
                (flight.cached, flight.now) = (leader.cached, leader.now);
                flight.draw(&self.requests[follower], &logits, &self.until, &mut scratch);
                born.push(flight);
            }
            leader.draw(&self.requests[leader.request], &logits, &self.until, &mut scratch);
        }
        Ok(born)
    }
}
