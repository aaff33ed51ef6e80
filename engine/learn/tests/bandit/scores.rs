//! Arms that are scored: by a head of its own, and by a critic on the policy's body.

use learn::{ActorCritic, Gap, Improvement, LearnPart, Measure, OptimizerSettings, Reward, Student, Value};
use networks::Packed;
use nouns::{Lesson, Pair, Rollout, Valued};

use super::{ARMS, CONTEXT, arm, learn, log_probs, student};

/// What the head says once each arm is read.
fn scores(student: &Student) -> Vec<f64> {
    let score = |arm: &u32| {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[*arm]].concat()));
        let scores = student.decoder.scores(packed.hidden(&student.decoder)).expect("a score head");
        let scores = networks::values(&scores);
        f64::from(scores[scores.len() - 1])
    };
    ARMS.iter().map(score).collect()
}

fn pair(chosen: usize, rejected: usize, gap: f64) -> Lesson {
    Lesson::Pair(Pair { chosen: arm(chosen, 1.0), rejected: arm(rejected, 1.0), gap, better: Vec::new() })
}

#[test]
fn a_reward_model_begins_indifferent_and_ends_with_the_order_that_it_was_shown() {
    let part = Reward { epochs: 60.0, optimizer: OptimizerSettings::at(3e-3), ..Reward::default() };
    let (student, update) = learn(LearnPart::Reward(part), &[pair(1, 0, 1.0), pair(0, 2, 1.0), pair(1, 2, 1.0)]);
    assert!((update.steps[0].loss - 2f64.ln()).abs() < 1e-6, "every score is 0 at first");
    let found = scores(&student);
    assert!(found[1] > found[0] && found[0] > found[2], "{found:?}");
}

#[test]
fn odds_are_learned_exactly() {
    // A label that is right with probability sigmoid(gap) is best explained by scores that differ by the gap.
    let part = Reward {
        gap: Gap::Odds,
        epochs: 400.0,
        optimizer: OptimizerSettings {
            lr: Some(3e-3),
            last_lr: 0.0,
            weight_decay: 0.0,
            ..OptimizerSettings::default()
        },
        ..Reward::default()
    };
    let (student, _) = learn(LearnPart::Reward(part), &[pair(0, 1, 0.7), pair(1, 2, 0.4)]);
    let found = scores(&student);
    assert!((found[0] - found[1] - 0.7).abs() < 0.01 && (found[1] - found[2] - 0.4).abs() < 0.01, "{found:?}");
}

#[test]
fn every_criterion_learns_its_own_odds() {
    let better = vec![0.8, 0.3];
    let lessons = [Lesson::Pair(Pair { chosen: arm(0, 1.0), rejected: arm(1, 1.0), gap: 0.0, better: better.clone() })];
    let part = Reward {
        epochs: 400.0,
        optimizer: OptimizerSettings {
            lr: Some(3e-3),
            last_lr: 0.0,
            weight_decay: 0.0,
            ..OptimizerSettings::default()
        },
        ..Reward::default()
    };
    let (student, _) = learn(LearnPart::Reward(part), &lessons);
    let scores = |arm: usize| {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[ARMS[arm]]].concat()));
        let all = networks::values(&student.decoder.scores(packed.hidden(&student.decoder)).expect("a head"));
        [all[all.len() - 2], all[all.len() - 1]]
    };
    let (one, other) = (scores(0), scores(1));
    for criterion in 0..2 {
        let (d, wanted) = (f64::from(one[criterion] - other[criterion]), better[criterion] / (1.0 - better[criterion]));
        assert!((d - wanted.ln()).abs() < 0.02, "criterion {criterion}: {d} is not {}", wanted.ln());
    }
}

#[test]
fn a_gap_is_largest_for_an_improvement_smallest_for_a_spoiling_and_between_for_a_copy() {
    let part = Improvement { epochs: 80.0, optimizer: OptimizerSettings::at(3e-3), ..Improvement::default() };
    let (student, update) = learn(LearnPart::Improvement(part), &[pair(1, 0, 1.0)]);
    assert!((update.steps[0].loss - 5.0 * 2f64.ln()).abs() < 1e-5, "every score is 0 at first");
    let gap = |scored: usize, before: usize| {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[ARMS[before], ARMS[scored]]].concat()));
        let all = networks::values(&student.decoder.scores(packed.hidden(&student.decoder)).expect("a head"));
        all[all.len() - 1]
    };
    let (better, worse) = (gap(1, 0), gap(0, 1));
    for copied in [gap(0, 0), gap(1, 1)] {
        assert!(better > copied && copied > worse, "{better} {copied} {worse}");
    }
}

#[test]
fn values_are_learned_exactly() {
    let lesson =
        |(number, value): (usize, f32)| Lesson::Valued(Valued::new("t", &CONTEXT, &[ARMS[number]], &[(0, value)]));
    let lessons: Vec<Lesson> = [0.2, 0.9, 0.5].into_iter().enumerate().map(lesson).collect();
    for measure in [Measure::Squared, Measure::Binary] {
        let part = Value {
            measure,
            epochs: 600.0,
            optimizer: OptimizerSettings {
                lr: Some(3e-3),
                last_lr: 0.0,
                weight_decay: 0.0,
                ..OptimizerSettings::default()
            },
            ..Value::default()
        };
        let found = scores(&learn(LearnPart::Value(part), &lessons).0);
        let said = |score: f64| if measure == Measure::Binary { 1.0 / (1.0 + (-score).exp()) } else { score };
        let near = found.iter().zip([0.2, 0.9, 0.5]).all(|(&score, value)| (said(score) - value).abs() < 0.01);
        assert!(near, "{measure:?}: {found:?}");
    }
}

/// Every arm as often as it is drawn, with its reward.
fn pulled(rewards: [f32; 3]) -> Vec<Lesson> {
    let before = log_probs(&student());
    let lesson = |arm: usize| {
        let mut rollout = Rollout::new("t", &CONTEXT, &[ARMS[arm]], &[before[arm] as f32], rewards[arm], 0);
        rollout.stream.weights[CONTEXT.len()] = before[arm].exp() as f32;
        Lesson::Rollout(rollout)
    };
    (0..3).map(lesson).collect()
}

#[test]
fn with_a_critic_the_right_arm_becomes_likelier_and_the_critic_learns_what_is_to_come() {
    let part = ActorCritic {
        epochs: 30.0,
        optimizer: OptimizerSettings::at(1e-3),
        kl: 0.0,
        value_clip: 0.0,
        value_weight: 1.0,
        ..ActorCritic::default()
    };
    let (student, update) = learn(LearnPart::ActorCritic(part), &pulled([0.0, 1.0, 0.0]));
    assert!(log_probs(&student)[1] > log_probs(&super::student())[1]);
    let (first, last) = (&update.steps[0].metrics, &update.steps[update.steps.len() - 1].metrics);
    assert_eq!(first["value/mean"], 0.0, "the critic begins with nothing");
    assert!(last["value/loss"] < first["value/loss"]);
}

#[test]
fn a_constant_reward_moves_the_critic_alone() {
    // Whitened, equal credit is none at all: only the head, whose gradient does not reach an untouched body, learns.
    let part = ActorCritic {
        epochs: 1.0,
        kl: 0.0,
        optimizer: OptimizerSettings { weight_decay: 0.0, ..ActorCritic::default().optimizer },
        ..ActorCritic::default()
    };
    let (student, _) = learn(LearnPart::ActorCritic(part), &pulled([1.0, 1.0, 1.0]));
    let (before, after) = (log_probs(&super::student()), log_probs(&student));
    assert_eq!(before, after);
}
