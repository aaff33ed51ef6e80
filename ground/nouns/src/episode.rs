use serde::{Deserialize, Serialize};

use crate::{Content, Turn, Unsettled};

/// What happened in an environment while a [`crate::Trace`] was made. The trace has all tokens
/// after the opening: in every turn those that the model drew, then those it was shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Episode {
    /// Its turns in order.
    pub turns: Vec<EpisodeTurn>,
    /// Why what it is worth is not known, if it was aborted: a time-out, a crash, a spent budget.
    /// No verdict is given on it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled: Option<Unsettled>,
}

/// One turn of an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeTurn {
    /// Tokens that the model drew: they are taught.
    pub drawn: u32,
    /// Tokens after them that it did not draw: how the turn is ended, what is observed, what asks
    /// for the next answer. They are never taught, and their log-probabilities stand as 0.
    pub observed: u32,
    /// What it did: what the tokens that it drew say.
    pub action: Content,
    /// What it saw then.
    pub observation: Vec<Turn>,
    /// What the environment gave for it; none where it gave nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<f64>,
}

impl Episode {
    /// Of each token, whether the model drew it. `[tokens]`
    pub fn drawn(&self) -> Vec<bool> {
        let turns = self.turns.iter();
        turns.flat_map(|turn| [(true, turn.drawn), (false, turn.observed)]).flat_map(run).collect()
    }

    /// Of each token, the number of its turn. `[tokens]`
    pub fn turn_of_tokens(&self) -> Vec<usize> {
        self.turns.iter().enumerate().flat_map(|(n, turn)| run((n, turn.drawn + turn.observed))).collect()
    }

    /// The sum of what the environment gave; none if it gave nothing in any turn.
    pub fn reward(&self) -> Option<f64> {
        let given: Vec<f64> = self.turns.iter().filter_map(|turn| turn.reward).collect();
        (!given.is_empty()).then(|| given.iter().sum())
    }
}

fn run<T: Copy>((value, count): (T, u32)) -> impl Iterator<Item = T> {
    std::iter::repeat_n(value, count as usize)
}
