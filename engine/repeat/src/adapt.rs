//! What a recipe says of adapting to one input at a time.

use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::LearnPart;

recipe::part! {
    /// Adapts a copy of the model to one task before it answers, and throws the copy away. It says
    /// which attempts are made, what they are worth, which of them teach, and what changes the
    /// weights. There are no right answers where this is used (at test time), so no part here may
    /// ask for them. What it brings is measured on reported tasks after the last round, beside what
    /// the model answers as it is.
    pub struct Adapt = "adapt", version 1 {
        /// At most this many of the reported tasks, the first ones; 0 takes all.
        pub tasks: usize = 0, "ours: all";
        /// Which attempts are made.
        pub attempt: Vec<AttemptPart> = vec![AttemptPart::Sample(attempt::Sample::default())], "ours";
        /// How attempts are judged.
        pub check: Vec<CheckPart> = vec![CheckPart::Majority(check::Majority::default())], "Zuo et al. 2025, arXiv 2504.16084";
        /// Which attempts teach; where none does, the model answers as it is.
        pub choose: Vec<ChoosePart> = vec![ChoosePart::KeepRight(choose::KeepRight {}), ChoosePart::Dedupe(choose::Dedupe::default())], "ours";
        /// What changes the copy's weights.
        pub learn: LearnPart = LearnPart::Imitate(learn::Imitate { lora: learn::LoraSettings { rank: 8, ..learn::LoraSettings::default() }, ..learn::Imitate::default() }), "ours: an adapter, as Akyürek et al. 2024, arXiv 2411.07279";
    }
}
