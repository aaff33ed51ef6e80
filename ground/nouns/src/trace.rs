use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Content, Cost, Digest, Episode, Image, Part, Role, Turn};

/// How tokens are drawn. The recorded settings are those actually used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sampling {
    /// Softmax temperature; 0 is greedy.
    pub temperature: f32,
    /// Keep the k likeliest tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the smallest set of likeliest tokens whose probability reaches this; 1 keeps all.
    pub top_p: f32,
    /// Keep tokens at least this fraction as likely as the likeliest; 0 keeps all.
    pub min_p: f32,
    /// At most this many new tokens.
    pub max_tokens: u32,
    /// Minimum new tokens: until then end-of-sequence tokens are not drawn, and stop strings are
    /// ignored.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_tokens: u32,
    /// End as soon as the text has one of these, which may begin and end inside of tokens; what was
    /// drawn is kept.
    pub stop: Vec<String>,
    /// The answer is one of these and nothing else; any, if there are none. What is drawn is drawn
    /// among the tokens that lead to one of them; log-probabilities are those among all tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<String>,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            max_tokens: 256,
            min_tokens: 0,
            stop: Vec::new(),
            among: Vec::new(),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Why generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// The model ended its turn, or a stop string was reached.
    Stop,
    /// `max_tokens` or the model's context was reached.
    Length,
}

/// One answer of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Names this trace within its run: `round/task/sample`, with suffixes for retries.
    pub id: String,
    /// The task's canonical form.
    pub task: String,
    /// The round it was made in.
    pub round: u32,
    /// Which of the task's samples it is.
    pub sample: u32,
    /// The name of the model that answered: `policy`, or one of `[models]`. What is stored has the
    /// word that recipes had for it first, so that older runs can be read.
    #[serde(rename = "role")]
    pub model_name: String,
    /// Which turn of a conversation it is, from 0.
    pub turn: u32,
    /// The trace it continues, revises or branches from.
    pub parent: Option<String>,
    /// What the model saw when it answered: hints, critiques and few-shot examples included.
    pub generated_under: Vec<Turn>,
    /// What the model is to see when it learns from this answer. Differs from `generated_under` in
    /// a third of the methods.
    pub trained_under: Vec<Turn>,
    /// The answer: usually text, but as much an image or actions where the model gives those.
    pub answer: Content,
    /// The answer's tokens exactly as they were drawn, the end token included: these are trained
    /// on, never a re-encoding.
    pub tokens: Vec<u32>,
    /// Log-probability of each token under the policy that drew it, at temperature 1 and without
    /// truncation.
    pub log_probs: Vec<f32>,
    /// Sampling settings.
    pub sampling: Sampling,
    /// The model that drew it.
    pub model: Digest,
    /// Why it ended.
    pub finish: Finish,
    /// What it cost.
    pub cost: Cost,
    /// What happened in an environment, if it was made in one: which of the tokens were observed,
    /// and the rewards by turn. The response is then what the model said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<Episode>,
}

/// What the name of a critique ends in: what precedes it names the answer that it is about.
pub const CRITIQUE: &str = "/critique";

impl Trace {
    /// Whether it says what is wrong with an answer, and is none itself.
    pub fn is_critique(&self) -> bool {
        self.id.ends_with(CRITIQUE)
    }

    /// Whether it was written in view of a critique.
    pub fn is_rewritten(&self) -> bool {
        !self.is_critique() && self.parent.as_ref().is_some_and(|parent| parent.ends_with(CRITIQUE))
    }

    /// The answer's text; what else it consists of is left out.
    pub fn text(&self) -> Cow<'_, str> {
        self.answer.as_text()
    }

    /// The pictures that were shown or are to be shown, those of the answer, and those that an
    /// environment showed.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        let played = self.episode.iter().flat_map(|episode| &episode.turns);
        let played = played.flat_map(|turn| turn.observation.iter().map(|seen| &seen.content).chain([&turn.action]));
        let shown = self.generated_under.iter().chain(&self.trained_under).map(|turn| &turn.content);
        shown.chain([&self.answer]).chain(played).flat_map(Content::images)
    }

    /// Whether it is the beginning of another answer, cut from it, and no answer of its own.
    pub fn is_cut_from(&self, whole: &Trace) -> bool {
        let shorter = self.tokens.len() < whole.tokens.len() && whole.tokens.starts_with(&self.tokens);
        shorter && self.parent.as_deref() == Some(whole.id.as_str())
    }

    /// The conversation that goes on after this answer: what was shown, the answer as it was
    /// drawn, and what is said then. Its end token is left out: how a turn ends is the chat
    /// template's affair.
    pub fn followed_by(&self, said: &str) -> Vec<Turn> {
        let ended = self.finish == Finish::Stop && self.sampling.stop.is_empty();
        let kept = self.tokens.len() - usize::from(ended && !self.tokens.is_empty());
        let answer = Content(vec![Part::Tokens(self.tokens[..kept].to_vec())]);
        let mut turns = self.generated_under.clone();
        turns.extend([Turn { role: Role::Assistant, content: answer }, Turn::user(said)]);
        turns
    }

    /// Of each token, whether the model drew it: all, unless there was an environment to observe.
    /// `[tokens]`
    pub fn drawn(&self) -> Vec<bool> {
        self.episode.as_ref().map_or_else(|| vec![true; self.tokens.len()], Episode::drawn)
    }

    /// Sum of the log-probabilities: how likely the model found its own answer.
    pub fn log_likelihood(&self) -> f64 {
        self.log_probs.iter().map(|&p| f64::from(p)).sum()
    }
}
