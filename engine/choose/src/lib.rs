//! Which attempts teach, what, and how strongly.
//!
//! Pure: no IO, no model, no clock, no randomness but the key. Most methods differ in this step
//! alone, and a pure function of a pool is what can be tested by example and composed in a list:
//! each part is given what the one before it left.

mod advantages;
mod balance;
mod cap;
mod chains;
mod critiques;
mod curriculum;
mod dedupe;
mod differing;
mod effect;
mod finished;
mod groups;
mod gumbel_top_k;
mod keep_right;
mod kl_by_turn;
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

pub use advantages::{Advantages, Baseline, Scale, TurnCredit};
pub use balance::Balance;
pub use cap::Cap;
pub use chains::Credit;
pub use critiques::{Critiques, Which};
pub use curriculum::Curriculum;
pub use dedupe::Dedupe;
pub use differing::Differing;
pub use effect::Effect;
pub use finished::Finished;
pub use gumbel_top_k::GumbelTopK;
pub use keep_right::KeepRight;
pub use kl_by_turn::KlByTurn;
pub use label::Label;
pub use learnable::Learnable;
pub use mixture::Mixture;
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
    pub enum ChoosePart: nouns::Choose {
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
        KlByTurn(kl_by_turn::KlByTurn),
        Novelty(novelty::Novelty),
        SecondTurns(second_turns::SecondTurns),
        Critiques(critiques::Critiques),
        Targets(targets::Targets),
        TreeValues(tree_values::TreeValues),
        Views(views::Views),
    }
}
