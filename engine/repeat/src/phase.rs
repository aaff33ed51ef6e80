//! A stretch of rounds in which a recipe reads otherwise: `[[phase]]`.

use ask::AskPart;
use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::LearnPart;

use crate::recipe::Recipe;

recipe::part! {
    /// Changes some keys of the recipe for a stretch of rounds. Phases come first, in their order;
    /// when they are over, the recipe's own keys hold. The base model, the measures and the gate
    /// stay the same throughout.
    pub struct Phase = "phase", version 1 {
        /// Rounds that it lasts.
        pub rounds: u32 = 1, "ours";
        /// Where tasks come from meanwhile.
        pub ask: Option<AskPart> = None, "the recipe's own";
        /// How the policy answers meanwhile.
        pub attempt: Option<Vec<AttemptPart>> = None, "the recipe's own";
        /// What an answer is worth meanwhile.
        pub check: Option<Vec<CheckPart>> = None, "the recipe's own";
        /// Which attempts teach meanwhile.
        pub choose: Option<Vec<ChoosePart>> = None, "the recipe's own";
        /// What changes the weights meanwhile.
        pub learn: Option<LearnPart> = None, "the recipe's own";
    }
}

impl Phase {
    /// The recipe as it reads in this phase.
    fn of(&self, recipe: &Recipe) -> Recipe {
        let own = recipe.clone();
        Recipe {
            ask: self.ask.clone().unwrap_or(own.ask),
            attempt: self.attempt.clone().unwrap_or(own.attempt),
            check: self.check.clone().unwrap_or(own.check),
            choose: self.choose.clone().unwrap_or(own.choose),
            learn: self.learn.clone().or(own.learn),
            phase: Vec::new(),
            ..own
        }
    }
}

impl Recipe {
    /// The recipe as it reads in a round, counted from 1.
    pub fn in_round(&self, round: u32) -> Recipe {
        let mut over = 0;
        let ends = self.phase.iter().map(|phase| {
            over += phase.rounds;
            over
        });
        let in_force = self.phase.iter().zip(ends).find(|(_, end)| round <= *end);
        in_force.map_or_else(|| Recipe { phase: Vec::new(), ..self.clone() }, |(phase, _)| phase.of(self))
    }

    /// Every way in which it reads: in each phase, and when they are over.
    pub(crate) fn readings(&self) -> Vec<Recipe> {
        let own = Recipe { phase: Vec::new(), ..self.clone() };
        self.phase.iter().map(|phase| phase.of(self)).chain([own]).collect()
    }
}
