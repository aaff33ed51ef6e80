use std::collections::HashMap;

use nouns::{Candidate, Choose, Key};
use serde::{Deserialize, Serialize};

use crate::groups::{reward, settled};

recipe::part! {
    /// Keeps second answers to imitate, with the first ones as their context. Only the right ones,
    /// and of these those that follow a wrong one, or all; or made-up ones, where a right first
    /// answer is put after a wrong one to the same task. First answers are context and are not
    /// taught.
    pub struct SecondTurns = "second_turns", version 1 {
        /// Which are kept, or made.
        pub of: Turns = Turns::Mending, "Kumar et al. 2024, arXiv 2409.12917, section 4: right answers behind wrong ones";
    }
}

/// Which second answers are imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turns {
    /// Right ones after wrong ones.
    Mending,
    /// Right ones, whatever they follow.
    Right,
    /// Right first answers, each after a wrong first answer to the same task (Welleck et al. 2022,
    /// arXiv 2211.00053).
    Paired,
}

impl Choose for SecondTurns {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let places: HashMap<&str, usize> = pool.iter().enumerate().map(|(n, one)| (one.trace.id.as_str(), n)).collect();
        let before = |candidate: &Candidate| {
            Some(&pool[*places.get(candidate.trace.parent.as_deref()?)?]).filter(|_| candidate.trace.turn > 0)
        };
        let seconds = pool.iter().filter_map(|candidate| Some((before(candidate)?, candidate)));
        match self.of {
            Turns::Mending => kept(seconds, |before, after| is_right(after) && !is_right(before)),
            Turns::Right => kept(seconds, |_, after| is_right(after)),
            Turns::Paired => paired(key, &pool, seconds),
        }
    }
}

fn is_right(candidate: &Candidate) -> bool {
    reward(candidate) >= 1.0
}

fn kept<'a>(
    seconds: impl Iterator<Item = (&'a Candidate, &'a Candidate)>,
    wanted: impl Fn(&Candidate, &Candidate) -> bool,
) -> Vec<Candidate> {
    seconds.filter(|(before, after)| wanted(before, after)).map(|(_, after)| after.clone()).collect()
}

/// Where a wrong answer was followed by anything, a right one to the same task takes that place,
/// drawn among those there are.
fn paired<'a>(
    key: &Key,
    pool: &'a [Candidate],
    seconds: impl Iterator<Item = (&'a Candidate, &'a Candidate)>,
) -> Vec<Candidate> {
    let mut right: HashMap<&str, Vec<&Candidate>> = HashMap::new();
    for candidate in pool.iter().filter(|candidate| candidate.trace.turn == 0 && is_right(candidate)) {
        right.entry(&candidate.trace.task).or_default().push(candidate);
    }
    let pair = |(before, after): (&Candidate, &Candidate)| {
        let others = right.get(before.trace.task.as_str()).filter(|_| !is_right(before))?;
        let mut taught = (*key.of(&before.trace.id).random().pick(others)?).clone();
        taught.trace.trained_under.clone_from(&after.trace.trained_under);
        Some(taught)
    };
    seconds.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{graded, ids};
    use nouns::Turn;

    /// A task's answers in two turns, by what each is worth.
    fn answered(turns: &[(f64, f64)]) -> Vec<Candidate> {
        let of = |(sample, &(first, second)): (usize, &(f64, f64))| {
            let first = graded("a", sample as u32, first);
            let mut then = graded("a", sample as u32, second);
            then.trace.id = format!("{}/retry", first.trace.id);
            (then.trace.turn, then.trace.parent) = (1, Some(first.trace.id.clone()));
            then.trace.trained_under.push(Turn::user(first.trace.id.clone()));
            [first, then]
        };
        turns.iter().enumerate().flat_map(of).collect()
    }

    fn left(of: Turns) -> Vec<Candidate> {
        let all = answered(&[(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)]);
        SecondTurns { of }.choose(&Key::root(1), all)
    }

    #[test]
    fn only_what_mends_is_kept_or_all_that_is_right() {
        assert_eq!(ids(&left(Turns::Mending)), ["1/a/0/retry"]);
        assert_eq!(ids(&left(Turns::Right)), ["1/a/0/retry", "1/a/1/retry"]);
    }

    #[test]
    fn a_right_first_answer_is_put_behind_every_wrong_one() {
        let pairs = left(Turns::Paired);
        let behind: Vec<_> = pairs.iter().map(|pair| pair.trace.trained_under[1].content.as_text()).collect();
        assert_eq!(behind, ["1/a/0", "1/a/3"]);
        assert!(pairs.iter().all(|pair| reward(pair) == 1.0 && ["1/a/1", "1/a/2"].contains(&pair.trace.id.as_str())));
    }
}
