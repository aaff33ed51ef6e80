use std::collections::HashMap;

use nouns::{Candidate, Choose, Key};
use serde::{Deserialize, Serialize};

recipe::part! {
    /// Keeps critiques and leaves out the answers, or keeps the answers and leaves out the
    /// critiques. Of answers that a critique led to, a number for each task can be kept: the first
    /// ones.
    pub struct Critiques = "critiques", version 1 {
        /// Which are kept: `critiques` or `answers`.
        pub keep: Which = Which::Critiques, "ours";
        /// Of answers rewritten in view of a critique, at most this many for each task; 0 keeps
        /// all.
        pub rewritten: usize = 0, "ours: all";
    }
}

/// Which attempts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// What is said of answers.
    Critiques,
    /// Answers.
    Answers,
}

impl Choose for Critiques {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut taken: HashMap<String, usize> = HashMap::new();
        pool.retain(|candidate| {
            let trace = &candidate.trace;
            let wanted = trace.is_critique() == (self.keep == Which::Critiques);
            if !wanted || !trace.is_rewritten() || self.rewritten == 0 {
                return wanted;
            }
            let taken = taken.entry(trace.task.clone()).or_default();
            *taken += 1;
            *taken <= self.rewritten
        });
        pool
    }
}

#[cfg(test)]
mod tests {
    use nouns::Verdict;

    use super::*;
    use crate::pools::{ids, said};

    /// Of two tasks an answer, its critique and two answers anew.
    fn pool() -> Vec<Candidate> {
        let of = |task: &str| {
            let answer = said(task, 0, "first", Verdict::Right);
            let mut critique = said(task, 0, "no", Verdict::Right);
            (critique.trace.id, critique.trace.turn) = (format!("{}/critique", answer.trace.id), 1);
            critique.trace.parent = Some(answer.trace.id.clone());
            let rewritten = [0, 1].map(|number| {
                let mut next = said(task, 0, "anew", Verdict::Right);
                (next.trace.id, next.trace.turn) = (format!("{}/rewrite-{number}", critique.trace.id), 2);
                next.trace.parent = Some(critique.trace.id.clone());
                next
            });
            [answer, critique].into_iter().chain(rewritten).collect::<Vec<_>>()
        };
        ["a", "b"].into_iter().flat_map(of).collect()
    }

    #[test]
    fn critiques_or_answers_are_kept_and_so_many_of_those_written_anew() {
        let kept = |keep, rewritten| {
            let kept = Critiques { keep, rewritten }.choose(&Key::root(1), pool());
            ids(&kept).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(kept(Which::Critiques, 1), ["1/a/0/critique", "1/b/0/critique"]);
        let one = ["1/a/0", "1/a/0/critique/rewrite-0", "1/b/0", "1/b/0/critique/rewrite-0"];
        assert_eq!(kept(Which::Answers, 1), one);
        assert_eq!(kept(Which::Answers, 0).len(), 6);
    }
}
