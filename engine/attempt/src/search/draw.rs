//! Draws the next steps of many trees' nodes in one batch.

use std::collections::HashSet;

use faults::Outcome;
use nouns::{Completion, Cost, Finish, Policy, Progress, Request, Sampling};

use super::tree::{Branch, Place, Tree};

/// How far a draw goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One step.
    Step,
    /// To the end of the answer.
    End,
}

/// What a search wants drawn after one of its nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    pub(crate) parent: Place,
    /// Continuations wanted.
    pub(crate) count: u32,
    pub(crate) reach: Reach,
    /// Whether they are only looked ahead to.
    pub(crate) rollout: bool,
    /// Whether empty and repeated ones are drawn again.
    pub(crate) distinct: bool,
}

/// How steps are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    /// Temperature and truncation; its `max_tokens` bounds the whole answer.
    pub(crate) sampling: Sampling,
    /// What ends a step.
    pub(crate) step_ends: Vec<String>,
    /// At most this many tokens in a step; 0 for no bound.
    pub(crate) step_tokens: u32,
    /// How often empty and repeated steps are drawn again.
    pub(crate) retries: u32,
}

/// One continuation that is still to be had: which draw it is for, and of which tree.
struct Missing {
    tree: usize,
    draw: Draw,
    count: u32,
}

impl Drawing {
    /// Draws everything that is wanted, of all trees at once, and adds it to them. Gives the nodes
    /// born, by tree. Whatever is drawn is paid for, also if it is thrown away.
    pub(crate) fn grow(
        &self,
        policy: &dyn Policy,
        trees: &mut [Tree],
        wanted: &[(usize, Draw)],
        progress: &dyn Progress,
    ) -> Outcome<Vec<(usize, Place)>> {
        let mut born = Vec::new();
        let missing = |&(tree, draw): &(usize, Draw)| Missing { tree, draw, count: draw.count };
        let mut missing: Vec<Missing> = wanted.iter().map(missing).collect();
        let again = if self.sampling.temperature > 0.0 { self.retries } else { 0 };
        for _ in 0..=again {
            let (numbers, requests) = self.ask(trees, &mut missing, policy.context_length());
            if requests.is_empty() {
                break;
            }
            let drawn = policy.sample(&requests, progress)?;
            for (number, done) in numbers.into_iter().zip(drawn) {
                let Missing { tree, draw, .. } = missing[number];
                if let Some(place) = self.add(policy, &mut trees[tree], draw, done) {
                    missing[number].count -= 1;
                    born.push((tree, place));
                }
            }
            missing.retain(|missing| missing.draw.distinct && missing.count > 0);
        }
        Ok(born)
    }

    /// The requests for what is missing, each with the place of that among `missing`. Those after
    /// one node stand together, so that the rollout engine computes their context once.
    fn ask(&self, trees: &mut [Tree], missing: &mut [Missing], longest: usize) -> (Vec<usize>, Vec<Request>) {
        let mut asked = (Vec::new(), Vec::new());
        for (number, missing) in missing.iter_mut().enumerate() {
            let tree = &mut trees[missing.tree];
            let branch = &mut tree.branches[missing.draw.parent];
            let context = [&tree.context[..], &branch.answer].concat();
            let room = (self.sampling.max_tokens as usize).saturating_sub(branch.answer.len());
            let room = room.min(longest.saturating_sub(context.len())) as u32;
            if branch.ended() || room == 0 && !branch.answer.is_empty() {
                missing.count = 0;
                continue;
            }
            // A prompt that leaves no room is the policy's to refuse.
            let sampling = self.sampling_of(missing.draw.reach, room.max(1));
            let key = tree.key.at(missing.draw.parent as u64);
            for _ in 0..missing.count {
                let (context, key) = (context.clone(), key.at(branch.drawn));
                asked.0.push(number);
                asked.1.push(Request { context, sampling: sampling.clone(), key });
                branch.drawn += 1;
            }
        }
        asked
    }

    fn sampling_of(&self, reach: Reach, room: u32) -> Sampling {
        let (most, stop) = match reach {
            Reach::Step if self.step_tokens > 0 => (room.min(self.step_tokens), &self.step_ends),
            Reach::Step => (room, &self.step_ends),
            Reach::End => (room, &self.sampling.stop),
        };
        Sampling { max_tokens: most, stop: stop.clone(), ..self.sampling.clone() }
    }

    /// Adds what was drawn to its tree, unless it is empty or there already, and pays for it either
    /// way.
    fn add(&self, policy: &dyn Policy, tree: &mut Tree, draw: Draw, done: Completion) -> Option<Place> {
        tree.cost += Cost { context_tokens: 0, ..done.cost };
        let parent = &tree.branches[draw.parent];
        let from = parent.answer.len();
        let answer = [&parent.answer[..], &done.tokens].concat();
        let finish = self.finish(policy, tree, draw, &answer, &done);
        let text = policy.decode_text(&answer);
        let siblings: HashSet<&str> =
            parent.children.iter().map(|&child| tree.branches[child].text.as_str().trim_end()).collect();
        let empty = finish.is_none() && text.trim_end() == parent.text.trim_end();
        if draw.distinct && (empty || siblings.contains(text.trim_end())) {
            return None;
        }
        let log_likelihood = parent.log_likelihood + done.log_probs.iter().map(|&p| f64::from(p)).sum::<f64>();
        Some(tree.add(Branch {
            parent: Some(draw.parent),
            children: Vec::new(),
            answer,
            from,
            log_probs: done.log_probs,
            log_likelihood,
            text,
            finish,
            value: None,
            mean: 0.0,
            visits: 0,
            rollout: draw.rollout,
            drawn: 0,
        }))
    }

    /// Whether the answer ends here: with the end token or a stop string, or because there is no
    /// room for more.
    fn finish(
        &self,
        policy: &dyn Policy,
        tree: &Tree,
        draw: Draw,
        answer: &[u32],
        done: &Completion,
    ) -> Option<Finish> {
        let full = answer.len() >= self.sampling.max_tokens as usize
            || tree.context.len() + answer.len() >= policy.context_length();
        let text = || policy.decode_text(&done.tokens);
        let at_step = draw.reach == Reach::Step
            && done.finish == Finish::Stop
            && self.step_ends.iter().any(|end| text().ends_with(end.as_str()));
        match done.finish {
            Finish::Stop if !at_step => Some(Finish::Stop),
            Finish::Length if draw.reach == Reach::End => Some(Finish::Length),
            _ => full.then_some(Finish::Length),
        }
    }
}
