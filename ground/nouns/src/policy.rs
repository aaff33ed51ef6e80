//! The traits of what answers: anything that answers content with content, and a policy, which has
//! tokens and probabilities as well.

use faults::Outcome;

use crate::{Content, Cost, Digest, Finish, Key, Progress, Sampling, Turn};

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
    /// Why it ended. A prompt that leaves no room for an answer gets an empty one that ended at its
    /// length.
    pub finish: Finish,
    /// What it cost.
    pub cost: Cost,
}

/// A model that answers content with content, without token-level detail: a model of this program,
/// or one behind a network endpoint.
///
/// A reply depends on the model, the prompt and its key alone, not on the other prompts; one whose
/// model cannot promise that says so.
pub trait Generate: Send + Sync {
    /// Names what answers: the weights, or the model of an endpoint.
    fn digest(&self) -> Digest;

    /// One reply per prompt, in order.
    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>>;

    /// The same model as a [`Policy`], with tokens and log-probabilities, if it has them.
    fn as_policy(&self) -> Option<&dyn Policy> {
        None
    }
}

/// One sequence to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Context tokens. `[context]`
    pub context: Vec<u32>,
    /// How to draw.
    pub sampling: Sampling,
    /// The sequence's own randomness.
    pub key: Key,
}

/// One generated sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The tokens drawn, the end token included if it was drawn. `[length]`
    pub tokens: Vec<u32>,
    /// Log-probability of each under the model at temperature 1, untruncated. `[length]`
    pub log_probs: Vec<f32>,
    /// Why it ended.
    pub finish: Finish,
    /// What it cost.
    pub cost: Cost,
}

/// A model that answers in tokens and scores: what a [`Generate`] has, and its tokens as they were
/// drawn, their log-probabilities, and the scoring of other answers. Learners by policy gradients
/// and ratios need them; who only needs an answer asks for a [`Generate`].
///
/// What every implementation keeps, the built-in one, a faster one, and a remote one:
/// - a request's completion depends on the model, the request and its key alone: not on the other
///   requests, the batch size, or the number of threads;
/// - `score` of a completion's own tokens gives its `log_probs` (for built-in policies to the last
///   bit; a remote policy says how far it may differ);
/// - tokens are returned as drawn, never decoded and encoded again;
/// - `digest` names the weights that answer: a policy that still answers with older weights says so
///   by its digest.
pub trait Policy: Generate {
    /// Tokens of a context in the form the model was trained on (its chat template, if it has one),
    /// ready for its answer.
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>>;

    /// Tokens of a piece of text and nothing else, to be appended to an answer that continues.
    fn encode_fragment(&self, text: &str) -> Vec<u32>;

    /// The tokens between an answer as it was drawn and the next one: what ends the answer's turn
    /// if it did not end itself, what is said then, and what asks for the next answer. `context` is
    /// everything before the answer, earlier answers as [`crate::Part::Tokens`]. The next context
    /// is the one before, the answer, and these: nothing is encoded again.
    fn encode_between(&self, context: &[Turn], answer: &[u32], said: &[Turn]) -> Outcome<Vec<u32>> {
        let _ = (context, answer);
        Ok(said.iter().flat_map(|turn| self.encode_fragment(&turn.content.as_text())).collect())
    }

    /// What answer tokens say, without special tokens: text, and whatever else the model's tokens
    /// can stand for.
    fn decode(&self, tokens: &[u32]) -> Content;

    /// The text of [`Policy::decode`].
    fn decode_text(&self, tokens: &[u32]) -> String {
        self.decode(tokens).into_text()
    }

    /// Most tokens the model can see, context and answer together.
    fn context_length(&self) -> usize;

    /// One completion per request, in order.
    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> Outcome<Vec<Completion>>;

    /// Log-probabilities of given answers under given contexts: one list per item, one number per
    /// answer token.
    fn score(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Vec<Vec<f32>>>;

    /// Embeddings of given answers under given contexts: the mean over the answer's tokens of the
    /// last hidden state, one list per item. None for a policy that does not show its states. What
    /// an item gets does not depend on the items beside it.
    fn embed(&self, items: &[(&[u32], &[u32])], progress: &dyn Progress) -> Outcome<Option<Vec<Vec<f32>>>> {
        let _ = (items, progress);
        Ok(None)
    }
}
