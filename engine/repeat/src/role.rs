//! A model beside the policy, as a recipe declares it: `[roles.NAME]`.

use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::LearnPart;
use serde::{Deserialize, Serialize};

use crate::labelled::Labelled;

recipe::part! {
    /// A model beside the policy, which scores answers: a verifier, a reward model, a value model. Every round it learns from the
    /// policy's attempts by its own `choose` and `learn`; checkers, measures and searches ask it by the name of its role
    /// (searches the one that is called `value`). What it says is its head's score, or, if it learns no head, how likely it
    /// finds the answer.
    pub struct Role = "role", version 1 {
        /// What each round's training begins with.
        pub start_from: Start = Start::Previous, "ours: what it has learned so far";
        /// Answers with labelled steps that it learns from before all else, one set after the other.
        pub labelled: Vec<Labelled> = Vec::new(), "ours: none";
        /// How the base model attempts a round's tasks before the first round, so that this model knows something when it is first asked;
        /// it learns from these attempts as from any round's. One that had labelled answers needs none and makes none. Empty: it knows
        /// nothing then.
        pub begin: Vec<AttemptPart> = Vec::new(), "ours: nothing";
        /// How the attempts are judged from which it learns; empty takes the recipe's `check`. One that is judged in its own
        /// way learns before the recipe's checkers are asked, so that they may ask it.
        pub check: Vec<CheckPart> = Vec::new(), "ours: the recipe's";
        /// Which attempts teach it, and what.
        pub choose: Vec<ChoosePart> = Vec::new(), "ours: everything, as it is";
        /// What changes its weights; without it, it stays what it is in the beginning: the base model.
        pub learn: Option<LearnPart> = None, "ours: nothing";
        /// It learns in the first so many rounds and stays what it is then; 0: in none, only before them.
        pub rounds: Option<u32> = None, "ours: in all";
        /// Whether one that learns no head says the mean log-likelihood of a token instead of the whole answer's: that does not
        /// prefer what is short.
        pub per_token: bool = false, "ours: the whole";
        /// Rounds whose chosen attempts teach it again beside the new ones.
        pub memory: u32 = 0, "ours";
    }
}

/// What a round's training of a model beside the policy begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Itself, as the round before left it.
    Previous,
    /// The run's base model.
    Base,
    /// The policy in force.
    Policy,
}
