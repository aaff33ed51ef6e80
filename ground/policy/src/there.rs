//! Continuous batching on a device of its own: keys, values and logits are computed there, and only logits come here, to be drawn from.

use burn::tensor::{Device, Tensor};
use faults::Outcome;
use models::Decoder;
use nouns::{Completion, Load, Progress, Request, Tick};
use rayon::prelude::*;

use crate::draw::Scratch;
use crate::ends::Ends;
use crate::engine::{CONTEXT_ROWS, Limits, Listen};
use crate::fault::PolicyFault;
use crate::flight::{Flight, Logits, Until};
use crate::seats::{Newcomer, Seats};

/// Room that a seat has at first.
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
    let count = seats(decoder, requests, limits)?;
    let mut hall = Hall {
        decoder,
        requests,
        until,
        seats: Seats::new(&decoder.config, count, ROOM, device),
        taken: (0..count).map(|_| None).collect(),
        next: 0,
        tokens: 0,
        done: vec![None; requests.len()],
        finished: 0,
    };
    while hall.next < requests.len() || hall.taken.iter().any(Option::is_some) {
        if progress.stopping() {
            return Err(PolicyFault::Stopped.into());
        }
        let drawn = hall.step()?;
        let load = Load { sequences: drawn.len() as u32, cache_bytes: hall.seats.bytes() };
        for seat in drawn {
            if let Some(flight) = &hall.taken[seat]
                && let Some(&token) = flight.tokens.last()
            {
                listener.hear(flight.request, token);
            }
        }
        hall.retire();
        let (done, total) = (hall.finished as u64, requests.len() as u64);
        progress.tick(Tick { done, total, tokens: hall.tokens, loss: None, load: Some(load) });
    }
    Ok(hall.done.into_iter().flatten().collect())
}

/// How many sequences fit beside each other: a seat grows to a power of two positions.
fn seats(decoder: &Decoder, requests: &[Request], limits: &Limits) -> Result<usize, PolicyFault> {
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

struct Hall<'a> {
    decoder: &'a Decoder,
    requests: &'a [Request],
    until: Until<'a>,
    seats: Seats,
    /// Who sits where.
    taken: Vec<Option<Flight>>,
    next: usize,
    tokens: u64,
    done: Vec<Option<Completion>>,
    finished: usize,
}

impl<'a> Hall<'a> {
    /// Reads the contexts of those who come in, if there are any, or takes everyone a token further. Returns the seats that drew a token.
    fn step(&mut self) -> Result<Vec<usize>, PolicyFault> {
        let newcomers = self.newcomers();
        let (hidden, rows) = match newcomers.is_empty() {
            true => self.go_on(),
            false => self.come_in(&newcomers),
        };
        let logits = models::values(&self.decoder.logits(hidden));
        let vocabulary = self.decoder.config.vocab_size;
        self.taken.par_iter_mut().zip(&rows).try_for_each_init(Scratch::default, |scratch, (flight, row)| {
            let (Some(flight), &Some(row)) = (flight, row) else { return Ok(()) };
            let logits = Logits::of(&logits[row * vocabulary..(row + 1) * vocabulary], row)?;
            flight.draw(&self.requests[flight.request], &logits, &self.until, scratch);
            Ok(())
        })?;
        Ok((0..rows.len()).filter(|&seat| rows[seat].is_some()).collect())
    }

    /// Seats those who wait, as far as there are seats, and rows in one step.
    fn newcomers(&mut self) -> Vec<Newcomer<'a>> {
        let (mut newcomers, mut rows) = (Vec::<Newcomer>::new(), 0);
        for seat in 0..self.taken.len() {
            let Some(request) = self.requests.get(self.next) else { break };
            if self.taken[seat].is_some() {
                continue;
            }
            match newcomers.last_mut() {
                Some(leader) if leader.context == request.context => leader.seats.push(seat),
                Some(_) if rows + request.context.len() > CONTEXT_ROWS => break,
                _ => {
                    rows += request.context.len();
                    newcomers.push(Newcomer { context: &request.context, seats: vec![seat] });
                }
            }
            self.taken[seat] = Some(Flight::new(self.next, request, Vec::new(), 0));
            self.next += 1;
        }
        newcomers
    }

    /// The last hidden state of every newcomer's context, and which row is whose seat's.
    fn come_in(&mut self, newcomers: &[Newcomer]) -> (Tensor<2>, Vec<Option<usize>>) {
        self.seats.reach(newcomers.iter().map(|newcomer| newcomer.context.len() + 1).max().unwrap_or(0));
        let mut rows = vec![None; self.taken.len()];
        for (number, newcomer) in newcomers.iter().enumerate() {
            self.tokens += newcomer.context.len() as u64;
            for &seat in &newcomer.seats {
                rows[seat] = Some(number);
                if let Some(flight) = &mut self.taken[seat] {
                    flight.cached = newcomer.context.len();
                }
            }
        }
        (self.seats.read(self.decoder, newcomers), rows)
    }

    /// The last hidden state of every seat, and which row is whose: their own.
    fn go_on(&mut self) -> (Tensor<2>, Vec<Option<usize>>) {
        let (mut ids, mut positions) = (vec![0; self.taken.len()], vec![0; self.taken.len()]);
        let mut rows = vec![None; self.taken.len()];
        for (seat, flight) in self.taken.iter_mut().enumerate() {
            let Some(flight) = flight else { continue };
            ids[seat] = flight.token(&self.requests[flight.request], flight.cached);
            positions[seat] = flight.cached as u32;
            rows[seat] = Some(seat);
            flight.cached += 1;
            self.tokens += 1;
        }
        self.seats.reach(positions.iter().max().map_or(0, |&last| last as usize + 1));
        (self.seats.step(self.decoder, &ids, &positions), rows)
    }

    /// Takes finished sequences from their seats.
    fn retire(&mut self) {
        for seat in &mut self.taken {
            if let Some(flight) = seat.take_if(|flight| flight.finish.is_some()) {
                let number = flight.request;
                self.done[number] = Some(flight.complete(&self.requests[number]));
                self.finished += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use models::{Config, DeviceKind, device};
    use nouns::{Key, Policy, Sampling, Silent};
    use tokens::Tokens;

    use super::*;
    use crate::LocalPolicy;
    use crate::choices::Choices;
    use crate::engine::Deaf;

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
                let there =
                    generate((&decoder, &device), &requests(), &limits, &At(end), &Deaf, &Silent).expect("answers");
                for (number, (here, there)) in here.iter().zip(&there).enumerate() {
                    assert_eq!(here.tokens, there.tokens, "answer {number} with {slots} seats");
                    assert_eq!(here.finish, there.finish, "answer {number}");
                    let worst = here.log_probs.iter().zip(&there.log_probs).map(|(a, b)| (a - b).abs());
                    assert!(worst.fold(0.0, f32::max) < 1e-4, "answer {number} with {slots} seats");
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
            generate((&decoder, &device), &requests(), &limits, &At(2), &Deaf, &Silent)
        };
        let bits = |answers: Vec<Completion>| answers.into_iter().map(|answer| answer.tokens).collect::<Vec<_>>();
        assert!(with(one - 1).is_err());
        assert_eq!(bits(with(one).expect("answers")), bits(with(20 * one).expect("answers")));
    }
}
