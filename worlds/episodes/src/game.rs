//! One episode while it is played.

use faults::Outcome;
use nouns::{
    Completion, Content, Cost, Environment, Episode, EpisodeTurn, Finish, Part, Policy, Role, Tool, Turn, Unsettled,
};

use crate::act::act;
use crate::limits::{Limits, Spent};

/// An episode so far.
pub(crate) struct Play {
    /// What the model was shown first.
    pub(crate) opening: Vec<Turn>,
    /// The conversation so far, answers as they were drawn.
    said: Vec<Turn>,
    /// The same as tokens: what the next turn is drawn after.
    pub(crate) context: Vec<u32>,
    /// Tokens of the opening.
    pub(crate) before: usize,
    /// Log-probabilities of all tokens after the opening, 0 for those that were observed.
    pub(crate) log_probs: Vec<f32>,
    pub(crate) episode: Episode,
    pub(crate) cost: Cost,
    /// How it ended; none while it goes on.
    pub(crate) finish: Option<Finish>,
}

impl Play {
    /// Begins with the tokens of an opening.
    pub(crate) fn new(policy: &dyn Policy, opening: Vec<Turn>) -> Outcome<Play> {
        let context = policy.encode(&opening)?;
        Ok(Play {
            said: opening.clone(),
            opening,
            before: context.len(),
            context,
            log_probs: Vec::new(),
            episode: Episode::default(),
            cost: Cost::default(),
            finish: None,
        })
    }

    /// An episode that could not begin.
    pub(crate) fn unbegun(why: Unsettled, task: Vec<Turn>) -> Play {
        Play {
            opening: task,
            said: Vec::new(),
            context: Vec::new(),
            before: 0,
            log_probs: Vec::new(),
            episode: Episode { unsettled: Some(why), ..Episode::default() },
            cost: Cost::default(),
            finish: Some(Finish::Stop),
        }
    }

    /// Tokens that may still be drawn in the next turn.
    pub(crate) fn room(&self, limits: Limits, context_length: usize) -> u32 {
        let used = self.context.len() - self.before;
        let left = (limits.tokens as usize).saturating_sub(used).min(context_length.saturating_sub(self.context.len()));
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        if limits.turn_tokens > 0 { left.min(limits.turn_tokens) } else { left }
    }

    /// Hears the next turn, carries out what it says, and goes on or ends.
    pub(crate) fn take_turn(
        &mut self,
        policy: &dyn Policy,
        environment: &mut dyn Environment,
        tools: &[Tool],
        limits: Limits,
        drawn: Completion,
    ) -> Outcome<()> {
        let action = policy.decode(&drawn.tokens);
        let turn = EpisodeTurn {
            drawn: drawn.tokens.len() as u32,
            observed: 0,
            action,
            observation: Vec::new(),
            reward: None,
        };
        self.context.extend(&drawn.tokens);
        self.log_probs.extend(&drawn.log_probs);
        self.cost += drawn.cost;
        self.episode.turns.push(turn);
        if drawn.finish == Finish::Length {
            self.stop("tokens", limits);
            return Ok(());
        }
        match act(environment, tools, &self.last().action) {
            Err(why) => {
                self.episode.unsettled = Some(why);
                self.finish = Some(Finish::Stop);
            }
            Ok(acted) => {
                self.cost.environment_steps += acted.steps;
                let last = self.last();
                (last.observation, last.reward) = (acted.observation, acted.reward);
                if acted.done {
                    self.finish = Some(Finish::Stop);
                } else if self.episode.turns.len() >= limits.turns as usize {
                    self.stop("turns", limits);
                } else {
                    self.see(policy, drawn.tokens, limits)?;
                }
            }
        }
        Ok(())
    }

    /// Puts what was observed after what was drawn.
    fn see(&mut self, policy: &dyn Policy, answer: Vec<u32>, limits: Limits) -> Outcome<()> {
        let observation = self.last().observation.clone();
        let between = policy.encode_between(&self.said, &answer, &observation)?;
        // What leaves no room for another turn is not shown: nobody would answer it.
        if self.room(Limits { turn_tokens: 0, ..limits }, policy.context_length()) as usize <= between.len() {
            self.stop("tokens", limits);
            return Ok(());
        }
        self.said.push(Turn { role: Role::Assistant, content: Content(vec![Part::Tokens(answer)]) });
        self.said.extend(observation);
        self.last().observed = between.len() as u32;
        self.log_probs.resize(self.log_probs.len() + between.len(), 0.0);
        self.context.extend(between);
        Ok(())
    }

    /// The budget is spent.
    fn stop(&mut self, of: &str, limits: Limits) {
        self.finish = Some(Finish::Length);
        if limits.spent == Spent::Unsettled {
            let Limits { turns, tokens, .. } = limits;
            let budget = format!("the episode's budget of {of} is spent ({turns} turns, {tokens} tokens)");
            self.episode.unsettled = Some(Unsettled::OutOfBounds(budget));
        }
    }

    fn last(&mut self) -> &mut EpisodeTurn {
        self.episode.turns.last_mut().expect("a turn was heard before anything is done to it")
    }
}
