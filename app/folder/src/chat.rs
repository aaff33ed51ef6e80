//! A conversation with a model, turn by turn.

use std::sync::Mutex;

use faults::Outcome;
use nouns::{Content, Key, Part, Policy, Progress, Request, Role, Sampling, Turn};
use policy::Listen;

use crate::generate::Sample;
use crate::loaded::LoadedModel;

/// A conversation so far.
pub struct Chat<'a> {
    loaded: &'a LoadedModel,
    sampling: Sampling,
    key: Key,
    turns: Vec<Turn>,
}

impl<'a> Chat<'a> {
    /// A conversation that begins, with standing instructions if there are any.
    pub fn new(loaded: &'a LoadedModel, sampling: Sampling, seed: u64, system: Option<&str>) -> Chat<'a> {
        let system = system.map(|text| Turn { role: Role::System, content: Content::text(text) });
        Chat { loaded, sampling, key: Key::root(seed).of("chat"), turns: system.into_iter().collect() }
    }

    /// Adds a user's message and streams the answer. A message that could not be answered is taken
    /// back.
    pub fn say(&mut self, text: &str, hear: &(dyn Fn(&str) + Sync), progress: &dyn Progress) -> Outcome<Sample> {
        self.turns.push(Turn::user(text));
        let answered = self.answer(hear, progress);
        match &answered {
            // Tokens stay as they were drawn, but for the end, which the template writes itself.
            Ok(sample) => {
                let tokens = self.loaded.policy.tokens();
                let ended = sample.tokens.last().is_some_and(|&last| tokens.is_end(last));
                let drawn = &sample.tokens[..sample.tokens.len() - usize::from(ended)];
                let content = Content(vec![Part::Tokens(drawn.to_vec())]);
                self.turns.push(Turn { role: Role::Assistant, content });
            }
            Err(_) => drop(self.turns.pop()),
        }
        answered
    }

    fn answer(&self, hear: &(dyn Fn(&str) + Sync), progress: &dyn Progress) -> Outcome<Sample> {
        let policy = &self.loaded.policy;
        let context = policy.encode(&self.turns)?;
        let room = policy.context_length().saturating_sub(context.len()) as u32;
        let sampling = Sampling { max_tokens: self.sampling.max_tokens.min(room.max(1)), ..self.sampling.clone() };
        let request = Request { context, sampling, key: self.key.at(self.turns.len() as u64) };
        let pieces = Pieces { loaded: self.loaded, hear, drawn: Mutex::new(Drawn::default()) };
        let done = policy.sample_streaming(std::slice::from_ref(&request), &pieces, progress)?;
        let sample = done.into_iter().next().map(|done| self.loaded.spelled(done));
        let sample = sample.unwrap_or_else(|| unreachable!("one request has one completion"));
        pieces.rest(&sample.text);
        Ok(sample)
    }
}

/// Spells tokens as they come.
struct Pieces<'a> {
    loaded: &'a LoadedModel,
    hear: &'a (dyn Fn(&str) + Sync),
    drawn: Mutex<Drawn>,
}

#[derive(Default)]
struct Drawn {
    tokens: Vec<u32>,
    told: usize,
}

impl Listen for Pieces<'_> {
    fn token(&self, _: usize, token: u32) {
        let Ok(mut drawn) = self.drawn.lock() else { return };
        drawn.tokens.push(token);
        let text = self.loaded.policy.decode_text(&drawn.tokens);
        // A letter may take several tokens: until it is whole, its place is held by the sign of a broken one.
        let whole = text.trim_end_matches('\u{fffd}');
        if let Some(piece) = whole.get(drawn.told..).filter(|piece| !piece.is_empty()) {
            (self.hear)(piece);
            drawn.told = whole.len();
        }
    }
}

impl Pieces<'_> {
    /// What of the text was not told yet.
    fn rest(&self, text: &str) {
        let told = self.drawn.lock().map_or(0, |drawn| drawn.told);
        if let Some(piece) = text.get(told..).filter(|piece| !piece.is_empty()) {
            (self.hear)(piece);
        }
    }
}
