//! A tree of two steps, where what a step is worth is the mean of what comes of it.

use learn::{ActorCritic, LearnPart, Measure, OptimizerSettings, PolicyGradient, Value};
use networks::Packed;
use nouns::{Lesson, Rollout, Valued};

use super::{ARMS, CONTEXT, learn, student};

/// What each path is worth, by its first and its second step.
const WORTH: [[f32; 2]; 2] = [[1.0, 0.0], [0.5, 0.25]];

fn paths() -> impl Iterator<Item = (usize, usize)> {
    (0..2).flat_map(|first| (0..2).map(move |second| (first, second)))
}

/// Log-probabilities of a path's steps under the untaught student.
fn before((first, second): (usize, usize)) -> Vec<f32> {
    let packed = Packed::of(std::iter::once([&CONTEXT[..], &[ARMS[first], ARMS[second]]].concat()));
    networks::values(&packed.log_probs(&student().decoder))[CONTEXT.len() - 1..CONTEXT.len() + 1].to_vec()
}

#[test]
fn a_first_step_is_worth_the_mean_of_what_comes_of_it() {
    let lesson = |(first, second): (usize, usize)| {
        let (answer, worth) = ([ARMS[first], ARMS[second]], WORTH[first][second]);
        Lesson::Valued(Valued::new("t", &CONTEXT, &answer, &[(0, worth), (1, worth)]))
    };
    let lessons: Vec<Lesson> = paths().map(lesson).collect();
    let part = Value {
        measure: Measure::Squared,
        epochs: 800.0,
        optimizer: OptimizerSettings {
            lr: Some(3e-3),
            last_lr: 0.0,
            weight_decay: 0.0,
            ..OptimizerSettings::default()
        },
        ..Value::default()
    };
    let (student, _) = learn(LearnPart::Value(part), &lessons);
    for (first, second) in paths() {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[ARMS[first], ARMS[second]]].concat()));
        let scores = networks::values(&student.decoder.scores(packed.hidden(&student.decoder)).expect("a head"));
        let [said, known] = [scores[CONTEXT.len()], scores[CONTEXT.len() + 1]];
        let mean = (WORTH[first][0] + WORTH[first][1]) / 2.0;
        assert!((said - mean).abs() < 0.03, "after the first step {said}, not {mean}");
        assert!((known - WORTH[first][second]).abs() < 0.03, "after the second {known}");
    }
}

/// Paths as often as the policy takes them, with their worth as credit.
fn walked() -> Vec<Lesson> {
    let lesson = |path: (usize, usize)| {
        let log_probs = before(path);
        let share = log_probs.iter().sum::<f32>().exp();
        let answer = [ARMS[path.0], ARMS[path.1]];
        let mut rollout = Rollout::new("t", &CONTEXT, &answer, &log_probs, WORTH[path.0][path.1], 0);
        rollout.stream.weights[CONTEXT.len()..].fill(share);
        Lesson::Rollout(rollout)
    };
    paths().map(lesson).collect()
}

#[test]
fn without_a_baseline_in_time_a_critic_that_says_nothing_is_the_policy_gradient() {
    // With values of 0, gamma and lambda 1 and no whitening, every step's advantage is what came of the whole.
    let critic =
        ActorCritic { whiten: false, lambda: 1.0, kl: 0.0, value_weight: 0.0, epochs: 1.0, ..ActorCritic::default() };
    let plain = PolicyGradient { epochs: 1.0, ..PolicyGradient::default() };
    let one = learn(LearnPart::ActorCritic(critic), &walked()).1;
    let other = learn(LearnPart::PolicyGradient(plain), &walked()).1;
    let (one, other) = (&one.steps[0], &other.steps[0]);
    assert!((one.grad_norm - other.grad_norm).abs() < 1e-6 * other.grad_norm, "{} {}", one.grad_norm, other.grad_norm);
}
