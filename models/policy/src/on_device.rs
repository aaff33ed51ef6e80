//! Continuous batching on a device of its own: keys, values and logits are computed there, and only
//! logits come here, to be drawn from.
//!
//! It is another engine than the processor's (`engine.rs`), because what is expensive is another
//! thing. On the processor a row costs its arithmetic, so pages are shared and idle rows left out.
//! On a GPU a launch costs more than a row, and a new shape compiles kernels anew: so every slot
//! has room of its own, in powers of two, and a step computes one row of each, taken or not.
//! Contexts are read in steps of their own, between the decoding ones; requests with one context
//! are read once. What is drawn is drawn here, by the same code and keys as on the processor.

use burn::tensor::{Device, Tensor};
use faults::Outcome;
use networks::Decoder;
use nouns::{Completion, Load, Progress, Request, Tick};
use rayon::prelude::*;

use crate::draw::Scratch;
use crate::ends::Ends;
use crate::engine::{CONTEXT_ROWS, Limits, Listen};
use crate::fault::PolicyFault;
use crate::sequence::{Logits, Sequence, Until};
use crate::slots::{Prefill, Slots};

/// Room that a slot has at first.
const ROOM: usize = 64;

/// Generates one completion per request, in order.
pub(crate) fn generate(
    (decoder, device): (&Decoder, &Device),
    requests: &[Request],
    limits: &Limits,
    ends: &dyn Ends,
    listener: &dyn Listen,
    progress: &dyn Progress,
) -> Outcome<Vec<Completion>> {
    let until = Until { ends, context_length: limits.context_length };
    let count = slots(decoder, requests, limits)?;
    let mut engine = Engine {
        decoder,
        requests,
        until,
        slots: Slots::new(&decoder.config, count, ROOM, device),
        taken: (0..count).map(|_| None).collect(),
        next: 0,
        tokens: 0,
        done: vec![None; requests.len()],
        finished: 0,
    };
    while engine.next < requests.len() || engine.taken.iter().any(Option::is_some) {
        if progress.stopping() {
            return Err(PolicyFault::Stopped.into());
        }
        let drawn = engine.step()?;
        let load = Load { sequences: drawn.len() as u32, cache_bytes: engine.slots.bytes() };
        for slot in drawn {
            if let Some(sequence) = &engine.taken[slot]
                && let Some(&token) = sequence.tokens.last()
            {
                listener.token(sequence.request, token);
            }
        }
        engine.release_finished();
        let (done, total) = (engine.finished as u64, requests.len() as u64);
        progress.tick(Tick { done, total, tokens: engine.tokens, loss: None, load: Some(load) });
    }
    Ok(engine.done.into_iter().flatten().collect())
}

/// How many sequences fit beside each other: a slot grows to a power of two positions.
fn slots(decoder: &Decoder, requests: &[Request], limits: &Limits) -> Result<usize, PolicyFault> {
    let longest =
        |request: &Request| (request.context.len() + request.sampling.max_tokens as usize).min(limits.context_length);
    let tokens = requests.iter().map(longest).max().unwrap_or(0);
    let config = &decoder.config;
    let position = 2 * config.heads().kv_width() * config.num_hidden_layers * size_of::<f32>();
    let needed = (tokens.next_power_of_two().max(ROOM) * position) as u64;
    match usize::try_from(limits.cache_bytes / needed.max(1)).unwrap_or(usize::MAX) {
        0 => Err(PolicyFault::CacheTooSmall { tokens, needed, allowed: limits.cache_bytes }),
        fit => Ok(fit.min(limits.slots.max(1)).min(requests.len())),
    }
}

struct Engine<'a> {
    decoder: &'a Decoder,
    requests: &'a [Request],
    until: Until<'a>,
    slots: Slots,
    /// Which sequence has which slot.
    taken: Vec<Option<Sequence>>,
    next: usize,
    tokens: u64,
    done: Vec<Option<Completion>>,
    finished: usize,
}

impl<'a> Engine<'a> {
    /// Prefills the contexts of requests that got a slot, if there are any, or decodes a token of
    /// every running sequence. Returns the slots that drew a token.
    fn step(&mut self) -> Result<Vec<usize>, PolicyFault> {
        let prefills = self.prefills();
        let (hidden, rows) = match prefills.is_empty() {
            true => self.decode(),
            false => self.read_contexts(&prefills),
        };
        let logits = networks::values(&self.decoder.logits(hidden));
        let vocabulary = self.decoder.config.vocab_size;
        self.taken.par_iter_mut().zip(&rows).try_for_each_init(Scratch::default, |scratch, (sequence, row)| {
            let (Some(sequence), &Some(row)) = (sequence, row) else { return Ok(()) };
            let logits = Logits::of(&logits[row * vocabulary..(row + 1) * vocabulary], row)?;
            sequence.draw(&self.requests[sequence.request], &logits, &self.until, scratch);
            Ok(())
        })?;
        Ok((0..rows.len()).filter(|&slot| rows[slot].is_some()).collect())
    }

    /// Gives slots to waiting requests, while there are free slots, and rows in one step.
    fn prefills(&mut self) -> Vec<Prefill<'a>> {
        let (mut prefills, mut rows) = (Vec::<Prefill>::new(), 0);
        for slot in 0..self.taken.len() {
            let Some(request) = self.requests.get(self.next) else { break };
            if self.taken[slot].is_some() {
                continue;
            }
            match prefills.last_mut() {
                Some(leader) if leader.context == request.context => leader.slots.push(slot),
                // A context that does not fit beside the others waits for the next step.
                Some(_) if rows + request.context.len() > CONTEXT_ROWS => break,
                _ => {
                    rows += request.context.len();
                    prefills.push(Prefill { context: &request.context, slots: vec![slot] });
                }
            }
            self.taken[slot] = Some(Sequence::new(self.next, request, Vec::new(), 0));
            self.next += 1;
        }
        prefills
    }

    /// The last hidden state of every prefill's context, and which row is whose slot's.
    fn read_contexts(&mut self, prefills: &[Prefill]) -> (Tensor<2>, Vec<Option<usize>>) {
        self.slots.reach(prefills.iter().map(|prefill| prefill.context.len() + 1).max().unwrap_or(0));
        let mut rows = vec![None; self.taken.len()];
        for (number, prefill) in prefills.iter().enumerate() {
            self.tokens += prefill.context.len() as u64;
            for &slot in &prefill.slots {
                rows[slot] = Some(number);
                if let Some(sequence) = &mut self.taken[slot] {
                    sequence.cached = prefill.context.len();
                }
            }
        }
        (self.slots.read(self.decoder, prefills), rows)
    }

    /// The last hidden state of every slot, and which row is whose: their own.
    fn decode(&mut self) -> (Tensor<2>, Vec<Option<usize>>) {
        let (mut ids, mut positions) = (vec![0; self.taken.len()], vec![0; self.taken.len()]);
        let mut rows = vec![None; self.taken.len()];
        for (slot, sequence) in self.taken.iter_mut().enumerate() {
            let Some(sequence) = sequence else { continue };
            ids[slot] = sequence.token(&self.requests[sequence.request], sequence.cached);
            positions[slot] = sequence.cached as u32;
            rows[slot] = Some(slot);
            sequence.cached += 1;
            self.tokens += 1;
        }
        self.slots.reach(positions.iter().max().map_or(0, |&last| last as usize + 1));
        (self.slots.step(self.decoder, &ids, &positions), rows)
    }

    /// Frees the slots of finished sequences.
    fn release_finished(&mut self) {
        for slot in &mut self.taken {
            if let Some(sequence) = slot.take_if(|sequence| sequence.finish.is_some()) {
                let number = sequence.request;
                self.done[number] = Some(sequence.complete(&self.requests[number]));
                self.finished += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use networks::{Config, DeviceKind, device};
    use nouns::{Key, Policy, Sampling, Silent};
    use tokens::Tokens;

    use super::*;
    use crate::LocalPolicy;
    use crate::choices::Choices;
    use crate::engine::NoListener;

    /// Ends at one token.
    struct At(u32);

    impl Ends for At {
        fn ends(&self, _: &[u32], tokens: &[u32], _: &[String]) -> bool {
            tokens.last() == Some(&self.0)
        }

        fn end_ids(&self) -> &[u32] {
            std::slice::from_ref(&self.0)
        }

        fn choices(&self, _: &[String]) -> Choices {
            Choices::default()
        }

        fn may_go_on(&self, _: &[u32], _: &[String]) -> bool {
            false
        }
    }

    fn requests() -> Vec<Request> {
        let mut random = Key::root(3).random();
        let contexts: Vec<Vec<u32>> =
            [1, 9, 40, 2].map(|len| (0..len).map(|_| random.below(20) as u32).collect()).into();
        let request = |number: usize| Request {
            context: contexts[number / 2 % contexts.len()].clone(),
            sampling: Sampling {
                temperature: if number.is_multiple_of(3) { 0.0 } else { 1.0 },
                max_tokens: 5 + (number as u32 * 7) % 60,
                min_tokens: number as u32 % 7,
                ..Sampling::default()
            },
            key: Key::root(9).at(number as u64),
        };
        (0..24).map(request).collect()
    }

    /// Families that window, cap and share heads in their own ways.
    fn decoders() -> Vec<Decoder> {
        let device = device(DeviceKind::Cpu).expect("the processor");
        let config = |text: &str| {
            let own: serde_json::Value = serde_json::from_str(text).expect("json");
            let mut all = serde_json::json!({
                "vocab_size": 24, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
                "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128,
                "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "bos_token_id": 1, "eos_token_id": 2,
            });
            own.as_object().expect("an object").iter().for_each(|(key, value)| all[key] = value.clone());
            Decoder::random(Config::from_json(&all.to_string()).expect("a config"), &Key::root(5), &device)
        };
        vec![
            config(r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu"}"#),
            config(
                r#"{"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "hidden_activation": "gelu_pytorch_tanh",
                    "sliding_window": 6, "query_pre_attn_scalar": 8, "attn_logit_softcapping": 5.0,
                    "final_logit_softcapping": 3.0}"#,
            ),
        ]
    }

    #[test]
    fn the_answers_are_those_of_the_processor() {
        let device = device(DeviceKind::Cpu).expect("the processor");
        for decoder in decoders() {
            let words = (4..24).map(|word| format!("w{word}")).collect();
            let tokens = Tokens::of_vocabulary(&nouns::Vocabulary { words }).expect("a tokenizer");
            let end = (0..24).find(|&token| tokens.is_end(token)).expect("an end");
            let policy = LocalPolicy::new(decoder.clone(), tokens, device.clone(), 8);
            let here = policy.sample(&requests(), &Silent).expect("answers");
            for slots in [1, 5, 64] {
                let limits = Limits { slots, cache_bytes: u64::MAX, context_length: 128 };
                let there = generate((&decoder, &device), &requests(), &limits, &At(end), &NoListener, &Silent)
                    .expect("answers");
                for (number, (here, there)) in here.iter().zip(&there).enumerate() {
                    assert_eq!(here.tokens, there.tokens, "answer {number} with {slots} slots");
                    assert_eq!(here.finish, there.finish, "answer {number}");
                    let worst = here.log_probs.iter().zip(&there.log_probs).map(|(a, b)| (a - b).abs());
                    assert!(worst.fold(0.0, f32::max) < 1e-4, "answer {number} with {slots} slots");
                }
            }
        }
    }

    #[test]
    fn a_cache_that_is_too_small_for_one_is_refused_and_a_small_one_seats_fewer() {
        let (device, decoder) = (device(DeviceKind::Cpu).expect("the processor"), decoders().swap_remove(0));
        // two layers of keys and values of 16 numbers for 128 positions
        let one = 2 * 2 * 16 * 4 * 128;
        let with = |cache_bytes| {
            let limits = Limits { slots: 64, cache_bytes, context_length: 128 };
            generate((&decoder, &device), &requests(), &limits, &At(2), &NoListener, &Silent)
        };
        let bits = |answers: Vec<Completion>| answers.into_iter().map(|answer| answer.tokens).collect::<Vec<_>>();
        assert!(with(one - 1).is_err());
        assert_eq!(bits(with(one).expect("answers")), bits(with(20 * one).expect("answers")));
    }
}
