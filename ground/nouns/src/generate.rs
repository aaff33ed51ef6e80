//! How a model with tokens answers in content.

use faults::Outcome;

use crate::{Completion, Content, Cost, Finish, Policy, Progress, Prompt, Reply, Request, Sampling};

/// Implements [`crate::Generate`] by a [`Policy`]'s tokens.
pub fn generate_by_tokens<P: Policy + ?Sized>(
    policy: &P,
    prompts: &[Prompt],
    progress: &dyn Progress,
) -> Outcome<Vec<Reply>> {
    let mut requests = Vec::with_capacity(prompts.len());
    let mut fits = Vec::with_capacity(prompts.len());
    for prompt in prompts {
        let context = policy.encode(&prompt.turns)?;
        let room = policy.context_length().saturating_sub(context.len());
        fits.push(room > 0);
        if room > 0 {
            let max_tokens = prompt.sampling.max_tokens.min(u32::try_from(room).unwrap_or(u32::MAX));
            let sampling = Sampling { max_tokens, ..prompt.sampling.clone() };
            requests.push(Request { context, sampling, key: prompt.key.clone() });
        }
    }
    let mut drawn = policy.sample(&requests, progress)?.into_iter();
    let none = || Reply { content: Content::text(""), finish: Finish::Length, cost: Cost::default() };
    let said = |done: Completion| Reply { content: policy.decode(&done.tokens), finish: done.finish, cost: done.cost };
    Ok(fits.into_iter().map(|fits| if fits { drawn.next().map_or_else(none, said) } else { none() }).collect())
}
