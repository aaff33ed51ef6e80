//! A sequence that is being generated, and attention of the rows of a step to the pages of their
//! sequences.

use std::sync::Arc;

use kernels::slices::{PAGE, Page, PageShape, attend, log_sum_exp};
use networks::{AttendRows, Config, Sharing};
use nouns::{Completion, Cost, Finish, Random, Request};
use rayon::prelude::*;

use crate::choices::Choices;
use crate::draw::{Scratch, draw};
use crate::ends::Ends;
use crate::fault::PolicyFault;

/// Multiply-adds of attention that are worth a second thread.
const WORTH_A_THREAD: usize = 1 << 17;

/// One sequence that is being generated, in a slot of the continuous batch.
pub(crate) struct Sequence {
    pub(crate) request: usize,
    /// Keys and values, from the context's first token on.
    pub(crate) pages: Vec<Arc<Page>>,
    /// Positions whose keys and values are in the pages.
    pub(crate) cached: usize,
    /// Positions that this step computes.
    pub(crate) now: usize,
    pub(crate) tokens: Vec<u32>,
    pub(crate) log_probs: Vec<f32>,
    pub(crate) random: Random,
    /// Requests of the same context, which wait for it to be computed.
    pub(crate) followers: Vec<usize>,
    /// Pages that it may need beside those that it shares.
    pub(crate) reserved: u64,
    pub(crate) finish: Option<Finish>,
    /// What the answer must be one of.
    choices: Option<Choices>,
}

impl Sequence {
    pub(crate) fn new(request: usize, asked: &Request, pages: Vec<Arc<Page>>, reserved: u64) -> Sequence {
        Sequence {
            request,
            cached: pages.len() * PAGE,
            pages,
            now: 0,
            tokens: Vec::new(),
            log_probs: Vec::new(),
            random: asked.key.random(),
            followers: Vec::new(),
            reserved,
            finish: None,
            choices: None,
        }
    }

    /// Its token at a position.
    pub(crate) fn token(&self, asked: &Request, position: usize) -> u32 {
        match position.checked_sub(asked.context.len()) {
            None => asked.context[position],
            Some(drawn) => self.tokens[drawn],
        }
    }

    /// Positions that are not computed yet.
    pub(crate) fn missing(&self, asked: &Request) -> usize {
        asked.context.len() + self.tokens.len() - self.cached
    }

    /// Draws its next token from `logits [vocabulary]`, and sees whether it ends the answer.
    pub(crate) fn draw(&mut self, asked: &Request, logits: &Logits, until: &Until, scratch: &mut Scratch) {
        if self.tokens.is_empty() && !asked.sampling.among.is_empty() {
            self.choices = Some(until.ends.choices(&asked.sampling.among));
        }
        let early = self.tokens.len() < asked.sampling.min_tokens as usize;
        let token = match &self.choices {
            None if early => scratch.without(logits.row, until.ends.end_ids(), |row, scratch| {
                draw(row, &asked.sampling, &mut self.random, scratch)
            }),
            None => draw(logits.row, &asked.sampling, &mut self.random, scratch),
            Some(choices) => {
                let allowed = choices.after(&self.tokens);
                let row: Vec<f32> = allowed.iter().map(|&token| logits.row[token as usize]).collect();
                allowed[draw(&row, &asked.sampling, &mut self.random, scratch) as usize]
            }
        };
        self.tokens.push(token);
        self.log_probs.push(logits.row[token as usize] - logits.sum);
        let full = self.tokens.len() >= asked.sampling.max_tokens as usize
            || asked.context.len() + self.tokens.len() >= until.context_length;
        let chosen = self.choices.as_ref().is_some_and(|choices| choices.end_with(&self.tokens));
        let short = self.tokens.len() < asked.sampling.min_tokens as usize;
        self.finish = match chosen || !short && until.ends.ends(&asked.context, &self.tokens, &asked.sampling.stop) {
            true => Some(Finish::Stop),
            false => full.then_some(Finish::Length),
        };
    }

    /// What it came to.
    pub(crate) fn complete(self, asked: &Request) -> Completion {
        let cost = Cost {
            generated_tokens: self.tokens.len() as u64,
            context_tokens: asked.context.len() as u64,
            ..Cost::default()
        };
        let finish = self.finish.unwrap_or(Finish::Length);
        Completion { tokens: self.tokens, log_probs: self.log_probs, finish, cost }
    }
}

/// What ends an answer.
#[derive(Clone, Copy)]
pub(crate) struct Until<'a> {
    pub(crate) ends: &'a dyn Ends,
    /// Most tokens of one sequence.
    pub(crate) context_length: usize,
}

/// A row of logits that are finite, and the logarithm of what their softmax divides by.
pub(crate) struct Logits<'a> {
    row: &'a [f32],
    sum: f32,
}

impl<'a> Logits<'a> {
    /// Refuses numbers that are broken; `number` is the row's.
    pub(crate) fn of(row: &'a [f32], number: usize) -> Result<Logits<'a>, PolicyFault> {
        // folded, not searched: this is read for every token, and a search is not vectorised
        if row.iter().fold(true, |sound, logit| sound & logit.is_finite()) {
            return Ok(Logits { row, sum: log_sum_exp(row) });
        }
        let value = row.iter().copied().find(|logit| !logit.is_finite()).unwrap_or(f32::NAN);
        Err(PolicyFault::NotFinite { row: number, value })
    }
}

/// A row of a step: a position of one of its sequences.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) sequence: usize,
    pub(crate) position: usize,
}

/// Stores the rows' keys and values in their sequences' pages, and lets each row attend to what it
/// sees there.
pub(crate) struct Paged<'a> {
    pub(crate) shape: &'a PageShape,
    pub(crate) config: &'a Config,
    pub(crate) sequences: &'a mut [Sequence],
    pub(crate) rows: &'a [Row],
    pub(crate) sharing: Sharing,
}

impl AttendRows for Paged<'_> {
    fn attend(&mut self, layer: usize, query: &[f32], key: &[f32], value: &[f32], out: &mut [f32]) {
        let (shape, heads) = (self.shape, self.shape.heads);
        let each = key.chunks_exact(heads.kv_width()).zip(value.chunks_exact(heads.kv_width()));
        for (row, (key, value)) in self.rows.iter().zip(each) {
            // a page that others share is copied before it is written to
            let page = Arc::make_mut(&mut self.sequences[row.sequence].pages[row.position / PAGE]);
            page.store(shape, layer, row.position, key, value);
        }
        let (scores, sequences) = (self.config.scores(layer), &*self.sequences);
        let one = |((row, query), out): ((&Row, &[f32]), &mut [f32])| {
            attend(shape, scores, layer, &sequences[row.sequence].pages, row.position, query, out);
        };
        let work: usize = self.rows.iter().map(|row| (row.position + 1) * heads.width()).sum();
        if self.sharing == Sharing::Together && work > WORTH_A_THREAD {
            let rows = self.rows.par_iter().zip(query.par_chunks_exact(heads.width()));
            rows.zip(out.par_chunks_exact_mut(heads.width())).for_each(one);
        } else {
            let rows = self.rows.iter().zip(query.chunks_exact(heads.width()));
            rows.zip(out.chunks_exact_mut(heads.width())).for_each(one);
        }
    }
}
