//! Which attempts teach, what, and how strongly. Pure: no IO, no model, no clock, no randomness but the key.

mod advantages;
mod balance;
mod cap;
mod chains;
mod curriculum;
mod dedupe;
mod differing;
mod effect;
mod finished;
mod groups;
mod gumbel_top_k;
mod held;
mod keep_right;
mod label;
mod learnable;
mod mixture;
mod novelty;
mod pairs;
mod percentile;
#[cfg(test)]
mod pools;
mod rank_drop;
mod second_turns;
mod similar;
mod targets;
mod threshold;
mod top;
mod tree_values;
mod views;

pub use advantages::{Advantages, Baseline, Scale};
pub use balance::Balance;
pub use cap::Cap;
pub use chains::Credit;
pub use curriculum::Curriculum;
pub use dedupe::Dedupe;
pub use differing::Differing;
pub use effect::Effect;
pub use finished::Finished;
pub use gumbel_top_k::GumbelTopK;
pub use held::Held;
pub use keep_right::KeepRight;
pub use label::Label;
pub use learnable::Learnable;
pub use mixture::Mixture;
use nouns::LessonKind;
pub use novelty::Novelty;
pub use pairs::{Of, Pairs};
pub use percentile::Percentile;
pub use rank_drop::{By, RankDrop};
pub use second_turns::{SecondTurns, Turns};
pub use similar::Similar;
pub use targets::Targets;
pub use threshold::Threshold;
pub use top::Top;
pub use tree_values::TreeValues;
pub use views::Views;

recipe::parts! {
    /// Which attempts teach, what, and how strongly.
    pub enum ChoosePart {
        KeepRight(keep_right::KeepRight),
        Threshold(threshold::Threshold),
        Top(top::Top),
        Effect(effect::Effect),
        Percentile(percentile::Percentile),
        Finished(finished::Finished),
        Dedupe(dedupe::Dedupe),
        Differing(differing::Differing),
        Similar(similar::Similar),
        Cap(cap::Cap),
        GumbelTopK(gumbel_top_k::GumbelTopK),
        RankDrop(rank_drop::RankDrop),
        Learnable(learnable::Learnable),
        Balance(balance::Balance),
        Mixture(mixture::Mixture),
        Curriculum(curriculum::Curriculum),
        Pairs(pairs::Pairs),
        Label(label::Label),
        Advantages(advantages::Advantages),
        Held(held::Held),
        Novelty(novelty::Novelty),
        SecondTurns(second_turns::SecondTurns),
        Targets(targets::Targets),
        TreeValues(tree_values::TreeValues),
        Views(views::Views),
    }
}

impl ChoosePart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Choose> {
        match self {
            ChoosePart::KeepRight(part) => Box::new(part.clone()),
            ChoosePart::Threshold(part) => Box::new(part.clone()),
            ChoosePart::Top(part) => Box::new(part.clone()),
            ChoosePart::Effect(part) => Box::new(part.clone()),
            ChoosePart::Percentile(part) => Box::new(part.clone()),
            ChoosePart::Finished(part) => Box::new(part.clone()),
            ChoosePart::Dedupe(part) => Box::new(part.clone()),
            ChoosePart::Differing(part) => Box::new(part.clone()),
            ChoosePart::Similar(part) => Box::new(part.clone()),
            ChoosePart::Cap(part) => Box::new(part.clone()),
            ChoosePart::GumbelTopK(part) => Box::new(part.clone()),
            ChoosePart::RankDrop(part) => Box::new(part.clone()),
            ChoosePart::Learnable(part) => Box::new(part.clone()),
            ChoosePart::Balance(part) => Box::new(part.clone()),
            ChoosePart::Mixture(part) => Box::new(part.clone()),
            ChoosePart::Curriculum(part) => Box::new(part.clone()),
            ChoosePart::Pairs(part) => Box::new(part.clone()),
            ChoosePart::Label(part) => Box::new(part.clone()),
            ChoosePart::Advantages(part) => Box::new(part.clone()),
            ChoosePart::Held(part) => Box::new(part.clone()),
            ChoosePart::Novelty(part) => Box::new(part.clone()),
            ChoosePart::SecondTurns(part) => Box::new(part.clone()),
            ChoosePart::Targets(part) => Box::new(part.clone()),
            ChoosePart::TreeValues(part) => Box::new(part.clone()),
            ChoosePart::Views(part) => Box::new(part.clone()),
        }
    }

    /// Whether it compares attempts by what the model makes of them.
    pub fn needs_embeddings(&self) -> bool {
        matches!(self, ChoosePart::Similar(_))
    }

    /// Whether what it makes of an attempt depends on the turns before and after it.
    pub fn sees_chains(&self) -> bool {
        matches!(self, ChoosePart::Advantages(part) if part.sees_chains())
    }

    /// The kind of lesson that it makes of what it leaves; none if it leaves that as it was.
    pub fn makes(&self) -> Option<LessonKind> {
        match self {
            ChoosePart::Pairs(_) => Some(LessonKind::Pair),
            ChoosePart::Label(_) => Some(LessonKind::Judged),
            ChoosePart::Advantages(_) => Some(LessonKind::Rollout),
            ChoosePart::Targets(_) | ChoosePart::TreeValues(_) => Some(LessonKind::Valued),
            ChoosePart::Views(_) => Some(LessonKind::Viewed),
            _ => None,
        }
    }
}
