//! A whole iteration of reinforcement: sampling, credit, one update.

use std::time::Instant;

use faults::Outcome;
use learn::{BatchSettings, LearnPart, Learner, PolicyGradient, Student};
use networks::{Config, Decoder, DeviceKind, Precision, device};
use nouns::{Key, Learn, Lesson, Policy, Request, Rollout, Sampling, Silent, Stage, Stream};
use policy::LocalPolicy;
use serde::Serialize;
use tokens::Tokens;

use crate::peak::peak_bytes;
use crate::size::{NEW, PROMPT, Size, config, draw, tokens};

/// Answers to a question.
const GROUP: usize = 8;

/// What an iteration takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Iteration {
    /// The size's name.
    pub size: &'static str,
    /// What operands of products are rounded to: `f32` or `bf16`.
    pub precision: &'static str,
    /// Answers that are sampled and learned from.
    pub answers: usize,
    /// The median.
    pub seconds: f64,
    /// The most memory that this process has had so far, where the system tells.
    pub peak_bytes: Option<u64>,
}

/// Measures iterations of as many answers of 64 tokens as are decoded at a time, to prompts of 16,
/// eight to each: sampled at temperature 1, credited against their group, learned from in one
/// update. What the sampler lays out anew for new weights is part of it.
pub fn iteration(size: &Size, precision: Precision, repeats: usize) -> Outcome<Iteration> {
    let device = device(DeviceKind::Cpu)?;
    let decoder = Decoder::random(Config { precision, ..config(size) }, &Key::root(0), &device);
    let mut learner = learner(size, Student::new(decoder.clone(), device.clone()));
    let (mut now, tokens) = (decoder, tokens(size)?);
    let mut seconds = Vec::new();
    for round in 0..=repeats as u64 {
        let began = Instant::now();
        let key = Key::root(7).at(round);
        let policy = LocalPolicy::new(now, tokens.clone(), device.clone(), size.decode);
        let lessons = lessons(size, &policy, &tokens, &key)?;
        learner.learn(&Stage { round: 1, key, progress: &Silent }, &lessons)?;
        let student = learner.into_student();
        now = student.decoder.clone();
        learner = self::learner(size, student);
        seconds.push(began.elapsed().as_secs_f64());
    }
    // the first warms up
    let mut counted = seconds.split_off(1);
    counted.sort_unstable_by(f64::total_cmp);
    let seconds = counted.get(counted.len() / 2).copied().unwrap_or(f64::NAN);
    let answers = size.decode;
    Ok(Iteration { size: size.name, precision: precision.word(), answers, seconds, peak_bytes: peak_bytes() })
}

fn learner(size: &Size, student: Student) -> Learner {
    let part = PolicyGradient {
        batch: BatchSettings { size: size.decode, tokens: usize::MAX / 2, ..BatchSettings::default() },
        ..PolicyGradient::default()
    };
    LearnPart::PolicyGradient(part).build(student)
}

/// One iteration's answers with their credit.
fn lessons(size: &Size, policy: &LocalPolicy, tokens: &Tokens, key: &Key) -> Outcome<Vec<Lesson>> {
    let mut random = key.random();
    let prompts: Vec<Vec<u32>> = (0..size.decode / GROUP).map(|_| draw(size, &mut random, PROMPT)).collect();
    let contexts: Vec<&Vec<u32>> = prompts.iter().flat_map(|prompt| std::iter::repeat_n(prompt, GROUP)).collect();
    let answers = whole_answers(policy, &contexts, key)?;
    // the reward: how many different tokens there are
    let rewards: Vec<f64> = answers.iter().map(|(drawn, _)| reward(drawn, tokens)).collect();
    let credited = contexts.iter().zip(answers).enumerate().map(|(place, (context, (drawn, log_probs)))| {
        let group = &rewards[place / GROUP * GROUP..][..GROUP];
        let advantage = (rewards[place] - group.iter().sum::<f64>() / GROUP as f64) as f32;
        let behind = |answer: Vec<f32>| [vec![0.0; context.len()], answer].concat();
        Lesson::Rollout(Rollout {
            stream: Stream::new("bench", context, &drawn, 1.0),
            advantages: behind(vec![advantage; drawn.len()]),
            behaviour: behind(log_probs),
            group: (place / GROUP) as u32,
            kl_weight: 1.0,
        })
    });
    Ok(credited.collect())
}

fn reward(drawn: &[u32], tokens: &Tokens) -> f64 {
    let text = tokens.decode(drawn);
    text.split_whitespace().collect::<std::collections::BTreeSet<_>>().len() as f64
}

/// Answers of exactly [`NEW`] tokens, as TRL's are with `min_new_tokens`.
fn whole_answers(policy: &LocalPolicy, contexts: &[&Vec<u32>], key: &Key) -> Outcome<Vec<(Vec<u32>, Vec<f32>)>> {
    let sampling = Sampling { max_tokens: NEW as u32, min_tokens: NEW as u32, ..Sampling::default() };
    let asked = |(place, context): (u64, &&Vec<u32>)| Request {
        context: (*context).clone(),
        sampling: sampling.clone(),
        key: key.at(place),
    };
    let requests: Vec<Request> = (0..).zip(contexts).map(asked).collect();
    Ok(policy.sample(&requests, &Silent)?.into_iter().map(|done| (done.tokens, done.log_probs)).collect())
}
