//! What comes of a turn: its calls carried out one after the other, or what is said heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use nouns::{Action, Content, Environment, Observed, Role, Tool, Turn, Unsettled, calls};

/// What a turn did to the environment.
#[derive(Default)]
pub(crate) struct Acted {
    /// What is observed, in order.
    pub(crate) observation: Vec<Turn>,
    /// The sum of what was given for it, if anything was.
    pub(crate) reward: Option<f64>,
    /// Whether the episode is over.
    pub(crate) done: bool,
    /// How often the environment was stepped.
    pub(crate) steps: u64,
}

/// Carries out what a model said. A call that cannot be read, or that no tool takes, is answered by
/// what is wrong with it; the environment hears nothing of it.
pub(crate) fn act(environment: &mut dyn Environment, tools: &[Tool], said: &Content) -> Result<Acted, Unsettled> {
    let calls = if tools.is_empty() { Vec::new() } else { calls(&said.as_text()) };
    let mut acted = Acted::default();
    if calls.is_empty() {
        acted.step(environment, &Action::Say(said.clone()))?;
    }
    for call in calls {
        match call.and_then(|call| call.fits(tools).map(|()| call)) {
            Ok(call) => acted.step(environment, &Action::Call(call))?,
            Err(why) => acted.observation.push(Turn { role: Role::Tool, content: environment.refusal(&why) }),
        }
        if acted.done {
            break;
        }
    }
    Ok(acted)
}

impl Acted {
    fn step(&mut self, environment: &mut dyn Environment, action: &Action) -> Result<(), Unsettled> {
        let Observed { content, role, reward, done } = guarded(|| environment.step(action))?;
        self.steps += 1;
        if !content.0.is_empty() {
            self.observation.push(Turn { role, content });
        }
        self.reward = match (self.reward, reward) {
            (Some(before), Some(now)) => Some(before + now),
            (before, now) => before.or(now),
        };
        self.done = done;
        Ok(())
    }
}

/// An environment that panics has crashed: its episode is unsettled, and the others go on.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Unsettled>) -> Result<T, Unsettled> {
    let said = |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".into())
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Unsettled::EnvironmentFailed(said(panic))))
}
