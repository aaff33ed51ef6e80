use std::sync::Arc;

use faults::Outcome;
use kernels::Segment;
use networks::{Alike, Decoder, Packed};
use nouns::{Digest, Progress, Tick, ValueModel};

use crate::fault::PolicyFault;
use crate::local::{blocks, refuse_misfit, sequences};

/// A context and an answer, where they are in the batch, and after how many tokens of the answer
/// its value is asked for.
type Item<'a> = ((&'a (&'a [u32], &'a [u32]), &'a Segment), &'a Vec<usize>);

/// The built-in model that says what answers are worth: by its head of scores, or, without one, by
/// how likely it finds them (as a verifier that was trained on preferences does).
///
/// A head of several scores is read as classes, from the worst to the best: its value is the
/// probability of the last.
pub struct LocalCritic {
    decoder: Arc<Decoder>,
    digest: Digest,
    /// Makes probabilities of scores: of a head that was trained on labels.
    squash: bool,
    /// Divides likelihoods by the answers' tokens.
    per_token: bool,
}

impl LocalCritic {
    /// A critic over these weights, which `digest` names. `squash` takes single scores for logits
    /// and gives probabilities.
    pub fn new(decoder: Decoder, digest: Digest, squash: bool) -> LocalCritic {
        LocalCritic { digest, decoder: Arc::new(decoder), squash, per_token: false }
    }

    /// The same, finding an answer as likely as its tokens are in the mean.
    pub fn per_token(self) -> LocalCritic {
        let digest = Digest::of_fields([self.digest.to_string().as_bytes(), b"per token"]);
        LocalCritic { per_token: true, digest, ..self }
    }

    /// Values of one block of items, each after the given numbers of its answer's tokens.
    fn of_block(&self, block: &[(&[u32], &[u32])], lengths: &[Vec<usize>]) -> Vec<Vec<f64>> {
        let sequences = sequences(block);
        let packed = Packed::sharing(&Alike::of(sequences.iter().map(Vec::as_slice)));
        let hidden = packed.hidden(&self.decoder);
        let items = block.iter().zip(packed.sequences.iter()).zip(lengths);
        match self.decoder.scores(hidden.clone()) {
            Some(scores) => {
                let (outputs, scores) = (scores.dims()[1], networks::values(&scores));
                let at = |row: usize| self.value(&scores[row * outputs..][..outputs]);
                let of = |(((context, _), sequence), lengths): Item| {
                    lengths.iter().map(|length| at(sequence.row(context.len() - 1 + length))).collect()
                };
                items.map(of).collect()
            }
            None => {
                let log_probs = networks::values(&self.decoder.log_probs(hidden, packed.targets.clone()));
                let of = |(((context, answer), sequence), lengths): Item| {
                    let places = context.len() - 1..context.len() - 1 + answer.len();
                    let own: Vec<f32> = places.map(|place| log_probs[sequence.row(place)]).collect();
                    lengths.iter().map(|&length| self.likelihood(&own[..length])).collect()
                };
                items.map(of).collect()
            }
        }
    }

    fn likelihood(&self, log_probs: &[f32]) -> f64 {
        let sum = log_probs.iter().map(|&p| f64::from(p)).sum::<f64>();
        sum / if self.per_token { log_probs.len().max(1) as f64 } else { 1.0 }
    }

    fn value(&self, scores: &[f32]) -> f64 {
        match scores {
            [one] if self.squash => 1.0 / (1.0 + (-f64::from(*one)).exp()),
            [one] => f64::from(*one),
            many => {
                let top = many.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let share = |score: &f32| f64::from(score - top).exp();
                many.last().map_or(0.0, share) / many.iter().map(share).sum::<f64>()
            }
        }
    }
}

impl ValueModel for LocalCritic {
    fn digest(&self) -> Digest {
        self.digest.clone()
    }

    fn values(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<f64>> {
        let whole: Vec<Vec<usize>> = items.iter().map(|(_, answer)| vec![answer.len()]).collect();
        Ok(self.values_along(items, &whole, progress)?.concat())
    }

    /// One pass over each item: what a model says at a token depends on nothing after it.
    fn values_along(
        &self,
        items: &[(&[u32], &[u32])],
        lengths: &[Vec<usize>],
        progress: &dyn Progress,
    ) -> Outcome<Vec<Vec<f64>>> {
        items.iter().try_for_each(|(context, answer)| refuse_misfit(&self.decoder, context, answer, 0))?;
        let (mut values, mut tokens) = (Vec::with_capacity(items.len()), 0);
        for block in blocks(items) {
            if progress.stopping() {
                return Err(PolicyFault::Stopped.into());
            }
            values.extend(self.of_block(block, &lengths[values.len()..][..block.len()]));
            tokens += block.iter().map(|(context, answer)| (context.len() + answer.len()) as u64).sum::<u64>();
            progress.tick(Tick { done: values.len() as u64, total: items.len() as u64, tokens, ..Tick::default() });
        }
        Ok(values)
    }
}
