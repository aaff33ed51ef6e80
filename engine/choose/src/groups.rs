//! Attempts by the question that they answer.

use std::collections::HashMap;
use std::hash::Hash;

use nouns::Candidate;

/// Places of the attempts at each question, questions in the order in which they first come.
/// `[questions][attempts]`
pub(crate) fn groups(pool: &[Candidate]) -> Vec<Vec<usize>> {
    grouped(pool, Candidate::question)
}

/// Places of the attempts that share a baseline: first turns by their question, later ones by task
/// and turn, since what each has before it is its own. `[groups][attempts]`
pub(crate) fn rivals(pool: &[Candidate]) -> Vec<Vec<usize>> {
    grouped(pool, |candidate| match candidate.trace.turn {
        0 => (candidate.question(), 0),
        turn => ((candidate.trace.task.clone(), String::new()), turn),
    })
}

/// Places of the attempts at the tasks of each domain; those whose domain is not known are one.
pub(crate) fn domains(pool: &[Candidate]) -> Vec<Vec<usize>> {
    grouped(pool, |candidate| candidate.domain.clone())
}

fn grouped<K: Eq + Hash>(pool: &[Candidate], by: impl Fn(&Candidate) -> K) -> Vec<Vec<usize>> {
    let mut numbers = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, candidate) in pool.iter().enumerate() {
        let number = *numbers.entry(by(candidate)).or_insert(groups.len());
        if number == groups.len() {
            groups.push(Vec::new());
        }
        groups[number].push(place);
    }
    groups
}

/// What an attempt is worth. What could not be judged is gone before the first chooser sees it;
/// here it would be lost.
pub(crate) fn reward(candidate: &Candidate) -> f64 {
    candidate.verdict.reward().unwrap_or(f64::NAN)
}

/// The pool without attempts that are unsettled or whose grade is not finite.
pub(crate) fn settled(pool: Vec<Candidate>) -> Vec<Candidate> {
    pool.into_iter().filter(|candidate| reward(candidate).is_finite()).collect()
}
