//! A student that listens to a teacher.

use learn::{Distill, Divergence, LearnPart, Student};
use models::{Decoder, Packed};
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
    let rows = models::values(&decoder.distributions(packed.hidden(decoder)));
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
        let part =
            Distill { divergence, epochs: 300.0, lr: 1e-2, last_lr: 0.0, weight_decay: 0.0, ..Distill::default() };
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
    let part = Distill { epochs: 300.0, lr: 1e-2, last_lr: 0.0, weight_decay: 0.0, ..Distill::default() };
    let (student, _) = taught(part, None, &[1, 7, 5]);
    let found = says(&student.decoder, &CONTEXT);
    assert!(found.iter().zip(&wanted).all(|(f, w)| (f - w).abs() < 0.01), "{found:?} {wanted:?}");
}
