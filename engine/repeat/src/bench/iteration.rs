//! A whole iteration of reinforcement: sampling, credit, one update.

use std::time::Instant;

use faults::Outcome;
use learn::{LearnPart, Learner, PolicyGradient, Student};
use models::{Config, Decoder, DeviceKind, Precision, device};
use nouns::{Key, Learn, Lesson, Policy, Request, Rollout, Sampling, Silent, Stage, Stream};
use policy::LocalPolicy;
use serde::Serialize;
use tokens::Tokens;

use super::{NEW, PROMPT, Size, config, draw, peak_bytes, tokens};

/// Questions of an iteration, and answers to each.
const QUESTIONS: usize = 8;
const GROUP: usize = 8;

/// What an iteration takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Iteration {
    /// The size's name.
    pub size: &'static str,
    /// What operands of products are rounded to: `f32` or `bf16`.
    pub precision: &'static str,
    /// The median.
    pub seconds: f64,
    /// The most memory that this process has had so far, where the system tells.
    pub peak_bytes: Option<u64>,
}

/// Measures iterations of 64 answers of 64 tokens to 8 prompts of 16: sampled at temperature 1, credited against their group, learned
/// from in one update. What the sampler lays out anew for new weights is part of it.
pub fn iteration(size: &Size, precision: Precision, repeats: usize) -> Outcome<Iteration> {
    let device = device(DeviceKind::Cpu)?;
    let decoder = Decoder::random(Config { precision, ..config(size) }, &Key::root(0), &device);
    let mut learner = learner(Student::new(decoder.clone(), device.clone()));
    let (mut now, tokens) = (decoder, tokens(size)?);
    let mut seconds = Vec::new();
    for round in 0..=repeats as u64 {
        let began = Instant::now();
        let key = Key::root(7).at(round);
        let policy = LocalPolicy::new(now, tokens.clone(), device.clone(), QUESTIONS * GROUP);
        let lessons = lessons(size, &policy, &tokens, &key)?;
        learner.learn(&Stage { round: 1, key, progress: &Silent }, &lessons)?;
        let student = learner.into_student();
        now = student.decoder.clone();
        learner = self::learner(student);
        seconds.push(began.elapsed().as_secs_f64());
    }
    // the first warms up
    let mut counted = seconds.split_off(1);
    counted.sort_unstable_by(f64::total_cmp);
    let seconds = counted.get(counted.len() / 2).copied().unwrap_or(f64::NAN);
    Ok(Iteration { size: size.name, precision: precision.word(), seconds, peak_bytes: peak_bytes() })
}

fn learner(student: Student) -> Learner {
    let part =
        PolicyGradient { batch_size: QUESTIONS * GROUP, batch_tokens: usize::MAX / 2, ..PolicyGradient::default() };
    LearnPart::PolicyGradient(part).build(student)
}

/// One iteration's answers with their credit.
fn lessons(size: &Size, policy: &LocalPolicy, tokens: &Tokens, key: &Key) -> Outcome<Vec<Lesson>> {
    let mut random = key.random();
    let prompts: Vec<Vec<u32>> = (0..QUESTIONS).map(|_| draw(size, &mut random, PROMPT)).collect();
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
            held: 1.0,
        })
    });
    Ok(credited.collect())
}

fn reward(drawn: &[u32], tokens: &Tokens) -> f64 {
    let text = tokens.decode(drawn);
    text.split_whitespace().collect::<std::collections::BTreeSet<_>>().len() as f64
}

/// Answers of exactly [`NEW`] tokens: one that ends before is gone on with.
fn whole_answers(policy: &LocalPolicy, contexts: &[&Vec<u32>], key: &Key) -> Outcome<Vec<(Vec<u32>, Vec<f32>)>> {
    let mut answers: Vec<(Vec<u32>, Vec<f32>)> = vec![Default::default(); contexts.len()];
    loop {
        let short: Vec<usize> = (0..answers.len()).filter(|&place| answers[place].0.len() < NEW).collect();
        if short.is_empty() {
            return Ok(answers);
        }
        let asked = |&place: &usize| {
            let said = &answers[place].0;
            let sampling = Sampling { max_tokens: (NEW - said.len()) as u32, ..Sampling::default() };
            let context = [contexts[place], &said[..]].concat();
            Request { context, sampling, key: key.at(place as u64).at(said.len() as u64) }
        };
        let requests: Vec<Request> = short.iter().map(asked).collect();
        for (place, done) in short.into_iter().zip(policy.sample(&requests, &Silent)?) {
            answers[place].0.extend(done.tokens);
            answers[place].1.extend(done.log_probs);
        }
    }
}
