//! Every objective beside its closed form, on policies that can be enumerated: a bandit of three
//! arms, and a tree whose three first steps have two second steps each. The derivatives of the loss
//! by the numbers read are carried on to the logits of the policy by hand. And exploring, on a
//! policy of whole answers that is log-linear.

mod bandit;
mod online;
mod tree;

use nouns::Stream;

use crate::objective::{Batch, Objective};

/// A policy that is a table of logits.
#[derive(Clone, Debug)]
struct Table {
    first: [f64; 3],
    second: [[f64; 2]; 3],
}

/// A first step, and a second one where there is one.
#[derive(Clone, Copy, Debug)]
struct Path {
    first: usize,
    second: Option<usize>,
}

const POLICY: Table = Table { first: [0.3, -0.4, 0.1], second: [[0.2, -0.5], [-0.9, 0.4], [0.0, 0.7]] };
const REFERENCE: Table = Table { first: [-0.2, 0.5, 0.0], second: [[-0.3, 0.1], [0.6, 0.2], [-0.4, 0.3]] };

fn arms() -> [Path; 3] {
    [0, 1, 2].map(|first| Path { first, second: None })
}

fn paths() -> Vec<Path> {
    (0..6).map(|n| Path { first: n / 2, second: Some(n % 2) }).collect()
}

fn softmax<const N: usize>(logits: [f64; N]) -> [f64; N] {
    let all: f64 = logits.iter().map(|logit| logit.exp()).sum();
    logits.map(|logit| logit.exp() / all)
}

impl Table {
    fn arms(&self) -> [f64; 3] {
        softmax(self.first)
    }

    /// Log-probabilities of the steps of a path, after a context of one token.
    fn read(&self, path: Path) -> Vec<f64> {
        let second = path.second.map(|second| softmax(self.second[path.first])[second].ln());
        [Some(0.0), Some(self.arms()[path.first].ln()), second].into_iter().flatten().collect()
    }

    fn log_prob(&self, path: Path) -> f64 {
        self.read(path).iter().sum()
    }

    fn share(&self, path: Path) -> f64 {
        self.log_prob(path).exp()
    }

    /// The gradient of `sum(derivative · log p)` by the logits.
    fn back(&self, path: Path, derivatives: &[f64], into: &mut Table) {
        let step = |logits: &mut [f64], shares: &[f64], taken: usize, derivative: f64| {
            for (arm, (logit, share)) in logits.iter_mut().zip(shares).enumerate() {
                *logit += derivative * (f64::from(u8::from(arm == taken)) - share);
            }
        };
        step(&mut into.first, &self.arms(), path.first, derivatives[1]);
        if let Some(second) = path.second {
            let shares = softmax(self.second[path.first]);
            step(&mut into.second[path.first], &shares, second, derivatives[2]);
        }
    }
}

/// The tokens of a path, of which all but the context weigh this much.
fn stream(path: Path, weight: f64) -> Stream {
    let answer: Vec<u32> = std::iter::once(path.first).chain(path.second).map(|step| step as u32).collect();
    Stream::new("p", &[9], &answer, weight as f32)
}

/// Loss and gradient by the logits of the policy; `paths` are those of each lesson's streams.
fn descend(objective: &dyn Objective, paths: &[Vec<Path>]) -> (f64, Table) {
    let lessons: Vec<usize> = (0..paths.len()).collect();
    let batch = objective.batch(&lessons, &|_| Vec::new());
    descend_at(objective, paths, &batch)
}

fn descend_at(objective: &dyn Objective, paths: &[Vec<Path>], batch: &Batch) -> (f64, Table) {
    let (mut loss, mut gradient) = (0.0, Table { first: [0.0; 3], second: [[0.0; 2]; 3] });
    for (lesson, paths) in paths.iter().enumerate() {
        let seen: Vec<Vec<f64>> = paths.iter().map(|&path| POLICY.read(path)).collect();
        let term = objective.term(lesson, batch, &seen);
        loss += term.loss;
        for (&path, derivatives) in paths.iter().zip(&term.gradients) {
            POLICY.back(path, derivatives, &mut gradient);
        }
    }
    (loss, gradient)
}

fn near(what: &str, found: f64, wanted: f64) {
    // Weights and recorded log-probabilities are f32.
    assert!((found - wanted).abs() < 1e-6, "{what}: {found} is not {wanted}");
}

fn same(what: &str, found: &Table, wanted: &Table) {
    found.first.iter().zip(wanted.first).for_each(|(found, wanted)| near(what, *found, wanted));
    let seconds = found.second.iter().flatten().zip(wanted.second.iter().flatten());
    seconds.for_each(|(found, wanted)| near(what, *found, *wanted));
}

/// The gradient of `sum(weight · log p(path))`, from the definition of the softmax:
/// `weight of the step - share · weight of all`.
fn score(weights: &[(Path, f64)]) -> Table {
    let mut gradient = Table { first: [0.0; 3], second: [[0.0; 2]; 3] };
    let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
    for arm in 0..3 {
        let through = |path: &Path| path.first == arm;
        let own: f64 = weights.iter().filter(|(path, _)| through(path)).map(|(_, weight)| weight).sum();
        gradient.first[arm] = own - POLICY.arms()[arm] * all;
        for step in 0..2 {
            let behind = |path: &Path| through(path) && path.second.is_some();
            let taken = |path: &Path| through(path) && path.second == Some(step);
            let of = |wanted: &dyn Fn(&Path) -> bool| -> f64 {
                weights.iter().filter(|(path, _)| wanted(path)).map(|(_, weight)| weight).sum()
            };
            gradient.second[arm][step] = of(&taken) - softmax(POLICY.second[arm])[step] * of(&behind);
        }
    }
    gradient
}
