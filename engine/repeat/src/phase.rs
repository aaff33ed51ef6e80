//! A stretch of rounds in which a recipe reads otherwise: `[[phase]]`.

use ask::AskPart;
use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::LearnPart;

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
