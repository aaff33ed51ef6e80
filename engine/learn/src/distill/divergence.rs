//! How far a student's distribution of one token is from a teacher's.

use serde::{Deserialize, Serialize};

/// A divergence between two distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Divergence {
    /// `KL(teacher || student)`: the student covers everything that the teacher would say (Hinton
    /// et al. 2015, arXiv 1503.02531).
    Forward,
    /// `KL(student || teacher)`: the student keeps to what the teacher would say (Gu et al. 2023,
    /// arXiv 2306.08543).
    Reverse,
    /// `beta KL(teacher || m) + (1 - beta) KL(student || m)` with
    /// `m = beta teacher + (1 - beta) student`: Jensen and Shannon's, generalized (Agarwal et al.
    /// 2023, arXiv 2306.13649, equation 1).
    JensenShannon,
}

impl Divergence {
    /// The divergence and its derivatives by the student's log-probabilities, each taken by itself.
    /// `[outcomes]`
    pub(super) fn of(self, teacher: &[f64], student: &[f64], beta: f64) -> (f64, Vec<f64>) {
        let mut sum = 0.0;
        let gradients = teacher.iter().zip(student).map(|(&log_t, &log_s)| {
            let (t, s) = (log_t.exp(), log_s.exp());
            // An outcome that one of them excludes has no logarithm; what it weighs there is 0.
            let times = |weight: f64, log: f64| if weight > 0.0 { weight * log } else { 0.0 };
            match self {
                Divergence::Forward => {
                    sum += times(t, log_t - log_s);
                    -t
                }
                Divergence::Reverse => {
                    sum += times(s, log_s - log_t);
                    times(s, log_s - log_t + 1.0)
                }
                Divergence::JensenShannon => {
                    let log_m = (beta * t + (1.0 - beta) * s).ln();
                    sum += beta * times(t, log_t - log_m) + (1.0 - beta) * times(s, log_s - log_m);
                    (1.0 - beta) * times(s, log_s - log_m)
                }
            }
        });
        let gradients: Vec<f64> = gradients.collect();
        (sum, gradients)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Divergence; 3] = [Divergence::Forward, Divergence::Reverse, Divergence::JensenShannon];

    fn logs(shares: [f64; 3]) -> Vec<f64> {
        shares.map(f64::ln).to_vec()
    }

    #[test]
    fn closed_forms() {
        let (teacher, student) = (logs([0.5, 0.25, 0.25]), logs([0.25, 0.5, 0.25]));
        let of = |divergence: Divergence| divergence.of(&teacher, &student, 0.5).0;
        assert!((of(Divergence::Forward) - 0.25 * 2f64.ln()).abs() < 1e-12);
        assert!((of(Divergence::Reverse) - 0.25 * 2f64.ln()).abs() < 1e-12);
        let half = 0.5 * (0.5 * (0.5f64 / 0.375).ln() + 0.25 * (0.25f64 / 0.375).ln());
        assert!((of(Divergence::JensenShannon) - 2.0 * half).abs() < 1e-12, "symmetric at one half");
    }

    #[test]
    fn it_is_zero_at_the_teacher_and_positive_elsewhere() {
        for divergence in ALL {
            let teacher = logs([0.7, 0.2, 0.1]);
            assert!(divergence.of(&teacher, &teacher, 0.3).0.abs() < 1e-12);
            assert!(divergence.of(&teacher, &logs([0.1, 0.2, 0.7]), 0.3).0 > 0.1);
        }
    }

    #[test]
    fn what_one_of_them_excludes_breaks_nothing() {
        let (excluding, whole) = (vec![0.0, f64::NEG_INFINITY], vec![0.5f64.ln(), 0.5f64.ln()]);
        assert!((Divergence::Forward.of(&excluding, &whole, 0.5).0 - 2f64.ln()).abs() < 1e-12);
        assert!((Divergence::Reverse.of(&whole, &excluding, 0.5).0 - 2f64.ln()).abs() < 1e-12);
        let (value, gradients) = Divergence::JensenShannon.of(&excluding, &whole, 0.5);
        assert!(value.is_finite() && gradients.iter().all(|gradient| gradient.is_finite()));
    }

    #[test]
    fn every_gradient_is_a_derivative() {
        let (teacher, student) = (logs([0.6, 0.3, 0.1]), logs([0.2, 0.3, 0.5]));
        for divergence in ALL {
            let (_, gradients) = divergence.of(&teacher, &student, 0.3);
            for outcome in 0..3 {
                let at = |by: f64| {
                    let mut moved = student.clone();
                    moved[outcome] += by;
                    divergence.of(&teacher, &moved, 0.3).0
                };
                let wanted = (at(1e-6) - at(-1e-6)) / 2e-6;
                assert!(
                    (gradients[outcome] - wanted).abs() < 1e-8,
                    "{divergence:?}: {} is not {wanted}",
                    gradients[outcome]
                );
            }
        }
    }
}
