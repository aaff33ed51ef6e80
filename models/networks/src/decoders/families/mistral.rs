//! Mistral (arXiv 2310.06825): Llama with a sliding window on every layer, where `sliding_window`
//! is not null.

use super::read::{Defaults, common, window, windows};
use super::{Definition, Place};
use crate::fields::Fields;
use crate::{Config, ModelFault};

pub(super) const FAMILY: Definition = Definition { read, place: Place::same, prefix: "model." };

fn read(fields: &Fields) -> Result<Config, ModelFault> {
    let mut config = common(fields, &Defaults { context: 131_072, ..Defaults::default() })?;
    config.switches.layers = windows(fields, &config, window(fields, Some(4096))?, |_| true)?;
    Ok(config)
}
