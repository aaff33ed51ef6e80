//! What an objective reads of the model at every token, and the way back from its gradients to the
//! model's rows.

use std::sync::Arc;

use burn::tensor::Tensor;
use kernels::Segment;
use networks::{Decoder, Packed};

/// What an objective depends on. It is handed numbers by stream and token, and gives gradients in
/// the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// The log-probability of each token, 0 for the first. `[length]`
    LogProbs,
    /// After the log-probability of each token, one after the other if they are asked for: the
    /// logarithm of what the softmax divides by; the entropy in the token's place and whether the
    /// token is the likeliest there, which have no gradient.
    Figures {
        /// The logarithm of the divisor.
        divisor: bool,
        /// Entropy and likeliest.
        beside: bool,
    },
    /// What the score head says once each token is read. `[length * outputs]`
    Scores,
    /// The log-probability of each token, then what the score head said before it, 0 for the first.
    /// `[2 * length]`
    LogProbsAndScores,
    /// Log-probabilities of the whole vocabulary in each token's place, 0 for the first.
    /// `[length * vocabulary]`
    Distributions,
}

/// Numbers of every row of a batch, as the model gives them. `[rows * columns]`
struct Plane {
    numbers: Tensor<1>,
    columns: usize,
    /// Whether a row's numbers belong to the token after it.
    ahead: bool,
}

/// What was read of some streams that were computed together.
pub(crate) struct Read {
    planes: Vec<Plane>,
    /// The rows of each stream.
    sequences: Arc<[Segment]>,
}

impl Read {
    /// Reads the model over these streams.
    pub(crate) fn of(decoder: &Decoder, packed: &Packed, reads: Reads) -> Read {
        Read::over(decoder, packed, packed.hidden(decoder), reads)
    }

    /// Reads the model's heads over its last hidden states. `hidden [rows, width]`
    pub(crate) fn over(decoder: &Decoder, packed: &Packed, hidden: Tensor<2>, reads: Reads) -> Read {
        let log_probs =
            || Plane { numbers: decoder.log_probs(hidden.clone(), packed.targets.clone()), columns: 1, ahead: true };
        let scores = |ahead| {
            decoder.scores(hidden.clone()).map(|scores| Plane {
                columns: scores.dims()[1],
                numbers: flat(scores),
                ahead,
            })
        };
        let planes = match reads {
            Reads::LogProbs => vec![log_probs()],
            Reads::Figures { divisor, beside } => {
                let own = log_probs();
                let logit = || decoder.target_logits(hidden.clone(), packed.targets.clone());
                let plane = |numbers| Plane { numbers, columns: 1, ahead: true };
                let divisor = divisor.then(|| plane(logit() - own.numbers.clone()));
                let beside = beside.then(|| figures(decoder, packed, &hidden, &own.numbers).map(plane));
                std::iter::once(own).chain(divisor).chain(beside.into_iter().flatten()).collect()
            }
            Reads::Scores => scores(false).into_iter().collect(),
            Reads::LogProbsAndScores => std::iter::once(log_probs()).chain(scores(true)).collect(),
            Reads::Distributions => {
                let numbers = decoder.distributions(hidden.clone());
                vec![Plane { columns: numbers.dims()[1], numbers: flat(numbers), ahead: true }]
            }
        };
        Read { planes, sequences: packed.sequences.clone() }
    }

    /// The numbers by stream. `[streams][length * columns]`, one plane after the other
    pub(crate) fn numbers(&self) -> Vec<Vec<f64>> {
        let mut found: Vec<Vec<f64>> = self.sequences.iter().map(|_| Vec::new()).collect();
        for plane in &self.planes {
            let rows = networks::values(&plane.numbers);
            for (found, &sequence) in found.iter_mut().zip(&*self.sequences) {
                found.resize(found.len() + plane.before(sequence), 0.0);
                plane.ranges(sequence).for_each(|range| found.extend(rows[range].iter().map(|&x| f64::from(x))));
            }
        }
        found
    }

    /// The sum of every number times its gradient: its gradient by the weights is that of the loss.
    /// Gradients of a row that several streams share are summed.
    pub(crate) fn against(self, gradients: &[Vec<f64>]) -> Option<Tensor<1>> {
        let mut left: Vec<&[f64]> = gradients.iter().map(Vec::as_slice).collect();
        let sequences = self.sequences;
        let product = |plane: Plane| {
            let mut rows = vec![0.0; plane.numbers.dims()[0]];
            for (left, &sequence) in left.iter_mut().zip(&*sequences) {
                *left = &left[plane.before(sequence)..];
                for range in plane.ranges(sequence) {
                    let (own, rest) = left.split_at(range.len());
                    rows[range].iter_mut().zip(own).for_each(|(row, gradient)| *row += gradient);
                    *left = rest;
                }
            }
            let (len, device) = (rows.len(), plane.numbers.device());
            let rows = rows.into_iter().map(|gradient: f64| gradient as f32).collect();
            (plane.numbers * kernels::from_vec(rows, [len], &device)).sum()
        };
        self.planes.into_iter().map(product).reduce(|one, other| one + other)
    }
}

/// The entropy in every row, and whether its target is the likeliest token there.
fn figures(decoder: &Decoder, packed: &Packed, hidden: &Tensor<2>, own: &Tensor<1>) -> [Tensor<1>; 2] {
    let distributions = decoder.distributions(hidden.clone().detach()).detach();
    let rows = packed.targets.len();
    let entropy = -(distributions.clone().exp() * distributions.clone()).sum_dim(1);
    // Computed in another way, the log-probability of the likeliest may differ in its last bits.
    let likeliest = (distributions.max_dim(1).reshape([rows]) - own.clone().detach()).lower_elem(1e-5).float();
    [entropy.reshape([rows]), likeliest]
}

impl Plane {
    /// How many numbers of a stream have no row before them.
    fn before(&self, sequence: Segment) -> usize {
        usize::from(self.ahead).min(sequence.whole()) * self.columns
    }

    /// Where the others are: those of the rows that the stream shares, and of its own.
    fn ranges(&self, sequence: Segment) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (columns, ahead) = (self.columns, usize::from(self.ahead).min(sequence.len));
        let shared = (sequence.prefix.start, sequence.prefix.len);
        let own = (sequence.start, sequence.len - ahead);
        [shared, own].into_iter().map(move |(start, len)| start * columns..(start + len) * columns)
    }
}

fn flat(rows: Tensor<2>) -> Tensor<1> {
    let [count, columns] = rows.dims();
    rows.reshape([count * columns])
}
