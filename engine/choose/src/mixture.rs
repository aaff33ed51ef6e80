use nouns::{Candidate, Choose, Key};

recipe::part! {
    /// Weighs this round's attempts and remembered ones (`memory`) by given shares. The mean weight
    /// stays what it was; where there is only one kind, nothing changes.
    pub struct Mixture = "mixture", version 1 {
        /// The share of this round's attempts.
        pub new: f32 = 0.5, "ours";
    }
}

impl Choose for Mixture {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        let round = pool.iter().map(|candidate| candidate.trace.round).max().unwrap_or(0);
        let is_new = |candidate: &Candidate| candidate.trace.round == round;
        let mass = |of: bool| -> f32 { pool.iter().filter(|one| is_new(one) == of).map(|one| one.weight).sum() };
        let (new, old) = (mass(true), mass(false));
        if new > 0.0 && old > 0.0 {
            let share = self.new.clamp(0.0, 1.0);
            let factors = [(new + old) * share / new, (new + old) * (1.0 - share) / old];
            for candidate in &mut pool {
                candidate.weight *= factors[usize::from(candidate.trace.round != round)];
            }
        }
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::pool;

    #[test]
    fn each_kind_has_its_share_and_the_mean_weight_stays() {
        let mut attempts = pool(&[("a", &[1.0, 1.0, 1.0]), ("b", &[1.0])]);
        attempts[3].trace.round = 0;
        let weights = |new, pool| -> Vec<f32> {
            Mixture { new }.choose(&Key::root(1), pool).iter().map(|candidate| candidate.weight).collect()
        };
        let found = weights(0.25, attempts.clone());
        assert_eq!(found, [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 3.0]);
        assert_eq!(weights(0.25, attempts[..3].to_vec()), [1.0; 3], "one kind alone stays as it is");
    }
}
