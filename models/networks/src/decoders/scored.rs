//! A decoder with a score head: put on, and asked.

use std::convert::Infallible;

use burn::tensor::{Device, Tensor};
use kernels::Precision;

use crate::weights::{Builder, Wanted};
use crate::{Decoder, ModelFault, ScoreHead};

impl Decoder {
    /// The model with a score head, all of which are 0 at first; one that has such a head already
    /// keeps it. A model that only scores loses its head of tokens.
    pub fn with_scores(mut self, head: ScoreHead, device: &Device) -> Result<Decoder, ModelFault> {
        if let Some(own) = self.config.scores {
            return match own.outputs == head.outputs {
                true => Ok(self),
                false => Err(ModelFault::ScoreHead { found: own.outputs, wanted: head.outputs }),
            };
        }
        let zeros = &mut |wanted: &Wanted| Ok::<_, Infallible>(vec![0.0; wanted.shape.len()]);
        let Ok(score) = head.build(&mut Builder { device, values: zeros }, self.config.hidden_size);
        (self.config.scores, self.score) = (Some(head), Some(score));
        if !self.config.has_token_head() {
            self.head = None;
        }
        Ok(self)
    }

    /// The scores of every row: `hidden [rows, width]` to `[rows, outputs]`; none for a model
    /// without such a head.
    pub fn scores(&self, hidden: Tensor<2>) -> Option<Tensor<2>> {
        self.score.as_ref().map(|score| score.forward(hidden, Precision::F32))
    }
}
