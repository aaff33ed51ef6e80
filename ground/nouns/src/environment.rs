//! Environments: worlds that respond to actions.

use crate::{Call, Content, Key, Role, Task, Tool, Turn, Unsettled};

/// An environment: a task begins in it ([`Environment::reset`]), and every action of the model
/// ([`Environment::step`]) is answered with an observation, until the episode is over.
///
/// One environment lives for one episode, or for a chain of tasks: what it keeps between two resets
/// is what a chain shares. Everything random in it comes from the key it was reset with. It ends
/// its own steps: what takes too long, or breaks, is an `Err`, and the episode is then *unsettled*:
/// it is worth nothing known, and never 0. A panic ends an episode in the same way.
pub trait Environment: Send {
    /// The tools that it carries out.
    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    /// Begins the episode of a task: what the model is shown first. The same task with the same key
    /// begins alike, so that episodes of one group begin alike.
    fn reset(&mut self, key: &Key, task: &Task) -> Result<Vec<Turn>, Unsettled>;

    /// The result of an action: [`Observed`].
    fn step(&mut self, action: &Action) -> Result<Observed, Unsettled>;

    /// The observation of a call that cannot be carried out, in the world's words. `why` is in
    /// English.
    fn refusal(&self, why: &str) -> Content {
        Content::text(format!("error: {why}"))
    }

    /// Turns of the longest episode: the default of its budget.
    fn longest(&self) -> u32 {
        8
    }
}

/// What a model does in a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It calls a tool. The call fits the tool's schema; one that does not is refused without
    /// calling the environment.
    Call(Call),
    /// It says something and calls nothing.
    Say(Content),
}

/// What comes of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// What the model sees next. Empty content adds nothing to the context.
    pub content: Content,
    /// Who says it: a tool, or the user that environments often play.
    pub role: Role,
    /// What the environment gives for the action; none where it gives nothing for it by itself.
    pub reward: Option<f64>,
    /// Whether the episode is over.
    pub done: bool,
}

impl Observed {
    /// The result of a tool, after which the episode goes on.
    pub fn result(content: Content) -> Observed {
        Observed { content, role: Role::Tool, reward: None, done: false }
    }

    /// The end of an episode, with nothing more to see.
    pub fn end(reward: Option<f64>) -> Observed {
        Observed { content: Content::default(), role: Role::User, reward, done: true }
    }
}
