//! The objective over answers under two views.

use nouns::{Stream, Viewed};

use super::Distill;
use crate::objective::{Batch, Objective, Term};
use crate::reads::Reads;

/// What a teacher says of one token: its likeliest tokens, and the logarithm of what is left for all others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(super) likeliest: Vec<(u32, f64)>,
    pub(super) rest: f64,
}

impl Said {
    /// The `top_k` likeliest tokens of a distribution, given as log-probabilities; all of them if that is 0. Of equally likely ones
    /// the first.
    pub(super) fn of(distribution: &[f64], top_k: usize) -> Said {
        let keep = if top_k == 0 { distribution.len() } else { top_k.min(distribution.len()) };
        let mut order: Vec<(u32, f64)> = (0..).zip(distribution.iter().copied()).collect();
        order.sort_by(|one, other| other.1.total_cmp(&one.1));
        let rest = order.split_off(keep).into_iter().map(|(_, log_p)| log_p.exp()).sum::<f64>().ln();
        Said { likeliest: order, rest }
    }

    /// The teacher's outcomes and the student's, with the student's shares of the rest. `[outcomes]`
    fn beside(&self, student: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
        let teacher = self.likeliest.iter().map(|(_, log_p)| *log_p).chain([self.rest]).collect();
        let own: Vec<f64> = self.likeliest.iter().map(|&(token, _)| student[token as usize]).collect();
        let all: f64 = student.iter().map(|log_p| log_p.exp()).sum();
        let rest = if self.rest == f64::NEG_INFINITY {
            0.0
        } else {
            (all - own.iter().map(|log_p| log_p.exp()).sum::<f64>()).max(0.0)
        };
        (teacher, own.into_iter().chain([rest.ln()]).collect(), rest)
    }
}

/// Answers with what the teacher says of their taught tokens.
pub(crate) struct Views<'a> {
    pub(super) settings: &'a Distill,
    pub(super) viewed: Vec<&'a Viewed>,
    /// By place in the stream; none where nothing is taught. `[lessons][length]`
    pub(super) said: Vec<Vec<Option<Said>>>,
}

impl Objective for Views<'_> {
    fn reads(&self) -> Reads {
        Reads::Distributions
    }

    fn lessons(&self) -> usize {
        self.viewed.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.viewed[lesson].stream]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        Batch { total: lessons.iter().map(|&lesson| self.viewed[lesson].stream.mass()).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let stream = &self.viewed[lesson].stream;
        let vocabulary = seen[0].len() / stream.tokens.len();
        let mut term = Term { slopes: vec![vec![0.0; seen[0].len()]], ..Term::default() };
        for (place, said) in self.said[lesson].iter().enumerate() {
            let Some(said) = said else { continue };
            let weight = f64::from(stream.weights[place]);
            let student = &seen[0][place * vocabulary..][..vocabulary];
            let (teacher, own, rest) = said.beside(student);
            let (value, slopes) = self.settings.divergence.of(&teacher, &own, self.settings.beta);
            let share = weight / batch.total;
            term.loss += share * value;
            let to = &mut term.slopes[0][place * vocabulary..][..vocabulary];
            // The rest is a sum over the tokens that are in it: each has its share of the slope.
            let tail = slopes.last().copied().filter(|_| rest > 0.0).unwrap_or(0.0);
            if tail != 0.0 {
                to.iter_mut().zip(student).for_each(|(to, log_p)| *to = share * tail * log_p.exp() / rest);
            }
            for (&(token, _), slope) in said.likeliest.iter().zip(&slopes) {
                to[token as usize] = share * slope;
            }
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
        term
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

    fn views<'a>(settings: &'a Distill, viewed: &'a Viewed) -> Views<'a> {
        let said = Some(Said::of(&logs(TEACHER), settings.top_k));
        Views { settings, viewed: vec![viewed], said: vec![vec![None, said]] }
    }

    #[test]
    fn slopes_are_derivatives_with_and_without_a_rest() {
        let viewed = Viewed { stream: Stream::new("v", &[1], &[2], 1.0), teacher: vec![1] };
        let student = vec![[[0.0; 4].to_vec(), logs([0.1, 0.2, 0.3, 0.4])].concat()];
        for divergence in [Divergence::Forward, Divergence::Reverse, Divergence::JensenShannon] {
            for top_k in [0, 2] {
                let settings = Distill { divergence, top_k, beta: 0.3, ..Distill::default() };
                check::slopes(&views(&settings, &viewed), std::slice::from_ref(&student));
            }
        }
    }

    #[test]
    fn a_rest_that_is_one_outcome_never_makes_the_divergence_larger() {
        let viewed = Viewed { stream: Stream::new("v", &[1], &[2], 1.0), teacher: vec![1] };
        let student = [[[0.0; 4].to_vec(), logs([0.1, 0.2, 0.3, 0.4])].concat()];
        let loss = |top_k| {
            let settings = Distill { top_k, ..Distill::default() };
            let views = views(&settings, &viewed);
            views.term(0, &views.batch(&[0], &|_| Vec::new()), &student[..]).loss
        };
        assert!(loss(1) <= loss(2) && loss(2) <= loss(3) && loss(3) <= loss(0) + 1e-12 && loss(1) > 0.0);
    }
}
