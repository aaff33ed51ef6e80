use nouns::{Candidate, Choose, Key, Teaching};

recipe::part! {
    /// Sets the weight of the KL penalty for each turn of a conversation; stands after
    /// `advantages`. It also says whether first turns are credited at all. By default first turns
    /// only have the KL penalty, and later ones only the reward: the model learns to answer again
    /// without changing how it answers first.
    pub struct KlByTurn = "kl_by_turn", version 1 {
        /// Weight of the learner's KL penalty (`kl`) on first turns.
        pub first: f32 = 1.0, "Kumar et al. 2024, arXiv 2409.12917, equation 3: the strong divergence is the first turn's";
        /// Weight of that penalty on later turns.
        pub later: f32 = 0.0, "Kumar et al. 2024, arXiv 2409.12917, equation 3; the small default divergence elsewhere is left out";
        /// What the advantage of first turns is multiplied by.
        pub credit: f64 = 0.0, "ours: the first turn's own reward is no part of equation 3";
    }
}

impl Choose for KlByTurn {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        for candidate in &mut pool {
            let first = candidate.trace.turn == 0;
            if let Teaching::Reinforced { advantage, kl_weight, .. } = &mut candidate.teaching {
                *kl_weight = if first { self.first } else { self.later };
                *advantage *= if first { self.credit } else { 1.0 };
            }
        }
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::graded;

    #[test]
    fn first_turns_have_the_penalty_and_later_ones_the_credit() {
        let turn = |turn: u32| {
            let mut candidate = graded("a", turn, 1.0);
            candidate.trace.turn = turn;
            let teaching = Teaching::Reinforced { advantage: 0.5, group: 3, kl_weight: 1.0 };
            Candidate { teaching, ..candidate }
        };
        let chosen = KlByTurn::default().choose(&Key::root(1), vec![turn(0), turn(1), graded("b", 0, 1.0)]);
        let taught: Vec<Teaching> = chosen.into_iter().map(|candidate| candidate.teaching).collect();
        let reinforced = |advantage, kl_weight| Teaching::Reinforced { advantage, group: 3, kl_weight };
        assert_eq!(taught, [reinforced(0.0, 1.0), reinforced(0.5, 0.0), Teaching::Example]);
    }
}
