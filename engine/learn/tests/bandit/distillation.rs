//! A student that listens to a teacher.

use learn::{Distill, Divergence, LearnPart, OptimizerSettings, Student};
use networks::{Decoder, Packed};
use nouns::{Key, Learn, Lesson, Silent, Stage, Stream, Viewed};

use super::{ARMS, CONTEXT, student};

/// A teacher that is another model: the student's with other weights.
fn teacher() -> Decoder {
    let student = student();
    Decoder::random(student.decoder.config.clone(), &Key::root(9), &student.device)
}

/// The distribution of what comes after the context.
fn says(decoder: &Decoder, context: &[u32]) -> Vec<f64> {
    let packed = Packed::of(std::iter::once(context.to_vec()));
    let rows = networks::values(&decoder.distributions(packed.hidden(decoder)));
    let vocabulary = decoder.config.vocab_size;
    rows[rows.len() - vocabulary..].iter().map(|&p| f64::from(p).exp()).collect()
}

fn taught(part: Distill, teacher: Option<Decoder>, context: &[u32]) -> (Student, nouns::Update) {
    let viewed = Viewed { stream: Stream::new("v", &CONTEXT, &[ARMS[0]], 1.0), teacher: context.to_vec() };
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let mut learner = LearnPart::Distill(part).build(Student { teacher, ..student() });
    let update = learner.learn(&stage, &[Lesson::Viewed(viewed)]).expect("an update");
    (learner.into_student(), update)
}

#[test]
fn whatever_the_divergence_the_student_ends_where_the_teacher_is() {
    let wanted = says(&teacher(), &CONTEXT);
    for divergence in [Divergence::Forward, Divergence::Reverse, Divergence::JensenShannon] {
        let part = Distill {
            divergence,
            epochs: 300.0,
            optimizer: OptimizerSettings {
                lr: Some(1e-2),
                last_lr: 0.0,
                weight_decay: 0.0,
                ..OptimizerSettings::default()
            },
            ..Distill::default()
        };
        let (student, update) = taught(part, Some(teacher()), &CONTEXT);
        let found = says(&student.decoder, &CONTEXT);
        assert!(found.iter().zip(&wanted).all(|(f, w)| (f - w).abs() < 0.01), "{divergence:?}: {found:?} {wanted:?}");
        assert!(update.steps.iter().all(|step| step.loss >= -1e-6), "a divergence is never negative");
    }
}

#[test]
fn a_student_that_is_its_own_teacher_has_nothing_to_learn() {
    let (_, update) = taught(Distill { divergence: Divergence::Forward, ..Distill::default() }, None, &CONTEXT);
    assert!(update.steps[0].loss.abs() < 1e-6 && update.steps[0].grad_norm < 1e-5, "{:?}", update.steps[0]);
}

#[test]
fn a_view_of_its_own_is_what_the_teacher_speaks_under() {
    let wanted = says(&student().decoder, &[1, 7, 5]);
    let part = Distill {
        epochs: 300.0,
        optimizer: OptimizerSettings {
            lr: Some(1e-2),
            last_lr: 0.0,
            weight_decay: 0.0,
            ..OptimizerSettings::default()
        },
        ..Distill::default()
    };
    let (student, _) = taught(part, None, &[1, 7, 5]);
    let found = says(&student.decoder, &CONTEXT);
    assert!(found.iter().zip(&wanted).all(|(f, w)| (f - w).abs() < 0.01), "{found:?} {wanted:?}");
}

#[test]
fn two_views_of_one_answer_are_drawn_together_where_the_student_teaches_itself() {
    let context = [1, 2, 7];
    let apart = |decoder: &Decoder| {
        let (own, seen) = (says(decoder, &CONTEXT), says(decoder, &context));
        own.iter().zip(seen).map(|(one, other)| (one - other).abs()).sum::<f64>()
    };
    let part = Distill {
        itself: true,
        divergence: Divergence::Forward,
        weight: 2.0,
        nll: 0.3,
        teacher_nll: 1.0,
        epochs: 60.0,
        optimizer: OptimizerSettings::at(3e-3),
        ..Distill::default()
    };
    let (student, update) = taught(part, None, &context);
    assert!(apart(&student.decoder) < 0.3 * apart(&super::student().decoder));
    assert!(says(&student.decoder, &CONTEXT)[ARMS[0] as usize] > 0.8, "and both learn the answer");
    assert!(update.steps.last().expect("steps").loss < update.steps[0].loss);
}

#[test]
fn steps_ahead_are_taken_back_to_the_bit_and_leave_their_trace_in_the_teacher_alone() {
    let ahead = |future: u32, weight: f64| {
        let part = Distill {
            average: 0.9,
            future,
            weight,
            nll: 1.0,
            epochs: 8.0,
            optimizer: OptimizerSettings::at(3e-3),
            ..Distill::default()
        };
        taught(part, Some(teacher()), &CONTEXT).1
    };
    // Where nobody listens to the teacher, what it has seen changes nothing: weights and the optimizer's memory are what they were.
    assert_eq!(ahead(3, 0.0).to, ahead(0, 0.0).to);
    let (present, future) = (ahead(0, 1.0), ahead(3, 1.0));
    assert_ne!(present.to, future.to);
    let divergence = |update: &nouns::Update| update.steps.last().expect("steps").metrics["divergence"];
    assert!(divergence(&future) < divergence(&present), "a teacher that has seen more of the student is nearer to it");
}

#[test]
fn settings_that_say_nothing_together_are_refused() {
    let refused = |part: Distill| {
        let viewed = Viewed { stream: Stream::new("v", &CONTEXT, &[ARMS[0]], 1.0), teacher: CONTEXT.to_vec() };
        let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
        LearnPart::Distill(part).build(student()).learn(&stage, &[Lesson::Viewed(viewed)]).is_err()
    };
    assert!(refused(Distill { itself: true, average: 0.9, ..Distill::default() }));
    assert!(refused(Distill { future: 2, ..Distill::default() }));
    assert!(refused(Distill { teacher_nll: 1.0, ..Distill::default() }));
}
