//! A teacher's distribution of one token, truncated to its likeliest tokens.

/// A teacher's distribution of one token: its likeliest tokens, and the log-probability of all
/// others together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(super) likeliest: Vec<(u32, f64)>,
    pub(super) rest: f64,
}

impl Said {
    /// The `top_k` likeliest tokens of a distribution, given as log-probabilities; all of them if
    /// that is 0. Of equally likely ones the first.
    pub(crate) fn of(distribution: &[f64], top_k: usize) -> Said {
        let keep = if top_k == 0 { distribution.len() } else { top_k.min(distribution.len()) };
        let mut order: Vec<(u32, f64)> = (0..).zip(distribution.iter().copied()).collect();
        order.sort_by(|one, other| other.1.total_cmp(&one.1));
        let rest = order.split_off(keep).into_iter().map(|(_, log_p)| log_p.exp()).sum::<f64>().ln();
        Said { likeliest: order, rest }
    }

    /// The teacher's outcomes and the student's, with the student's shares of the rest.
    /// `[outcomes]`
    pub(super) fn beside(&self, student: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
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
