//! Sharpening by exploring (Huang et al. 2024, arXiv 2412.01951, section 4): pairs of an answer of
//! the policy and one of the base, the squared loss on what is known of their rewards, and a bonus
//! for what is not known.
//!
//! Offline pairs sharpen only what the base draws, so that they must be as many as its likeliest
//! answer is rare. Exploring asks for as many as there are directions to learn. What follows is
//! Exploratory Preference Optimization with a reward instead of a preference: each round takes
//! `argmin sum((beta · difference of log ratios - difference of rewards)²) + alpha · sum(log p(the base's answer))`
//! over all pairs so far. The bonus takes from what the base draws, so a step of which nothing is
//! known counts as sure until it was tried. The form of the loss is from memory, and its bonus as
//! in TRL's trainer of that name; `alpha` and the descent are ours.
//!
//! It is the bonus that does it: as many pairs of the policy without it leave the answer no
//! likelier than it was. What is known of a chain is only that leaving it is bad.
//!
//! The policy is one of the paper's log-linear ones: an answer's features are how often it takes
//! each step from token to token, so that trying one answer tells of many. Weights are at most 0 (a
//! step is at most sure) and bounded below.

use std::iter::once;

use nouns::{Key, Lesson, Pair, Random, Stream};

use crate::objective::{Batch, Objective};
use crate::reference_scores::ReferenceScores;
use crate::{Loss, Prefer};

/// Chains of rare steps, of which the first ends in a step that repeats itself for sure; and tokens
/// that follow each other evenly, to which every other step leads. An answer that leaves a chain is
/// one of many, each of which is less likely than the first chain to its end.
const CHAINS: usize = 4;
const RARE: usize = 3;
const EVEN: usize = 3;
const TOKENS: usize = 1 + CHAINS * RARE + EVEN;
const LENGTH: usize = 30;

/// The optimum is the base to the fourth power.
const BETA: f64 = 1.0 / 3.0;
const ALPHA: f64 = 0.3;
const ROUNDS: usize = 20;

/// A number for each step: the weights of a policy. `[from][to]`
type Steps = [[f64; TOKENS]; TOKENS];

type Answer = Vec<usize>;

/// The base's steps along its chains, with their probabilities.
fn along(from: usize, rare: f64) -> Vec<(usize, f64)> {
    match from {
        0 => (0..CHAINS).map(|chain| (1 + chain * RARE, rare)).collect(),
        RARE => vec![(from, 1.0)],
        _ if from > CHAINS * RARE => vec![],
        _ if from.is_multiple_of(RARE) => vec![(from, 0.2)],
        _ => vec![(from + 1, rare)],
    }
}

/// The base itself is log-linear: its weights are the logarithms of its steps' probabilities.
fn base(rare: f64) -> Steps {
    std::array::from_fn(|from| {
        let along = along(from, rare);
        let left: f64 = 1.0 - along.iter().map(|(_, share)| share).sum::<f64>();
        let mut shares = [0.0; TOKENS];
        shares[TOKENS - EVEN..].fill(left / EVEN as f64);
        along.into_iter().for_each(|(to, share)| shares[to] = share);
        shares.map(f64::ln)
    })
}

/// The likeliest answer: along the first chain, and then its last step over and over.
fn likeliest() -> Answer {
    (1..=LENGTH).map(|place| place.min(RARE)).collect()
}

fn steps(answer: &Answer) -> impl Iterator<Item = (usize, usize)> + '_ {
    once(0).chain(answer.iter().copied()).zip(answer.iter().copied())
}

/// A policy: the probability of an answer is in proportion to the exponential of the sum of its
/// steps' weights.
struct Policy {
    weights: Steps,
    /// Logarithm of the sum over all that may follow a token at a place. `[place][token]`
    ahead: Vec<[f64; TOKENS]>,
}

impl Policy {
    fn new(weights: Steps) -> Policy {
        let mut ahead = vec![[0.0; TOKENS]; LENGTH + 1];
        for place in (0..LENGTH).rev() {
            let behind = ahead[place + 1];
            let sum = |from: usize| (0..TOKENS).map(|to| (weights[from][to] + behind[to]).exp()).sum::<f64>();
            ahead[place] = std::array::from_fn(|from| sum(from).ln());
        }
        Policy { weights, ahead }
    }

    fn step(&self, place: usize, from: usize, to: usize) -> f64 {
        self.weights[from][to] + self.ahead[place + 1][to] - self.ahead[place][from]
    }

    /// Log-probabilities of the steps of an answer, after a context of one token.
    fn read(&self, answer: &Answer) -> Vec<f64> {
        once(0.0).chain(steps(answer).enumerate().map(|(place, (from, to))| self.step(place, from, to))).collect()
    }

    fn mass(&self, answer: &Answer) -> f64 {
        self.read(answer).iter().sum::<f64>().exp()
    }

    fn draw(&self, random: &mut Random) -> Answer {
        let mut from = 0;
        let mut next = |place: usize| {
            let (mut left, was) = (random.uniform(), from);
            for to in 0..TOKENS {
                let share = self.step(place, was, to).exp();
                if share > 0.0 && left >= 0.0 {
                    (from, left) = (to, left - share);
                }
            }
            from
        };
        (0..LENGTH).map(&mut next).collect()
    }

    /// How often each step is taken on average.
    fn expected(&self) -> Steps {
        let (mut at, mut taken) = ([0.0; TOKENS], [[0.0; TOKENS]; TOKENS]);
        at[0] = 1.0;
        for place in 0..LENGTH {
            let mut next = [0.0; TOKENS];
            for (from, flow) in at.into_iter().enumerate() {
                for (to, sum) in next.iter_mut().enumerate() {
                    let flow = flow * self.step(place, from, to).exp();
                    taken[from][to] += flow;
                    *sum += flow;
                }
            }
            at = next;
        }
        taken
    }
}

/// What is learned from: pairs of answers with the difference of their rewards, which are the
/// base's log-likelihoods.
struct Pairs<'a> {
    base: &'a Policy,
    answers: Vec<[Answer; 2]>,
}

impl Pairs<'_> {
    fn lesson(&self, pair: &[Answer; 2]) -> Lesson {
        let [reward, other] = [0, 1].map(|side| self.base.read(&pair[side]).iter().sum::<f64>());
        let stream =
            |side: usize| Stream::new("p", &[0], &pair[side].iter().map(|&to| to as u32).collect::<Vec<_>>(), 1.0);
        Lesson::Pair(Pair { chosen: stream(0), rejected: stream(1), gap: reward - other, better: vec![] })
    }

    /// One over how curved the squared loss is along each weight, at most: by so much of its
    /// derivative a weight may move.
    fn paces(&self) -> Steps {
        // A weight of which nothing is known moves as far as it may.
        let mut curved = [[1e-9; TOKENS]; TOKENS];
        for [one, other] in &self.answers {
            let mut differ = [[0.0f64; TOKENS]; TOKENS];
            steps(one).for_each(|(from, to)| differ[from][to] += 1.0);
            steps(other).for_each(|(from, to)| differ[from][to] -= 1.0);
            let all: f64 = differ.iter().flatten().map(|by| by.abs()).sum();
            let curves = curved.iter_mut().flatten().zip(differ.iter().flatten());
            curves.for_each(|(curved, by)| *curved += 2.0 * BETA * BETA * by.abs() * all);
        }
        curved.map(|row| row.map(f64::recip))
    }

    /// Goes down from a policy towards the least of the loss.
    fn learn(&self, from: &Policy, alpha: f64) -> Policy {
        let part = Prefer { loss: Loss::Squared, beta: BETA, ..Prefer::default() };
        let lessons: Vec<Lesson> = self.answers.iter().map(|pair| self.lesson(pair)).collect();
        let held = self.answers.iter().map(|pair| pair.iter().map(|answer| self.base.read(answer)).collect());
        let objective = part.objective(&lessons, Some(ReferenceScores::Fixed(held.collect()))).expect("pairs");
        let (paces, lowest) = (self.paces(), lowest(&self.base.weights));
        (0..DESCENT).fold(Policy::new(from.weights), |policy, _| {
            let mut weights = policy.weights;
            let derivatives = self.gradients(&policy, &objective, alpha);
            let moved = weights.iter_mut().flatten().zip(derivatives.iter().flatten()).zip(paces.iter().flatten());
            // There are no steps of probability 0.
            let real = moved.filter(|((weight, _), _)| weight.is_finite());
            real.for_each(|((weight, derivative), pace)| *weight = (*weight - pace * derivative).clamp(lowest, 0.0));
            Policy::new(weights)
        })
    }

    /// The derivatives of the loss by the weights: those of a log-probability are what the answer
    /// takes less what is taken on average.
    fn gradients(&self, policy: &Policy, objective: &dyn Objective, alpha: f64) -> Steps {
        let (mut derivatives, mut all) = ([[0.0; TOKENS]; TOKENS], 0.0);
        for (number, [one, other]) in self.answers.iter().enumerate() {
            let whole = Batch { total: 1.0, level: 0.0 };
            let term = objective.term(number, &whole, &[policy.read(one), policy.read(other)]);
            for (answer, derivative) in [(one, term.gradients[0][1]), (other, term.gradients[1][1] + alpha)] {
                steps(answer).for_each(|(from, to)| derivatives[from][to] += derivative);
                all += derivative;
            }
        }
        let means = policy.expected();
        derivatives
            .iter_mut()
            .flatten()
            .zip(means.iter().flatten())
            .for_each(|(derivative, mean)| *derivative -= all * mean);
        derivatives
    }
}

const DESCENT: usize = 300;

/// The least weight: the optimum's for the base's rarest step. An answer's worth of them is still a
/// number.
fn lowest(base: &Steps) -> f64 {
    (1.0 + 1.0 / BETA) * base.iter().flatten().copied().filter(|weight| weight.is_finite()).fold(0.0, f64::min)
}

/// In each round one pair is drawn, an answer of the policy and one of the base, and the policy
/// learns from all so far.
fn online(base: &Policy, alpha: f64, key: &Key) -> Policy {
    let mut pairs = Pairs { base, answers: Vec::new() };
    (0..ROUNDS as u64).fold(Policy::new(base.weights), |policy, round| {
        let mut random = key.at(round).random();
        pairs.answers.push([policy.draw(&mut random), base.draw(&mut random)]);
        pairs.learn(&policy, alpha)
    })
}

/// As many pairs, both answers of the base, learned from at once.
fn offline(base: &Policy, key: &Key) -> (Policy, Vec<[Answer; 2]>) {
    let mut random = key.random();
    let answers = (0..ROUNDS).map(|_| [base.draw(&mut random), base.draw(&mut random)]).collect();
    let pairs = Pairs { base, answers };
    (pairs.learn(base, 0.0), pairs.answers)
}

#[test]
fn exploring_finds_the_answer_that_no_offline_pair_holds() {
    // At the same number of rounds, whether the answer is one in 125,000 or one in eight million.
    for (rare, seed) in [(0.02, 0), (0.005, 1)] {
        let (base, key) = (Policy::new(base(rare)), Key::root(seed));
        let mass = |policy: &Policy| policy.mass(&likeliest());
        let optimum = mass(&Policy::new(base.weights.map(|row| row.map(|weight| (1.0 + 1.0 / BETA) * weight))));
        assert!((mass(&base) / rare.powi(RARE as i32) - 1.0).abs() < 1e-9 && optimum > 0.999, "{optimum}");
        let (offline, pairs) = offline(&base, &key.of("offline"));
        assert!(!pairs.iter().flatten().any(|answer| *answer == likeliest()), "{rare}, {seed}: a pair holds it");
        assert!(mass(&offline) <= 1.001 * mass(&base), "{rare}, {seed}: {}", mass(&offline));
        let online = |alpha| mass(&online(&base, alpha, &key.of("online")));
        let (exploring, not_exploring) = (online(ALPHA), online(0.0));
        assert!((exploring - optimum).abs() < 1e-3, "{rare}, {seed}: {exploring} is not {optimum}");
        assert!(not_exploring <= 1.001 * mass(&base), "{rare}, {seed}: without a bonus {not_exploring}");
    }
}
