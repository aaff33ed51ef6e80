//! Answers that are drawn.

use faults::Outcome;
use measure::{draw_by, scaling};
use nouns::{Content, Cost, Finish, Policy, Sampling, Score, Stage, Task, Trace, Verdict};

use crate::answered::{Answered, Given, Judging, in_words, shown};
use crate::figures::Spent;

/// A figure of the answers to one task.
type Figure = dyn Fn(&[Trace], &[Verdict]) -> Option<f64>;

/// Subsets of every size that the majority is a mean over.
const SUBSETS: u32 = 64;

/// Draws `samples` answers to each task and judges them: what was answered, the scores of these
/// tasks, and what it took.
pub(crate) fn drawn(
    stage: &Stage,
    policy: &dyn Policy,
    judging: &Judging,
    tasks: &[Task],
    (sampling, samples): (&Sampling, u32),
) -> Outcome<(Vec<Answered>, Vec<Score>, Spent)> {
    let mut traces = draw_by(stage, policy, judging.world, tasks, samples, sampling)?;
    traces.iter_mut().for_each(|trace| cut(trace, &sampling.stop));
    let verdicts = judging.checker.check(stage, tasks, &traces)?;
    let per_task = samples.max(1) as usize;
    let groups = || tasks.iter().zip(traces.chunks(per_task).zip(verdicts.chunks(per_task)));
    let on = judging.world.name();
    let mean = |of: &Figure, name: &str| {
        let item =
            |(task, (traces, verdicts)): (&Task, (&[Trace], &[Verdict]))| (task.id.clone(), of(traces, verdicts));
        Score::new(name, on, groups().map(item).collect())
    };
    let mut scores = vec![mean(&|_, verdicts| share(verdicts), judging.checker.metric())];
    if samples > 1 {
        // the first two are of one answer each: the same as above
        scores.extend(
            scaling(stage, judging.world, on, tasks, (&traces, &verdicts), SUBSETS).into_iter().filter(several),
        );
    }
    let lengths = |traces: &[Trace], _: &[Verdict]| {
        Some(traces.iter().map(|trace| trace.tokens.len() as f64).sum::<f64>() / traces.len() as f64)
    };
    scores.push(mean(&lengths, "answer tokens"));
    let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
    let spent = Spent {
        answers: traces.len(),
        generated_tokens: cost.generated_tokens,
        context_tokens: cost.context_tokens,
        cut_off: traces.iter().filter(|trace| trace.finish == Finish::Length).count(),
    };
    let answered = groups().map(|(task, (traces, verdicts))| Answered {
        task: task.id.clone(),
        prompt: shown(task),
        answers: traces.iter().zip(verdicts).map(|(trace, verdict)| given(judging, task, trace, verdict)).collect(),
        options: Vec::new(),
    });
    Ok((answered.collect(), scores, spent))
}

fn several(score: &Score) -> bool {
    !score.metric.contains("@1 of")
}

/// The mean worth of the answers that could be judged.
fn share(verdicts: &[Verdict]) -> Option<f64> {
    let worth: Vec<f64> = verdicts.iter().filter_map(Verdict::reward).collect();
    (!worth.is_empty()).then(|| worth.iter().sum::<f64>() / worth.len() as f64)
}

fn given(judging: &Judging, task: &Task, trace: &Trace, verdict: &Verdict) -> Given {
    let text = trace.text().into_owned();
    Given {
        correct: verdict.reward(),
        verdict: in_words(verdict),
        answer: judging.world.answer(task, &text),
        tokens: trace.tokens.len() as u64,
        log_likelihood: trace.log_likelihood(),
        finish: Some(trace.finish),
        counts: judging.oracle.counts(task, &text),
        text,
    }
}

/// Takes away what stands behind the first text that was to end an answer, and the text itself: it
/// is no part of the answer.
fn cut(trace: &mut Trace, stop: &[String]) {
    let text = trace.text().into_owned();
    if let Some(end) = stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
        trace.answer = Content::text(&text[..end]);
    }
}
