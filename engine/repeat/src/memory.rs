//! Memory is estimated before work starts, and refused with the figures.

use faults::Outcome;
use models::{Config, Lora, Need, adapter_training_bytes, sampling_bytes, training_bytes};

use crate::fault::RepeatFault;

const MIB: u64 = 1 << 20;

/// Refuses work that this machine's free memory does not hold. With an adapter, that alone is trained.
pub(crate) fn refuse_too_large(config: &Config, batch_tokens: usize, lora: Option<&Lora>, slots: usize) -> Outcome<()> {
    refuse_training(config, batch_tokens, lora)?;
    refuse_sampling(config, slots)
}

/// Refuses a training alone.
pub(crate) fn refuse_training(config: &Config, batch_tokens: usize, lora: Option<&Lora>) -> Outcome<()> {
    let need = match lora {
        Some(lora) => adapter_training_bytes(config, batch_tokens as u64, lora.parameters(config)?),
        None => training_bytes(config, batch_tokens as u64),
    };
    refuse_need("training", &need)
}

fn refuse_sampling(config: &Config, slots: usize) -> Outcome<()> {
    refuse_need("sampling", &sampling_bytes(config, slots as u64, config.context_length() as u64))
}

/// Refuses what needs more than is free, where the system tells.
pub(crate) fn refuse_need(what: &'static str, need: &Need) -> Outcome<()> {
    available_bytes().map_or(Ok(()), |available| Ok(refuse(what, need, available)?))
}

fn refuse(what: &'static str, need: &Need, available: u64) -> Result<(), RepeatFault> {
    if need.total() <= available {
        return Ok(());
    }
    let part = |(name, bytes): &(&str, u64)| format!("{name} {}", bytes / MIB);
    let parts: Vec<String> = need.parts.iter().map(part).collect();
    Err(RepeatFault::Memory { what, needed: need.total() / MIB, parts: parts.join(", "), available: available / MIB })
}

/// Free memory in bytes, where the system tells.
pub fn available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_figures() {
        let need = Need { parts: vec![("weights", 10 * MIB), ("activations", 30 * MIB)] };
        let refused = refuse("training", &need, 20 * MIB).expect_err("40 of 20");
        let wanted = "training needs 40 MiB of memory (weights 10, activations 30); 20 MiB are free";
        assert_eq!(refused.to_string(), wanted);
        assert!(refuse("training", &need, 40 * MIB).is_ok());
    }
}
