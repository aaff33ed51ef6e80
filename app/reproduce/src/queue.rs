//! The work queue of the arms.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use faults::Outcome;

use crate::ran::Ran;

/// One arm with one seed.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) seed: u64,
    pub(super) arm: &'a str,
}

/// Every arm with every seed. A seed's first arm is run before its others, which may take its base
/// model over; a free worker takes the next.
pub(super) struct Queue<'a> {
    seeds: &'a [u64],
    arms: &'a [&'a str],
    state: Mutex<State>,
    changed: Condvar,
}

/// A seed and an arm, by their places.
type Places = (usize, usize);

struct State {
    ready: VecDeque<Places>,
    /// How many are at work.
    busy: usize,
    failed: bool,
    done: Vec<(Places, PathBuf, Ran)>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(seeds: &'a [u64], arms: &'a [&'a str]) -> Queue<'a> {
        let firsts = (0..seeds.len()).filter(|_| !arms.is_empty()).map(|seed| (seed, 0)).collect();
        let state = State { ready: firsts, busy: 0, failed: false, done: Vec::new() };
        Queue { seeds, arms, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Runs what is next, until nothing is left. `run` is given the folders of the seed's arms so
    /// far; after a failure no other is begun.
    pub(super) fn work(&self, run: impl Fn(Turn<'a>, &[PathBuf]) -> Outcome<(PathBuf, Ran)>) -> Outcome<()> {
        while let Some(((seed, arm), made)) = self.next() {
            let _at_work = AtWork(self);
            let ran = run(Turn { seed: self.seeds[seed], arm: self.arms[arm] }, &made);
            let mut state = self.state();
            state.failed |= ran.is_err();
            let (folder, ran) = ran?;
            state.done.push(((seed, arm), folder, ran));
            if arm == 0 {
                state.ready.extend((1..self.arms.len()).map(|arm| (seed, arm)));
            }
        }
        Ok(())
    }

    /// What was run, by arm and seed.
    pub(super) fn done(self) -> impl Iterator<Item = (Turn<'a>, Ran)> {
        let Queue { seeds, arms, state, .. } = self;
        let mut done = state.into_inner().unwrap_or_else(PoisonError::into_inner).done;
        done.sort_by_key(|&(places, ..)| places);
        done.into_iter().map(|((seed, arm), _, ran)| (Turn { seed: seeds[seed], arm: arms[arm] }, ran))
    }

    /// Waits where others are at work, whose end may make more ready.
    fn next(&self) -> Option<(Places, Vec<PathBuf>)> {
        let mut state = self.state();
        while state.ready.is_empty() && state.busy > 0 && !state.failed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let next = if state.failed { None } else { state.ready.pop_front() }?;
        state.busy += 1;
        let of_seed = state.done.iter().filter(|((seed, _), ..)| *seed == next.0);
        Some((next, of_seed.map(|(_, folder, _)| folder.clone()).collect()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who is at work, until it is dropped: also by a panic, or other workers would wait for ever.
struct AtWork<'q, 'a>(&'q Queue<'a>);

impl Drop for AtWork<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        state.failed |= std::thread::panicking();
        self.0.changed.notify_all();
    }
}
