//! Several sequences as one batch of rows without padding, for scoring and for training.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use crate::decoders::alike::Alike;
use crate::{Attend, Config, Decoder};
use burn::tensor::Tensor;
use kernels::Layout;
use kernels::slices::{Rows, Segment};
use nouns::FIRST_IMAGE_ROW;

/// Sequences laid end to end; none attends to another, but several may share the rows of a prefix.
pub struct Packed {
    /// Every token. `[rows]`
    pub ids: Arc<[u32]>,
    /// What each row predicts: the next token of its sequence; a last row has no target, and 0
    /// stands there. `[rows]`
    pub targets: Arc<[u32]>,
    /// Each row's place in its own sequence. `[rows]`
    pub positions: Arc<[u32]>,
    /// The rows of each sequence, in their order.
    pub sequences: Arc<[Segment]>,
    /// The same with the prefixes that several share, each before those who share it.
    segments: Arc<[Segment]>,
}

impl Packed {
    /// Lays the sequences end to end.
    pub fn of(sequences: impl Iterator<Item = Vec<u32>>) -> Packed {
        let mut laid = Laid::default();
        sequences.for_each(|sequence| laid.alone(&sequence));
        laid.packed()
    }

    /// The same, shared prefixes once. Every row has the same bits.
    pub fn sharing(alike: &Alike) -> Packed {
        let mut laid = Laid::default();
        for group in &alike.groups {
            match group.sequences[..] {
                [only] => laid.alone(only),
                _ => laid.together(&group.sequences, group.prefix),
            }
        }
        laid.packed()
    }

    /// Log-probability of each row's target. `[rows]`
    pub fn log_probs(&self, decoder: &Decoder) -> Tensor<1> {
        decoder.log_probs(self.hidden(decoder), self.targets.clone())
    }

    /// The last hidden state of every row, ready for a head. `[rows, width]`
    pub fn hidden(&self, decoder: &Decoder) -> Tensor<2> {
        decoder.hidden(self.ids.clone(), self.positions.clone(), &mut self.within(decoder))
    }

    /// The same, showing the keys and values of every layer on the way:
    /// `[rows, key_value_heads * head_dim]` each, keys rotated.
    pub fn hidden_showing(&self, decoder: &Decoder, see: &mut dyn FnMut(usize, &Tensor<2>, &Tensor<2>)) -> Tensor<2> {
        let mut showing = Showing { within: self.within(decoder), see };
        decoder.hidden(self.ids.clone(), self.positions.clone(), &mut showing)
    }

    /// The same in parts, for who does not want to keep what is between them: what the first layer
    /// is given. `[rows, width]`
    pub fn embedded(&self, decoder: &Decoder) -> Tensor<2> {
        decoder.embedded(self.ids.clone(), &self.positions)
    }

    /// One layer alone. `[rows, width]` to the same
    pub fn layer(&self, decoder: &Decoder, number: usize, stream: Tensor<2>) -> Tensor<2> {
        decoder.layer(number, stream, self.positions.clone(), &mut self.within(decoder))
    }

    /// What the last layer gives, ready for a head. `[rows, width]` to the same
    pub fn normed(&self, decoder: &Decoder, stream: Tensor<2>) -> Tensor<2> {
        decoder.norm.forward(stream)
    }

    fn within<'a>(&self, decoder: &'a Decoder) -> Within<'a> {
        Within { segments: self.segments.clone(), config: &decoder.config, layout: OnceCell::new() }
    }
}

/// A batch in the making.
#[derive(Default)]
struct Laid {
    ids: Vec<u32>,
    targets: Vec<u32>,
    positions: Vec<u32>,
    sequences: Vec<Segment>,
    segments: Vec<Segment>,
}

impl Laid {
    fn alone(&mut self, sequence: &[u32]) {
        let segment = self.rows(sequence, 0..sequence.len(), Rows::default());
        self.sequences.push(segment);
    }

    fn together(&mut self, sequences: &[&[u32]], prefix: usize) {
        let Segment { start, len, .. } = self.rows(sequences[0], 0..prefix, Rows::default());
        for sequence in sequences {
            let own = self.rows(sequence, prefix..sequence.len(), Rows { start, len });
            self.sequences.push(own);
        }
    }

    /// Lays these places of a sequence after those rows.
    fn rows(&mut self, sequence: &[u32], places: Range<usize>, behind: Rows) -> Segment {
        let segment = Segment::new(self.ids.len(), places.len()).behind(behind);
        self.ids.extend(&sequence[places.clone()]);
        self.positions.extend(places.start as u32..places.end as u32);
        // Nobody asks how likely a patch of a picture is, either.
        let word = |id: &u32| Some(*id).filter(|&id| id < FIRST_IMAGE_ROW);
        self.targets.extend(places.map(|place| sequence.get(place + 1).and_then(word).unwrap_or(0)));
        self.segments.push(segment);
        segment
    }

    fn packed(self) -> Packed {
        Packed {
            ids: self.ids.into(),
            targets: self.targets.into(),
            positions: self.positions.into(),
            sequences: self.sequences.into(),
            segments: self.segments.into(),
        }
    }
}

/// Attention within packed sequences.
struct Within<'a> {
    segments: Arc<[Segment]>,
    config: &'a Config,
    /// Where operations are composed.
    layout: OnceCell<Layout>,
}

impl Attend for Within<'_> {
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2> {
        let scores = self.config.scores(layer);
        if kernels::is_here(&query) {
            return kernels::attention(query, key, value, scores, self.segments.clone());
        }
        let layout = || Layout::new(query.dims()[0], &self.segments, &query.device());
        self.layout.get_or_init(layout).attention(query, key, value, scores)
    }
}

/// The same, with a callback that sees keys and values.
struct Showing<'a> {
    within: Within<'a>,
    see: &'a mut dyn FnMut(usize, &Tensor<2>, &Tensor<2>),
}

impl Attend for Showing<'_> {
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2> {
        (self.see)(layer, &key, &value);
        self.within.attend(layer, query, key, value)
    }
}
