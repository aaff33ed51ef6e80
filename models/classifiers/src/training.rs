use nouns::Key;

use crate::classifier::{Classifier, Layer, softmax};
use crate::fault::ClassifierFault;

/// A feature vector with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The features. `[features]`
    pub features: Vec<f64>,
    /// The label's place among the model's.
    pub class: usize,
    /// How much it counts.
    pub weight: f64,
}

/// How a classifier is trained: minibatches of Adam on the weighted mean of the cross-entropy.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// Passes over the examples.
    pub epochs: usize,
    /// Examples in a step.
    pub batch: usize,
    /// Learning rate.
    pub lr: f64,
    /// Decay of the weights, taken off by itself (AdamW).
    pub weight_decay: f64,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Mean cross-entropy of its examples before it.
    pub loss: f64,
    /// Norm of its gradient.
    pub grad_norm: f64,
}

/// A copy of the classifier that has learned the examples, and its steps. Examples are shuffled by
/// the key in every epoch. Sums run in a fixed order in double precision; the weights end as f32.
pub fn train(
    model: &Classifier,
    examples: &[Labelled],
    how: &Training,
    key: &Key,
) -> Result<(Classifier, Vec<Step>), ClassifierFault> {
    for (number, example) in examples.iter().enumerate() {
        model.refuse_unfit(&format!("example {}", number + 1), &example.features)?;
    }
    let mut learner = Adam::of(model);
    let mut model = model.clone();
    let mut steps = Vec::new();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for epoch in 0..how.epochs {
        key.at(epoch as u64).random().shuffle(&mut order);
        for batch in order.chunks(how.batch.max(1)) {
            let batch: Vec<&Labelled> = batch.iter().map(|&place| &examples[place]).collect();
            let (loss, gradient) = gradient(&model, &batch);
            let grad_norm = gradient.iter().flatten().map(|derivative| derivative * derivative).sum::<f64>().sqrt();
            learner.step(&mut model, &gradient, how);
            steps.push(Step { loss, grad_norm });
        }
    }
    Ok((model, steps))
}

/// The weighted mean of the cross-entropy over a batch, and its gradient for every weight and bias
/// of every layer, in that order.
fn gradient(model: &Classifier, batch: &[&Labelled]) -> (f64, Vec<Vec<f64>>) {
    let mut sums: Vec<Vec<f64>> = parameters(model).map(|numbers| vec![0.0; numbers.len()]).collect();
    let (mut loss, total) = (0.0, batch.iter().map(|example| example.weight).sum::<f64>());
    if total <= 0.0 {
        return (0.0, sums);
    }
    for example in batch {
        let share = example.weight / total;
        let mut activations = model.activations(&example.features);
        let mut out = softmax(&activations.pop().unwrap_or_default());
        loss -= share * out[example.class].max(f64::MIN_POSITIVE).ln();
        out[example.class] -= 1.0;
        out.iter_mut().for_each(|derivative| *derivative *= share);
        for (number, layer) in model.layers.iter().enumerate().rev() {
            let given = &activations[number];
            for (unit, derivative) in out.iter().enumerate() {
                let row = &mut sums[2 * number][unit * given.len()..][..given.len()];
                row.iter_mut().zip(given).for_each(|(sum, x)| *sum += derivative * x);
                sums[2 * number + 1][unit] += derivative;
            }
            if number > 0 {
                out = before(layer, given, &out);
            }
        }
    }
    (loss, sums)
}

/// The gradient at what a layer was given, where that came out of a ReLU.
fn before(layer: &Layer, given: &[f64], out: &[f64]) -> Vec<f64> {
    let mut back = vec![0.0; given.len()];
    for (unit, derivative) in out.iter().enumerate() {
        let row = &layer.weight[unit * given.len()..][..given.len()];
        back.iter_mut().zip(row).for_each(|(sum, weight)| *sum += derivative * f64::from(*weight));
    }
    back.iter_mut().zip(given).for_each(|(derivative, x)| *derivative *= f64::from(u8::from(*x > 0.0)));
    back
}

fn parameters(model: &Classifier) -> impl Iterator<Item = &Vec<f32>> {
    model.layers.iter().flat_map(|layer| [&layer.weight, &layer.bias])
}

/// AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) with betas 0.9 and 0.999 over f64 copies.
struct Adam {
    weights: Vec<Vec<f64>>,
    first: Vec<Vec<f64>>,
    second: Vec<Vec<f64>>,
    steps: i32,
}

impl Adam {
    fn of(model: &Classifier) -> Adam {
        let weights: Vec<Vec<f64>> =
            parameters(model).map(|numbers| numbers.iter().map(|&number| f64::from(number)).collect()).collect();
        let none: Vec<Vec<f64>> = weights.iter().map(|numbers| vec![0.0; numbers.len()]).collect();
        Adam { weights, first: none.clone(), second: none, steps: 0 }
    }

    fn step(&mut self, model: &mut Classifier, gradient: &[Vec<f64>], how: &Training) {
        const BETAS: (f64, f64) = (0.9, 0.999);
        const EPSILON: f64 = 1e-8;
        self.steps += 1;
        let (one, two) = (1.0 - BETAS.0.powi(self.steps), 1.0 - BETAS.1.powi(self.steps));
        let held = model.layers.iter_mut().flat_map(|layer| [&mut layer.weight, &mut layer.bias]);
        for (number, held) in held.enumerate() {
            for (place, derivative) in gradient[number].iter().enumerate() {
                let (first, second) = (&mut self.first[number][place], &mut self.second[number][place]);
                *first = BETAS.0 * *first + (1.0 - BETAS.0) * derivative;
                *second = BETAS.1 * *second + (1.0 - BETAS.1) * derivative * derivative;
                let weight = &mut self.weights[number][place];
                // biases, at odd places, do not decay
                let decay = if number % 2 == 0 { how.weight_decay } else { 0.0 };
                *weight -= how.lr * (*first / one / ((*second / two).sqrt() + EPSILON) + decay * *weight);
                held[place] = *weight as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Shape;

    fn rows() -> Vec<Labelled> {
        let mut random = Key::root(3).random();
        let row = |class: usize| {
            let middle = [1.5, -1.5][class];
            Labelled { features: (0..3).map(|_| middle + random.normal()).collect(), class, weight: 1.0 }
        };
        [0, 1].into_iter().cycle().take(60).map(row).collect()
    }

    fn model(hidden: usize) -> Classifier {
        let rows = rows();
        let shape = Shape { features: 3, hidden, labels: vec!["a".into(), "b".into()] };
        Classifier::random(shape, rows.iter().map(|row| &row.features[..]), &Key::root(1))
    }

    /// The loss moves by the gradient's figure when one weight does.
    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (model, rows) = (model(4), rows());
        let batch: Vec<&Labelled> = rows.iter().take(7).collect();
        let (_, found) = gradient(&model, &batch);
        for (layer, kind, place) in [(0, 0, 5), (0, 1, 2), (1, 0, 3), (1, 1, 1)] {
            let moved = |by: f32| {
                let mut moved = model.clone();
                let layer = &mut moved.layers[layer];
                let numbers = if kind == 0 { &mut layer.weight } else { &mut layer.bias };
                numbers[place] += by;
                (f64::from(numbers[place]), gradient(&moved, &batch).0)
            };
            let ((low, less), (high, more)) = (moved(-1e-3), moved(1e-3));
            let derivative = (more - less) / (high - low);
            let wanted = found[2 * layer + kind][place];
            assert!((derivative - wanted).abs() < 1e-5, "layer {layer}, {kind}, {place}: {derivative} and {wanted}");
        }
    }

    #[test]
    fn what_can_be_told_apart_is_learned_and_the_same_key_gives_the_same_bits() {
        let how = Training { epochs: 30, batch: 10, lr: 0.05, weight_decay: 0.0 };
        for hidden in [0, 8] {
            let (model, rows) = (model(hidden), rows());
            let (learned, steps) = train(&model, &rows, &how, &Key::root(5)).expect("learned");
            let likely = |row: &&Labelled| learned.probabilities(&row.features).expect("fits")[row.class] > 0.5;
            assert!(rows.iter().filter(likely).count() >= 57, "of 60, with {hidden} hidden");
            assert!(steps[steps.len() - 1].loss < steps[0].loss);
            assert_eq!(train(&model, &rows, &how, &Key::root(5)).expect("again").0, learned);
        }
    }

    /// A weight of 2 is the same as having the example twice.
    #[test]
    fn weights_count() {
        let (model, rows) = (model(2), rows());
        let twice = Labelled { weight: 2.0, ..rows[0].clone() };
        let weighed = gradient(&model, &[&twice, &rows[1]]);
        let repeated = gradient(&model, &[&rows[0], &rows[0], &rows[1]]);
        assert!((weighed.0 - repeated.0).abs() < 1e-12);
        let flat = |numbers: Vec<Vec<f64>>| numbers.into_iter().flatten().collect::<Vec<_>>();
        for (one, other) in flat(weighed.1).into_iter().zip(flat(repeated.1)) {
            assert!((one - other).abs() < 1e-12);
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_refused_by_number() {
        let mut rows = rows();
        rows[4].features.pop();
        let how = Training { epochs: 1, batch: 10, lr: 0.1, weight_decay: 0.0 };
        let refused = train(&model(0), &rows, &how, &Key::root(1)).expect_err("two features");
        assert_eq!(refused.to_string(), "example 5 has 2 features; the classifier takes 3");
    }
}
