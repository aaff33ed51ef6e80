//! Many episodes together.

use faults::Outcome;
use nouns::{
    Completion, Environment, Key, Oracle, Policy, Progress, Request, Sampling, Stage, Task, Tool, Trace, World,
};
use rayon::prelude::*;

use crate::act::guarded;
use crate::game::Play;
use crate::limits::{Limits, Spent};

/// An episode to be played.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The task.
    pub task: &'a Task,
    /// Which of the task's episodes it is.
    pub sample: u32,
    /// Names its trace.
    pub id: String,
    /// The key of the task: all its episodes begin alike, and each draws with its own.
    pub key: Key,
}

/// Who plays, where, and how long.
#[derive(Clone, Copy)]
pub struct Rolling<'a> {
    /// The model.
    pub policy: &'a dyn Policy,
    /// The world whose environment it plays in.
    pub world: &'a dyn World,
    /// Right answers, if the environment's rewards may depend on them.
    pub oracle: Option<&'a dyn Oracle>,
    /// How turns are drawn.
    pub sampling: &'a Sampling,
    /// How long episodes may last.
    pub limits: Limits,
    /// The round that the traces are made in.
    pub round: u32,
    /// Told how far the drawing is.
    pub progress: &'a dyn Progress,
}

/// Plays each episode by itself within the world's own bounds, which are a part of the task here:
/// what spends them is judged as it stands. None where the world has no environment.
pub fn play(stage: &Stage, policy: &dyn Policy, by: By, starts: Vec<Start>) -> Outcome<Option<Vec<Trace>>> {
    let By { world, oracle, sampling } = by;
    let Some(environment) = world.environment(None) else { return Ok(None) };
    let limits = Limits::of(world, environment.as_ref(), Spent::Judged);
    let (round, progress) = (stage.round, stage.progress);
    let chains: Vec<Vec<Start>> = starts.into_iter().map(|start| vec![start]).collect();
    Rolling { policy, world, oracle, sampling, limits, round, progress }.roll(&chains)
}

/// Where [`play`] plays and how.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// The world whose environment it is.
    pub world: &'a dyn World,
    /// Right answers, if the environment's rewards may depend on them.
    pub oracle: Option<&'a dyn Oracle>,
    /// How turns are drawn.
    pub sampling: &'a Sampling,
}

/// A chain that is running: the episodes of its tasks, one after the other in one environment.
struct Running<'a> {
    chain: &'a [Start<'a>],
    environment: Box<dyn Environment + 'a>,
    tools: Vec<Tool>,
    play: Option<Play>,
    traces: Vec<Trace>,
}

impl Rolling<'_> {
    /// Plays chains of episodes, each in one environment, which lives as long as the chain; an
    /// episode by itself is a chain of one. Gives one trace an episode, chain by chain. In a chain
    /// an episode is the turn after the one before, which is its parent; a chain ends with an
    /// aborted episode. None where the world has no environment.
    pub fn roll(&self, chains: &[Vec<Start>]) -> Outcome<Option<Vec<Trace>>> {
        let running = |chain| {
            let environment = self.world.environment(self.oracle)?;
            Some(Running { chain, tools: environment.tools(), environment, play: None, traces: Vec::new() })
        };
        let Some(mut all_running) = chains.iter().map(|chain| running(chain)).collect::<Option<Vec<Running>>>() else {
            return Ok(None);
        };
        loop {
            all_running.par_iter_mut().try_for_each(|running| self.begin(running))?;
            let (mut asked, requests): (Vec<&mut Running>, Vec<Request>) = all_running
                .iter_mut()
                .filter_map(|running| {
                    let request = self.request(running)?;
                    Some((running, request))
                })
                .unzip();
            if requests.is_empty() {
                return Ok(Some(all_running.into_iter().flat_map(|running| running.traces).collect()));
            }
            let drawn = self.policy.sample(&requests, self.progress)?;
            asked.par_iter_mut().zip(drawn).try_for_each(|(running, drawn)| self.take_turn(running, drawn))?;
        }
    }

    /// Begins the next episode of a chain whose last one is over.
    fn begin(&self, running: &mut Running) -> Outcome<()> {
        while running.play.is_none() {
            let broken = running.traces.last().is_some_and(broke_off);
            let Some(start) = running.chain.get(running.traces.len()).filter(|_| !broken) else { return Ok(()) };
            let key = start.key.of("environment");
            match guarded(|| running.environment.reset(&key, start.task)) {
                Ok(opening) => running.play = Some(Play::new(self.policy, opening)?),
                Err(why) => {
                    let trace = self.trace(running, Play::unbegun(why, start.task.prompt.clone()));
                    running.traces.push(trace);
                }
            }
        }
        Ok(())
    }

    fn request(&self, running: &Running) -> Option<Request> {
        let play = running.play.as_ref()?;
        let start = &running.chain[running.traces.len()];
        let turn = play.episode.turns.len() as u64;
        // An opening that leaves no room is the policy's to refuse.
        let max_tokens = play.room(self.limits, self.policy.context_length()).max(1);
        Some(Request {
            context: play.context.clone(),
            sampling: Sampling { max_tokens, ..self.sampling.clone() },
            key: start.key.at(u64::from(start.sample)).of("turn").at(turn),
        })
    }

    fn take_turn(&self, running: &mut Running, drawn: Completion) -> Outcome<()> {
        let Some(play) = &mut running.play else { return Ok(()) };
        play.take_turn(self.policy, running.environment.as_mut(), &running.tools, self.limits, drawn)?;
        if play.finish.is_some()
            && let Some(play) = running.play.take()
        {
            let trace = self.trace(running, play);
            running.traces.push(trace);
        }
        Ok(())
    }

    fn trace(&self, running: &Running, play: Play) -> Trace {
        let turn = running.traces.len();
        let start = &running.chain[turn];
        Trace {
            id: start.id.clone(),
            task: start.task.id.clone(),
            round: self.round,
            sample: start.sample,
            model_name: "policy".into(),
            turn: turn as u32,
            parent: running.traces.last().map(|before| before.id.clone()),
            trained_under: play.opening.clone(),
            generated_under: play.opening,
            answer: play.episode.turns.last().map(|last| last.action.clone()).unwrap_or_default(),
            tokens: play.context[play.before..].to_vec(),
            log_probs: play.log_probs,
            sampling: Sampling { max_tokens: self.limits.tokens, ..self.sampling.clone() },
            model: self.policy.digest(),
            finish: play.finish.unwrap_or(nouns::Finish::Stop),
            cost: play.cost,
            episode: Some(play.episode),
        }
    }
}

fn broke_off(trace: &Trace) -> bool {
    trace.episode.as_ref().is_some_and(|episode| episode.unsettled.is_some())
}
