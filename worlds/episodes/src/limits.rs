use nouns::{Environment, World};

/// How long an episode may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At most this many turns.
    pub turns: u32,
    /// At most this many tokens after the opening, those of observations included.
    pub tokens: u32,
    /// At most this many tokens that are drawn in one turn; 0 for no bound of its own.
    pub turn_tokens: u32,
    /// What becomes of an episode that reaches one of these bounds.
    pub spent: Spent,
}

/// What becomes of an episode that has spent its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// Unsettled: what would have come of it is not known, so nothing is learned from it.
    Unsettled,
    /// Judged as it stands: the budget is a part of the task.
    Judged,
}

impl Limits {
    /// The bounds that a world and its environment have themselves.
    pub fn of(world: &dyn World, environment: &dyn Environment, spent: Spent) -> Limits {
        Limits { turns: environment.longest(), tokens: world.longest_answer(), turn_tokens: 0, spent }
    }
}
