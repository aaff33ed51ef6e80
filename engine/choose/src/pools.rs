//! Pools of made-up attempts, for tests.

use nouns::{Candidate, Cost, Digest, Finish, Sampling, Trace, Turn, Verdict};

/// An attempt with this grade; its text is its grade.
pub(crate) fn graded(task: &str, sample: u32, grade: f64) -> Candidate {
    said(task, sample, &format!("{grade}"), Verdict::Graded(grade))
}

/// An attempt that says this.
pub(crate) fn said(task: &str, sample: u32, text: &str, verdict: Verdict) -> Candidate {
    let turns = vec![Turn::user(task)];
    let trace = Trace {
        id: format!("1/{task}/{sample}"),
        task: task.into(),
        round: 1,
        sample,
        model_name: "policy".into(),
        turn: 0,
        parent: None,
        generated_under: turns.clone(),
        trained_under: turns,
        answer: text.into(),
        tokens: text.split(' ').map(|word| word.len() as u32).collect(),
        log_probs: text.split(' ').map(|_| -1.0).collect(),
        sampling: Sampling::default(),
        model: Digest::of(b"model"),
        finish: Finish::Stop,
        cost: Cost::default(),
        episode: None,
    };
    Candidate::new(trace, verdict)
}

/// Attempts at tasks, with these grades.
pub(crate) fn pool(tasks: &[(&str, &[f64])]) -> Vec<Candidate> {
    let of_task = |(task, grades): &(&str, &[f64])| {
        let attempts = grades.iter().enumerate().map(|(sample, &grade)| graded(task, sample as u32, grade));
        attempts.collect::<Vec<_>>()
    };
    tasks.iter().flat_map(of_task).collect()
}

/// The ids of what is left.
pub(crate) fn ids(pool: &[Candidate]) -> Vec<&str> {
    pool.iter().map(|candidate| candidate.trace.id.as_str()).collect()
}

/// The turn that follows an attempt, with this grade; it is asked what the attempt said.
pub(crate) fn chained(before: &Candidate, sample: u32, grade: f64) -> Candidate {
    let mut next = graded(&before.trace.task, sample, grade);
    next.trace.parent = Some(before.trace.id.clone());
    next.trace.turn = before.trace.turn + 1;
    next.trace.trained_under.push(Turn::user(before.trace.id.clone()));
    next
}
