//! Memory is estimated before work starts, and refused with the figures.

use faults::Outcome;
use learn::LearnPart;
use networks::{Config, Lora, Need, adapter_training_bytes, sampling_bytes, training_bytes};

use crate::fault::CheckpointFault;

const MIB: u64 = 1 << 20;

/// Tokens whose keys and values there should be room for, at least. Sequences that find none wait
/// for others to end, so that more than the longest is not needed; one that can never have enough
/// is refused by itself.
const POSITIONS: usize = 4096;

/// Refuses work that this machine's free memory does not hold. With an adapter, that alone is
/// trained. `beside` is the bytes of the other models that are in memory meanwhile.
pub fn refuse_too_large(
    config: &Config,
    parts: &[&LearnPart],
    lora: Option<&Lora>,
    slots: usize,
    beside: u64,
) -> Outcome<()> {
    refuse_training(config, parts, lora, beside)?;
    refuse_need("sampling", &with(sampling(config, slots), beside))
}

/// Refuses a training alone, beside other models of this many bytes.
pub fn refuse_training(config: &Config, parts: &[&LearnPart], lora: Option<&Lora>, beside: u64) -> Outcome<()> {
    if parts.is_empty() {
        return Ok(());
    }
    refuse_need("training", &with(training(config, parts, lora)?, beside))
}

fn with(mut need: Need, beside: u64) -> Need {
    if beside > 0 {
        need.parts.push(("models beside it", beside));
    }
    need
}

fn sampling(config: &Config, slots: usize) -> Need {
    sampling_bytes(config, slots as u64, config.context_length().min(POSITIONS) as u64)
}

/// Of the part that computes most at a time.
fn training(config: &Config, parts: &[&LearnPart], lora: Option<&Lora>) -> Outcome<Need> {
    let adapter = lora.map(|lora| lora.parameters(config)).transpose()?;
    let trained = adapter.unwrap_or_else(|| config.parameters());
    let tokens = parts.iter().map(|part| part.tokens_at_a_time(trained)).max().unwrap_or(0) as u64;
    let recompute = parts.iter().all(|part| part.recomputes());
    let mut need = match adapter {
        Some(adapter) => adapter_training_bytes(config, tokens, recompute, adapter),
        None => training_bytes(config, tokens, recompute),
    };
    let further = parts.iter().map(|part| part.further_gradients(trained)).max().unwrap_or(0);
    if further > 0 {
        need.parts.push(("gradients of further micro-batches", further));
    }
    Ok(need)
}

/// Refuses what needs more than is free, where the system tells.
pub fn refuse_need(what: &'static str, need: &Need) -> Outcome<()> {
    available_bytes().map_or(Ok(()), |available| Ok(refuse(what, need, available)?))
}

fn refuse(what: &'static str, need: &Need, available: u64) -> Result<(), CheckpointFault> {
    if need.total() <= available {
        return Ok(());
    }
    let part = |(name, bytes): &(&str, u64)| format!("{name} {}", bytes / MIB);
    let parts: Vec<String> = need.parts.iter().map(part).collect();
    Err(CheckpointFault::Memory {
        what,
        needed: need.total() / MIB,
        parts: parts.join(", "),
        available: available / MIB,
    })
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

    /// The shape of SmolLM2-135M.
    fn small() -> Config {
        Config {
            vocab_size: 49_152,
            hidden_size: 576,
            num_hidden_layers: 30,
            num_attention_heads: 9,
            num_key_value_heads: 3,
            head_dim: 64,
            intermediate_size: 1536,
            max_position_embeddings: 8192,
            tie_word_embeddings: true,
            ..Config::default()
        }
    }

    #[test]
    fn a_small_model_with_a_long_context_fits_a_laptop() {
        let need = sampling(&small(), 512).total();
        assert!(need < 2048 * MIB, "sequences that find no room wait: {}", need / MIB);
    }

    #[test]
    fn what_is_computed_at_a_time_counts_and_not_the_batch() {
        let part = |batch_tokens, micro_batch_tokens| {
            LearnPart::Imitate(learn::Imitate {
                batch: learn::BatchSettings {
                    tokens: batch_tokens,
                    micro_tokens: micro_batch_tokens,
                    ..learn::BatchSettings::default()
                },
                ..learn::Imitate::default()
            })
        };
        let need = |part: LearnPart| training(&small(), &[&part], None).expect("an estimate").total();
        assert_eq!(need(part(65_536, 1024)), need(part(4096, 1024)));
        assert!(need(part(4096, 256)) < need(part(4096, 1024)) && need(part(512, 1024)) < need(part(4096, 1024)));
    }
}
