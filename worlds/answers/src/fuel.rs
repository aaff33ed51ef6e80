//! Bounded work: whatever is compared, so much and no more is computed, independent of clocks and
//! machines.

use std::cell::Cell;

/// Why a computation stopped without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It would take more work than a comparison may.
    Fuel,
    /// A number would be too large to write down; other ways may still decide.
    Large,
    /// It has no value: a division by zero, a logarithm of zero.
    Undefined,
    /// Nothing here computes it.
    Unknown,
}

/// What a comparison may still spend, in units of about one short multiplication.
pub(crate) struct Fuel {
    left: Cell<u64>,
}

/// Enough for every pair of the table by a factor of ten, and less than a second of work in an
/// unoptimised build.
const TANK: u64 = 3_000_000;

impl Fuel {
    /// A full tank.
    pub(crate) fn new() -> Self {
        Fuel { left: Cell::new(TANK) }
    }

    /// Spends some, or says that there is none left.
    pub(crate) fn spend(&self, units: u64) -> Result<(), Stop> {
        let left = self.left.get().checked_sub(units).ok_or(Stop::Fuel);
        self.left.set(*left.as_ref().unwrap_or(&0));
        left.map(|_| ())
    }

    /// Spends what multiplying numbers of this many bits takes.
    pub(crate) fn multiply(&self, bits: u64, other: u64) -> Result<(), Stop> {
        self.spend(1 + (bits / 64 + 1).saturating_mul(other / 64 + 1) / 8)
    }
}
