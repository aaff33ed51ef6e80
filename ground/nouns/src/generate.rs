//! A model that answers in content, and how one with tokens does so.

use faults::Outcome;

use crate::{Completion, Content, Cost, Digest, Finish, Key, Policy, Progress, Request, Sampling, Turn};

/// Something to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What has been said so far; the answer is the next turn.
    pub turns: Vec<Turn>,
    /// How to draw.
    pub sampling: Sampling,
    /// The answer's own randomness.
    pub key: Key,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What is said.
    pub content: Content,
    /// Why it ended. A prompt that leaves no room for an answer gets an empty one that ended at its length.
    pub finish: Finish,
    /// What it cost.
    pub cost: Cost,
}

/// A model that answers content with content, and says nothing of how: a model of this program, or one that is asked over the network.
///
/// A reply depends on the model, the prompt and its key alone, not on the other prompts; one whose model cannot promise that says so.
pub trait Generate: Send + Sync {
    /// Names what answers: the weights, or the model of an endpoint.
    fn digest(&self) -> Digest;

    /// One reply per prompt, in order.
    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>>;

    /// The same model with its tokens and what it finds likely, if it has them.
    fn as_policy(&self) -> Option<&dyn Policy> {
        None
    }
}

/// Answers prompts with tokens: what every [`Policy`] does to [`Generate`].
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
