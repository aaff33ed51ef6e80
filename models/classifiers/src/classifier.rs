use nouns::{Digest, Key};

use crate::fault::ClassifierFault;

/// The sizes of a classifier, and the labels that it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Numbers that it is shown.
    pub features: usize,
    /// Width of the hidden layer; 0 is a linear model.
    pub hidden: usize,
    /// The labels, in the order of the outputs.
    pub labels: Vec<String>,
}

/// An affine map. Weights are kept as PyTorch's `nn.Linear` has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// `[out, in]`, row by row.
    pub weight: Vec<f32>,
    /// `[out]`
    pub bias: Vec<f32>,
}

/// A classifier: features are standardised, go through a hidden layer with a ReLU if there is one,
/// and become a probability for each label.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// Its sizes and labels.
    pub shape: Shape,
    /// The mean of each feature, which is subtracted. `[features]`
    pub mean: Vec<f32>,
    /// The standard deviation of each, by which it is divided. `[features]`
    pub deviation: Vec<f32>,
    /// The layers: the hidden one, if there is one, and the outputs'.
    pub layers: Vec<Layer>,
}

impl Classifier {
    /// Random weights: uniform with the bound `1/√in`, PyTorch's default for `nn.Linear`; biases
    /// are 0. Features are standardised by the mean and deviation of `rows`, which may lack labels:
    /// that is no knowledge of answers.
    pub fn random<'a>(shape: Shape, rows: impl Iterator<Item = &'a [f64]> + Clone, key: &Key) -> Classifier {
        let (mean, deviation) = standardisation(shape.features, rows);
        let sizes = shape.sizes();
        let layer = |(number, pair): (usize, &[usize])| {
            let mut random = key.at(number as u64).random();
            let bound = 1.0 / (pair[0].max(1) as f64).sqrt();
            let weight = (0..pair[0] * pair[1]).map(|_| (bound * (2.0 * random.uniform() - 1.0)) as f32).collect();
            Layer { weight, bias: vec![0.0; pair[1]] }
        };
        let layers = sizes.windows(2).enumerate().map(layer).collect();
        Classifier { shape, mean, deviation, layers }
    }

    /// Names the weights.
    pub fn digest(&self) -> Digest {
        let numbers = [&self.mean, &self.deviation].into_iter();
        let numbers = numbers.chain(self.layers.iter().flat_map(|layer| [&layer.weight, &layer.bias]));
        let bytes = numbers.map(|numbers| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>());
        let labels = self.shape.labels.iter().map(|label| label.as_bytes().to_vec());
        Digest::of_fields(labels.chain(bytes).collect::<Vec<_>>().iter().map(Vec::as_slice))
    }

    /// The probability of each label. `[labels]`
    pub fn probabilities(&self, features: &[f64]) -> Result<Vec<f64>, ClassifierFault> {
        self.refuse_unfit("an input", features)?;
        Ok(softmax(&self.activations(features).pop().unwrap_or_default()))
    }

    /// The place of a label among the outputs.
    pub fn class(&self, label: &str) -> Result<usize, ClassifierFault> {
        self.shape
            .labels
            .iter()
            .position(|known| known == label)
            .ok_or_else(|| ClassifierFault::Label { label: label.to_owned(), known: self.shape.labels.join(", ") })
    }

    /// Refuses features that are not as many as the model takes, or no numbers.
    pub fn refuse_unfit(&self, what: &str, features: &[f64]) -> Result<(), ClassifierFault> {
        let (found, wanted) = (features.len(), self.shape.features);
        if found != wanted {
            return Err(ClassifierFault::Features { what: what.to_owned(), found, wanted });
        }
        match features.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(ClassifierFault::NotANumber { what: what.to_owned(), place, value: features[place] }),
            None => Ok(()),
        }
    }

    /// What each layer is given, standardised features first, and the logits last.
    pub(crate) fn activations(&self, features: &[f64]) -> Vec<Vec<f64>> {
        let standard = features.iter().zip(self.mean.iter().zip(&self.deviation));
        let standard = standard.map(|(x, (mean, deviation))| (x - f64::from(*mean)) / f64::from(*deviation));
        let mut all: Vec<Vec<f64>> = vec![standard.collect()];
        for (number, layer) in self.layers.iter().enumerate() {
            let mut out = layer.of(&all[number]);
            if number + 1 < self.layers.len() {
                out.iter_mut().for_each(|x| *x = x.max(0.0));
            }
            all.push(out);
        }
        all
    }
}

impl Shape {
    /// Widths from the features to the labels.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let hidden = (self.hidden > 0).then_some(self.hidden);
        [self.features].into_iter().chain(hidden).chain([self.labels.len()]).collect()
    }
}

impl Layer {
    /// The map of one row.
    fn of(&self, row: &[f64]) -> Vec<f64> {
        let of = |(weights, bias): (&[f32], &f32)| {
            let sum: f64 = weights.iter().zip(row).map(|(weight, x)| f64::from(*weight) * x).sum();
            sum + f64::from(*bias)
        };
        self.weight.chunks_exact(row.len().max(1)).zip(&self.bias).map(of).collect()
    }
}

/// Mean and deviation of each feature; a feature that never changes is left as it is.
fn standardisation<'a>(features: usize, rows: impl Iterator<Item = &'a [f64]> + Clone) -> (Vec<f32>, Vec<f32>) {
    let count = rows.clone().count().max(1) as f64;
    let mut mean = vec![0.0; features];
    rows.clone().for_each(|row| mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count));
    let mut variance = vec![0.0; features];
    rows.for_each(|row| {
        let apart = variance.iter_mut().zip(row.iter().zip(&mean));
        apart.for_each(|(variance, (x, mean))| *variance += (x - mean) * (x - mean) / count);
    });
    let deviation = variance.into_iter().map(|variance: f64| if variance > 0.0 { variance.sqrt() as f32 } else { 1.0 });
    (mean.into_iter().map(|mean| mean as f32).collect(), deviation.collect())
}

/// Probabilities of logits.
pub(crate) fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter_mut().for_each(|power| *power /= sum);
    powers
}
