//! Which attempts teach, and how strongly. Pure: no IO, no model, no clock, no randomness but the key.

mod balance;
mod cap;
mod dedupe;
mod keep_right;

pub use balance::Balance;
pub use cap::Cap;
pub use dedupe::Dedupe;
pub use keep_right::KeepRight;

recipe::parts! {
    /// Which attempts teach, and how strongly.
    pub enum ChoosePart {
        KeepRight(keep_right::KeepRight),
        Dedupe(dedupe::Dedupe),
        Cap(cap::Cap),
        Balance(balance::Balance),
    }
}

impl ChoosePart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Choose> {
        match self {
            ChoosePart::KeepRight(part) => Box::new(part.clone()),
            ChoosePart::Dedupe(part) => Box::new(part.clone()),
            ChoosePart::Cap(part) => Box::new(part.clone()),
            ChoosePart::Balance(part) => Box::new(part.clone()),
        }
    }
}
