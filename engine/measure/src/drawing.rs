//! Answers that are drawn to be measured.

use episodes::{By, Start, play};
use faults::Outcome;
use nouns::{Policy, Request, Sampling, Stage, Task, Trace, World};

/// An episode in the world's environment.
fn named<'a>(stage: &Stage, task: &'a Task, sample: u32) -> Start<'a> {
    let id = format!("{}/{}/{sample}", stage.round, task.id);
    Start { task, sample, id, key: stage.key.of("measure").of(&task.id) }
}

/// `k` answers per task, grouped by task: answers, or episodes where the world has an environment.
pub(crate) fn draw(
    stage: &Stage,
    policy: &dyn Policy,
    world: &dyn World,
    tasks: &[Task],
    k: u32,
    temperature: f32,
) -> Outcome<Vec<Trace>> {
    let sampling = Sampling { temperature, max_tokens: world.longest_answer(), ..Sampling::default() };
    draw_by(stage, policy, world, tasks, k, &sampling)
}

/// `k` answers per task, drawn so: grouped by task, each with its own key.
pub fn draw_by(
    stage: &Stage,
    policy: &dyn Policy,
    world: &dyn World,
    tasks: &[Task],
    k: u32,
    sampling: &Sampling,
) -> Outcome<Vec<Trace>> {
    let starts = tasks.iter().flat_map(|task| (0..k).map(move |sample| (task, sample)));
    let start = |(task, sample)| named(stage, task, sample);
    let by = By { world, oracle: None, sampling };
    if let Some(played) = play(stage, policy, by, starts.map(start).collect())? {
        return Ok(played);
    }
    let mut requests = Vec::with_capacity(tasks.len() * k as usize);
    for task in tasks {
        let (context, key) = (policy.encode(&task.prompt)?, stage.key.of("measure").of(&task.id));
        let request = |sample: u32| Request {
            context: context.clone(),
            sampling: sampling.clone(),
            key: key.at(u64::from(sample)),
        };
        requests.extend((0..k).map(request));
    }
    let completions = policy.sample(&requests, stage.progress)?;
    let digest = policy.digest();
    let drawn = completions.into_iter().enumerate().map(|(place, done)| {
        let (task, sample) = (&tasks[place / k as usize], place as u32 % k);
        Trace {
            id: format!("{}/{}/{sample}", stage.round, task.id),
            task: task.id.clone(),
            round: stage.round,
            sample,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under: task.prompt.clone(),
            trained_under: task.prompt.clone(),
            answer: policy.decode(&done.tokens),
            tokens: done.tokens,
            log_probs: done.log_probs,
            sampling: sampling.clone(),
            model: digest.clone(),
            finish: done.finish,
            cost: done.cost,
            episode: None,
        }
    });
    Ok(drawn.collect())
}
