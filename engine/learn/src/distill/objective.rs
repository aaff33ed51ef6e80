//! The objective over answers under two views.

use crate::between::Between;
use std::collections::HashMap;

use networks::Decoder;
use nouns::{Stream, Viewed};

use super::Distill;
use super::said::Said;
use crate::ema::EmaModel;
use crate::gradient::numbers;
use crate::objective::{Batch, Objective, Term};
use crate::reads::Reads;

/// Who teaches.
pub(crate) enum Teacher {
    /// A fixed teacher: its distributions by place in the stream; none where nothing is taught.
    /// `[lessons][length]`
    Fixed(Vec<Vec<Option<Said>>>),
    /// A teacher that follows the student (EMA): its distributions for the current batch, by
    /// lesson.
    Following { ema: EmaModel, micro_batch_tokens: usize, said: Between<HashMap<usize, Vec<Option<Said>>>> },
    /// The student itself, at the current step.
    Itself,
}

/// Answers with the teacher's distributions at their taught tokens.
pub(crate) struct Views<'a> {
    settings: &'a Distill,
    viewed: Vec<&'a Viewed>,
    /// The same answers under the teacher's view.
    seen_by_teacher: Vec<Stream>,
    teacher: Teacher,
}

impl<'a> Views<'a> {
    pub(super) fn new(settings: &'a Distill, viewed: Vec<&'a Viewed>, teacher: Teacher) -> Views<'a> {
        let seen_by_teacher = viewed.iter().map(|viewed| under_teachers_view(viewed)).collect();
        Views { settings, viewed, seen_by_teacher, teacher }
    }

    /// Computes the distributions of a fixed teacher for all lessons.
    pub(super) fn hear(&mut self, teacher: &Decoder, micro_batch_tokens: usize) {
        let ask = |lesson| self.ask(teacher, micro_batch_tokens, lesson);
        self.teacher = Teacher::Fixed((0..self.viewed.len()).map(ask).collect());
    }

    /// What a model says of the taught tokens of an answer, under the teacher's view. `[length]`
    fn ask(&self, decoder: &Decoder, micro_batch_tokens: usize, lesson: usize) -> Vec<Option<Said>> {
        let seen = &self.seen_by_teacher[lesson];
        let found = numbers(decoder, &[seen], Reads::Distributions, micro_batch_tokens);
        self.read(lesson, found.first().map_or(&[], Vec::as_slice))
    }

    /// The same from the distributions of all of its tokens.
    fn read(&self, lesson: usize, distributions: &[f64]) -> Vec<Option<Said>> {
        let (stream, seen) = (&self.viewed[lesson].stream, &self.seen_by_teacher[lesson]);
        let vocabulary = distributions.len() / seen.tokens.len().max(1);
        let ahead = seen.tokens.len() as isize - stream.tokens.len() as isize;
        let of = |place: usize| {
            let row = place.checked_add_signed(ahead).filter(|_| stream.weights[place] != 0.0)?;
            Some(Said::of(distributions.get(row * vocabulary..(row + 1) * vocabulary)?, self.settings.top_k))
        };
        (0..stream.tokens.len()).map(of).collect()
    }

    /// What the teacher says of a lesson of the batch. `seen` is what was read of it.
    fn said(&self, lesson: usize, seen: &[Vec<f64>]) -> Vec<Option<Said>> {
        match &self.teacher {
            Teacher::Fixed(said) => said[lesson].clone(),
            Teacher::Following { said, .. } => said.read().get(&lesson).cloned().unwrap_or_default(),
            Teacher::Itself => self.read(lesson, seen.get(1).map_or(&[], Vec::as_slice)),
        }
    }

    /// The divergence at one token and its share of the gradients.
    fn at_token(&self, said: &Said, student: &[f64], share: f64, gradients: &mut [f64]) -> f64 {
        let (teacher, own, rest) = said.beside(student);
        let (value, by_outcome) = self.settings.divergence.of(&teacher, &own, self.settings.beta);
        // The rest is a sum over the tokens that are in it: each has its share of the gradient.
        let tail = by_outcome.last().copied().filter(|_| rest > 0.0).unwrap_or(0.0);
        if tail != 0.0 {
            gradients.iter_mut().zip(student).for_each(|(to, log_p)| *to = share * tail * log_p.exp() / rest);
        }
        for (&(token, _), gradient) in said.likeliest.iter().zip(&by_outcome) {
            gradients[token as usize] = share * gradient;
        }
        value
    }
}

/// The answer behind the teacher's context, with the weights that it has for the student.
fn under_teachers_view(viewed: &Viewed) -> Stream {
    let Viewed { stream, teacher } = viewed;
    let first = stream.weights.iter().position(|&weight| weight != 0.0).unwrap_or(stream.tokens.len());
    let mut seen = Stream::new(stream.trace.clone(), teacher, &stream.tokens[first..], 0.0);
    seen.weights[teacher.len()..].copy_from_slice(&stream.weights[first..]);
    seen
}

/// Adds the negative log-likelihood of a stream's taught tokens to the loss, and what follows to
/// the gradients.
fn imitate(stream: &Stream, distributions: &[f64], weight: f64, gradients: &mut [f64]) -> f64 {
    let vocabulary = distributions.len() / stream.tokens.len().max(1);
    let mut loss = 0.0;
    for (place, (&token, &own)) in stream.tokens.iter().zip(&stream.weights).enumerate() {
        if own != 0.0 {
            let at = place * vocabulary + token as usize;
            loss -= weight * f64::from(own) * distributions[at];
            gradients[at] -= weight * f64::from(own);
        }
    }
    loss
}

impl Objective for Views<'_> {
    fn reads(&self) -> Reads {
        Reads::Distributions
    }

    fn lessons(&self) -> usize {
        self.viewed.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        match self.teacher {
            Teacher::Itself => vec![&self.viewed[lesson].stream, &self.seen_by_teacher[lesson]],
            _ => vec![&self.viewed[lesson].stream],
        }
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        if let Teacher::Following { ema, micro_batch_tokens, said } = &self.teacher {
            let now = ema.now();
            let ask = |&lesson: &usize| (lesson, self.ask(&now, *micro_batch_tokens, lesson));
            *said.write() = lessons.iter().map(ask).collect();
        }
        Batch { total: lessons.iter().map(|&lesson| self.viewed[lesson].stream.mass()).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let (settings, stream) = (self.settings, &self.viewed[lesson].stream);
        let vocabulary = seen[0].len() / stream.tokens.len();
        let gradients = seen.iter().map(|numbers| vec![0.0; numbers.len()]).collect();
        let mut term = Term { gradients, ..Term::default() };
        for (place, said) in self.said(lesson, seen).iter().enumerate() {
            let Some(said) = said else { continue };
            let weight = f64::from(stream.weights[place]);
            let of_token = place * vocabulary..(place + 1) * vocabulary;
            let student = &seen[0][of_token.clone()];
            let share = settings.weight * weight / batch.total;
            let value = self.at_token(said, student, share, &mut term.gradients[0][of_token]);
            term.loss += share * value;
            let entropy: f64 = -student.iter().map(|&log_p| log_p * log_p.exp()).sum::<f64>();
            let agreed = said
                .likeliest
                .first()
                .is_some_and(|&(token, _)| student.iter().all(|&log_p| log_p <= student[token as usize]));
            term.metrics.extend([
                ("divergence", value, weight),
                ("entropy", entropy, weight),
                ("agreement", f64::from(u8::from(agreed)), weight),
            ]);
        }
        term.loss += imitate(stream, &seen[0], settings.nll / batch.total, &mut term.gradients[0]);
        if let (Teacher::Itself, [_, gradients]) = (&self.teacher, &mut term.gradients[..]) {
            let seen_by_teacher = &self.seen_by_teacher[lesson];
            term.loss += imitate(seen_by_teacher, &seen[1], settings.teacher_nll / batch.total, gradients);
        }
        term
    }

    fn ema(&self) -> Option<&EmaModel> {
        match &self.teacher {
            Teacher::Following { ema, .. } => Some(ema),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Divergence;
    use super::*;
    use crate::objective::check;

    const TEACHER: [f64; 4] = [0.5, 0.3, 0.15, 0.05];

    fn logs(shares: [f64; 4]) -> Vec<f64> {
        shares.map(f64::ln).to_vec()
    }

    fn viewed() -> Viewed {
        Viewed { stream: Stream::new("v", &[1], &[2], 1.0), teacher: vec![3, 1] }
    }

    fn views<'a>(settings: &'a Distill, viewed: &'a Viewed) -> Views<'a> {
        let said = vec![None, Some(Said::of(&logs(TEACHER), settings.top_k))];
        Views::new(settings, vec![viewed], Teacher::Fixed(vec![said]))
    }

    fn student() -> Vec<f64> {
        [[0.0; 4].to_vec(), logs([0.1, 0.2, 0.3, 0.4])].concat()
    }

    /// The teacher's context has a token more than the student's.
    fn teacher() -> Vec<f64> {
        [[0.0; 8].to_vec(), logs(TEACHER)].concat()
    }

    #[test]
    fn gradients_are_derivatives_with_and_without_a_rest() {
        let viewed = viewed();
        for divergence in [Divergence::Forward, Divergence::Reverse, Divergence::JensenShannon] {
            for top_k in [0, 2] {
                let settings = Distill { divergence, top_k, beta: 0.3, weight: 0.7, nll: 0.4, ..Distill::default() };
                check::gradients(&views(&settings, &viewed), &[vec![student()]]);
            }
        }
    }

    #[test]
    fn a_student_that_teaches_itself_hears_what_a_teacher_of_its_words_would_say_and_gives_it_no_gradient() {
        let (settings, viewed) = (Distill { itself: true, top_k: 0, ..Distill::default() }, viewed());
        let itself = Views::new(&settings, vec![&viewed], Teacher::Itself);
        let batch = Batch { total: 1.0, level: 0.0 };
        let both = itself.term(0, &batch, &[student(), teacher()]);
        let one = views(&settings, &viewed).term(0, &batch, &[student()]);
        assert_eq!((both.loss, &both.gradients[0]), (one.loss, &one.gradients[0]));
        assert!(both.gradients[1].iter().all(|gradient| *gradient == 0.0));
    }

    #[test]
    fn two_views_of_one_answer_are_learned_with_the_weights_they_have() {
        let viewed = viewed();
        let settings = Distill { itself: true, weight: 0.0, nll: 0.3, teacher_nll: 1.0, ..Distill::default() };
        let views = Views::new(&settings, vec![&viewed], Teacher::Itself);
        let term = views.term(0, &Batch { total: 2.0, level: 0.0 }, &[student(), teacher()]);
        let wanted = -(0.3 * 0.3f64.ln() + 0.15f64.ln()) / 2.0;
        assert!((term.loss - wanted).abs() < 1e-12, "{} is not {wanted}", term.loss);
        assert_eq!((term.gradients[0][6], term.gradients[1][10]), (-0.15, -0.5));
        check::gradients(&views, &[vec![student(), teacher()]]);
    }

    #[test]
    fn a_rest_that_is_one_outcome_never_makes_the_divergence_larger() {
        let viewed = viewed();
        let loss = |top_k| {
            let settings = Distill { top_k, ..Distill::default() };
            let views = views(&settings, &viewed);
            views.term(0, &views.batch(&[0], &|_| Vec::new()), &[student()]).loss
        };
        assert!(loss(1) <= loss(2) && loss(2) <= loss(3) && loss(3) <= loss(0) + 1e-12 && loss(1) > 0.0);
    }
}
