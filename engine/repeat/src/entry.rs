//! A model of a run, as a recipe declares it: `[models.NAME]`.

use std::fmt;
use std::path::PathBuf;

use ::recipe::Describe;
use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::{LearnPart, Value};
use networks::Lora;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::RepeatFault;
use crate::labelled::Labelled;

/// The name of the model that the recipe's own `attempt`, `check`, `choose` and `learn` are about.
pub(crate) const POLICY: &str = "policy";
/// The name by which the policy is called as it was before the first round.
pub(crate) const BASE: &str = "base";
/// What an adapter adds is multiplied by this over its rank: TRL 1.16's default, as for a learner's
/// own adapter.
const ALPHA: f64 = 32.0;
/// The name of the model that guides searches.
pub(crate) const VALUE: &str = "value";

recipe::part! {
    /// Adds a model to the run beside the policy: a verifier, a reward model, a value model, a
    /// judge, a teacher, a generator. Checkers, measures, learners and searches ask it by its name
    /// (searches the one that is called `value`). With a `learn` of its own it learns every round,
    /// from the policy's attempts or from its own, by its own `choose`. Asked what an answer is
    /// worth, it says its head's score, or, if it learns no head, how likely it finds the answer.
    pub struct Entry = "model", version 1 {
        /// What it is in the beginning: `base` (the policy as it was before the first round),
        /// `fresh` (made from nothing as `[base]` says, with other random weights), a folder
        /// (`./my-judge`: a path has a slash), another model's name (that model as it is in the
        /// beginning; one that learns nothing and has no adapter is that model at all times), or an
        /// endpoint (`https://…`).
        pub is: Source = Source::Base, "ours: the run's base model";
        /// The rank of an adapter of its own over that model; 0 has none. The adapter alone learns
        /// and is kept from round to round; the weights below it are shared with every model that
        /// begins with the same ones.
        pub lora: usize = 0, "ours: none";
        /// What each round's training begins with.
        pub start_from: Start = Start::Previous, "ours: what it has learned so far";
        /// Answers with labelled steps that it learns from before all else, one set after the
        /// other.
        pub labelled: Vec<Labelled> = Vec::new(), "ours: none";
        /// How the base model attempts a round's tasks before the first round, so that this model
        /// knows something when it is first asked; it learns from these attempts as from any
        /// round's. One that had labelled answers needs none and makes none. Empty: it knows
        /// nothing then.
        pub begin: Vec<AttemptPart> = Vec::new(), "ours: nothing";
        /// How it attempts a round's tasks itself. It then learns from its own attempts, and no
        /// other model does; if empty, it learns from the policy's.
        pub attempt: Vec<AttemptPart> = Vec::new(), "ours: it attempts nothing";
        /// How the attempts are judged from which it learns; empty takes the recipe's `check`. One
        /// that is judged in its own way learns before the recipe's checkers are asked, so that
        /// they may ask it.
        pub check: Vec<CheckPart> = Vec::new(), "ours: the recipe's";
        /// Which attempts teach it, and what.
        pub choose: Vec<ChoosePart> = Vec::new(), "ours: everything, as it is";
        /// What changes its weights; without it, it stays what it is in the beginning.
        pub learn: Option<LearnPart> = None, "ours: nothing";
        /// It learns in the first rounds, this many, and is frozen afterwards; 0: in none, only
        /// before them.
        pub rounds: Option<u32> = None, "ours: in all";
        /// Whether one that learns no head says the mean log-likelihood of a token instead of the
        /// whole answer's: that does not prefer what is short.
        pub per_token: bool = false, "ours: the whole";
        /// Rounds whose chosen attempts teach it again beside the new ones.
        pub memory: u32 = 0, "ours";
    }
}

impl Entry {
    /// Whether its weights are ever its own: else it is another model under another name.
    pub(crate) fn has_own_weights(&self) -> bool {
        self.learn.is_some() || self.lora > 0 || !self.labelled.is_empty()
    }

    /// The adapter of its own, if it has one.
    pub(crate) fn adapter(&self) -> Option<Lora> {
        (self.lora > 0).then(|| Lora::new(self.lora, ALPHA, 0.0, vec![Lora::ALL.to_owned()], false))
    }

    /// The parts that it is made of: each has a version of its own.
    pub fn parts(&self) -> Vec<&dyn Describe> {
        let attempts = self.begin.iter().chain(&self.attempt).map(|part| part.describe());
        let checks = self.check.iter().flat_map(|part| part.with_components());
        let lessons = self.choose.iter().map(|part| part.describe());
        attempts.chain(checks).chain(lessons).chain(self.learn.iter().map(|part| part.describe())).collect()
    }

    /// What each set of labelled answers teaches it with, in order.
    pub(crate) fn labelled_learners(&self, name: &str) -> Result<Vec<(&Labelled, LearnPart)>, RepeatFault> {
        let learner = |part: &Labelled| match &self.learn {
            Some(LearnPart::Value(own)) => Ok(Value { measure: own.measure, ..part.learn.clone() }),
            _ => Err(RepeatFault::NoValues { model: name.into() }),
        };
        self.labelled.iter().map(|part| Ok((part, LearnPart::Value(learner(part)?)))).collect()
    }
}

/// What a model is in the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The run's base model: the policy before the first round.
    Base,
    /// Made from nothing, with random weights of its own.
    Fresh,
    /// A model folder.
    Folder(PathBuf),
    /// Another model of the run, by its name.
    Entry(String),
    /// A model that is asked over the network.
    Endpoint(String),
}

impl Source {
    fn read(text: &str) -> Source {
        match text {
            BASE => Source::Base,
            "fresh" => Source::Fresh,
            _ if text.contains("://") => Source::Endpoint(text.to_owned()),
            _ if text.contains(['/', '\\']) || text.starts_with('.') => Source::Folder(text.into()),
            _ => Source::Entry(text.to_owned()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Base => f.write_str(BASE),
            Source::Fresh => f.write_str("fresh"),
            Source::Folder(path) => write!(f, "{}", path.display()),
            Source::Entry(text) | Source::Endpoint(text) => f.write_str(text),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
        Ok(Source::read(&String::deserialize(deserializer)?))
    }
}

/// What a round's training of a model begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Itself, as the round before left it.
    Previous,
    /// What it was in the beginning.
    Base,
    /// The kept policy.
    Policy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_is_comes_back_as_it_was_written() {
        for text in ["base", "fresh", "./my-judge", "models/judge", "policy", "generator", "https://host:8000/v1"] {
            assert_eq!(Source::read(text).to_string(), text);
        }
        assert_eq!(Source::read("models/judge"), Source::Folder("models/judge".into()));
        assert_eq!(Source::read("http://host/v1"), Source::Endpoint("http://host/v1".into()));
        assert_eq!(Source::read("generator"), Source::Entry("generator".into()));
    }
}
